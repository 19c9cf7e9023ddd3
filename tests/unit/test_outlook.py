"""What a forecast says, in figures and in words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotpress.config.units import size as read_size
from hotpress.human import size_text
from hotpress.media import outlook
from hotpress.media.outlook import Forecast
from hotpress.media.samples import Probe
from hotpress.media.vmaf import Quality

FULL, HALF = (1920, 1080), (960, 540)


def a_probe(mean: float, frame: tuple[int, int] = FULL) -> Probe:
    return Probe(frame, 100_000, Quality(mean, mean - 5, 0.0, 100))


def a_forecast(mean: float, frame: tuple[int, int] = (854, 480), **changes: object) -> Forecast:
    values = {
        "target_bytes": 100_000_000,
        "seconds": 6720.0,
        "frame": FULL,
        "probes": (a_probe(mean, frame),),
        "floor": 93.0,
        "enough_bytes": 640_000_000,
        "most_bytes": 1_200_000_000,
        **changes,
    }
    return Forecast(**values)  # type: ignore[arg-type]


def test_the_sentence() -> None:
    """It says what the target gives, which size would do, and what to type."""
    assert outlook.sentence(a_forecast(70.0), "X") == (
        "1 h 52 min in 100 MB would be 480p and visibly soft; about 640 MB would look like the "
        "original: `hotpress retry X --target 640MB`"
    )


@pytest.mark.parametrize(
    ("vmaf", "small", "whole"),
    [
        (30.0, "would be 480p and blurred and blocky", "would be blurred and blocky"),
        (59.9, "would be 480p and blurred and blocky", "would be blurred and blocky"),
        (60.0, "would be 480p and visibly soft", "would be visibly soft"),
        (79.9, "would be 480p and visibly soft", "would be visibly soft"),
        (80.0, "would be 480p and soft", "would be soft"),
        (87.9, "would be 480p and soft", "would be soft"),
        (
            88.0,
            "would be 480p and hardly different from the original",
            "would be hardly different from the original",
        ),
        (93.0, "would be 480p and look like the original", "would look like the original"),
    ],
)
def test_words_of_each_band(vmaf: float, small: str, whole: str) -> None:
    """Each band of quality has words of its own; a frame is named only when it is a smaller one."""
    for frame, words in (((854, 480), small), (FULL, whole)):
        said = outlook.sentence(a_forecast(vmaf, frame, floor=None), "X")
        assert said == f"1 h 52 min in 100 MB {words}."


@pytest.mark.parametrize(
    ("floor", "words"),
    [
        (93.0, "about 640 MB would look like the original:"),
        (88.0, "about 640 MB would be hardly different from it:"),
        (80.0, "about 640 MB would be only a little soft:"),
        (70.0, "about 640 MB would be as good as the rule asks for:"),
    ],
)
def test_words_of_each_floor(floor: float, words: str) -> None:
    """What the larger size gives is said in the words of the floor."""
    assert words in outlook.sentence(a_forecast(40.0, floor=floor), "X")


def test_no_size_would_do() -> None:
    """Then no size is invented, and the hint names what can be changed."""
    said = outlook.sentence(a_forecast(70.0, enough_bytes=None), "X")
    assert "no size below 1.2 GB would reach what the rule asks for" in said
    assert "hotpress retry" not in said


def test_nothing_can_be_made() -> None:
    """A target that leaves no pictures is told as such, with the size that would do."""
    said = outlook.sentence(a_forecast(0.0, probes=()), "X")
    assert said.startswith("1 h 52 min in 100 MB can't be made: too little is left for the pict")
    assert "about 640 MB would look like the original" in said


def test_a_name_with_spaces_can_be_pasted() -> None:
    """The command that is named works in a shell."""
    assert "retry 'my clip.mov' --target" in outlook.sentence(a_forecast(70.0), "my clip.mov")


def test_best_of() -> None:
    """The best wins; within half a point the larger frame; of nothing there is none."""
    assert outlook.best_of([]) is None
    near = [a_probe(85.0, HALF), a_probe(84.6)]
    far = [a_probe(84.4), a_probe(85.0, HALF)]
    assert outlook.best_of(near) == near[1]
    assert outlook.best_of(far) == far[1]


def test_reaching_a_floor() -> None:
    """Half a point is no difference; no picture reaches nothing."""
    assert a_forecast(92.6).reaches(93.0)
    assert not a_forecast(92.4).reaches(93.0)
    assert not a_forecast(0.0, probes=()).reaches(20.0)
    assert replace(a_forecast(0.0), probes=()).vmaf == 0.0


@given(st.floats(1, 1e13))
def test_written_sizes(size: float) -> None:
    """Never smaller, at most 10 % larger, and read back as typed from what is shown."""
    written = outlook.written_bytes(size)
    assert size <= written * (1 + 1e-9)
    assert written <= size * 1.1 + 1
    assert abs(read_size(size_text(written).replace(" ", "")) - written) <= 1
