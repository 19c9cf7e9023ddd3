"""What people write for quality, rates and shares, and what is refused with a sentence."""

import pytest

from hotpress.config import units


@pytest.mark.parametrize(
    ("parse", "written", "meant"),
    [
        (units.floor, "none", None),
        (units.floor, "ok", 80),
        (units.floor, "good", 88),
        (units.floor, "BEST", 93),
        (units.floor, 70, 70),
        (units.share, "10 %", 0.1),
        (units.share, "0%", 0.0),
        (units.frame_rate, "source", None),
        (units.frame_rate, 29.97, 29.97),
        (units.sound_rate, "auto", None),
        (units.sound_rate, "96 kbit/s", 96_000),
        (units.encoder_path, "auto", "auto"),
        (units.encoder_path, "/opt/ffmpeg", "/opt/ffmpeg"),
    ],
)
def test_what_is_meant(parse, written, meant):
    """Words in any case, numbers with their units."""
    assert parse(written) == meant


@pytest.mark.parametrize(
    ("parse", "written"),
    [
        (units.floor, "better"),
        (units.floor, 0),
        (units.floor, 100),
        (units.floor, "nan"),
        (units.share, "10"),
        (units.share, "100 %"),
        (units.frame_rate, "fast"),
        (units.frame_rate, 0),
        (units.frame_rate, "nan"),
        (units.sound_rate, "128"),
        (units.sound_rate, "4 kbit/s"),
        (units.sound_rate, "none"),
    ],
)
def test_what_is_refused(parse, written):
    """Each says what to write instead."""
    with pytest.raises(ValueError, match="write"):
        parse(written)
