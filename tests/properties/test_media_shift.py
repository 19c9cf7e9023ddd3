"""The time of the sound: found where there is something to find, and nothing said elsewhere."""

import math
import random
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotpress.media import shift

SECONDS = 8


def heard(level):
    """Sound of that loudness: `level(second)` is 0 to 1."""
    chance = random.Random(7)
    count = SECONDS * shift.RATE
    return array(
        "h", (int(9000 * level(n / shift.RATE) * chance.uniform(-1, 1)) for n in range(count))
    )


def speech(seed):
    """Bursts of chance length, as words are."""
    chance = random.Random(seed)
    edges, at = [], 0.0
    while at < SECONDS:
        edges.append((at, at + chance.uniform(0.05, 0.3), chance.uniform(0.2, 1)))
        at = edges[-1][1] + chance.uniform(0.05, 0.4)
    loud = [0.0] * (SECONDS * 100)
    for start, end, level in edges:
        for n in range(int(start * 100), min(len(loud), int(end * 100))):
            loud[n] = level
    return heard(lambda second: loud[min(len(loud) - 1, int(second * 100))])


def moved(sound, ms):
    count = abs(ms) * shift.RATE // 1000
    return bytes(2 * count) + sound.tobytes() if ms > 0 else sound.tobytes()[2 * count :]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), ms=st.integers(-80, 80).map(lambda n: n * 10))
def test_a_shift_is_found_to_ten_milliseconds(seed, ms):
    """Words that come later or earlier by up to 0.8 s; none is found where there is none."""
    sound = speech(seed)
    found = shift.shift(sound.tobytes(), moved(sound, ms))

    assert found is not None
    assert found.seconds * 1000 == pytest.approx(ms, abs=10)


@settings(max_examples=15, deadline=None)
@given(one=st.integers(0, 999), other=st.integers(1000, 1999))
def test_another_sound_says_nothing_of_the_time(one, other):
    """Nothing is believed that does not fit."""
    found = shift.shift(speech(one).tobytes(), speech(other).tobytes())

    assert found is None


@pytest.mark.parametrize("every", [0.25, 0.5, 1.0])
def test_beeps_that_repeat_are_never_called_late(every):
    """A beep fits after each period: moved by whole periods, nothing is said."""
    beeps = heard(lambda second: 1.0 if second % every < every / 4 else 0.0)
    for ms in (0, int(every * 1000), -int(every * 1000)):
        found = shift.shift(beeps.tobytes(), moved(beeps, ms))
        assert found is None or abs(found.seconds) <= shift.NOTED_SECONDS


def test_silence_tones_and_little_sound_say_nothing():
    """None of them has a moment that could be early or late."""
    tone = array(
        "h", (int(8000 * math.sin(n * 440 * 2 * math.pi / shift.RATE)) for n in range(64_000))
    )

    for sound in (bytes(128_000), tone.tobytes(), speech(1).tobytes()[:32_000], b""):
        assert shift.shift(sound, sound) is None
    assert shift.shift(speech(1).tobytes(), bytes(128_000)) is None


def test_from_when_on_it_is_a_fault():
    """More than 150 ms, in the worst of both ends; its direction is told."""
    ends = [shift.Shift(0.0, 0.9), shift.Shift(-0.16, 0.8)]

    assert shift.late(ends) == "its sound comes 160 ms early"
    assert shift.late([shift.Shift(0.2, 0.7)]) == "its sound comes 200 ms late"
    assert shift.late([shift.Shift(0.15, 0.9), shift.Shift(-0.1, 0.9)]) == ""
    assert shift.late([]) == ""
