"""The four endings of a step."""

from __future__ import annotations

from dataclasses import dataclass

from hotpress.model.job import Job
from hotpress.model.stages import Reason, State, Step


@dataclass(frozen=True, slots=True)
class Next:
    """The step is done: go on with the next one, or with an earlier one (`to`)."""

    job: Job
    to: Step | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """Look again after `seconds`; or as soon as `on`, a job of the same content, has gone first."""

    job: Job
    seconds: float
    why: str
    reason: Reason = Reason.RETRY
    on: str = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """Wait until something changes. `hint` "": the next step that `words` has for the reason."""

    job: Job
    reason: Reason
    why: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Fail:
    """The end, with its sentence: failed, or skipped or cancelled, where nothing went wrong.

    `cause`: a `Cause`, or an error's; `words` has its sentences, and the next step where `hint`
    is "".
    """

    job: Job
    why: str
    hint: str = ""
    end: State = State.FAILED
    cause: str = ""


Outcome = Next | Wait | Hold | Fail
