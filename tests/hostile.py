"""Files that claim more than any disk or memory holds, each made from a small real clip."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import clips
from fuzzing import boxes


def box(kind: bytes, body: bytes) -> bytes:
    """One ISO box."""
    return struct.pack(">I4s", 8 + len(body), kind) + body


def _tiny() -> bytes:
    return clips.kept("tiny").read_bytes()


def _moov(data: bytes) -> tuple[int, int]:
    return next(
        (start, end) for start, end in boxes(data) if data[start + 4 : start + 8] == b"moov"
    )


def _with_moov(body: bytes, data: bytes) -> bytes:
    """The same film with this content of its table of contents; the media's place is not mended."""
    start, end = _moov(data)
    return data[:start] + box(b"moov", body) + data[end:]


def _patched(data: bytes, kind: bytes, offset: int, value: bytes) -> bytes:
    """`value` at `offset` in the content of every box of that kind."""
    out = bytearray(data)
    for start, _ in boxes(data):
        if data[start + 4 : start + 8] == kind:
            out[start + 8 + offset : start + 8 + offset + len(value)] = value
    return bytes(out)


def many_tracks() -> bytes:
    """The same track ten thousand times."""
    data = _tiny()
    start, end = _moov(data)
    return _with_moov(data[start + 8 : end] + _first(data, b"trak") * 10_000, data)


def _first(data: bytes, kind: bytes) -> bytes:
    return next(data[a:b] for a, b in boxes(data) if data[a + 4 : a + 8] == kind)


def deep_boxes() -> bytes:
    """Five thousand boxes, each within the one before."""
    inner = b""
    for _ in range(5000):
        inner = box(b"udta", inner)
    data = _tiny()
    start, end = _moov(data)
    return _with_moov(inner + data[start + 8 : end], data)


def deep_tracks() -> bytes:
    """A track within a track within a track ..."""
    inner = _first(_tiny(), b"trak")
    for _ in range(3000):
        inner = box(b"trak", box(b"mdia", inner))
    return _with_moov(_first(_tiny(), b"mvhd") + inner, _tiny())


def huge_frame_in_table() -> bytes:
    """65,535 pixels square by its table, 64x48 by its pictures."""
    data = _patched(_tiny(), b"tkhd", 76, b"\xff\xff\0\0" * 2)
    at = data.index(b"avc1") + 4 + 24
    return data[:at] + b"\xff\xff\xff\xff" + data[at + 4 :]


def huge_frame_in_pictures() -> bytes:
    """Every VP8 key frame claims 16,383 pixels square."""
    data = clips.kept("webm").read_bytes()
    start = bytes.fromhex("9d012a")
    parts = data.split(start)
    return parts[0] + b"".join(start + b"\xff\x3f\xff\x3f" + part[4:] for part in parts[1:])


def huge_frame_in_avi() -> bytes:
    """2,147,483,647 pixels square."""
    data = bytearray(clips.kept("raw").read_bytes())
    at = data.index(b"strf") + 8
    struct.pack_into("<ii", data, at + 4, 2**31 - 1, 2**31 - 1)
    struct.pack_into("<ii", data, data.index(b"avih") + 8 + 32, 2**31 - 1, 2**31 - 1)
    return bytes(data)


def for_ages() -> bytes:
    """Four days by its tables; a second is there."""
    data = _tiny()
    for kind, offset in ((b"mvhd", 16), (b"tkhd", 20), (b"mdhd", 16), (b"elst", 8)):
        data = _patched(data, kind, offset, struct.pack(">I", 2**32 - 2))
    return data


def matroska_for_ages() -> bytes:
    """A thousand years."""
    data = clips.kept("mkv").read_bytes()
    at = data.index(bytes.fromhex("448988")) + 3
    return data[:at] + struct.pack(">d", 3e13) + data[at + 8 :]


def wide_pixels() -> bytes:
    """Each two billion times as wide as high."""
    data = clips.kept("anamorphic").read_bytes()
    at = data.index(b"pasp") + 4
    return data[:at] + struct.pack(">II", 2**31 - 1, 1) + data[at + 8 :]


def two_billion_pictures() -> bytes:
    """Each of one byte, all of one length: the table needs twelve bytes for that."""
    data = _patched(_tiny(), b"stsz", 4, struct.pack(">II", 1, 2**31 - 1))
    data = _patched(data, b"stts", 4, struct.pack(">III", 1, 2**31 - 1, 1))
    return _patched(data, b"stsc", 4, struct.pack(">IIII", 1, 1, 2**31 - 1, 1))


def endless_matroska() -> bytes:
    """Segment and clusters of unknown size, as a live stream has them, cut in the middle."""
    data = clips.kept("mkv").read_bytes()
    at = data.index(bytes.fromhex("18538067")) + 4
    return data[:at] + bytes.fromhex("01ffffffffffffff") + data[at + 8 : len(data) // 2]


def deep_matroska() -> bytes:
    """Tags within tags, a hundred thousand deep, each of unknown size."""
    data = clips.kept("webm").read_bytes()
    at = data.index(bytes.fromhex("1654ae6b"))  # Tracks
    return data[:at] + bytes.fromhex("1254c367ff") + bytes.fromhex("67c8ff") * 100_000 + data[at:]


def zeros_for_ever() -> bytes:
    """A whole header, and then nothing but zeros."""
    data = clips.kept("ts").read_bytes()
    return data[:20_000] + bytes(20_000_000)


CLAIMS: dict[str, Callable[[], bytes]] = {
    made.__name__: made
    for made in (
        many_tracks, deep_boxes, deep_tracks, huge_frame_in_table, huge_frame_in_pictures,
        huge_frame_in_avi, for_ages, matroska_for_ages,
        wide_pixels, two_billion_pictures, endless_matroska, deep_matroska,
        zeros_for_ever,
    )
}  # fmt: skip


def many_chapters(folder: Path, count: int = 100_000) -> Path:
    """A Matroska file with a hundred thousand chapters."""
    text, path = folder / "chapters.txt", folder / "chapters.mkv"
    starts = (
        f"[CHAPTER]\nTIMEBASE=1/100000\nSTART={n}\nEND={n + 1}\ntitle=Part {n}\n"
        for n in range(count)
    )
    text.write_text(f";FFMETADATA1\n{''.join(starts)}", encoding="utf-8")
    maps = ["-map", "0", "-map_chapters", "1", "-c", "copy"]
    clips.ffmpeg("-i", str(clips.kept("small")), "-i", str(text), *maps, str(path))
    return path
