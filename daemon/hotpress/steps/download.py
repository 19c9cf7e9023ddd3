"""The result's bytes into the spool, resumed by what is there, synced before the outcome."""

from __future__ import annotations

from dataclasses import replace

from hotpress import files, policy
from hotpress.errors import InputGone, RateLimited, Refused
from hotpress.model import Job, Next, Outcome, Step
from hotpress.steps import material
from hotpress.steps.tools import Tools

_FALLBACK_AFTER = 3  # tries in a row over the link; then through the API itself


def run(job: Job, tools: Tools) -> Outcome:
    """Fetch it. A stale link sends the job back to the poll, which gives a new one."""
    render = job.render
    if render is None or not render.url:
        raise InputGone("there is no link", Step.RENDER.value)
    path = tools.folder(job) / f"{render.id}.mp4"

    def progress(done: int, total: int | None) -> None:
        tools.pulse(done / total if total else None, "downloading")

    with files.told(path):
        try:
            if job.tally.retries and job.tally.retries % _FALLBACK_AFTER == 0:
                tools.cloud.download_through_api(render.id, render.token, path, progress)
            else:
                tools.cloud.download(render.url, path, progress)
        except RateLimited:
            raise
        except Refused as error:
            stale = job.with_render(replace(render, url="", ended=""))
            return policy.back(stale, "stale_links", Step.RENDER, error.why)
        found = material.recorded(path)
    return Next(replace(job, download=found), why=f"{found.size_bytes:,} bytes")


resume = run
