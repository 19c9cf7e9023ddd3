"""Atoms in a table of contents: found, put in, and the references that move with them."""

from __future__ import annotations

import struct

import pytest

from hotpress.media import atoms
from hotpress.media.belongings import lost
from hotpress.model import Facts, Sound

PLACE = atoms.place_atom("+48.2082+016.3738/")
META = atoms.box(b"meta", atoms.box(b"hdlr", bytes(8) + b"mdta" + bytes(12)))


def table(kind: bytes, *numbers: int) -> bytes:
    """A whole table of contents with one track, whose pieces lie there."""
    form = ">" + {b"stco": "I", b"co64": "Q"}[kind] * len(numbers)
    body = atoms.box(kind, struct.pack(">II", 0, len(numbers)) + struct.pack(form, *numbers))
    for name in (b"stbl", b"minf", b"mdia", b"trak"):
        body = atoms.box(name, body)
    return atoms.box(b"moov", atoms.box(b"mvhd", bytes(100)) + body)


def numbers(moov: bytes, kind: bytes) -> tuple[int, ...]:
    """Where the pieces lie according to this table."""
    at = moov.index(kind) + 8
    count = int.from_bytes(moov[at : at + 4], "big")
    form = {b"stco": "I", b"co64": "Q"}[kind]
    return struct.unpack_from(f">{count}{form}", moov, at + 4)


@pytest.mark.parametrize("kind", [b"stco", b"co64"])
def test_only_what_lies_behind_moves(kind: bytes) -> None:
    """By as much as the table has grown, which is known beforehand."""
    old = table(kind, 40, 5000, 6000)
    new = atoms.grown(old, (PLACE,), META, media_from=1000)
    by = len(new) - len(old)
    assert by == atoms.added_bytes((PLACE,), META) == len(PLACE) + len(META) + 8
    assert numbers(new, kind) == (40, 5000 + by, 6000 + by)


def test_growth_is_the_same_where_there_is_user_data(tmp_path: object) -> None:
    """What is there stays, what is replaced adds nothing, and twice is as once."""
    name = atoms.box(b"name", b"mine")
    old = table(b"stco", 5000) + atoms.box(b"udta", name)
    old = atoms.box(b"moov", old[8:])
    new = atoms.grown(old, (PLACE,), META, media_from=1000)
    assert len(new) - len(old) == atoms.added_bytes((PLACE,), META)
    assert name in new
    again = atoms.grown(new, (PLACE,), META, media_from=1000)
    assert len(again) == len(new)
    assert again.count(PLACE) == again.count(META) == 1


def test_no_room_in_a_table_of_small_numbers() -> None:
    """A reference that would grow over 32 bits is refused, not wrapped."""
    with pytest.raises(atoms.Unfit, match="no room"):
        atoms.grown(table(b"stco", 2**32 - 10), (PLACE,), b"", media_from=1000)


def test_a_count_that_lies() -> None:
    """More entries claimed than there are bytes."""
    moov = table(b"stco", 5000).replace(struct.pack(">II", 0, 1), struct.pack(">II", 0, 2**32 - 1))
    with pytest.raises(atoms.Unfit, match="could not be read"):
        atoms.grown(moov, (PLACE,), b"", media_from=1000)


def found_in(moov: bytes) -> tuple[tuple[bytes, ...], bytes]:
    """What is carried of it."""
    read = atoms.reader(moov)
    whole = atoms.Atom(b"moov", 0, 8, len(moov))
    return atoms.user_data(read, whole), atoms.apple_meta(read, whole)


def test_found_as_it_stands() -> None:
    """With and without a version in `meta`, the first of each kind only; nothing else."""
    other = atoms.place_atom("+10+010/")
    user = atoms.box(b"udta", PLACE + other + atoms.box(b"\xa9nam", b"title") + bytes(4))
    iso = atoms.box(b"meta", bytes(4) + META[8:])
    for meta in (META, iso):
        assert found_in(atoms.box(b"moov", user + meta)) == ((PLACE,), meta)
    itunes = META.replace(b"mdta", b"mdir")
    assert found_in(atoms.box(b"moov", itunes)) == ((), b"")


def test_claims_of_size() -> None:
    """An atom of gigabytes, of nothing, or beyond its parent's end is left out, and soon."""
    for length in (0, 1, 7, 2**31, 2**32 - 1):
        liar = struct.pack(">I4s", length, b"\xa9xyz") + PLACE[8:]
        user, _ = found_in(atoms.box(b"moov", atoms.box(b"udta", liar)))
        assert length == 0 or user == ()
    big = atoms.box(b"\xa9xyz", bytes(100_000))
    assert found_in(atoms.box(b"moov", atoms.box(b"udta", big))) == ((), b"")
    many = atoms.box(b"moov", atoms.box(b"free", b"") * 30_000 + atoms.box(b"udta", PLACE))
    assert found_in(many) == ((), b"")


def test_what_is_lost_in_words() -> None:
    """One phrase for each, singular and plural."""
    common = {"container": "mp4", "duration_seconds": 1.0, "width": 2, "height": 2, "fps": 25.0,
              "codec": "h264", "size_bytes": 1}  # fmt: skip
    after = Facts(**common)
    sounds = (Sound("aac", 2, 48_000),)
    date = "2026-05-04T10:20:30.000000Z"
    before = Facts(**common, created_at=date, location="+1+1/", chapters=1, subtitles=3,
                   sounds=sounds, cover=True)  # fmt: skip
    phrases = ("its date", "the place", "1 chapter", "3 subtitle tracks", "1 sound track",
               "its cover picture")  # fmt: skip
    assert lost(before, after) == phrases
    assert lost(before, before) == lost(after, before) == ()
