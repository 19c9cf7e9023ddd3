"""One encode on this machine: what it must become, what is put into it, and its proof."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from hotpress import files
from hotpress.errors import Damaged, EncodeFailed, TargetImpossible
from hotpress.human import joined
from hotpress.media import Wish, fit
from hotpress.media.sound import kept_sounds
from hotpress.media.task import HINT
from hotpress.model import Expected, Facts, Job, Material
from hotpress.steps import decide, keepsakes, material, space
from hotpress.steps.tools import Tools

_ENCODE_SHARE = 0.9  # of the time: the rest is the look at every frame


@dataclass(frozen=True, slots=True)
class Made:
    """A file in the spool. `by`: as in `model.Final`; `note`: for people, "" when all is said.

    `encodes`: made here until it landed. `limit_bytes`: the most that was allowed, None for any.
    """

    material: Material
    by: str
    note: str = ""
    encodes: int = 0
    limit_bytes: int | None = None


def wish_of(job: Job, facts: Facts, target: int | None, frame: tuple[int, int]) -> Wish:
    """What the rule wants of an encode of a file with these facts."""
    codec = decide.codec(job, facts)
    return Wish(
        frame=frame,
        target_bytes=target,
        codec=codec,
        fps=decide.capped_fps(job, facts),
        audio_bits=job.rule.audio_bits_per_second,
        keep_hdr=job.rule.hdr == "keep",
        strip=job.rule.metadata == "strip",
    )


def encoded(job: Job, original: Facts, tools: Tools, path: Path, facts: Facts, wish: Wish) -> Made:
    """An encode of `path` on this machine, with what belongs to the original; proven.

    `facts` are those of `path`, which is the original or the cloud's file.
    """
    draft, out = tools.folder(job) / "encoded.mp4", tools.folder(job) / "finished.mp4"
    # The largest try so far, the one that is being written, and the one with its belongings.
    space.reserve(out.parent, 3 * (wish.target_bytes or wish.most_bytes or facts.size_bytes), tools)
    media = tools.media.using(job.rule.encoder)
    room, limit = keepsakes.room_bytes(job, original, wish.target_bytes), wish.target_bytes

    def encoding(share: float) -> None:
        tools.pulse(share * _ENCODE_SHARE, "encoding here")

    def checking(share: float) -> None:
        tools.pulse(_ENCODE_SHARE + share * (1 - _ENCODE_SHARE), "checking every frame")

    with files.told(out):
        aim = _aim(facts, wish, room)
        done = media.fit(path, facts, draft, replace(wish, target_bytes=aim), progress=encoding)
        if path == job.source:
            note = keepsakes.put_back(job, original, draft, limit)
            draft.replace(out)
        else:
            note = _given(job, original, draft, out, limit, tools)
        try:
            after = media.check(out, _as(facts, wish), facts, path, progress=checking)
        except Damaged as problem:  # nobody makes it again by itself
            raise EncodeFailed(f"what was made here is bad: {problem.why}", HINT) from problem
        if path == job.source:
            note = keepsakes.missing(job, original, after, note)
        return Made(material.recorded(out), "encode", joined(done.note, note), done.attempts)


def _given(
    job: Job, original: Facts, draft: Path, out: Path, limit: int | None, tools: Tools
) -> str:
    """An encode of the cloud's file, as `out` with the original's words where there is room."""
    if job.rule.metadata == "strip" or job.is_link:
        draft.replace(out)  # the encode took nothing along
        return ""
    note = keepsakes.given(job, original, draft, tools.media.probe(draft), out, tools)
    if limit is None or out.stat().st_size <= limit:
        draft.unlink()
        return note
    draft.replace(out)
    return keepsakes.NO_ROOM


def _aim(facts: Facts, wish: Wish, room: int) -> int | None:
    """The target without what is put in afterwards; all of it where the pictures need it."""
    if wish.target_bytes is None:
        return None
    try:
        fit.budget(facts, wish.target_bytes - room, wish.audio_bits)
    except TargetImpossible:
        return wish.target_bytes
    return wish.target_bytes - room


def as_the_source(facts: Facts) -> Expected:
    """What a copy without loss must be like."""
    return Expected(
        duration_seconds=facts.duration_seconds,
        width=facts.width,
        height=facts.height,
        has_sound=bool(kept_sounds(facts)),
        fps=None if facts.variable_fps else facts.fps,
    )


def _as(facts: Facts, wish: Wish) -> Expected:
    """What an encode by `wish` must be like."""
    rate = wish.fps or (None if facts.variable_fps else facts.fps)
    return replace(as_the_source(facts), width=wish.frame[0], height=wish.frame[1], fps=rate)
