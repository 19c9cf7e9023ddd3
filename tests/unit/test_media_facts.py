"""What an older hotpress wrote of a video is still read."""

from __future__ import annotations

from pydantic import TypeAdapter

from hotpress.model import Facts, Sound


def test_an_older_document() -> None:
    """Fields that came later have a value that says "not known"."""
    document = {
        "container": "mp4", "duration_seconds": 1.0, "width": 2, "height": 2, "fps": 25.0,
        "codec": "h264", "size_bytes": 1,
        "sounds": [{"codec": "aac", "channels": 2, "sample_rate": 48_000}],
    }  # fmt: skip
    facts = TypeAdapter(Facts).validate_python(document)
    assert facts.sounds == (Sound("aac", 2, 48_000),)
    assert (facts.primaries, facts.matrix, facts.color_range, facts.bits) == ("", "", "", 0)
    assert (facts.sar, facts.cover, facts.streams, facts.dynamic_hdr) == (1.0, False, 0, "")
