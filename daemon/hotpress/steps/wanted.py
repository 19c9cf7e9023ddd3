"""What the rule wants of a job, in names."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from hotpress.model import Cause, Facts, Fail, Hold, Job, Reason, State
from hotpress.names import safe_name, wishes
from hotpress.steps import decide


def names(job: Job, facts: Facts | None, now: float) -> list[str]:
    """Final names below the outbox, the dearest first; the source's subfolders are mirrored.

    Without facts (of a link that nobody has followed yet) the rule's resolution is named.
    """
    relative = PurePosixPath(job.relative)
    resolution = job.rule.resolution
    if facts is not None:
        resolution = f"{min(decide.frame(job, facts))}p"
    name = job.rule.output.format(
        stem=relative.stem,
        ext="mp4" if job.is_link else relative.suffix.lstrip("."),
        date=datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d"),
        inbox=job.inbox,
        resolution=resolution,
    )
    folders = [
        safe_name(part) for part in (*relative.parent.parts, *PurePosixPath(name).parts[:-1])
    ]
    last = safe_name(PurePosixPath(name).name)
    if not PurePosixPath(last).suffix:
        last += ".mp4"
    found = wishes(last, "" if job.asked else relative.suffix)
    return ["/".join([*folders, wish]) for wish in (found[1:] if job.asked else found)]


def blocked(job: Job) -> Hold | None:
    """Held while a file lies where a subfolder of the result must be."""
    folder = Path(job.outbox)
    for part in PurePosixPath(job.relative).parent.parts:
        folder /= safe_name(part)
        if folder.exists() and not folder.is_dir():
            why = f"{folder} is a file, and the result's folder would have that name"
            hint = "Move that file away; hotpress goes on by itself."
            return Hold(job, Reason.PERMISSION, why, hint)
    return None


def already_there(job: Job, facts: Facts | None, now: float) -> Fail | None:
    """Skipped where its rule says so and a file has its name. `facts`: as in `names`."""
    if job.rule.collision != "skip":
        return None
    name = Path(job.outbox) / names(job, facts, now)[0]
    if not name.exists():
        return None
    why = f"{name.name} is already there (collision: skip)"
    return Fail(job, why, "", State.SKIPPED, Cause.ALREADY_THERE)
