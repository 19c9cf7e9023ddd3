"""The last encode where it is needed, and the file beside its final place, whole and synced."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from hotpress import files, outbox
from hotpress.errors import EncodeFailed, InputGone, MediaError, NotAllowed
from hotpress.human import size_text
from hotpress.media.fit import remuxable
from hotpress.model import Expected, Facts, Final, Job, Material, Next, Outcome, Route, Step
from hotpress.steps import material, space, wanted
from hotpress.steps.probe import is_small
from hotpress.steps.tools import Tools


def run(job: Job, tools: Tools) -> Outcome:
    """Keep the cloud's file when it fits; else encode, from the original where that is right."""
    if job.facts is None:
        raise InputGone("it was never looked at", Step.PROBE.value)
    temp_folder = outbox.check(Path(job.outbox), tools.desk.outbox_id())
    made, made_by, note = _made(job, job.facts, tools)
    target = wanted.target(job, job.facts)
    if target is not None and made.size_bytes > target:
        raise EncodeFailed(
            f"the smallest try has {size_text(made.size_bytes)} and the target is "
            f"{size_text(target)}",
            f"Allow more: hotpress retry {job.id} after raising target_size.",
        )
    path = Path(made.path)
    if made_by != "same":  # that one was just looked at, and is not ours to tidy away
        material.checked(made, Step.DOWNLOAD if made_by == "cloud" else Step.FINISH)
    name = _free_name(job, job.facts, path.suffix, tools)
    temp = temp_folder / f"{job.id}.part"
    space.reserve(temp_folder, made.size_bytes, tools)
    with files.told(temp):
        with path.open("rb") as file:
            size, sha256 = files.copy_synced(file, temp)
        files.usual_mode(temp)
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
    )
    return Next(replace(job, final=final), why=note or f"{size_text(size)}, {_BY[made_by]}")


resume = run

_SAME_FRAME = 0.97  # of the wanted frame: less is a smaller picture than was asked for
_BY = {
    "cloud": "the cloud's file as it is",
    "encode": "encoded here",
    "copy": "copied without loss",
    "same": "as it was made before",
}


def _made(job: Job, facts: Facts, tools: Tools) -> tuple[Material, str, str]:
    """The file to be delivered, in the spool; how it was made; a note for people."""
    if job.reuse is not None:
        files.look_at_source(material.source_of(job))  # a new version has a job of its own
        if files.sha256_at(Path(job.reuse.path)) != job.reuse.sha256:
            raise InputGone("the result that was made before is gone", Step.PROBE.value)
        return job.reuse, "same", ""
    target, frame = wanted.target(job, facts), wanted.frame(job, facts)
    if job.download is not None:
        path = material.checked(job.download, Step.DOWNLOAD)
        seen = tools.media.probe(path)
        edited = job.expected is not None and job.expected.edited
        frame = wanted.frame(job, seen) if edited else frame
        fits = seen.width <= frame[0] and seen.height <= frame[1]
        full = edited or max(seen.width / frame[0], seen.height / frame[1]) >= _SAME_FRAME
        if fits and full and (target is None or seen.size_bytes <= target):
            return job.download, "cloud", ""
        if edited:  # then only the cloud's file has the edit
            return _encoded(job, tools, path, seen, target, frame)
    with material.read_by_program(job):
        if job.route is Route.LOCAL and is_small(job, facts):
            return _copied(job, facts, tools, target), "copy", ""
        return _encoded(job, tools, job.source, facts, target, frame)


def _encoded(
    job: Job,
    tools: Tools,
    path: Path,
    facts: Facts,
    target: int | None,
    frame: tuple[int, int],
) -> tuple[Material, str, str]:
    out = tools.folder(job) / "finished.mp4"
    space.reserve(out.parent, target or facts.size_bytes, tools)
    with files.told(out):
        made = tools.media.fit(
            path,
            facts,
            out,
            target_bytes=target,
            frame=frame,
            progress=lambda share: tools.pulse(share, "encoding here"),
        )
        return material.recorded(out), "encode", made.note


def _copied(job: Job, facts: Facts, tools: Tools, target: int | None) -> Material:
    """Its streams in an MP4, without loss; where that can't be, the original as it is."""
    out = tools.folder(job) / "copied.mp4"
    space.reserve(out.parent, facts.size_bytes, tools)
    if remuxable(facts):
        try:
            tools.media.remux(job.source, out, facts)
            tools.media.check(out, _as_the_source(facts), facts)
        except MediaError:
            out.unlink(missing_ok=True)
        else:
            found = material.recorded(out)
            if target is None or found.size_bytes <= target:
                return found
    same = tools.folder(job) / f"copied{job.source.suffix.lower()}"
    with files.told(same), files.open_source(material.source_of(job)) as file:
        files.copy_synced(file, same)
    return material.recorded(same)


def _as_the_source(facts: Facts) -> Expected:
    return Expected(
        duration_seconds=facts.duration_seconds,
        width=facts.width,
        height=facts.height,
        has_sound=bool(facts.sounds),
        fps=None if facts.variable_fps else facts.fps,
    )


def _free_name(job: Job, facts: Facts, ending: str, tools: Tools) -> str:
    """The dearest name that is free on disk and in the store; taken for this job alone."""
    folder = Path(job.outbox)
    for wish in wanted.names(job, facts, tools.clock.now()):
        # What was copied under its own ending may not be called .mp4.
        name = wish if ending == ".mp4" else f"{wish.rpartition('.')[0]}{ending}"
        # Claimed first: whoever had the name may have placed a file before giving it up.
        if tools.desk.claim_name(name) and not os.path.lexists(folder / name):
            return name
    raise NotAllowed(
        f"a hundred files of this name lie in {folder}", "Tidy the outbox, then retry."
    )
