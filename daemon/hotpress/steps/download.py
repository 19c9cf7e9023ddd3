"""The result's bytes into the spool, resumed by what is there, synced before the outcome."""

from __future__ import annotations

from dataclasses import replace

from hotpress import files, policy
from hotpress.errors import InputGone, RateLimited, Refused
from hotpress.model import Job, Next, Outcome, Render, Step
from hotpress.steps import material, render, space
from hotpress.steps.tools import Tools

_FALLBACK_AFTER = 3  # tries in a row over the link; then through the API itself


def run(job: Job, tools: Tools) -> Outcome:
    """Fetch it. A stale link sends the job back to the poll, which gives a new one."""
    now = job.render
    if now is None or not now.url:
        raise InputGone("there is no link", Step.RENDER.value)
    path = tools.folder(job) / f"{now.id}.mp4"
    # How large it is says nobody beforehand: about as large as the target, or the source.
    space.reserve(path.parent, job.target_bytes or job.size_bytes, tools)

    def progress(done: int, total: int | None) -> None:
        tools.pulse(done / total if total else None, "downloading")

    with files.told(path):
        try:
            if job.tally.retries and job.tally.retries % _FALLBACK_AFTER == 0:
                tools.cloud.download_through_api(now.id, now.token, path, progress)
            else:
                tools.cloud.download(now.url, path, progress)
        except RateLimited:
            raise
        except Refused as error:
            return _no_video(job, now, tools, error.why)
        found = material.recorded(path)
    return Next(replace(job, download=found), why=f"{found.size_bytes:,} bytes")


resume = run


def _no_video(job: Job, now: Render, tools: Tools, why: str) -> Outcome:
    """A stale link gets a new one; where no link leads to a video, the render itself is bad."""
    if job.tally.stale_links >= policy.LIMITS["stale_links"]:
        anew = replace(job, tally=replace(job.tally, stale_links=0))
        return render.again(anew, tools, "done", f"the cloud's result is bad: {why}")
    stale = job.with_render(replace(now, url="", ended=""))
    return policy.back(stale, "stale_links", Step.RENDER, why)
