"""Real encodes: they land under the target, close to it, and keep what must be kept."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import clips
import pytest

from hotpress.errors import EncodeFailed, Stopping, TargetImpossible
from hotpress.media import Encoded, Media, Wish, fit
from hotpress.model import Expected, Facts

pytestmark = pytest.mark.slow
MEDIA = Media()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> None:
    """A place for results beside the clip."""
    (tmp_path / "out").mkdir()


def shrink(
    path: Path, out: Path, target: int | None, resolution: str = "source", **more: str
) -> tuple[Encoded, Facts]:
    """Encode and prove, as the `finish` step does."""
    facts = MEDIA.probe(path)
    frame = fit.frame_for(resolution, facts.width, facts.height)
    done = MEDIA.fit(path, facts, out, Wish(frame=frame, target_bytes=target, **more))
    expected = Expected(
        duration_seconds=facts.duration_seconds,
        width=frame[0],
        height=frame[1],
        has_sound=bool(facts.sounds),
        fps=facts.fps,
    )
    result = MEDIA.check(out, expected, facts)
    assert out.stat().st_size == done.size_bytes
    assert list(out.parent.iterdir()) == [out]
    return done, result


@pytest.mark.parametrize(
    ("name", "target", "resolution"),
    [
        ("bikes.mp4", 250_000, "source"),
        ("bikes.mp4", 76_000, "source"),
        ("VID_20191220_170832.mp4", 170_000, "480p"),
        ("VID_20191220_170832.mp4", 60_000, "480p"),
        ("sample.mkv", 120_000, "480p"),
        ("sample.mkv", 45_000, "480p"),
    ],
)
def test_landing(tmp_path: Path, name: str, target: int, resolution: str) -> None:
    """Real clips with the real preset, two of the three shorter than two seconds."""
    done, _ = shrink(clips.real(name), tmp_path / "out" / "out.mp4", target, resolution)
    assert target * 0.97 <= done.size_bytes <= target
    assert done.attempts <= 4
    assert not done.crf_used


@pytest.mark.parametrize(
    ("kind", "frame"),
    [
        ("turned", (270, 480)),
        ("anamorphic", (640, 480)),
        ("interlaced", (600, 480)),
        ("odd", (320, 180)),
        ("vfr", (480, 270)),
        ("avi", (480, 270)),
        ("two_sounds", (320, 180)),
        ("chapters", (480, 270)),
    ],
)
def test_kinds(tmp_path: Path, kind: str, frame: tuple[int, int]) -> None:
    """Upright, square pixels, the same rate, tracks, chapters and place."""
    path = clips.make_clip(tmp_path, kind)
    before = MEDIA.probe(path)
    target = int(before.size_bytes * 0.5)
    done, after = shrink(path, tmp_path / "out" / "out.mp4", target, "480p", preset="veryfast")
    assert done.size_bytes <= target
    assert (after.width, after.height, after.rotation) == (*frame, 0)
    assert after.pixel_format == "yuv420p"
    assert not after.interlaced
    assert after.variable_fps == before.variable_fps
    kept = ("chapters", "location")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    assert [s.language for s in after.sounds] == [s.language for s in before.sounds]


def test_hdr_is_mapped_and_said(tmp_path: Path) -> None:
    """No longer tagged as HDR, and a note."""
    path = clips.make_clip(tmp_path, "pq")
    done, after = shrink(path, tmp_path / "out" / "out.mp4", 40_000, preset="veryfast")
    assert after.transfer == ""
    assert "HDR" in done.note


def test_date_is_kept(tmp_path: Path) -> None:
    """The date of recording is what photo programs sort by."""
    path = clips.make_clip(tmp_path, "base")
    _, after = shrink(path, tmp_path / "out" / "out.mp4", 400_000, preset="veryfast")
    assert after.created_at == "2026-05-04T10:20:30.000000Z"


def test_no_bytes_are_wasted(tmp_path: Path) -> None:
    """Where CRF 18 is under a generous target, that is delivered, and said."""
    path = clips.real("carphone_pristine.mp4")
    done, _ = shrink(path, tmp_path / "out" / "out.mp4", 400_000)
    assert done.crf_used
    assert done.size_bytes < 200_000
    assert "looks like the original already" in done.note


def test_without_a_target(tmp_path: Path) -> None:
    """The quality decides."""
    path = clips.make_clip(tmp_path, "silent")
    done, _ = shrink(path, tmp_path / "out" / "out.mp4", None, preset="veryfast")
    assert done.crf_used


def test_impossible_is_said_before_work(tmp_path: Path) -> None:
    """And nothing is left behind."""
    path = clips.make_clip(tmp_path, "base")
    out = tmp_path / "out" / "out.mp4"
    with pytest.raises(TargetImpossible, match="too little for 10 s"):
        shrink(path, out, 50_000)
    assert not list(out.parent.iterdir())


def test_progress_and_stop(tmp_path: Path) -> None:
    """Progress grows; a stop ends it at once and leaves nothing behind."""
    path = clips.make_clip(tmp_path, "loud")
    out = tmp_path / "out" / "out.mp4"
    heard: list[float] = []
    stop = threading.Event()

    def hear(share: float) -> None:
        heard.append(share)
        if share > 0.3:
            stop.set()

    media = Media(stop=stop)
    facts = media.probe(path)
    with pytest.raises(Stopping):
        media.fit(path, facts, out, Wish(frame=(1280, 720), target_bytes=10**6), progress=hear)
    assert heard == sorted(heard)
    assert not list(out.parent.iterdir())


def test_the_original_is_never_the_output(tmp_path: Path) -> None:
    """Not by a mistake of a caller, and not through a link."""
    path = clips.make_clip(tmp_path, "base")
    before = path.read_bytes()
    facts = MEDIA.probe(path)
    link = tmp_path / "link.mp4"
    link.hardlink_to(path)
    for out in (path, link):
        with pytest.raises(EncodeFailed, match="over its original"):
            MEDIA.fit(path, facts, out, Wish(frame=(480, 270), target_bytes=400_000))
        with pytest.raises(EncodeFailed, match="over its original"):
            MEDIA.remux(path, out, facts)
    assert path.read_bytes() == before


def test_remux(tmp_path: Path) -> None:
    """Into MP4 without touching a picture; rotation, date and chapters stay."""
    out = tmp_path / "out" / "out.mp4"
    for kind in ("mkv", "mov", "turned", "chapters"):
        path = clips.make_clip(tmp_path, kind)
        before = MEDIA.probe(path)
        assert fit.remuxable(before)
        done = MEDIA.remux(path, out, before)
        after = MEDIA.probe(out)
        assert done.size_bytes == after.size_bytes < before.size_bytes + 5000
        assert (after.container, after.width, after.height) == ("mp4", before.width, before.height)
        assert (after.rotation, after.chapters) == (before.rotation, before.chapters)
        assert MEDIA.damage(out, after) is None


def test_copied_hevc_has_the_name_that_apple_knows(tmp_path: Path) -> None:
    """HEVC in Matroska becomes hvc1 in MP4, whatever it was called before."""
    path, out = clips.make_clip(tmp_path, "pq"), tmp_path / "out" / "out.mp4"
    wrapped = tmp_path / "wrapped.mkv"
    clips.ffmpeg("-i", str(path), "-c", "copy", str(wrapped))
    MEDIA.remux(wrapped, out, MEDIA.probe(wrapped))
    assert b"hvc1" in out.read_bytes()


def test_what_mp4_can_not_hold(tmp_path: Path) -> None:
    """Refused with a sentence when a caller does not ask first."""
    path = clips.make_clip(tmp_path, "avi")
    facts = replace(MEDIA.probe(path), container="mp4")
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video" * 99)
    with pytest.raises(EncodeFailed, match="the encoder gave up"):
        MEDIA.remux(broken, tmp_path / "out" / "out.mp4", facts)
    with pytest.raises(EncodeFailed, match="the encoder gave up"):
        MEDIA.fit(
            broken, facts, tmp_path / "out" / "out.mp4", Wish(frame=(480, 270), target_bytes=10**6)
        )


def test_demo_clip(tmp_path: Path) -> None:
    """It looks like a camera's: big for its length, with sound, and whole."""
    out = tmp_path / "out" / "demo.mp4"
    MEDIA.make_clip(out, seconds=3, width=1280, height=720, fps=30)
    facts = MEDIA.probe(out)
    assert facts.duration_seconds == pytest.approx(3, abs=0.05)
    assert (facts.width, facts.height, len(facts.sounds)) == (1280, 720, 1)
    assert facts.size_bytes * 8 / 3 == pytest.approx(5_300_000, rel=0.35)
    assert MEDIA.damage(out, facts) is None
