"""Will the target look as good as the rule asks for? Asked before anything is paid."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hotpress.errors import EncodeFailed
from hotpress.media import Forecast, Media, outlook, samples
from hotpress.model import Facts, Hold, Job, Reason
from hotpress.steps import decide, material, space
from hotpress.steps.tools import Tools

_FIXED = (1.0,)  # the encode makes the frame that the rule names, so no smaller one is tried
_BLIND = "how it will look can't be told: this encoder can't compare pictures"


def foreseen(job: Job, facts: Facts, tools: Tools) -> Hold | str:
    """Held when `quality_floor` can't be reached; else what to add to the story, mostly nothing."""
    if not _is_asked(job, facts):
        return ""
    work = tools.folder(job)
    space.reserve(work, samples.room_bytes(facts, decide.frame(job, facts)), tools)
    try:
        with material.read_by_program(job):
            found = forecast(
                job,
                facts,
                job.source,
                tools.media,
                work,
                lambda share: tools.pulse(share, "trying how it will look"),
            )
    except EncodeFailed as problem:  # a try that fails is no reason to make nothing
        return f"; how it will look can't be told: {problem.why}"
    if isinstance(found, str):
        return f"; {found}" if found else ""
    if is_reached(found):
        return f"; {points(found)}"
    why = outlook.sentence(found, job.id)
    hint = f"Or allow less: a lower `quality_floor`, then `hotpress retry --new-rule {job.id}`."
    return Hold(job, Reason.QUALITY, why, hint)


def forecast(
    job: Job,
    facts: Facts,
    path: Path,
    media: Media,
    work: Path,
    progress: Callable[[float], None] = lambda _: None,
) -> Forecast | str:
    """How the file at `path` will look; or why that can't be told, "" where nobody asks.

    Drafts lie in the folder `work`, and are removed. Raises: as `media.forecast.forecast`.
    """
    floor, target = job.rule.quality_floor, decide.target(job, facts)
    if floor is None or not _is_asked(job, facts):
        return ""
    found = media.forecast(
        path,
        facts,
        target_bytes=target,
        frame=decide.frame(job, facts),
        work=work,
        floor=floor,
        shares=_FIXED,
        progress=progress,
    )
    return _BLIND if found is None else found


def _is_asked(job: Job, facts: Facts) -> bool:
    """Is there something to foresee? What is within its ceiling is made by quality, not by size.

    An edit has another length, which nobody knows yet.
    """
    wanted = job.rule.quality_floor is not None
    return wanted and not job.edited and not decide.within(job, facts)


def is_reached(found: Forecast) -> bool:
    """Is it as good as it was asked to be?"""
    return found.floor is None or found.reaches(found.floor)


def points(found: Forecast) -> str:
    """How it will look, for people."""
    return (
        f"it will look like {found.vmaf:.0f} of 100; above {outlook.LOOKS_THE_SAME:.0f} hardly "
        "anyone sees a difference"
    )
