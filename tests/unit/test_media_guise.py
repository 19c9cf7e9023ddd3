"""What a file is instead of a video, by its first bytes."""

from __future__ import annotations

import pytest

from hotpress.media import guise

LISTS = [
    b"ffconcat version 1.0\n",
    b"\xef\xbb\xbf#EXTM3U\n",
    b"\n\n  #extm3u\n",
    b"[playlist]\nFile1=x\n",
    b'<?xml version="1.0"?>\n<MPD xmlns="x">',
    b"<asx version='3'>",
    b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n",
]


@pytest.mark.parametrize("head", LISTS)
def test_lists(head: bytes) -> None:
    """However they begin."""
    assert guise.is_list(head)
    assert guise.of(head) == "it is a list of other files, not a video"


@pytest.mark.parametrize(
    "head",
    [
        b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41",
        bytes.fromhex("1a45dfa3 84 42868101") + b"\xff\xfe" * 50,
        b"G@\0\x10\0\0\xb0\r\0\x01\xc1\0\0\0\x01\xf0" + b"\xff" * 170,
        b"RIFF\xf0\xf0\xf0\0AVI LIST",
        b"0&\xb2u\x8ef\xcf\x11\xa6\xd9\0\xaa\0b\xcel",
    ],
)
def test_videos_are_nothing_else(head: bytes) -> None:
    """No beginning of a real video is taken for another kind."""
    assert guise.of(head) == ""
    assert not guise.is_photo(head)


def test_a_text_cut_within_a_letter() -> None:
    """A head ends anywhere, also in the middle of a letter of three bytes."""
    text = ("x" + "日本語 " * 2000).encode()
    assert guise.of(text[: guise.HEAD_BYTES]) == "it is a text, not a video"
