"""The search for the best frame and for enough bytes, over a model of how quality answers."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from makers import FULL_HD

from hotpress.media import fit, forecast
from hotpress.media.samples import Probe, frames_for, windows
from hotpress.media.sound import audio_plan
from hotpress.media.vmaf import Quality
from hotpress.model import Sound

FRAMES = frames_for((1920, 1080))


class Title:
    """A video whose quality rises with the rate, to a ceiling that smaller frames have lower."""

    def __init__(self, hardness: float, steepness: float = 8.0, top: float = 98.0) -> None:
        self.hardness, self.steepness, self.top = hardness, steepness, top
        self.asked: list[tuple[tuple[int, int], int]] = []

    def quality(self, frame: tuple[int, int], bits: int) -> float:
        share = frame[1] / FRAMES[0][1]
        ceiling = self.top - 40 * (1 - share) ** 2
        starved = math.log2(1 + self.hardness * share**1.5 / bits)
        return max(0.0, ceiling - self.steepness * starved)

    def attempt(self, frame: tuple[int, int], bits: int) -> Probe:
        self.asked.append((frame, bits))
        return Probe(frame, bits, Quality(self.quality(frame, bits), 0.0, 0.0, 75))


@pytest.mark.parametrize(
    ("frame", "short_sides"),
    [
        ((1920, 1080), [1080, 810, 720, 540, 404]),
        ((608, 1080), [608, 456, 406, 304]),  # a portrait: the short side counts
        ((640, 272), [272]),
        ((176, 144), [144]),  # smaller than any: only itself
        ((320, 320), [320, 240]),
    ],
)
def test_frames(frame: tuple[int, int], short_sides: list[int]) -> None:
    """Even, never larger, no short side under 240, the wanted one first."""
    found = frames_for(frame)
    assert [min(one) for one in found] == short_sides
    assert all(side % 2 == 0 for one in found for side in one)


def test_windows() -> None:
    """Three pieces of 2 s, one in each third; a short video whole; the same for any length."""
    assert [(w.start, w.seconds) for w in windows(60)] == [(9, 2), (29, 2), (49, 2)]
    assert [(w.start, w.seconds) for w in windows(7.9)] == [(0, 7.9)]
    assert sum(w.seconds for w in windows(7200)) == 6
    uhd60 = 3840 * 2160 * 1.5 * 60
    assert [w.seconds for w in windows(7200, uhd60)] == [pytest.approx(0.536, abs=0.001)] * 3
    assert len(windows(5, uhd60)) == 3
    assert len(windows(1.4, uhd60)) == 1


def test_choose_stops_when_it_gets_worse() -> None:
    """An easy title is tried at two frames, a starved one at all, and the best is found."""
    easy = Title(hardness=200_000, top=94.0)
    found = forecast.choose(FRAMES, 1_900_000, easy.attempt)
    assert [min(probe.frame) for probe in found] == [1080, 810]
    starved = Title(hardness=9_000_000)
    found = forecast.choose(FRAMES, 200_000, starved.attempt)
    assert len(found) == 5
    transparent = Title(hardness=100_000)
    assert len(forecast.choose(FRAMES, 4_000_000, transparent.attempt)) == 1


@given(
    hardness=st.floats(100_000, 20_000_000),
    steepness=st.floats(3, 16),
    start=st.floats(0.01, 0.5),
    floor=st.sampled_from([80.0, 88.0, 93.0]),
)
def test_enough_is_enough(hardness: float, steepness: float, start: float, floor: float) -> None:
    """The rate that is named reaches the floor, and half of it would not, within four rounds."""
    title = Title(hardness, steepness)
    first = max(fit.LEAST_VIDEO_BITS, int(hardness * start))
    known = forecast.choose(FRAMES, first, title.attempt)
    title.asked.clear()
    if max(probe.quality.mean for probe in known) >= floor:
        return
    most = 100_000_000
    found = forecast.enough_bits(floor, FRAMES, known, most=most, attempt=title.attempt, fps=30)
    assert len({bits for _, bits in title.asked}) <= 4
    assert len(title.asked) <= 12
    assert found is not None
    bits, frame = found
    assert title.quality(frame, bits) >= floor
    assert max(title.quality(one, bits // 2) for one in FRAMES) < floor


def test_without_a_first_probe() -> None:
    """A target that leaves nothing for pictures still gets the size that would do."""
    title = Title(hardness=3_000_000)
    found = forecast.enough_bits(88.0, FRAMES, (), most=50_000_000, attempt=title.attempt, fps=30)
    assert found is not None
    assert title.quality(found[1], found[0]) >= 87.5


def test_a_floor_out_of_reach() -> None:
    """None when even the largest rate does not reach it."""
    title = Title(hardness=3_000_000, top=90.0)
    assert (
        forecast.enough_bits(93.0, FRAMES, (), most=50_000_000, attempt=title.attempt, fps=30)
        is None
    )


@pytest.mark.parametrize("bits", [40_000, 500_000, 4_321_000])
@pytest.mark.parametrize("sounds", [FULL_HD.sounds, ()])
def test_enough_bytes(bits: int, sounds: tuple[Sound, ...]) -> None:
    """A size that people write, which leaves at least that rate beside the sound, not 20 % more."""
    facts = replace(FULL_HD, sounds=sounds)
    size = forecast.enough_bytes(bits, facts)
    assert fit.budget(facts, size).video_bits >= bits
    smaller = int(size / 1.2)
    with_sound = audio_plan(facts, smaller).total_bits_per_second
    assert (smaller * fit.AIM - fit.overhead_bytes(facts, 100)) * 8 / 100 - with_sound < bits
