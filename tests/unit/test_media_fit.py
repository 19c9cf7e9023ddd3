"""The arithmetic of a size target."""

from __future__ import annotations

from dataclasses import replace

import pytest
from makers import AAC, FULL_HD

from hotpress.errors import TargetImpossible
from hotpress.media import fit
from hotpress.media.fit import Attempt
from hotpress.media.sound import AudioPlan, audio_plan


@pytest.mark.parametrize(
    ("resolution", "source", "frame"),
    [
        ("1080p", (3840, 2160), (1920, 1080)),
        ("1080p", (1280, 720), (1280, 720)),  # never enlarged
        ("720p", (1080, 1920), (720, 1280)),  # the short side, also of a portrait
        ("1080p", (4096, 1716), (2578, 1080)),
        ("480p", (853, 480), (852, 480)),  # even, not larger
        ("source", (1921, 1081), (1920, 1080)),
        ("auto", (640, 360), (640, 360)),
        ("1280x720", (1920, 1080), (1280, 720)),
        ("1280x720", (1080, 1920), (404, 720)),  # a box is a box
        ("1280X720", (640, 480), (640, 480)),
        ("101x101", (1000, 1000), (100, 100)),
        ("480p", (4000, 2), (4000, 2)),
    ],
)
def test_frame(resolution: str, source: tuple[int, int], frame: tuple[int, int]) -> None:
    """The frame that a rule's `resolution` asks for."""
    assert fit.frame_for(resolution, *source) == frame


def test_smaller_ceiling_wins() -> None:
    """8 Mbit/s are meant at 1080p and follow the pixels that are delivered."""
    ceiling = fit.effective_target_bytes
    assert ceiling(None, None, FULL_HD) is None
    assert ceiling(50_000_000, None, FULL_HD) == 50_000_000
    assert ceiling(None, 8_000_000, FULL_HD) == 100_000_000
    assert ceiling(50_000_000, 8_000_000, FULL_HD) == 50_000_000
    assert ceiling(50_000_000, 8_000_000, FULL_HD, (960, 540)) == 25_000_000


def test_sound_is_copied_when_it_is_small() -> None:
    """At most 12 % of the budget, and only what MP4 can hold."""
    sound = 128_000 * 100 / 8
    assert audio_plan(FULL_HD, int(sound / 0.11)) == AudioPlan(True, 128_000, 2, 1)
    assert not audio_plan(FULL_HD, int(sound / 0.13)).copy
    vorbis = replace(FULL_HD, sounds=(replace(AAC, codec="vorbis"),))
    assert audio_plan(vorbis, 10**9) == AudioPlan(False, 128_000, 2, 1)
    unknown_rate = replace(FULL_HD, sounds=(replace(AAC, bits_per_second=None),))
    assert not audio_plan(unknown_rate, 10**9).copy
    assert audio_plan(FULL_HD, None).copy


@pytest.mark.parametrize(
    ("budget_bits", "plan"),
    [
        (900_000, (128_000, 2)),
        (700_000, (96_000, 2)),
        (400_000, (64_000, 2)),
        (200_000, (48_000, 1)),
    ],
)
def test_sound_shrinks_with_the_budget(budget_bits: int, plan: tuple[int, int]) -> None:
    """Starved pictures gain more from the sound's bits than the ear loses."""
    loud = replace(FULL_HD, sounds=(replace(AAC, bits_per_second=320_000, channels=6),))
    found = audio_plan(loud, budget_bits * 100 // 8)
    assert (found.bits_per_second, found.channels) == plan


def test_sound_tracks_share_the_budget() -> None:
    """Two tracks cost twice; one that can't be read counts for nothing."""
    two = replace(FULL_HD, sounds=(AAC, AAC, replace(AAC, codec="unknown")))
    plan = audio_plan(two, 700_000 * 100 // 8)
    assert (plan.tracks, plan.total_bits_per_second) == (2, 128_000)
    assert audio_plan(replace(FULL_HD, sounds=()), 1000) == AudioPlan(False, 0, 0)


def test_rate_lands_at_the_aim() -> None:
    """Pictures, sound and overhead together make 98.8 % of the budget."""
    shared = fit.budget(FULL_HD, 10_000_000)
    sound = shared.sound.total_bits_per_second
    whole = (shared.video_bits + sound) * 100 / 8 + fit.overhead_bytes(FULL_HD, 100)
    assert whole == pytest.approx(9_880_000, abs=20)


def test_impossible_target_names_one_that_would_do() -> None:
    """Under 40 kb/s nothing decent comes out: said before an hour of encoding."""
    with pytest.raises(TargetImpossible) as found:
        fit.budget(FULL_HD, 1_000_000)
    assert found.value.why == "1 MB are too little for 1 min 40 s of video"
    assert found.value.hint == "At least 1.2 MB would do."
    assert found.value.enough_bytes == 1_200_000
    assert fit.budget(FULL_HD, 1_200_000).video_bits >= fit.LEAST_VIDEO_BITS


def test_a_rate_for_the_sound_is_obeyed() -> None:
    """What takes no more than was asked for is copied; more becomes that rate."""
    assert audio_plan(FULL_HD, 10**9, 128_000).copy
    assert audio_plan(FULL_HD, 10**9, 96_000) == AudioPlan(False, 96_000, 2, 1)


def test_surround_stays_where_there_is_room() -> None:
    """5.1 is kept when it takes at most a tenth of the budget; else it becomes stereo."""
    around = replace(FULL_HD, sounds=(replace(AAC, bits_per_second=900_000, channels=6),))
    assert audio_plan(around, 4_000_000 * 100 // 8).channels == 6
    assert audio_plan(around, 2_000_000 * 100 // 8).channels == 2


def test_next_rate() -> None:
    """In proportion first, then between the attempts on both sides: 1.39, 0.80 and then 0.98."""
    first = Attempt(1_000_000, 139_000)
    proportional = fit.next_bits([first], 100_000)
    assert proportional == pytest.approx(1_000_000 * 98_800 / 139_000, abs=1)
    between = fit.next_bits([first, Attempt(proportional, 80_000)], 100_000)
    assert proportional < between < first.bits
    assert between == pytest.approx(809_800, rel=0.001)


def test_next_rate_leaves_fixed_bytes_alone() -> None:
    """Sound does not shrink with the rate of the pictures."""
    bits = fit.next_bits([Attempt(1_000_000, 150_000)], 100_000, fixed_bytes=50_000)
    assert bits == pytest.approx(488_000, abs=1)


def test_remuxable() -> None:
    """Without loss: codecs that MP4 holds, no subtitles, and timestamps that are true."""
    assert fit.remuxable(FULL_HD)
    assert not fit.remuxable(replace(FULL_HD, codec="vp9"))
    assert not fit.remuxable(replace(FULL_HD, subtitles=1))
    assert not fit.remuxable(replace(FULL_HD, container="avi"))
    assert not fit.remuxable(replace(FULL_HD, sounds=(replace(AAC, codec="vorbis"),)))
