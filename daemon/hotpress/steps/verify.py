"""Is the download what it must be? Measured on its bytes, in the order of docs/decisions/0007."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hotpress import files, log, policy, reach
from hotpress.errors import Damaged, FileError, InputGone
from hotpress.model import Expected, Facts, Job, Next, Outcome, Step
from hotpress.steps import bad, material, render
from hotpress.steps.tools import Tools

_LOGGER = log.get("verify")


def run(job: Job, tools: Tools) -> Outcome:
    """A bad download is fetched again; a bad render is rendered again, once."""
    if job.download is None or job.expected is None:
        raise InputGone("there is no download", Step.DOWNLOAD.value)
    path = material.checked(job.download, Step.DOWNLOAD)
    original = _original(job)
    try:
        facts = _checked(job, job.expected, path, original, tools)
    except Damaged as error:
        return _bad(job, tools, path, error)
    return Next(job, why=f"whole: {facts.width}x{facts.height}, {facts.duration_seconds:.1f} s")


resume = run


def _checked(
    job: Job, expected: Expected, path: Path, original: Path | None, tools: Tools
) -> Facts:
    """What it is. Raises Damaged; never because of an original that went away meanwhile."""

    def pulse(share: float) -> None:
        tools.pulse(share, "checking every frame")

    try:
        return tools.media.check(path, expected, job.facts, source=original, progress=pulse)
    except Damaged as error:
        if original is None or error.of_bytes or _original(job) is not None:
            raise
        return tools.media.check(path, expected, job.facts, progress=pulse)


def _original(job: Job) -> Path | None:
    """The original, while it is the very file. Else the result is judged by itself.

    Its folder may hang or be away for days: no reason to leave a good download unused.
    """
    if job.is_link:
        return None
    source = material.source_of(job)
    try:
        reach.within(source.root, lambda: files.look_at_source(source))
    except (FileError, reach.NoAnswer) as problem:
        _LOGGER.info("original.absent", job=job.id, why=str(problem))
        return None
    return source.path


def _bad(job: Job, tools: Tools, path: Path, error: Damaged) -> Outcome:
    """Kept for a day, for whoever wants to see it; then again, from where it went wrong."""
    known = bad.same_again(job, tools)
    kept = bad.keep(job, path, tools)
    job = replace(job, download=None)
    if policy.fetch_again(job, of_bytes=error.of_bytes, same_bytes=known):
        return policy.back(job, "bad_downloads", Step.DOWNLOAD, f"the download is bad: {error.why}")
    anew = replace(job, tally=replace(job.tally, bad_downloads=0))  # another render's are its own
    return render.again(anew, tools, "done", f"the cloud's result is bad: {error.why}", kept)
