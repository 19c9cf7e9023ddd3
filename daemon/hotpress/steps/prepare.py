"""A working copy, where the cloud would not take the file as it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath

from hotpress import policy
from hotpress.errors import FileTooLarge, InputGone, MediaError, UnsupportedFormat
from hotpress.media.fit import remuxable
from hotpress.model import Job, Next, Outcome, Step
from hotpress.names import CLOUD_ENDINGS
from hotpress.steps import material, space
from hotpress.steps.tools import Tools


def run(job: Job, tools: Tools) -> Outcome:
    """Pass the source on, or put its streams into an MP4 without loss."""
    if PurePosixPath(job.relative).suffix.lower() in CLOUD_ENDINGS:
        return _limited(replace(job, prepared=None), tools)
    if job.facts is None:
        raise InputGone("it was never looked at", Step.PROBE.value)
    path = tools.folder(job) / "working-copy.mp4"
    space.reserve(path.parent, job.size_bytes, tools)
    if not remuxable(job.facts):
        return _refused(job, tools)
    try:
        with material.read_by_program(job):
            tools.media.remux(job.source, path, job.facts)
    except MediaError:
        return _refused(job, tools)
    job = replace(job, prepared=material.recorded(path), source_sha256=material.content(job))
    return _limited(job, tools)


resume = run


def _refused(job: Job, tools: Tools) -> Outcome:
    refused = UnsupportedFormat(
        "the cloud does not take this container, and its streams fit into no MP4",
        "Use route: auto or local: then this machine makes it.",
    )
    return policy.verdict(refused, job, tools.pauses)


def _limited(job: Job, tools: Tools) -> Outcome:
    if material.size_of(job) > tools.settings.cloud.max_upload:
        too_large = FileTooLarge(
            "the file is over the cloud's upload limit",
            "Use route: auto or local: then this machine makes it.",
        )
        return policy.verdict(too_large, job, tools.pauses)
    return Next(job)
