"""Dates, places and chapters: carried over from an original, or taken away."""

from __future__ import annotations

import hashlib
import struct
import subprocess
from pathlib import Path

import av
import clips
import pytest

from hotpress.errors import EncodeFailed
from hotpress.media import belongings, encode, encoder, probe, verify
from hotpress.media.task import Wish
from hotpress.model import Expected, Facts

pytestmark = pytest.mark.slow
PHONE = "VID_20191220_170832.mp4"
PLACE = b"-15.8355-048.0153/"


def as_the_cloud(folder: Path, kind: str = "base") -> Path:
    """A result without any belongings, as the cloud makes it."""
    source = clips.make_clip(folder, kind)
    out = folder / "result.mp4"
    clips.ffmpeg("-i", str(source), "-c", "copy", "-map_metadata", "-1", "-map_chapters", "-1",
                 "-movflags", "+faststart", str(out))  # fmt: skip
    return out


def pictures(path: Path) -> str:
    """A hash of every decoded picture and its time."""
    digest = hashlib.sha256()
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            digest.update(struct.pack(">q", frame.pts))
            for plane in frame.planes:
                digest.update(bytes(plane))
    return digest.hexdigest()


def strict(path: Path) -> None:
    """The whole check of a result, with its strict decode."""
    facts = probe.probe(path)
    expected = Expected(
        duration_seconds=facts.duration_seconds,
        width=facts.width,
        height=facts.height,
        has_sound=bool(facts.sounds),
    )
    verify.check(path, expected, None, encoder=encoder.find())


@pytest.mark.parametrize("front", [True, False])
def test_a_phones_place_is_put_back(tmp_path: Path, front: bool) -> None:
    """As the phone wrote it, with the table of contents first or last; not a picture changes."""
    found = belongings.carried(clips.real(PHONE))
    assert [data[4:8] for data in found.user] == [b"\xa9xyz"]
    assert b"com.android.version" in found.meta
    path = as_the_cloud(tmp_path) if front else clips.make_clip(tmp_path, "moov_last")
    before, seen, date = path.stat().st_size, pictures(path), probe.probe(path).created_at
    assert belongings.put_back(path, found) == ""
    assert path.stat().st_size == before + found.size_bytes
    assert pictures(path) == seen
    strict(path)
    after = probe.probe(path)
    assert (after.location, after.created_at) == (PLACE.decode(), date)
    assert belongings.carried(path) == found
    assert [p.name for p in tmp_path.glob("*.atoms")] == []


def take(folder: Path, result: Path, source: Path, **words: bool) -> tuple[Facts, Path, str]:
    """`taken_over`, checked: nothing of the pictures changes."""
    out = folder / "taken.mp4"
    made = belongings.taken_over(
        result,
        source,
        out,
        codec="h264",
        facts=probe.probe(source),
        encoder=encoder.find(),
        **words,
    )
    assert made.size_bytes == out.stat().st_size
    assert pictures(out) == pictures(result)
    strict(out)
    return probe.probe(out), out, made.note


def test_dates_chapters_and_place_of_an_original(tmp_path: Path) -> None:
    """All of it comes to the cloud's file; for an edit the chapters, whose times differ, do not."""
    result = as_the_cloud(tmp_path)
    bare = probe.probe(result)
    assert (bare.created_at, bare.location, bare.chapters) == (None, None, 0)
    source = clips.make_clip(tmp_path, "chapters")
    before = probe.probe(source)
    assert belongings.lost(before, bare) == ("the place", "2 chapters")
    after, out, note = take(tmp_path, result, source)
    assert belongings.lost(before, after) == ()
    assert note == ""
    with av.open(str(out)) as container:
        assert [c["metadata"]["title"] for c in container.chapters()] == ["Part 0", "Part 1"]
    edited, _, _ = take(tmp_path, result, source, chapters=False)
    assert belongings.lost(before, edited) == ("2 chapters",)


def test_a_phones_clip_and_a_turned_result(tmp_path: Path) -> None:
    """The phone's date, place and keys come along; a result that lies on its side stays turned."""
    result = clips.make_clip(tmp_path, "turned")
    after, out, _ = take(tmp_path, result, clips.real(PHONE))
    assert (after.rotation, after.width, after.height) == (90, 270, 480)
    assert after.created_at == "2019-12-20T20:08:34.000000Z"
    assert after.location == PLACE.decode()
    assert b"com.android.version" in out.read_bytes()


def test_an_iphones_keys(tmp_path: Path) -> None:
    """Apple's own keys come along byte by byte, and the place in the form that others read, too."""
    source = clips.make_clip(tmp_path, "apple")
    before = probe.probe(source)
    assert before.location == "+48.2082+016.3738+171.000/"
    found = belongings.carried(source, before.location)
    assert b"Phone 1" in found.meta
    assert found.meta in source.read_bytes()
    after, out, _ = take(tmp_path, as_the_cloud(tmp_path), source)
    assert after.location == before.location
    data = out.read_bytes()
    assert found.meta in data
    assert b"\xa9xyz\x00\x1a\x55\xc4+48.2082+016.3738+171.000/" in data
    assert belongings.carried(out).meta == found.meta


def test_a_place_in_matroska(tmp_path: Path) -> None:
    """Its tag becomes an atom; languages of two tracks stay; the date stays."""
    source = clips.make_clip(tmp_path, "tagged")
    before = probe.probe(source)
    assert before.location
    assert belongings.carried(source) == belongings.Carried()
    result = tmp_path / "result.mp4"
    clips.ffmpeg("-i", str(source), "-map", "0:V", "-map", "0:a", "-c", "copy", "-map_metadata",
                 "-1", "-map_metadata:s", "-1", str(result))  # fmt: skip
    after, out, _ = take(tmp_path, result, source)
    assert after.location == before.location
    assert belongings.carried(out).user[0].endswith(before.location.encode())
    assert [sound.language for sound in after.sounds] == ["eng", "deu"]
    assert belongings.lost(before, after) == ()


@pytest.mark.parametrize("text", ["48.2, 16.3", "+91+000/", "+10+181/", "here", "+48+16/" * 20, ""])
def test_what_is_no_place(text: str) -> None:
    """Makes no atom."""
    assert not belongings.is_place(text)
    assert belongings.carried(clips.real("bikes.mp4"), text) == belongings.Carried()


@pytest.mark.parametrize(
    "text",
    ["+48.2082+016.3738/", "-15.8355-048.0153/", "+4012.22-07500.25/", "+90+180+8850CRSWGS_84/"],
)
def test_what_is_a_place(text: str) -> None:
    """In degrees or minutes, with or without a height."""
    assert belongings.is_place(text)


def told_by(*command: str) -> str:
    """What another program says of a file."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.system
@pytest.mark.parametrize("kind", ["apple", "tagged", "chapters", PHONE])
def test_other_programs_read_the_place(tmp_path: Path, kind: str) -> None:
    """ExifTool and MediaInfo find the place in the result, within 2 m (`loci` is rounded)."""
    source = clips.real(kind) if kind == PHONE else clips.make_clip(tmp_path, kind)
    _, out, _ = take(tmp_path, as_the_cloud(tmp_path), source)
    degrees = (-15.8355, -48.0153) if kind == PHONE else (48.2082, 16.3738)
    found = told_by("exiftool", "-n", "-s3", "-GPSLatitude", "-GPSLongitude", str(out)).split()
    assert [float(number) for number in found] == pytest.approx(degrees, abs=2e-5)
    found_place = told_by("mediainfo", "--Output=General;%xyz%", str(out)).strip()
    assert found_place == belongings.carried(out).user[0][12:].decode()


WORDS = (b"2019", b"2026", b"xyz", b"loci", b"android", b"quicktime", b"48.2082", b"Part", b"Lav",
         b"chpl", b"Phone")  # fmt: skip


@pytest.mark.parametrize("kind", ["chapters", "apple", "turned", "tagged", PHONE])
def test_stripped(tmp_path: Path, kind: str) -> None:
    """No date, place, title or program is left anywhere in it; pictures and their turn are."""
    source = clips.real(kind) if kind == PHONE else clips.make_clip(tmp_path, kind)
    before = probe.probe(source)
    out = tmp_path / "stripped.mp4"
    made = belongings.stripped(source, out, facts=before, encoder=encoder.find())
    assert made.size_bytes == out.stat().st_size
    after = probe.probe(out)
    assert (after.created_at, after.location, after.chapters) == (None, None, 0)
    assert (after.rotation, after.width, after.height) == (
        before.rotation, before.width, before.height)  # fmt: skip
    assert [s.language for s in after.sounds] == [s.language for s in before.sounds]
    assert len(after.sounds) == len(before.sounds)
    strict(out)
    data = out.read_bytes()
    start = data.index(b"moov")
    headers = data[: start + int.from_bytes(data[start - 4 : start], "big")]
    assert [word for word in WORDS if word in headers] == []
    with av.open(str(out)) as container:
        harmless = {"major_brand", "minor_version", "compatible_brands"}
        assert set(container.metadata) <= harmless


def test_stripped_into_matroska(tmp_path: Path) -> None:
    """For streams that MP4 can't hold."""
    out = tmp_path / "stripped.mkv"
    source = clips.real("vtest.avi")
    belongings.stripped(source, out, facts=probe.probe(source), encoder=encoder.find())
    assert probe.probe(out).container == "matroska"


def test_stripped_tags_of_matroska(tmp_path: Path) -> None:
    """Title, place and date go; the languages of its sounds stay."""
    source, out = clips.make_clip(tmp_path, "tagged"), tmp_path / "stripped.mkv"
    before = probe.probe(source)
    belongings.stripped(source, out, facts=before, encoder=encoder.find())
    after = probe.probe(out)
    assert (after.created_at, after.location) == (None, None)
    assert [sound.language for sound in after.sounds] == ["eng", "deu"]
    data = out.read_bytes()
    headers = data[: data.index(bytes.fromhex("1f43b675"))]  # up to its first cluster
    assert [word for word in (b"Phone", b"48.2082", b"2026") if word in headers] == []


def test_an_encode_of_ours(tmp_path: Path) -> None:
    """A phone's clip made smaller here has all that the phone noted, by one `put_back`."""
    source, out = clips.real(PHONE), tmp_path / "smaller.mp4"
    before = probe.probe(source)
    wish = Wish(frame=(640, 360), target_bytes=300_000, preset="ultrafast")
    encode.fit(source, before, out, wish, encoder=encoder.find())
    found = belongings.carried(source, before.location)
    size = out.stat().st_size
    assert belongings.put_back(out, found) == ""
    assert out.stat().st_size - size == found.size_bytes == 155
    after = probe.probe(out)
    assert belongings.lost(before, after) == ()
    assert (after.created_at, after.location) == (before.created_at, before.location)
    strict(out)


def test_what_goes_wrong_leaves_nothing(tmp_path: Path) -> None:
    """A copy that fails leaves no half file, and no original is written over."""
    text = tmp_path / "text.mp4"
    text.write_text("no video")
    base = clips.make_clip(tmp_path, "small")
    facts, out = probe.probe(base), tmp_path / "out.mp4"
    for material in (text, base):
        with pytest.raises(EncodeFailed):
            belongings.taken_over(material, text, out, facts=facts, encoder=encoder.find())
    with pytest.raises(EncodeFailed):
        belongings.stripped(text, out, facts=facts, encoder=encoder.find())
    with pytest.raises(EncodeFailed, match="over its original"):
        belongings.stripped(base, base, facts=facts, encoder=encoder.find())
    assert not out.exists()
    assert probe.probe(base) == facts


def test_pieces_and_no_table_are_left_as_they_are(tmp_path: Path) -> None:
    """What nothing can be put into says so, and does not change by a byte."""
    found = belongings.carried(clips.real(PHONE))
    text = tmp_path / "text.mp4"
    text.write_bytes(b"no video at all, not at all")
    for path in (clips.make_clip(tmp_path, "fragmented"), text):
        before = path.read_bytes()
        assert "were left out: " in belongings.put_back(path, found)
        assert path.read_bytes() == before


def test_hevc_from_matroska_plays_on_apples_devices(tmp_path: Path) -> None:
    """A copy of an original in Matroska gets the one name by which Apple knows HEVC."""
    source = tmp_path / "clip.mkv"
    clips.ffmpeg("-i", str(clips.kept("pq")), "-c", "copy", str(source))
    out = tmp_path / "out.mp4"
    facts = probe.probe(source)
    belongings.taken_over(
        source, source, out, facts=facts, codec=facts.codec, encoder=encoder.find()
    )
    assert b"hvc1" in out.read_bytes()
    assert b"hev1" not in out.read_bytes()
