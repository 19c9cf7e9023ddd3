import struct

import pytest

from hotpress import takes
from hotpress.media.length import seconds


@pytest.mark.parametrize(
    ("length", "does"), [(2.9, True), (4.0, True), (4.1, False), (None, False)]
)
def test_a_live_photos_film_is_at_most_four_seconds(length, does):
    """One whose length nobody knows is a video."""
    assert takes.is_live_photo(length) is does


def test_a_film_belongs_to_a_still_of_its_name():
    """In the endings that phones and cameras write, small and large."""
    assert {"a.b.HEIC", "a.b.jpg", "a.b.PNG", "a.b.dng", "a.b.jpeg"} <= set(takes.stills("a.b.MOV"))
    assert takes.may_be_live_photo("IMG_1.MOV")
    assert takes.may_be_live_photo("IMG_1.mp4")
    assert not takes.may_be_live_photo("IMG_1.mkv")


def test_companions_have_the_videos_name():
    """Only the ending differs."""
    assert {"a.b.srt", "a.b.VTT", "a.b.xmp", "a.b.gpx"} <= set(takes.companions("a.b.mp4"))


def test_what_is_left_alone_is_told_in_words():
    """The most first, with one word for all kinds of photos."""
    said = takes.told({"jpg": 10, "heic": 2, "link": 1, "srt": 1, "zip": 3, "live_photo": 2})
    assert said == (
        "12 photos, 3 other files, 2 Live Photo films, 1 subtitle or place file, 1 link"
    )


def box(kind, body):
    return struct.pack(">I4s", 8 + len(body), kind) + body


def film(*header):
    """A whole MP4 as far as its boxes tell."""
    return box(b"ftyp", b"isom") + box(b"moov", b"".join(header)) + box(b"mdat", b"x" * 16)


def length(data):
    return seconds(lambda at, size: data[at : at + size], len(data))


def test_the_length_stands_in_the_header_of_a_film():
    """In its shorter and in its longer form."""
    short = box(b"mvhd", struct.pack(">IIIII", 0, 0, 0, 600, 1_740))
    long = box(b"mvhd", struct.pack(">IQQIQ", 1 << 24, 0, 0, 1_000, 9_000_000_000))

    assert length(film(box(b"free", b""), short)) == 2.9
    assert length(film(long)) == 9_000_000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no film at all, but some bytes",
        film(),
        film(box(b"mvhd", b"")),
        film(box(b"mvhd", struct.pack(">IIIII", 0, 0, 0, 0, 1_740))),
        film(box(b"mvhd", struct.pack(">IIIII", 0, 0, 0, 600, 0))),
        film(box(b"mvhd", struct.pack(">IIIII", 0, 0, 0, 600, 1_740)))[:-4],
    ],
)
def test_what_does_not_tell_its_length_has_none(data):
    """Nothing, half, torn or made up: then it is looked at as any other video."""
    assert length(data) is None
