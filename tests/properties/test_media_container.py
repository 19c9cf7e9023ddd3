"""Hostile headers: a walk ends soon, reads little, and says one of three words."""

from __future__ import annotations

import contextlib
import struct

from hypothesis import given, settings
from hypothesis import strategies as st

from hotpress.media import atoms, boxes


def box(kind: bytes, body: bytes = b"") -> bytes:
    """One ISO box."""
    return struct.pack(">I4s", 8 + len(body), kind) + body


NOISE = bytes(range(1, 256)) * 2
FTYP, MOOV, MDAT = box(b"ftyp", b"isom"), box(b"moov", b"mvhd"), box(b"mdat", NOISE)
SEGMENT = bytes.fromhex("18538067") + struct.pack(">Q", (1 << 56) | len(NOISE)) + NOISE
WHOLE = [
    FTYP + MOOV + MDAT,
    FTYP + MDAT + MOOV,
    FTYP + MOOV + (box(b"moof", b"x") + MDAT) * 3 + box(b"mfra", b"mfro"),
    FTYP + MOOV + struct.pack(">I4sQ", 1, b"mdat", 16 + len(NOISE)) + NOISE,
    bytes.fromhex("1a45dfa3 84 42868101") + SEGMENT,
    b"RIFF" + struct.pack("<I", 4 + len(NOISE)) + b"AVI " + NOISE,
]


class Counting:
    """Reads from memory and counts."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.bytes = self.calls = 0

    def __call__(self, offset: int, length: int) -> bytes:
        """As `os.pread` does."""
        found = self.data[offset : offset + length]
        self.bytes += len(found)
        self.calls += 1
        return found


def walked(data: bytes, size: int | None = None) -> boxes.Layout:
    """Walk and check what holds for every walk."""
    read = Counting(data)
    found = boxes.layout(read, len(data) if size is None else size)
    assert found.state in ("complete", "incomplete", "unknown")
    assert read.calls <= boxes.MOST_STEPS + 1
    assert read.bytes <= 16 * (boxes.MOST_STEPS + 1)
    return found


@settings(deadline=None)
@given(st.sampled_from(WHOLE), st.lists(st.tuples(st.integers(0, 90), st.integers(0, 255))))
def test_mutated_headers(data: bytes, changes: list[tuple[int, int]]) -> None:
    """Any bytes anywhere in the headers."""
    mutated = bytearray(data)
    for at, value in changes:
        mutated[at] = value
    walked(bytes(mutated))


@settings(deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"ftyp", b"moov", b"mdat", b"free", b"moof"]))
def test_noise_that_starts_like_a_film(noise: bytes, kind: bytes) -> None:
    """Anything at all behind a first word that is known."""
    walked(noise[:4].ljust(4, b"\0") + kind + noise[4:])
    walked(b"\x1a\x45\xdf\xa3" + noise)
    walked(b"RIFF" + noise[:4].ljust(4, b"\0") + b"AVI " + noise)


@settings(deadline=None)
@given(st.sampled_from(WHOLE), st.data())
def test_no_beginning_of_a_whole_file_is_whole(data: bytes, draw: st.DataObject) -> None:
    """Cut off anywhere, also between two pieces."""
    cut = draw.draw(st.integers(0, len(data) - 1))
    found = walked(data[:cut])
    slack = data[:4] == b"RIFF" and cut >= len(data) - 8
    if not slack:
        assert found.state != "complete"


@settings(deadline=None)
@given(st.integers(0, 2**64 - 1), st.integers(24, 2**63))
def test_any_64_bit_size(length: int, size: int) -> None:
    """Sizes that wrap, stand still or go beyond every disk."""
    data = struct.pack(">I4sQ", 1, b"mdat", length) + b"\x01" * 64
    read = Counting(data)
    boxes.layout(read, size)
    assert read.calls <= boxes.MOST_STEPS + 1


@settings(deadline=None)
@given(
    st.binary(max_size=300),
    st.lists(st.tuples(st.sampled_from([b"udta", b"meta", b"trak", b"stco", b"\xa9xyz"]),
                       st.integers(0, 2**32 - 1)), max_size=6),
)  # fmt: skip
def test_atoms_of_any_size(noise: bytes, heads: list[tuple[bytes, int]]) -> None:
    """Whatever a table of contents claims, what is carried is a part of it, and growing it ends."""
    inner = b"".join(struct.pack(">I4s", size, kind) + noise for kind, size in heads)
    moov = box(b"moov", box(b"udta", inner) + inner)
    read = Counting(moov)
    whole = atoms.Atom(b"moov", 0, 8, len(moov))
    user, meta = atoms.user_data(read, whole), atoms.apple_meta(read, whole)
    assert read.calls <= 5 * boxes.MOST_STEPS
    assert all(data in moov for data in (*user, meta))
    place = atoms.place_atom("+48+016/")
    with contextlib.suppress(atoms.Unfit):
        grown = atoms.grown(moov, (place,), b"", media_from=1000)
        assert place in grown
        assert len(grown) - len(moov) <= atoms.added_bytes((place,), b"")
