"""Does the sound of a result come when it must? Pure: loudness against loudness.

Found is the shift at which the beginnings of sounds fall together (measured 2026-11,
docs/quality.md: exact to 10 ms).
"""

from __future__ import annotations

import statistics
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

RATE = 8000  # samples per second, one channel of signed 16 bits
_STEP = RATE // 100  # samples of one value: 10 ms
STEP_SECONDS = _STEP / RATE
_MOST_STEPS = 100  # a shift of up to a second is looked for
LEAST_SECONDS = 3.0  # of sound: less proves nothing
_NOISE = 20.0  # of 32,768: what is quieter is silence
_RISE = 1.1  # what grows by less is a steady tone
_SURE = 0.5  # correlation from which a shift is believed
# How much better than no shift at all: a beep once a second fits after a second as well.
_BETTER = 0.1
_STEADY = 0.05  # spread of a tone's rises; music and speech have 0.2-0.3
NOTED_SECONDS, WRONG_SECONDS = 0.08, 0.15


@dataclass(frozen=True, slots=True)
class Shift:
    """How much later than the original's the sound comes, and how sure that is (0-1)."""

    seconds: float
    alike: float


def rises(sound: bytes) -> list[float]:
    """How much louder each 10 ms is than those before: where sounds begin.

    In proportion, so that a quiet part counts as much as a loud one.
    """
    samples = array("h")
    samples.frombytes(sound[: len(sound) // (2 * _STEP) * 2 * _STEP])
    steps = [
        sum(map(abs, samples[start : start + _STEP])) / _STEP + _NOISE
        for start in range(0, len(samples), _STEP)
    ]
    # Over 30 ms: the waves of a low tone don't fit into 10 ms, and would look like beats.
    loud = [sum(three) for three in zip(steps, steps[1:], steps[2:], strict=False)]
    return [max(0.0, now / old - _RISE) ** 0.5 for old, now in zip(loud, loud[3:], strict=False)]


def shift(original: bytes, result: bytes) -> Shift | None:
    """Compare the same stretch of both. None where nothing can be said.

    That is so for silence, a steady tone, and where sounds repeat: then no shift fits as well.
    """
    before, after = rises(original), rises(result)
    length = min(len(before), len(after))
    if (
        length * STEP_SECONDS < LEAST_SECONDS
        or not _changes(before[:length])
        or not _changes(after[:length])
    ):
        return None
    found = {
        steps: _alike(before[:length], after[:length], steps)
        for steps in range(-_MOST_STEPS, _MOST_STEPS + 1)
    }
    best = max(found, key=lambda steps: (found[steps], -abs(steps)))
    near = round(NOTED_SECONDS / STEP_SECONDS)
    unmoved = max(found[steps] for steps in range(-near, near + 1))
    if found[best] < _SURE or (abs(best) > near and found[best] < unmoved + _BETTER):
        return None
    return Shift(best * STEP_SECONDS, found[best])


def _changes(values: Sequence[float]) -> bool:
    return statistics.pstdev(values) > _STEADY


def _alike(before: Sequence[float], after: Sequence[float], steps: int) -> float:
    """Correlation of both where `after` comes `steps` later."""
    first = before[max(0, -steps) : len(before) - max(0, steps)]
    second = after[max(0, steps) : len(after) - max(0, -steps)]
    mean_first, mean_second = statistics.fmean(first), statistics.fmean(second)
    n = len(first)
    together = sum(map(mul, first, second)) / n - mean_first * mean_second
    power = sum(map(mul, first, first)) / n - mean_first**2
    other = sum(map(mul, second, second)) / n - mean_second**2
    return together / (power * other) ** 0.5 if power > 0 and other > 0 else 0.0


def late(shifts: Sequence[Shift]) -> str:
    """A sentence on sound at the wrong time, or ""."""
    worst = max(shifts, key=lambda found: abs(found.seconds), default=None)
    if worst is None or abs(worst.seconds) <= WRONG_SECONDS:
        return ""
    word = "late" if worst.seconds > 0 else "early"
    return f"its sound comes {abs(worst.seconds) * 1000:.0f} ms {word}"
