"""What a file that can't be read as a video is instead, by its first bytes. Pure: no files here."""

from __future__ import annotations

import codecs
import re

HEAD_BYTES = 4096

_LIST = "it is a list of other files, not a video"
_PHOTO = "it is a photo, not a video"
_SOUND = "it holds sound only: there are no moving pictures in it"
_ARCHIVE = "it is an archive or a document, not a video"

# First bytes -> what it is. Sources: the formats' own specifications, as file(1) knows them.
_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", _PHOTO),
    (b"\x89PNG\r\n\x1a\n", _PHOTO),
    (b"GIF8", _PHOTO),
    (b"II*\0", _PHOTO),
    (b"MM\0*", _PHOTO),
    (b"8BPS", _PHOTO),
    (b"%PDF-", "it is a PDF document, not a video"),
    (b"PK\x03\x04", _ARCHIVE),
    (b"PK\x05\x06", _ARCHIVE),
    (b"Rar!\x1a\x07", _ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", _ARCHIVE),
    (b"\x1f\x8b\x08", _ARCHIVE),
    (b"BZh", _ARCHIVE),
    (b"\xfd7zXZ\0", _ARCHIVE),
    (b"\x28\xb5\x2f\xfd", _ARCHIVE),
    (b"\x7fELF", "it is a program, not a video"),
    (b"MZ", "it is a program, not a video"),
    (b"ID3", _SOUND),
    (b"fLaC", _SOUND),
    (b"OggS", _SOUND),
)
# ISO 23008-12 and AVIF: still pictures in the container of MP4. (Their sequences are other brands.)
_PHOTO_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"avif")
# Playlists and descriptions that name other files or addresses, however they begin.
_LISTS = re.compile(
    rb"\s*(ffconcat\b|#EXTM3U|\[playlist\]|(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?"
    rb"<(MPD|asx|smil|playlist|SmoothStreamingMedia)\b|v=0\r?\n)",
    re.DOTALL | re.IGNORECASE,
)
_PAGE = re.compile(rb"\s*(<!doctype html|<html|<head|<body)", re.IGNORECASE)


def of(head: bytes) -> str:
    """What it is, as a sentence without its full stop; "" where the bytes don't tell.

    `head`: the first `HEAD_BYTES` of the file, or all of it.
    """
    if not head:
        return "it is empty: there is not one byte in it"
    if not any(head):
        return "it begins with nothing but zeros: it was never written in full"
    for beginning, sentence in _BEGINNINGS:
        if head.startswith(beginning):
            return sentence
    if is_photo(head):
        return _PHOTO
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return _SOUND
    if head[257:262] == b"ustar":
        return _ARCHIVE
    return _of_text(head.removeprefix(b"\xef\xbb\xbf"))


def is_photo(head: bytes) -> bool:
    """Is it a still picture in a container that videos use, too?"""
    riff = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    return riff or (head[4:8] == b"ftyp" and head[8:12] in _PHOTO_BRANDS)


def is_list(head: bytes) -> bool:
    """Does it name other files to be played, instead of being one?"""
    return _LISTS.match(head.removeprefix(b"\xef\xbb\xbf")) is not None


def _of_text(head: bytes) -> str:
    if is_list(head):
        return _LIST
    if _PAGE.match(head):
        return "it is a web page, not a video"
    try:
        # The last letter of a longer file may be cut in its middle: an incremental decoder waits.
        text = codecs.getincrementaldecoder("utf-8")().decode(head, len(head) < HEAD_BYTES)
    except UnicodeDecodeError:
        return ""
    plain = all(sign.isprintable() or sign in "\n\r\t\f" for sign in text)
    return "it is a text, not a video" if plain else ""
