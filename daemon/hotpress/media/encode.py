"""Make a video that fits: two passes, tried until it lands just under the target."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

from hotpress.errors import EncodeFailed, NoGain
from hotpress.human import size_text
from hotpress.media import codecs
from hotpress.media.encoder import Encoder
from hotpress.media.fit import AIM, Attempt, Budget, budget, next_bits
from hotpress.media.sound import AudioPlan, audio_plan
from hotpress.media.task import HINT, Task, Wish, longest_seconds, workshop
from hotpress.model import Facts

MOST_TRIES = 4
# The last try, when all before were too large, aims lower: a small file is better than none.
_CAREFUL_AIM = 0.95
# Above a quarter of a bit a pixel CRF 18 may well be smaller than the target: then more bytes
# would buy nothing.
_GENEROUS_BITS_PER_PIXEL = 0.25
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
    wish: Wish,
    *,
    encoder: Encoder,
    progress: Callable[[float], None] = lambda _: None,
    stop: Event | None = None,
    time_limit_seconds: float | None = None,
) -> Encoded:
    """Encode `material` to `out`, an MP4 as `wish` says, at most four times.

    `out` is replaced, and absent after an error. Drafts and statistics lie in `<out>.work` beside
    it, which is removed; they take up to 20 kB a picture at 1080p. Nothing is synced to disk here.
    `progress` gets 0-1. `time_limit_seconds` is for one pass; else 60 s and 30 times the video's
    length, longer for frames over 1080p.

    Raises:
        TargetImpossible: under 40 kb/s would be left for the pictures.
        NoGain: without a target, it would be larger than `most_bytes`.
        EncodeFailed: the encoder failed, stood still, or no try got under the target.
        DiskFull, Stopping, MediaError: as `programs.run`.
    """
    if out.exists() and out.samefile(material):
        raise EncodeFailed("the smaller version may not be written over its original", HINT)
    if wish.fps is not None:
        facts = replace(facts, fps=wish.fps, variable_fps=False, frames=None)
    target = wish.target_bytes
    shared = budget(facts, target, wish.audio_bits) if target is not None else None
    sound = shared.sound if shared else audio_plan(facts, None, wish.audio_bits)
    with workshop(out.with_name(f"{out.name}.work")) as work, _all_or_nothing(out):
        task = Task(
            material=material,
            facts=facts,
            wish=wish,
            codec=codecs.find(wish.codec, encoder),
            encoder=encoder,
            seconds=time_limit_seconds or longest_seconds(facts, wish.frame),
            stop=stop,
            work=work,
            progress=progress,
            sound=sound,
            notes=_lost(facts, sound),
        )
        if target is None or shared is None:
            return _unlimited(task, out)
        return _land(task, out, target, shared)


def _unlimited(task: Task, out: Path) -> Encoded:
    # At this quality a file can get larger than its source: then it is of no use, and ends.
    most = task.wish.most_bytes or max(task.facts.size_bytes * 2, _MIB)
    size = task.by_quality(most, 1.0)
    if size > most:
        raise NoGain("it can't be made smaller without a loss that shows", "Set a `target_size`.")
    task.draft.replace(out)
    return Encoded(size, 1, "; ".join(task.notes), crf_used=True)


def _land(task: Task, out: Path, target: int, shared: Budget) -> Encoded:
    """Try rates until one lands; the largest file that fits is `out` at every moment."""
    before = 0
    if task.wish.quality_first or _is_generous(shared.video_bits, task.facts, task.wish.frame):
        before = 1
        size = task.by_quality(target, 0.3)
        if size <= target:
            task.draft.replace(out)
            task.notes.append(_enough(size, target))
            task.progress(1.0)
            return Encoded(size, 1, "; ".join(task.notes), crf_used=True)
    if task.codec.two_pass(task.encoder):
        task.first_pass(shared.video_bits)
    tries, best = _tried(task, out, target, shared, MOST_TRIES - before)
    task.progress(1.0)
    if not best:
        smallest = min(attempt.size for attempt in tries)
        raise EncodeFailed(
            f"it could not be made small enough: {size_text(smallest)} at best, the target is "
            f"{size_text(target)}",
            "Allow a larger size for it (`target_size`, or `max_rate` where that is the limit), or "
            "set a smaller `resolution`.",
        )
    if best < target * task.wish.smallest_share and _is_sated(tries):
        task.notes.append(_enough(best, target))
    return Encoded(best, len(tries) + before, "; ".join(task.notes), crf_used=False)


def _tried(
    task: Task, out: Path, target: int, shared: Budget, most_tries: int
) -> tuple[list[Attempt], int]:
    """All tries, and the size of the largest one that fits: 0 when none does."""
    tries: list[Attempt] = []
    bits, best = shared.video_bits, 0
    while True:
        # Twice the target and a bit: a first try of a short clip may be 1.4 times too large, and
        # its size is needed to do better.
        size = task.second_pass(bits, 2 * target + _MIB, 1 - 0.2 / 4 ** len(tries))
        tries.append(Attempt(bits, size))
        if best < size <= target:
            task.draft.replace(out)
            best = size
        landed = target * task.wish.smallest_share <= size <= target
        if landed or _is_over(tries, most_tries):
            return tries, best
        # In the middle of what is allowed; the last try, when all were too large, aims lower.
        aim = min(AIM, (task.wish.smallest_share + 1) / 2)
        if not best and len(tries) >= most_tries - 1:
            aim = _CAREFUL_AIM
        fixed = shared.fixed_bytes
        bits = max(_LEAST_TRY_BITS, next_bits(tries, target, fixed_bytes=fixed, aim=aim))


def _enough(size: int, target: int) -> str:
    return (
        f"{size_text(size)} are enough, {size_text(target)} are allowed: more would not be seen, "
        "it looks like the original already"
    )


def _is_over(tries: list[Attempt], most_tries: int = MOST_TRIES) -> bool:
    return len(tries) >= most_tries or _is_sated(tries)


def _is_sated(tries: list[Attempt]) -> bool:
    """A higher rate no longer makes a larger file: a still picture needs no more."""
    if len(tries) < 2:
        return False
    before, last = tries[-2:]
    return last.bits >= before.bits * 1.3 and last.size <= before.size * 1.02


def _is_generous(bits: int, facts: Facts, frame: tuple[int, int]) -> bool:
    pixels = frame[0] * frame[1] * max(1.0, facts.fps)
    return bits / pixels > _GENEROUS_BITS_PER_PIXEL


@contextmanager
def _all_or_nothing(out: Path) -> Iterator[None]:
    """Nothing lies at `out` before, nor after an error: a first try may be there by then."""
    out.unlink(missing_ok=True)
    try:
        yield
    except BaseException:
        out.unlink(missing_ok=True)
        raise


def _lost(facts: Facts, plan: AudioPlan) -> list[str]:
    """What the sound has less than its original's, as a sentence without a full stop."""
    notes = []
    had = max((sound.channels for sound in facts.sounds), default=0)
    if 0 < plan.channels < had:
        notes.append(f"its sound became {'mono' if plan.channels == 1 else 'stereo'}")
    return notes
