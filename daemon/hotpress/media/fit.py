"""The arithmetic of a size target: pure. Sizes in bytes, rates in bits per second."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hotpress.errors import TargetImpossible
from hotpress.human import seconds_text, size_text
from hotpress.media.sound import MP4_SOUND, AudioPlan, audio_plan, kept_sounds
from hotpress.model import Facts

# All measured 2026-11 (docs/quality.md): where aimed at, first tries of clips over 8 s land at
# 0.96-1.03 of the target, and a second one within 97-100 %.
AIM = 0.988
SMALLEST_SHARE = 0.97
LEAST_VIDEO_BITS = 40_000  # below it nothing decent comes out, at any frame
_HEADER_BYTES, _FRAME_BYTES, _SOUND_FRAME_BYTES = 3000, 14, 5
_CHAPTER_BYTES = 1000
_SOUND_FRAME_SAMPLES = 1024  # AAC
_FULL_HD = 1920 * 1080  # the frame that `max_rate` is meant at
_LEAST_RATE = 500_000  # bits per second that `max_rate` always leaves
_MP4_VIDEO = frozenset({"h264", "hevc", "av1", "mpeg4"})
_WEAKEST, _STRONGEST = 0.3, 2.0
_MOST_STEP = 4.0  # a rate is changed at most by this factor at a time


@dataclass(frozen=True, slots=True)
class Attempt:
    """A video rate that was asked for, and the size of the file that came of it."""

    bits: int
    size: int


def effective_target_bytes(
    target_bytes: int | None,
    max_bits_per_second: int | None,
    facts: Facts,
    frame: tuple[int, int] | None = None,
) -> int | None:
    """The smaller of both ceilings, or None. `frame`: what will be delivered, else the source's.

    `max_bits_per_second` counts everything in the file, at 1920x1080, and in proportion to the
    pixels elsewhere, but never below half a megabit: sound costs the same in a small picture.
    """
    if max_bits_per_second is None:
        return target_bytes
    width, height = frame or (facts.width, facts.height)
    rate = max_bits_per_second * width * height / _FULL_HD
    rate = max(rate, min(max_bits_per_second, _LEAST_RATE))
    by_rate = max(1, int(rate * facts.duration_seconds / 8))
    return by_rate if target_bytes is None else min(target_bytes, by_rate)


def frame_for(resolution: str, width: int, height: int) -> tuple[int, int]:
    """The frame to deliver: `1080p` names the short side, `1280x720` a box, `source` changes none.

    Never larger than the source, its aspect kept, both sides even (H.264 in 4:2:0 needs that).
    """
    scale = 1.0
    if resolution.endswith("p"):
        scale = int(resolution[:-1]) / min(width, height)
    elif resolution not in ("source", "auto"):
        box_width, box_height = (int(side) for side in resolution.lower().split("x"))
        scale = min(box_width / width, box_height / height)
    if scale >= 1:
        return _even_below(width), _even_below(height)
    return _even_near(width * scale, width), _even_near(height * scale, height)


def _even_below(side: int) -> int:
    return max(2, side // 2 * 2)


def _even_near(side: float, most: int) -> int:
    # A hair is taken off the halves, so that a box is never exceeded: 2n + 1 rounds down.
    return min(max(2, 2 * round(side / 2 - 1e-9)), _even_below(most))


def overhead_bytes(facts: Facts, seconds: float) -> int:
    """What an MP4 needs beside sound and pictures, by our own files (measured 2026-11)."""
    frames = facts.frames or round(facts.fps * seconds)
    rates = [sound.sample_rate or 48_000 for sound in kept_sounds(facts)]
    sound_frames = sum(rate * seconds / _SOUND_FRAME_SAMPLES for rate in rates)
    pieces = frames * _FRAME_BYTES + sound_frames * _SOUND_FRAME_BYTES
    return round(_HEADER_BYTES + pieces + facts.chapters * _CHAPTER_BYTES)


@dataclass(frozen=True, slots=True)
class Budget:
    """A size, shared out: the sound, what the container takes, and the rate for the pictures."""

    sound: AudioPlan
    fixed_bytes: int
    video_bits: int


def budget(facts: Facts, target_bytes: int, audio_bits: int | None = None) -> Budget:
    """Share out a target so that the whole file lands at `AIM` of it.

    `audio_bits`: a rate that the rule sets for each sound track, instead of a share.

    Raises:
        TargetImpossible: under 40 kb/s would be left; it names a target that would do.
    """
    sound = audio_plan(facts, target_bytes, audio_bits)
    seconds = facts.duration_seconds
    fixed = overhead_bytes(facts, seconds) + round(sound.total_bits_per_second * seconds / 8)
    bits = int((target_bytes * AIM - fixed) * 8 / seconds)
    if bits < LEAST_VIDEO_BITS:
        enough = _rounded_up((fixed + LEAST_VIDEO_BITS * seconds / 8) / AIM)
        raise TargetImpossible(
            f"{size_text(target_bytes)} are too little for {seconds_text(seconds)} of video",
            f"At least {size_text(enough)} would do.",
            enough,
        )
    return Budget(sound, fixed, bits)


def next_bits(
    attempts: Sequence[Attempt], target_bytes: int, *, fixed_bytes: int = 0, aim: float = AIM
) -> int:
    """The rate to try next. `fixed_bytes`: what of each size does not depend on the rate.

    In proportion at first; with more attempts log-log interpolation, because plain proportion
    swings on short clips: 1.40, 0.79, 1.16, 0.89 of the target, where interpolation
    needed three tries (measured 2026-11).
    """
    goal = max(1.0, target_bytes * aim - fixed_bytes)
    points = [(attempt.bits, max(1, attempt.size - fixed_bytes)) for attempt in attempts]
    below = max((point for point in points if point[1] <= goal), key=_size_of, default=None)
    above = min((point for point in points if point[1] > goal), key=_size_of, default=None)
    if below is not None and above is not None and below[0] < above[0]:
        share = math.log(goal / below[1]) / math.log(above[1] / below[1])
        share = min(0.95, max(0.05, share))
        return max(1, round(below[0] * math.pow(above[0] / below[0], share)))
    nearest = sorted(points, key=lambda point: abs(math.log(point[1] / goal)))
    bits, size = nearest[0]
    step = math.pow(goal / size, 1 / _answer(nearest))
    return max(1, round(bits * min(_MOST_STEP, max(1 / _MOST_STEP, step))))


def _answer(points: Sequence[tuple[int, int]]) -> float:
    """By which power sizes follow rates, from two attempts on one side; 1 when only one is known.

    Some clips answer so weakly (a still picture, at 0.5) that plain proportion never arrives.
    """
    if len(points) < 2 or points[0][0] == points[1][0]:
        return 1.0
    (bits, size), (other_bits, other_size) = points[:2]
    slope = math.log(size / other_size) / math.log(bits / other_bits)
    return min(_STRONGEST, max(_WEAKEST, slope))


def _size_of(point: tuple[int, int]) -> int:
    return point[1]


def remuxable(facts: Facts) -> bool:
    """MP4 can hold all that is in it, as it is. AVI has no timestamps that could be trusted."""
    if facts.container == "avi" or facts.subtitles:
        return False
    return facts.codec in _MP4_VIDEO and all(sound.codec in MP4_SOUND for sound in facts.sounds)


def _rounded_up(size: float) -> int:
    step = 100_000 if size >= 1e6 else 1000
    return math.ceil(size / step) * step
