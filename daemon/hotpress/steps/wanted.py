"""What the rule wants of a job, in words and names."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from hotpress.human import size_text
from hotpress.model import Facts, Job
from hotpress.names import safe_name, wishes
from hotpress.steps import decide


def names(job: Job, facts: Facts, now: float) -> list[str]:
    """Final names below the outbox, the dearest first; the source's subfolders are mirrored."""
    relative = PurePosixPath(job.relative)
    width, height = decide.frame(job, facts)
    name = job.rule.output.format(
        stem=relative.stem,
        ext=relative.suffix.lstrip("."),
        date=datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d"),
        inbox=job.inbox,
        resolution=f"{min(width, height)}p",
    )
    folders = [
        safe_name(part) for part in (*relative.parent.parts, *PurePosixPath(name).parts[:-1])
    ]
    last = safe_name(PurePosixPath(name).name)
    if not PurePosixPath(last).suffix:
        last += ".mp4"
    found = wishes(last, "" if job.asked else relative.suffix)
    return ["/".join([*folders, wish]) for wish in (found[1:] if job.asked else found)]


def blocked(job: Job) -> Path | None:
    """A file that lies where a subfolder of the result must be."""
    folder = Path(job.outbox)
    for part in PurePosixPath(job.relative).parent.parts:
        folder /= safe_name(part)
        if folder.exists() and not folder.is_dir():
            return folder
    return None


def message(job: Job, facts: Facts) -> str:
    """The words for the agent: concrete, as the service advises; the same for the same rule."""
    if job.asked:
        return job.rule.instructions
    ceiling, (width, height) = decide.target(job, facts), decide.frame(job, facts)
    size = f" to under {size_text(ceiling).replace(' ', '')}" if ceiling else ""
    resolution = f"{min(width, height)}p"
    which = "this video"
    if job.session is not None and job.session.shared:
        which = f"only the video {job.session.upload_name}"
    words = [
        f"compress {which}{size} at {resolution} without losing noticeable quality",
        "keep the original sound",
    ]
    if job.rule.instructions:
        extra = job.rule.instructions
        for mark, value in (
            ("{target}", size_text(ceiling) if ceiling else "no limit"),
            ("{resolution}", resolution),
            ("{name}", PurePosixPath(job.relative).name),
        ):
            extra = extra.replace(mark, value)
        words.append(extra)
    words.append("add nothing else" if job.rule.instructions else "add nothing")
    return "; ".join(words)


def language(job: Job, setting: str, locale: str) -> str:
    """An ISO code: as set, else from the instructions' script, else the locale's."""
    if setting != "auto":
        return setting
    if any("\u4e00" <= c <= "\u9fff" for c in job.rule.instructions):
        return "zh"
    if job.rule.instructions:
        return "en"
    code = locale.partition(".")[0].partition("_")[0].lower()
    return code if len(code) == 2 and code.isalpha() else "en"
