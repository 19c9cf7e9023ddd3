"""A working copy, where the cloud would not take the file as it is, or would make it worse."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath

from hotpress import files, policy
from hotpress.errors import InputGone, MediaError
from hotpress.human import size_text
from hotpress.media import Wish
from hotpress.media.fit import remuxable
from hotpress.model import Facts, Job, Next, Outcome, Step
from hotpress.names import CLOUD_ENDINGS
from hotpress.steps import keepsakes, material, space
from hotpress.steps.tools import Tools

# Of the limit. Below it nothing is gained: what is cut off here, no later encode brings back.
_FULLEST, _LEAST = 0.99, 0.98
_PRESET = "medium"  # a fast one costs 2.3 points of the final quality (measured 2026-11)


def run(job: Job, tools: Tools) -> Outcome:
    """Pass the source on, put its streams into an MP4 without loss, or encode a working copy."""
    if job.is_link:  # the cloud fetches it as it is
        return Next(replace(job, prepared=None))
    facts = job.facts
    if facts is None:
        raise InputGone("it was never looked at", Step.PROBE.value)
    most = tools.settings.cloud.max_upload
    reasons, moves = anew(job, facts, most), container(job)
    if not reasons and not moves:
        return Next(replace(job, prepared=None))
    path = tools.folder(job) / "working-copy.mp4"
    try:
        with files.told(path), material.read_by_program(job):
            if not reasons and remuxable(facts):
                space.reserve(path.parent, job.size_bytes, tools)
                keepsakes.copied(job, facts, path, tools)
            elif reasons or needed(job):
                _encode(job, facts, path, most, tools)
            else:
                return Next(replace(job, prepared=None))  # an MKV that no MP4 can hold is taken
            copy = material.recorded(path)
    except MediaError as error:
        return policy.local_instead(job, error.why) or policy.verdict(error, job, tools.pauses)
    why = f"a working copy of {size_text(copy.size_bytes)}: {', '.join([*reasons, *moves])}"
    return Next(replace(job, prepared=copy, source_sha256=material.content(job)), why=why)


resume = run


def anew(job: Job, facts: Facts, max_upload_bytes: int) -> list[str]:
    """Why its pictures must be encoded again before the upload, each in words; mostly none."""
    found = []
    if job.size_bytes > max_upload_bytes:
        found.append(f"the cloud takes at most {size_text(max_upload_bytes)}")
    if facts.transfer and job.rule.hdr == "sdr":
        found.append("its HDR colours are made ordinary ones here")
    if facts.interlaced:
        found.append("its pictures are made of half pictures (interlaced)")
    if facts.coded_width % 2 or facts.coded_height % 2:
        found.append("its frame has an odd side")
    return found


def container(job: Job) -> list[str]:
    """Why it gets another container, without loss where that can be."""
    ending = PurePosixPath(job.relative).suffix.lower()
    found = []
    if ending not in CLOUD_ENDINGS:
        found.append(f"the cloud takes no {ending} files")
    elif ending == ".mkv":
        found.append("the service advises MP4 instead of MKV")
    if job.rule.metadata == "strip":
        found.append("its date, place and other words are taken out")
    return found


def needed(job: Job) -> bool:
    """Must it get another container, also where that can't be done without loss?"""
    ending = PurePosixPath(job.relative).suffix.lower()
    return ending not in CLOUD_ENDINGS or job.rule.metadata == "strip"


def _encode(job: Job, facts: Facts, path: Path, most_bytes: int, tools: Tools) -> None:
    """As good as the cloud can use: like the original where that fits, else up to the limit."""
    wish = Wish(
        frame=(facts.width // 2 * 2, facts.height // 2 * 2),
        target_bytes=int(most_bytes * _FULLEST),
        smallest_share=_LEAST,
        quality_first=job.size_bytes <= most_bytes,
        preset=_PRESET,
        strip=job.rule.metadata == "strip",
        keep_hdr=job.rule.hdr == "keep",
    )
    space.reserve(path.parent, 2 * min(most_bytes, 2 * job.size_bytes), tools)
    media = tools.media.using(job.rule.encoder)
    media.fit(
        job.source,
        facts,
        path,
        wish,
        progress=lambda share: tools.pulse(share, "making a working copy"),
    )
