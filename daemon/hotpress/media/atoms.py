"""The atoms within an MP4's or MOV's table of contents: found, and put in. Pure: no files here.

Names and layouts: ISO 14496-12, and Apple's QuickTime File Format ("User data atoms", "Metadata").
Every walk takes `read(offset, length) -> bytes` and ends after a counted number of steps, whatever
sizes a header claims.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from hotpress.media.boxes import MOST_STEPS, Read

XYZ = b"\xa9xyz"  # the place, as Android writes it and Apple, Google and MediaInfo read it
CAMERA = (b"\xa9mak", b"\xa9mod")  # make and model, as Apple's and Samsung's phones write them
_MOST_ATOM_BYTES = 64 * 1024  # more is a picture, not a place or a date
_LANGUAGE = 0x55C4  # "und", packed as ISO 639-2/T
_OFFSETS = {b"stco": "I", b"co64": "Q"}


class Unfit(Exception):
    """A table of contents that nothing can be put into; says why, as a part of a sentence."""


@dataclass(frozen=True, slots=True)
class Atom:
    """One atom: where it starts, where its content starts, and where it ends (exclusive)."""

    kind: bytes
    start: int
    body: int
    end: int


def inside(read: Read, start: int, end: int) -> Iterator[Atom]:
    """The atoms from `start` to `end`, until one makes no sense."""
    at = start
    for _ in range(MOST_STEPS):
        head = read(at, 16) if at + 8 <= end else b""
        if len(head) < 8:
            return
        length, kind = struct.unpack(">I4s", head[:8])
        header = 8
        if length == 1 and len(head) == 16:
            header, length = 16, struct.unpack(">Q", head[8:])[0]
        elif length == 0:
            length = end - at
        if length < header or at + length > end:
            return
        yield Atom(kind, at, at + header, at + length)
        at += length


def first(read: Read, start: int, end: int, kind: bytes) -> Atom | None:
    """The first atom of this kind, or None."""
    return next((atom for atom in inside(read, start, end) if atom.kind == kind), None)


def user_data(read: Read, moov: Atom) -> tuple[bytes, ...]:
    """Place and camera from its `udta`, each as it stands there."""
    udta = first(read, moov.body, moov.end, b"udta")
    found: dict[bytes, bytes] = {}
    for atom in inside(read, udta.body, udta.end) if udta else ():
        if atom.kind in (XYZ, *CAMERA):
            found.setdefault(atom.kind, _whole(read, atom))
    return tuple(data for data in found.values() if data)


def apple_meta(read: Read, moov: Atom) -> bytes:
    """Its `meta` with Apple's keys (place, date, make, model ...) as it stands there, or b""."""
    udta = first(read, moov.body, moov.end, b"udta")
    places = (moov, udta) if udta else (moov,)  # iPhones write it beside `udta`, ffmpeg within
    found = (_keys(read, first(read, place.body, place.end, b"meta")) for place in places)
    return next(filter(None, found), b"")


def _keys(read: Read, meta: Atom | None) -> bytes:
    if meta is None:
        return b""
    for skipped in (0, 4):  # QuickTime has no version there, ISO has
        handler = first(read, meta.body + skipped, meta.end, b"hdlr")
        if handler is not None and read(handler.body + 8, 4) == b"mdta":
            return _whole(read, meta)
    return b""


def _whole(read: Read, atom: Atom) -> bytes:
    length = atom.end - atom.start
    data = read(atom.start, length) if length <= _MOST_ATOM_BYTES else b""
    return data if len(data) == length else b""


def place_atom(iso6709: str) -> bytes:
    """A place as `(c)xyz` atom, from an ISO 6709 string."""
    text = iso6709.encode("ascii")
    body = struct.pack(">HH", len(text), _LANGUAGE) + text
    return struct.pack(">I4s", 8 + len(body), XYZ) + body


def box(kind: bytes, body: bytes) -> bytes:
    """One atom with this content."""
    return struct.pack(">I4s", 8 + len(body), kind) + body


def added_bytes(user: tuple[bytes, ...], meta: bytes) -> int:
    """What `grown` adds to a table that has none of them."""
    return sum(map(len, user)) + (8 if user else 0) + len(meta)


def grown(moov: bytes, user: tuple[bytes, ...], meta: bytes, *, media_from: int) -> bytes:
    """The table with these atoms in it. Those of the same kind that it has are replaced.

    `media_from`: where the file goes on behind the table; what lies there moves by the difference,
    and the table's references to it are set right. The place that a missing `udta` would have
    taken is filled up, so that the growth is known beforehand.

    Raises:
        Unfit: it makes no sense, or a reference would grow over 4 GB.
    """
    read = reader(moov)
    whole = first(read, 0, len(moov), b"moov")
    if whole is None or whole.end != len(moov):
        raise Unfit("its table of contents could not be read")
    parts, old_user, filler = [], b"", b""
    for atom in inside(read, whole.body, whole.end):
        if atom.kind == b"udta" and user:
            kinds = {data[4:8] for data in user}
            there = list(inside(read, atom.body, atom.end))
            kept = [a for a in there if a.kind not in kinds]
            old_user += b"".join(moov[a.start : a.end] for a in kept)
            filler = box(b"free", b"") if len(kept) == len(there) else b""
        elif atom.kind != b"meta" or not meta:
            parts.append(moov[atom.start : atom.end])
    if user:
        parts.append(box(b"udta", old_user + b"".join(user)))
    new = bytearray(box(b"moov", b"".join([*parts, meta, filler])))
    _shift(new, media_from, len(new) - len(moov))
    return bytes(new)


def reader(data: bytes | bytearray) -> Read:
    """`read` over bytes in memory."""
    return lambda offset, length: bytes(data[offset : offset + length])


def _shift(moov: bytearray, media_from: int, by: int) -> None:
    """Set right where the media lie, in every track."""
    read = reader(moov)
    for table in _tables(read, Atom(b"moov", 0, 8, len(moov))):
        size = struct.calcsize(">" + _OFFSETS[table.kind])
        count = int.from_bytes(read(table.body + 4, 4), "big")
        start = table.body + 8
        if start + count * size > table.end:
            raise Unfit("its table of contents could not be read")
        numbers = array(_OFFSETS[table.kind], bytes(moov[start : start + count * size]))
        if sys.byteorder == "little":
            numbers.byteswap()
        try:
            moved = array(numbers.typecode, [n + by if n >= media_from else n for n in numbers])
        except OverflowError:
            raise Unfit("it is so large that its table of contents has no room for it") from None
        if sys.byteorder == "little":
            moved.byteswap()
        moov[start : start + count * size] = moved.tobytes()


def _tables(read: Read, moov: Atom) -> Iterator[Atom]:
    for track in inside(read, moov.body, moov.end):
        at: Atom | None = track if track.kind == b"trak" else None
        for kind in (b"mdia", b"minf", b"stbl"):
            at = at and first(read, at.body, at.end, kind)
        if at is not None:
            yield from (t for t in inside(read, at.body, at.end) if t.kind in _OFFSETS)
