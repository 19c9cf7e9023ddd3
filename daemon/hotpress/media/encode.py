"""Make a video that fits: two-pass x264, tried until it lands just under the target."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from hotpress.errors import EncodeFailed
from hotpress.media import command, programs
from hotpress.media.encoder import Encoder
from hotpress.media.fit import (
    AIM,
    SMALLEST_SHARE,
    Attempt,
    AudioPlan,
    audio_plan,
    kept_sounds,
    next_bits,
    overhead_bytes,
    video_bits_per_second,
)
from hotpress.media.task import HINT, STALL_SECONDS, Task, longest_seconds, must_be_well, reporter
from hotpress.model import Facts

MOST_TRIES = 4
# The last try, when all before were too large, aims lower: a small file is better than none.
_CAREFUL_AIM = 0.95
# Above a quarter of a bit a pixel CRF 18 may well be smaller than the target: then more bytes
# would buy nothing.
_GENEROUS_BITS_PER_PIXEL = 0.25
_ENOUGH = "more bytes would not be seen: it looks like the original already"
_LEAST_TRY_BITS = 10_000
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Encoded:
    """What was made. `attempts` counts whole encodes; `note` is for people, "" when all is said."""

    size_bytes: int
    attempts: int
    note: str
    crf_used: bool


def fit(
    material: Path,
    facts: Facts,
    out: Path,
    *,
    target_bytes: int | None,
    frame: tuple[int, int],
    encoder: Encoder,
    progress: Callable[[float], None] = lambda _: None,
    stop: Event | None = None,
    preset: str = "slow",
    time_limit_seconds: float | None = None,
) -> Encoded:
    """Encode `material` to `out` (an MP4 with `frame`), at most `target_bytes`, mostly over 97 %.

    `out` is replaced, and absent after an error. Drafts and statistics lie in `<out>.work` beside
    it, which is removed; they take up to 20 kB a picture at 1080p. Nothing is synced to disk here.
    `progress` gets 0-1. With a target of None the quality decides alone. `time_limit_seconds` is
    for one pass; else 60 s and 30 times the video's length, longer for frames over 1080p.

    Raises:
        TargetImpossible: under 40 kb/s would be left for the pictures.
        EncodeFailed: the encoder failed, stood still, or no try got under the target.
        DiskFull, Stopping, MediaError: as `programs.run`.
    """
    if out.exists() and out.samefile(material):
        raise EncodeFailed("the smaller version may not be written over its original", HINT)
    sound = audio_plan(facts, target_bytes)
    with _workshop(out) as work:
        task = Task(
            material=material,
            facts=facts,
            frame=frame,
            encoder=encoder,
            preset=preset,
            seconds=time_limit_seconds or longest_seconds(facts, frame),
            stop=stop,
            work=work,
            progress=progress,
            sound=sound,
            notes=_lost(facts, sound),
        )
        if target_bytes is None:
            return _unlimited(task, out)
        return _land(task, out, target_bytes)


def _unlimited(task: Task, out: Path) -> Encoded:
    # An encode at CRF 18 can get larger than its source: then it is of no use, and ends.
    most = max(task.facts.size_bytes * 2, _MIB)
    size = task.by_quality(most, 1.0)
    if size > most:
        raise EncodeFailed(
            "it can't be made smaller without a loss that shows", "Set a `target_size`."
        )
    task.draft.replace(out)
    return Encoded(size, 1, "; ".join(task.notes), crf_used=True)


def _land(task: Task, out: Path, target: int) -> Encoded:
    """Try rates until one lands; the largest file that fits is `out` at every moment."""
    facts, seconds = task.facts, task.facts.duration_seconds
    bits = video_bits_per_second(target, task.sound, facts, seconds)
    before = 0
    if _is_generous(bits, facts, task.frame):
        before = 1
        size = task.by_quality(target, 0.3)
        if size <= target:
            task.draft.replace(out)
            task.notes.append(_ENOUGH)
            task.progress(1.0)
            return Encoded(size, 1, "; ".join(task.notes), crf_used=True)
    fixed = overhead_bytes(facts, seconds) + round(task.sound.total_bits_per_second * seconds / 8)
    task.first_pass(bits)
    tries: list[Attempt] = []
    best = 0
    while True:
        # Twice the target and a bit: a first try of a short clip may be 1.4 times too large, and
        # its size is needed to do better.
        size = task.second_pass(bits, 2 * target + _MIB, 1 - 0.2 / 4 ** len(tries))
        tries.append(Attempt(bits, size))
        if best < size <= target:
            task.draft.replace(out)
            best = size
        if target * SMALLEST_SHARE <= size <= target or _is_over(tries):
            break
        aim = AIM if best or len(tries) < MOST_TRIES - 1 else _CAREFUL_AIM
        bits = max(_LEAST_TRY_BITS, next_bits(tries, target, fixed_bytes=fixed, aim=aim))
    task.progress(1.0)
    if not best:
        smallest = min(attempt.size for attempt in tries)
        raise EncodeFailed(
            f"it could not be made small enough: {smallest / 1e6:.2f} MB at best, the target is "
            f"{target / 1e6:.2f} MB",
            "Set a larger `target_size` or a smaller `resolution` for it.",
        )
    if best < target * SMALLEST_SHARE and _is_sated(tries):
        task.notes.append(_ENOUGH)
    return Encoded(best, len(tries) + before, "; ".join(task.notes), crf_used=False)


def _is_over(tries: list[Attempt]) -> bool:
    return len(tries) >= MOST_TRIES or _is_sated(tries)


def _is_sated(tries: list[Attempt]) -> bool:
    """A higher rate no longer makes a larger file: a still picture needs no more."""
    if len(tries) < 2:
        return False
    before, last = tries[-2:]
    return last.bits >= before.bits * 1.3 and last.size <= before.size * 1.02


def _is_generous(bits: int, facts: Facts, frame: tuple[int, int]) -> bool:
    pixels = frame[0] * frame[1] * max(1.0, facts.fps)
    return bits / pixels > _GENEROUS_BITS_PER_PIXEL


def remux(
    material: Path,
    out: Path,
    *,
    facts: Facts,
    encoder: Encoder,
    stop: Event | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> Encoded:
    """Put its streams into an MP4 as they are. Ask `fit.remuxable` first.

    Raises:
        EncodeFailed: MP4 can't hold them after all.
        DiskFull, Stopping, MediaError: as `programs.run`.
    """
    if out.exists() and out.samefile(material):
        raise EncodeFailed("the copy may not be written over its original", HINT)
    out.unlink(missing_ok=True)
    words = ["-map", "0:V:0", "-map", "0:a?", "-c", "copy", *command.belongings()]
    if facts.codec == "hevc":
        words += ["-tag:v", "hvc1"]  # Apple's players know HEVC by no other name
    limits = programs.Limits(
        seconds=longest_seconds(facts, (0, 0)),
        stall_seconds=STALL_SECONDS,
        file_bytes=facts.size_bytes + facts.size_bytes // 10 + _MIB,
    )
    start = [*command.start(encoder, report=True), *command.reading(material)]
    told = reporter(progress, facts.duration_seconds, 0.0, 1.0)
    try:
        done = programs.run(
            [*start, *words, *command.writing(out)], limits=limits, stop=stop, on_line=told
        )
        must_be_well(done, limits, out.parent)
    except BaseException:
        out.unlink(missing_ok=True)  # a half file would only keep the disk full
        raise
    return Encoded(out.stat().st_size, 0, "", crf_used=False)


@contextmanager
def _workshop(out: Path) -> Iterator[Path]:
    """A folder for drafts, by a fixed name: what a killed daemon left in it is swept away."""
    work = out.with_name(f"{out.name}.work")
    shutil.rmtree(work, ignore_errors=True)
    out.unlink(missing_ok=True)
    work.mkdir(mode=0o700)
    try:
        yield work
    except BaseException:
        out.unlink(missing_ok=True)  # a first try may lie there: nothing half-judged stays
        raise
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _lost(facts: Facts, plan: AudioPlan) -> list[str]:
    """What the result has less than its original, each as a sentence without a full stop."""
    notes = []
    had = max((sound.channels for sound in facts.sounds), default=0)
    if 0 < plan.channels < had:
        notes.append(f"its sound became {'mono' if plan.channels == 1 else 'stereo'}")
    if facts.subtitles:
        notes.append("subtitles inside of it were left out")
    if len(kept_sounds(facts)) < len(facts.sounds):
        notes.append("a sound track in an unknown format was left out")
    return notes
