"""Will the target look as good as the rule asks for? Asked before anything is paid."""

from __future__ import annotations

from hotpress.errors import EncodeFailed
from hotpress.media import Forecast, outlook, samples
from hotpress.model import Facts, Hold, Job, Reason
from hotpress.steps import decide, material, space
from hotpress.steps.tools import Tools

FIXED = (1.0,)  # the encode makes the frame that the rule names, so no smaller one is tried
BLIND = "how it will look can't be told: this encoder can't compare pictures"


def foreseen(job: Job, facts: Facts, tools: Tools) -> Hold | str:
    """Held when `quality_floor` can't be reached; else what to add to the story, mostly nothing."""
    floor, target = job.rule.quality_floor, decide.target(job, facts)
    if floor is None or target is None or not is_asked(job, facts):
        return ""
    frame, work = decide.frame(job, facts), tools.folder(job)
    space.reserve(work, samples.room_bytes(facts, frame), tools)
    try:
        with material.read_by_program(job):
            found = tools.media.forecast(
                job.source,
                facts,
                target_bytes=target,
                frame=frame,
                work=work,
                floor=floor,
                shares=FIXED,
                progress=lambda share: tools.pulse(share, "trying how it will look"),
            )
    except EncodeFailed as problem:  # a try that fails is no reason to make nothing
        return f"; how it will look can't be told: {problem.why}"
    if found is None:
        return f"; {BLIND}"
    if found.reaches(floor):
        return f"; {points(found)}"
    why = outlook.sentence(found, job.id)
    hint = f"Or allow less: lower quality_floor, then `hotpress retry --new-rule {job.id}`."
    return Hold(job, Reason.QUALITY, why, hint)


def is_asked(job: Job, facts: Facts) -> bool:
    """Is there something to foresee? What is within its ceiling is made by quality, not by size.

    An edit has another length, which nobody knows yet.
    """
    return not job.edited and not decide.within(job, facts)


def points(found: Forecast) -> str:
    """How it will look, for people."""
    return (
        f"it will look like {found.vmaf:.0f} of 100; above {outlook.LOOKS_THE_SAME:.0f} hardly "
        "anyone sees a difference"
    )
