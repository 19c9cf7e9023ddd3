"""Every way in which a result may be wrong is told in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import clips
import pytest

from hotpress.errors import Damaged
from hotpress.media import Media
from hotpress.model import Expected

pytestmark = pytest.mark.slow
MEDIA = Media()
BASE = Expected(duration_seconds=10, width=480, height=270, has_sound=True, fps=24)


@pytest.mark.parametrize(
    ("kind", "changes", "why"),
    [
        ("silent", {}, "it has no sound, the original has"),
        ("base", {"has_sound": False}, "it has sound, the original has none"),
        ("silent", {"edited": True}, "it has no sound, what was asked for has"),
        ("base", {"duration_seconds": 12}, "it is 10.0 s long instead of 12.0 s"),
        ("turned", {}, "it lies on its side: 270x480 instead of 480x270"),
        ("base", {"height": 360}, "its pictures have another shape: 480x270 instead of 480x360"),
        ("base", {"width": 320, "height": 180}, "its pictures are larger than they may be"),
        ("base", {"fps": 30}, "it has 24 pictures a second instead of 30"),
    ],
)
def test_wrong(tmp_path: Path, kind: str, changes: dict[str, object], why: str) -> None:
    """One by one, with the measured value."""
    source = MEDIA.probe(clips.make_clip(tmp_path, "base"))
    path = clips.make_clip(tmp_path, kind)
    with pytest.raises(Damaged, match=why) as found:
        MEDIA.check(path, replace(BASE, **changes), source)  # type: ignore[arg-type]
    assert found.value.hint


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"duration_seconds": 10.4},
        {"fps": None},
        {"fps": 24.3},
        {"width": 1920, "height": 1080},
        {"width": 482},
    ],
)
def test_right(tmp_path: Path, changes: dict[str, object]) -> None:
    """Within the tolerances; smaller than expected is no fault."""
    path = clips.make_clip(tmp_path, "base")
    facts = MEDIA.check(path, replace(BASE, **changes), None)  # type: ignore[arg-type]
    assert facts.size_bytes == path.stat().st_size


def test_no_video_at_all(tmp_path: Path) -> None:
    """What a broken download may be: an error page."""
    path = tmp_path / "clip.mp4"
    path.write_text("<html><body>502 Bad Gateway</body></html>" * 50)
    with pytest.raises(Damaged, match="the smaller video can't be read"):
        MEDIA.check(path, BASE, None)
    path.write_bytes(b"")
    with pytest.raises(Damaged, match="the smaller video is not whole: it is empty so far"):
        MEDIA.check(path, BASE, None)
    with pytest.raises(FileNotFoundError):
        MEDIA.check(tmp_path / "gone.mp4", BASE, None)


def test_uneven_beginning(tmp_path: Path) -> None:
    """A phone's clip whose first picture stays for 0.2 s: both ways to count must not fail it."""
    path = clips.real("VID_20191220_170832.mp4")
    facts = MEDIA.probe(path)
    expected = replace(BASE, duration_seconds=1.6, width=1920, height=1080, fps=27.02)
    assert MEDIA.check(path, expected, facts).fps == pytest.approx(27.02, abs=0.01)
