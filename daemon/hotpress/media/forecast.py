"""Will a target look good enough, at which frame, and if not: which size would? Before any pay."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event

from hotpress.errors import TargetImpossible
from hotpress.media import samples
from hotpress.media.encoder import Encoder
from hotpress.media.fit import (
    AIM,
    LEAST_VIDEO_BITS,
    budget,
    overhead_bytes,
)
from hotpress.media.outlook import Forecast, best_of, written_bytes
from hotpress.media.samples import SHARES, Probe
from hotpress.media.task import workshop
from hotpress.model import Facts

MOST_ROUNDS = 4
_CLEARLY_WORSE = 1.5  # points below the best: still smaller frames are worse still
_NOBODY_SEES = 96.0  # at the wanted frame: no smaller one can look better
_CLOSE = 1.0  # points over the floor that end the search
_AIM_OVER = 0.4  # points over the floor that the search aims at
# Points that twice the rate brings, below and above 80 (measured 2026-11: 14 and 4.5-6).
_BEND, _A_DOUBLING_BELOW, _A_DOUBLING_ABOVE = 80.0, 14.0, 6.0
_LEAST_DOUBLING = 1.0
_MOST_STEP = 4.0  # doublings at a time
_FIRST_BITS_PER_PIXEL = 0.05
# A rate above which no encode of ours gets better: x264 at CRF 18 stays below half of it.
_MOST_BITS_PER_PIXEL = 1.0

_Frame = tuple[int, int]
_Try = Callable[[_Frame, int], Probe]


def forecast(
    material: Path,
    facts: Facts,
    *,
    target_bytes: int,
    frame: _Frame,
    encoder: Encoder,
    work: Path,
    floor: float | None = None,
    shares: tuple[float, ...] = SHARES,
    stop: Event | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> Forecast | None:
    """Encode pieces of a video as the target would, and look at them; None without libvmaf.

    `frame` is the wanted one, `shares` of which are tried: (1.0,) when it is fixed. With a `floor`
    that the target does not reach, the size that does is searched for with further probes. Drafts
    lie in `work`/forecast.work, which is removed. The cost does not grow with the video's length:
    6 s of it are encoded 1-5 times, and up to 8 times for the size (docs/quality.md has times).

    Raises:
        EncodeFailed: the pieces can't be decoded or encoded.
        DiskFull, Stopping, MediaError: as `programs.run`.
    """
    if "libvmaf" not in encoder.filters:
        return None
    frames = samples.frames_for(frame, shares)
    with workshop(work / "forecast.work") as folder:
        sample = samples.take(material, facts, frame, encoder=encoder, work=folder, stop=stop)
        done = 0

        def attempt(tried: _Frame, bits: int) -> Probe:
            nonlocal done
            probe = samples.encode(sample, tried, bits)
            done += 1
            progress(1 - 0.85**done)
            return probe

        found = _looked_up(facts, target_bytes, frames, floor, attempt)
    progress(1.0)
    return found


def _looked_up(
    facts: Facts,
    target_bytes: int,
    frames: Sequence[_Frame],
    floor: float | None,
    attempt: _Try,
) -> Forecast:
    bits = _bits(target_bytes, facts)
    found = Forecast(
        target_bytes=target_bytes,
        seconds=facts.duration_seconds,
        frame=frames[0],
        probes=choose(frames, bits, attempt) if bits else (),
        floor=floor,
        most_bytes=facts.size_bytes,
    )
    if floor is None or found.reaches(floor):
        return found
    most = _most_bits(facts, frames[0])
    rate = enough_bits(floor, frames, found.probes, most=most, attempt=attempt, fps=facts.fps)
    return _with_size(found, rate, facts)


def choose(
    frames: Sequence[_Frame], bits: int, attempt: _Try, slack: float = _CLEARLY_WORSE
) -> tuple[Probe, ...]:
    """Try frames, the largest first, until one is worse than the best before it by `slack`.

    Quality rises to one best frame and falls behind it, so nothing is missed.
    """
    found: list[Probe] = []
    for frame in frames:
        found.append(attempt(frame, bits))
        top = max(probe.quality.mean for probe in found)
        if found[0].quality.mean >= _NOBODY_SEES or found[-1].quality.mean < top - slack:
            break
    return tuple(found)


def enough_bits(
    floor: float,
    frames: Sequence[_Frame],
    known: Sequence[Probe],
    *,
    most: int,
    attempt: _Try,
    fps: float,
) -> tuple[int, _Frame] | None:
    """The rate at which the best frame reaches `floor`, and that frame.

    At most four rounds of one or two probes mostly, each by logarithmic interpolation between those
    before.

    None when even `most` bits a second do not reach it.
    """
    before = best_of(known)
    points = [] if before is None else [before]
    for _ in range(MOST_ROUNDS):
        bits = _next_bits(points, floor, most) if points else _first_bits(frames[0], fps, most)
        best = best_of(choose(_left(frames, points, floor), bits, attempt, 0.0))
        assert best is not None  # noqa: S101 - one frame at least was tried
        points.append(best)
        if floor <= best.quality.mean <= floor + _CLOSE:
            break
        if best.quality.mean < floor and bits >= most:
            return None
    # What was seen to be enough, rather than what lies between two tries.
    above = _around(points, floor)[1]
    if above is not None:
        return above.bits, above.frame
    return _next_bits(points, floor, most), points[-1].frame


def _left(frames: Sequence[_Frame], points: Sequence[Probe], floor: float) -> Sequence[_Frame]:
    """The frames that may be best between two tries: more bits favour larger ones."""
    below, above = _around(points, floor)
    largest = frames.index(above.frame) if above else 0
    smallest = frames.index(below.frame) if below else largest
    return frames[largest : max(largest, smallest) + 1]


def _next_bits(points: Sequence[Probe], floor: float, most: int) -> int:
    below, above = _around(points, floor)
    if below and above:
        return _between(below, above, floor + _AIM_OVER)
    nearest = below or above
    assert nearest is not None  # noqa: S101 - a point is on one of both sides
    step = 2 ** min(_MOST_STEP, max(-_MOST_STEP, _doublings(points, nearest, floor + _AIM_OVER)))
    return max(LEAST_VIDEO_BITS, min(most, round(nearest.bits * step)))


def _around(points: Sequence[Probe], floor: float) -> tuple[Probe | None, Probe | None]:
    """The nearest points on both sides of the floor."""
    below = max((p for p in points if p.quality.mean < floor), key=_bits_of, default=None)
    above = min((p for p in points if p.quality.mean >= floor), key=_bits_of, default=None)
    return below, above


def _bits_of(point: Probe) -> int:
    return point.bits


def _between(below: Probe, above: Probe, goal: float) -> int:
    """By the logarithm of the rate: VMAF rises about evenly with it."""
    rise = above.quality.mean - below.quality.mean
    share = min(0.9, max(0.1, (goal - below.quality.mean) / rise))
    return round(below.bits * math.pow(above.bits / below.bits, share))


def _doublings(points: Sequence[Probe], nearest: Probe, goal: float) -> float:
    """How often the rate must be doubled: as is usual, or as slowly as the last two tries rose."""
    have = nearest.quality.mean
    usual = (min(goal, _BEND) - min(have, _BEND)) / _A_DOUBLING_BELOW
    usual += (max(goal, _BEND) - max(have, _BEND)) / _A_DOUBLING_ABOVE
    if len(points) < 2 or points[-1].bits == points[-2].bits:
        return usual
    first, last = points[-2:]
    rise = (last.quality.mean - first.quality.mean) / math.log2(last.bits / first.bits)
    seen = (goal - have) / max(_LEAST_DOUBLING, rise)
    return max(usual, seen) if goal > have else usual


def _first_bits(frame: _Frame, fps: float, most: int) -> int:
    bits = round(_FIRST_BITS_PER_PIXEL * frame[0] * frame[1] * max(1.0, fps))
    return max(LEAST_VIDEO_BITS, min(most, bits))


def _most_bits(facts: Facts, frame: _Frame) -> int:
    """What the original's own size leaves for pictures: more would be no smaller version."""
    own = _bits(facts.size_bytes, facts) or LEAST_VIDEO_BITS
    pixels = frame[0] * frame[1] * max(1.0, facts.fps)
    return max(LEAST_VIDEO_BITS, min(own, round(_MOST_BITS_PER_PIXEL * pixels)))


def _bits(size_bytes: int, facts: Facts) -> int | None:
    """The rate that a size leaves for the pictures; None: too little for any."""
    try:
        return budget(facts, size_bytes).video_bits
    except TargetImpossible:
        return None


def enough_bytes(bits: int, facts: Facts) -> int:
    """The size that leaves `bits` for the pictures, rounded up as people write sizes: pure."""
    seconds = facts.duration_seconds
    size = written_bytes((bits * seconds / 8 + overhead_bytes(facts, seconds)) / AIM)
    # The sound's share depends on the size: a larger one may get better sound.
    while (_bits(size, facts) or 0) < bits:
        size = written_bytes(size + 1)
    return size


def _with_size(found: Forecast, rate: tuple[int, _Frame] | None, facts: Facts) -> Forecast:
    """A size that is rounded up beyond the original's is none that would help."""
    if rate is None:
        return found
    bits, frame = rate
    size = enough_bytes(bits, facts)
    if size >= facts.size_bytes:
        return found
    return replace(found, enough_bytes=size, enough_frame=frame)
