"""One file per step. PIPELINE is their order; each has `run`, and `resume` for after a crash."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hotpress.model import Job, Outcome, Step
from hotpress.steps import (
    closing,
    deliver,
    download,
    finish,
    instruct,
    prepare,
    probe,
    release,
    render,
    review,
    session,
    submit,
    upload,
    verify,
)
from hotpress.steps.tools import Tools

Run = Callable[[Job, Tools], Outcome]


@dataclass(frozen=True, slots=True)
class Stage:
    """A step's two ways in. `resume` is called when it was begun and has no outcome."""

    step: Step
    run: Run
    resume: Run


PIPELINE: Mapping[Step, Stage] = {
    step: Stage(step, module.run, module.resume)
    for step, module in (
        (Step.PROBE, probe),
        (Step.PREPARE, prepare),
        (Step.SESSION, session),
        (Step.UPLOAD, upload),
        (Step.INSTRUCT, instruct),
        (Step.REVIEW, review),
        (Step.SUBMIT, submit),
        (Step.RENDER, render),
        (Step.DOWNLOAD, download),
        (Step.VERIFY, verify),
        (Step.FINISH, finish),
        (Step.DELIVER, deliver),
        (Step.RELEASE, release),
    )
}

__all__ = ["PIPELINE", "Run", "Stage", "Tools", "closing"]
