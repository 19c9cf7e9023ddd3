"""What a probe tells, of made clips and of real ones."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import clips
import pytest

from hotpress.errors import MediaError, NotAVideo, Stopping
from hotpress.media import probe, programs
from hotpress.model import Facts

pytestmark = pytest.mark.slow


NOISE = bytes(range(255, 0, -1)) * 50


def made(folder: Path, kind: str) -> Facts:
    """Probe a made clip."""
    return probe.probe(clips.make_clip(folder, kind))


def test_plain(tmp_path: Path) -> None:
    """All that a rule decides on."""
    facts = made(tmp_path, "base")
    assert (facts.container, facts.codec, facts.pixel_format) == ("mp4", "h264", "yuv420p")
    assert (facts.width, facts.height, facts.frames) == (480, 270, 240)
    assert facts.fps == 24
    assert facts.duration_seconds == pytest.approx(10, abs=0.01)
    assert facts.created_at == "2026-05-04T10:20:30.000000Z"
    (sound,) = facts.sounds
    assert (sound.codec, sound.channels, sound.sample_rate) == ("aac", 1, 44_100)
    assert sound.bits_per_second == pytest.approx(64_000, rel=0.05)


@pytest.mark.parametrize(
    ("kind", "shown", "coded", "rotation"),
    [
        ("turned", (270, 480), (480, 270), 90),
        ("portrait", (270, 480), (270, 480), 0),
        ("anamorphic", (768, 576), (720, 576), 0),
        ("cover", (480, 270), (480, 270), 0),
    ],
)
def test_shape(
    tmp_path: Path, kind: str, shown: tuple[int, int], coded: tuple[int, int], rotation: int
) -> None:
    """Width and height are as shown; a cover picture is no video."""
    facts = made(tmp_path, kind)
    assert (facts.width, facts.height) == shown
    assert (facts.coded_width, facts.coded_height) == coded
    assert facts.rotation == rotation


def test_kinds(tmp_path: Path) -> None:
    """Each speciality where it is, and only there."""
    names = ("vfr", "pq", "interlaced", "surround", "two_sounds", "chapters", "silent", "mkv")
    found = {kind: made(tmp_path, kind) for kind in names}
    assert [kind for kind in names if found[kind].variable_fps] == ["vfr"]
    assert [kind for kind in names if found[kind].transfer] == ["pq"]
    assert [kind for kind in names if found[kind].interlaced] == ["interlaced"]
    assert [sound.channels for sound in found["surround"].sounds] == [6]
    assert [sound.language for sound in found["two_sounds"].sounds] == ["eng", "deu"]
    assert (found["chapters"].chapters, found["chapters"].location) == (2, "+48.2082+016.3738/")
    assert found["silent"].sounds == ()
    assert found["mkv"].container == "matroska"


def test_colours_and_sound(tmp_path: Path) -> None:
    """What an encode must keep: colours, depth, the shape of pixels, the names of sounds."""
    pq = made(tmp_path, "pq")
    assert (pq.transfer, pq.primaries, pq.matrix) == ("pq", "bt2020", "bt2020nc")
    assert (pq.color_range, pq.bits, pq.dynamic_hdr) == ("tv", 10, "")
    base = made(tmp_path, "base")
    assert (base.primaries, base.matrix, base.bits, base.sar, base.streams) == ("", "", 8, 1.0, 2)
    assert made(tmp_path, "anamorphic").sar == pytest.approx(16 / 15)
    assert made(tmp_path, "surround").sounds[0].layout == "5.1"
    assert base.sounds[0].layout == "mono"
    assert (made(tmp_path, "cover").cover, base.cover) == (True, False)
    named = tmp_path / "named.mkv"
    clips.ffmpeg("-i", str(clips.make_clip(tmp_path, "two_sounds")), "-map", "0", "-c", "copy",
                 "-metadata:s:a:1", "title=Director", str(named))  # fmt: skip
    assert [sound.title for sound in probe.probe(named).sounds] == [None, "Director"]


def test_real_phone() -> None:
    """A real Android clip: variable rate, place and date. None of the seven is damaged."""
    paths = clips.real_all()
    phone = probe.probe(paths["VID_20191220_170832.mp4"])
    assert phone.variable_fps
    assert phone.fps == pytest.approx(27.02, abs=0.01)
    assert phone.created_at == "2019-12-20T20:08:34.000000Z"
    assert phone.location == "-15.8355-048.0153/"
    for name, path in paths.items():
        assert probe.damage(path, probe.probe(path)) is None, name


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is empty: there is not one byte in it"),
        (bytes(100_000), "it begins with nothing but zeros: it was never written in full"),
        (b"Dear diary, today I renamed a text. " * 999, "it is a text, not a video"),
        ("Liebes Tagebüch, ".encode() * 999, "it is a text, not a video"),
        (b"\xef\xbb\xbf<!DOCTYPE html><html>Not found</html>", "it is a web page, not a video"),
        (b"#EXTM3U\n/etc/passwd\n", "it is a list of other files, not a video"),
        (b"ffconcat version 1.0\nfile x.mp4\n", "it is a list of other files, not a video"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF" + NOISE, "it is a photo, not a video"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + NOISE, "it is a photo, not a video"),
        (b"PK\x03\x04" + NOISE, "it is an archive or a document, not a video"),
        (b"%PDF-1.7\n" + NOISE, "it is a PDF document, not a video"),
        (b"fLaC" + NOISE, "it holds sound only: there are no moving pictures in it"),
        (b"\x7fELF" + NOISE, "it is a program, not a video"),
        (NOISE, "it is not in a video format that can be read here"),
    ],
)
def test_no_video(tmp_path: Path, content: bytes, why: str) -> None:
    """Whatever its name is: what it is instead, where its first bytes tell."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    with pytest.raises(NotAVideo) as found:
        probe.probe(path)
    assert found.value.why == why
    assert found.value.hint


@pytest.mark.parametrize("ending", ["avif", "png", "gif", "webp", "jpg"])
def test_photos(tmp_path: Path, ending: str) -> None:
    """Real ones, also in a container that videos use."""
    photo = tmp_path / f"photo.{ending}"
    clips.ffmpeg("-f", "lavfi", "-i", "color=red:s=64x64:d=1", "-frames:v", "1", str(photo))
    path = photo.rename(tmp_path / "photo.mp4")
    with pytest.raises(NotAVideo, match="it is a photo, not a video"):
        probe.probe(path)


def test_no_moving_pictures(tmp_path: Path) -> None:
    """Sound alone, and a table of contents without tracks."""
    with pytest.raises(NotAVideo, match="it holds sound only: there are no moving pictures in it"):
        probe.probe(clips.make_clip(tmp_path, "sound_only"))
    path = clips.make_clip(tmp_path, "fragmented")
    data = path.read_bytes().replace(b"trak", b"free")
    path.write_bytes(data)
    with pytest.raises(NotAVideo, match="it holds no moving pictures"):
        probe.probe(path)


def test_gone_and_forbidden(tmp_path: Path) -> None:
    """No fault of the video."""
    with pytest.raises(FileNotFoundError):
        probe.probe(tmp_path / "gone.mp4")
    (tmp_path / "folder.mp4").mkdir()
    with pytest.raises(NotAVideo, match="it is a folder"):
        probe.probe(tmp_path / "folder.mp4")


@pytest.mark.parametrize(
    "name",
    [
        "-y.mp4",
        "a:b.mp4",
        "concat:base.mp4",
        "%03d.mp4",
        "new\nline.mp4",
        "日本 é.mp4",
        "a'b\"c.mp4",
    ],
)
def test_odd_names(tmp_path: Path, name: str) -> None:
    """A name is never an option, a protocol or a pattern."""
    path = clips.make_clip(tmp_path, "tiny").rename(tmp_path / name)
    assert probe.probe(path).width == 64


def test_name_that_is_no_text(tmp_path: Path) -> None:
    """Bytes that are no UTF-8, as old disks have them."""
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.mp4"))
    clips.make_clip(tmp_path, "tiny").rename(path)
    assert probe.probe(path).width == 64


def test_limits_and_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A probe that hangs is no video; one that is stopped is neither."""
    path = clips.make_clip(tmp_path, "tiny")
    child = tmp_path / "child.py"
    child.write_text("import threading; threading.Event().wait()\n")
    monkeypatch.setattr(probe, "_CHILD", str(child))
    with pytest.raises(NotAVideo, match="within its limits of time and memory"):
        probe.probe(path, time_limit_seconds=0.5)
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    with pytest.raises(Stopping):
        probe.probe(path, stop=stop)


def test_what_is_no_file_at_all(tmp_path: Path) -> None:
    """A pipe, or an endless device behind a link: refused at once, and not read."""
    os.mkfifo(tmp_path / "pipe.mp4")
    (tmp_path / "zero.mp4").symlink_to("/dev/zero")
    for name in ("pipe.mp4", "zero.mp4"):
        with pytest.raises(NotAVideo, match="it is no ordinary file"):
            probe.probe(tmp_path / name)
        with pytest.raises(NotAVideo, match="it is no ordinary file"):
            probe.walk(tmp_path / name)


def test_our_own_fault_is_not_the_videos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its library the probe says that, and calls no video broken."""
    child = tmp_path / "child.py"
    child.write_text("import a_module_that_is_missing\n")
    monkeypatch.setattr(probe, "_CHILD", str(child))
    with pytest.raises(MediaError, match="reads videos is missing") as found:
        probe.probe(clips.make_clip(tmp_path, "tiny"))
    assert not isinstance(found.value, NotAVideo)


def test_crash_is_contained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that crashes its reader is one that can't be read."""
    child = tmp_path / "child.py"
    child.write_text("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)\n")
    monkeypatch.setattr(probe, "_CHILD", str(child))
    with pytest.raises(NotAVideo, match="within its limits"):
        probe.probe(clips.make_clip(tmp_path, "tiny"))
    assert programs.run(["/bin/true"], limits=programs.Limits(seconds=5), stop=None).ok
