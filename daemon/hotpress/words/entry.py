"""What a person reads of one reason, or of one way in which a video ends without a result."""

from __future__ import annotations

import re
from dataclasses import dataclass

_RETRY = re.compile(r"`(hotpress retry(?: --again| --new-rule)?)`")
_NOTHING = "Nothing to do"
BY_ITSELF = f"{_NOTHING}: hotpress goes on by itself."


@dataclass(frozen=True, slots=True)
class Words:
    """Four sentences. `cause` may be said of many videos; a job's own `why` has its figures."""

    cause: str
    means: str
    next: str
    cost: str


def for_job(hint: str, job_id: str) -> str:
    """A next step as it is typed for this job: what names none gets its id."""
    return _RETRY.sub(rf"`\1 {job_id}`", hint)


def to_do(hint: str) -> str:
    """A next step as a line of a note."""
    return hint if hint.startswith(_NOTHING) else f"What to do: {hint}"
