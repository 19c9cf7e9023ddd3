"""Is the download what it must be? Measured on its bytes, in the order of docs/decisions/0007."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hotpress import policy
from hotpress.errors import Damaged, InputGone, NotAVideo
from hotpress.model import Job, Next, Outcome, Step
from hotpress.steps import material, render
from hotpress.steps.tools import Tools


def run(job: Job, tools: Tools) -> Outcome:
    """A bad download is fetched again; a bad render is rendered again, once."""
    if job.download is None or job.expected is None:
        raise InputGone("there is no download", Step.DOWNLOAD.value)
    path = material.checked(job.download, Step.DOWNLOAD)
    try:
        facts = tools.media.check(
            path,
            job.expected,
            job.facts,
            progress=lambda share: tools.pulse(share, "checking every frame"),
        )
    except (Damaged, NotAVideo) as error:
        return _bad(job, tools, path, error.why)
    return Next(job, why=f"whole: {facts.width}x{facts.height}, {facts.duration_seconds:.1f} s")


resume = run


def _bad(job: Job, tools: Tools, path: Path, why: str) -> Outcome:
    path.unlink(missing_ok=True)
    job = replace(job, download=None)
    if job.tally.bad_downloads < policy.LIMITS["bad_downloads"]:
        return policy.back(job, "bad_downloads", Step.DOWNLOAD, f"the download is bad: {why}")
    return render.again(job, tools, "done", f"the cloud's result is bad: {why}")
