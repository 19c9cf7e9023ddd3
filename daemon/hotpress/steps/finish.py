"""The last encode where it is needed, and the file beside its final place, whole and synced."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from hotpress import files, outbox
from hotpress.errors import InputGone, NotAllowed
from hotpress.human import count_text, joined, size_text
from hotpress.model import Facts, Final, Job, Next, Outcome, Step
from hotpress.names import same
from hotpress.steps import follow, making, material, replacing, space, wanted
from hotpress.steps.tools import Tools


def run(job: Job, tools: Tools) -> Outcome:
    """Keep the cloud's file when it fits; else encode, from the original where that is right."""
    if job.facts is None:
        raise InputGone("it was never looked at", Step.PROBE.value)
    temp_folder = outbox.check(Path(job.outbox), tools.desk.outbox_id())
    found = making.made(job, job.facts, tools)
    made, made_by, note = found.material, found.by, found.note
    path = Path(made.path)
    if made_by != "same":  # that one was just looked at, and is not ours to tidy away
        material.checked(made, follow.made_of(job) if made_by == "cloud" else Step.FINISH)
    name, replaces = _free_name(job, job.facts, path.suffix, tools)
    temp = temp_folder / f"{job.id}.part"
    space.reserve(temp_folder, made.size_bytes, tools)
    with files.told(temp):
        with path.open("rb") as file:
            size, sha256 = files.copy_synced(file, temp)
        files.usual_mode(temp)
        if job.rule.metadata == "keep":
            os.utime(temp, ns=(job.mtime_ns, job.mtime_ns))  # sorts as the original
        files.sync_file(temp)
    if not job.source_sha256:
        job = replace(job, source_sha256=material.content(job))
        tools.desk.holder(job.work_key)  # who comes later with the same content finds this one
    final = Final(
        name=name,
        temp=str(temp),
        size_bytes=size,
        sha256=sha256,
        made_by=made_by,
        note=note,
        encodes=found.encodes,
        replaces=replaces,
    )
    return Next(replace(job, final=final), why=_told(final, found.limit_bytes))


resume = run

_BY = {
    "cloud": "the cloud's file as it is",
    "encode": "encoded here",
    "copy": "copied without loss",
    "same": "as it was made before",
}


def _told(final: Final, limit: int | None) -> str:
    """For the story: how large it became, of what was allowed, and how."""
    of = f", {final.size_bytes / limit * 100:.0f} % of what is allowed" if limit else ""
    times = f" with {count_text(final.encodes, 'encode')}" if final.encodes else ""
    words = f"{size_text(final.size_bytes)}{of}, {_BY[final.made_by]}{times}"
    return joined(words, final.note)


def _free_name(job: Job, facts: Facts, ending: str, tools: Tools) -> tuple[str, str]:
    """The dearest name that is free on disk and in the store; taken for this job alone.

    And the hash of the earlier result that is to make room for it, if there is one.
    """
    folder = Path(job.outbox)
    for wish in wanted.names(job, facts, tools.clock.now()):
        # What was copied under its own ending may not be called .mp4.
        name = wish if ending == ".mp4" else f"{wish.rpartition('.')[0]}{ending}"
        # Claimed first: whoever had the name may have placed a file before giving it up.
        if not tools.desk.claim_name(name):
            continue
        if not _is_taken(folder / name):
            return name, ""
        if replaces := replacing.replaceable(job, name, tools):
            return name, replaces
    raise NotAllowed(
        f"a hundred files of this name lie in {folder}", "Tidy the outbox, then retry."
    )


def _is_taken(path: Path) -> bool:
    """Does a file of this name lie there, or one that a Mac or a sync client takes for it?"""
    try:
        return same(path.name) in {same(each.name) for each in path.parent.iterdir()}
    except OSError:  # not there yet, or it may be written to but not listed
        return os.path.lexists(path)
