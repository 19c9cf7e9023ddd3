"""Is a file whole? Told by its headers."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from hotpress.media.container import Completeness, completeness, completeness_fd

NOISE = bytes(range(1, 256)) * 800  # 204,000 bytes, no zero among them


def box(kind: bytes, body: bytes = b"") -> bytes:
    """One ISO box."""
    return struct.pack(">I4s", 8 + len(body), kind) + body


FTYP = box(b"ftyp", b"isom\0\0\2\0")
MOOV = box(b"moov", box(b"mvhd", bytes(20) + b"x"))
FRONT = FTYP + MOOV + box(b"mdat", NOISE)
BACK = FTYP + box(b"free") + box(b"mdat", NOISE) + MOOV
PIECE = box(b"moof", b"trun") + box(b"mdat", NOISE[:5000])
OPEN_PIECES = FTYP + MOOV + PIECE + PIECE
FRAGMENTED = OPEN_PIECES + box(b"mfra", box(b"mfro", bytes(8)))
BIG = FTYP + MOOV + struct.pack(">I4sQ", 1, b"mdat", 16 + len(NOISE)) + NOISE
SEGMENT = bytes.fromhex("18538067") + struct.pack(">Q", (1 << 56) | len(NOISE)) + NOISE
MKV = bytes.fromhex("1a45dfa3 84 42868101") + SEGMENT
LIVE = bytes.fromhex("1a45dfa3 84 42868101 18538067 01ffffffffffffff") + NOISE
AVI = b"RIFF" + struct.pack("<I", 4 + len(NOISE)) + b"AVI " + NOISE
AVIX = AVI + b"RIFF" + struct.pack("<I", 4 + len(NOISE)) + b"AVIX" + NOISE
OPEN_AVI = b"RIFF" + bytes(4) + b"AVI " + NOISE


def look(folder: Path, data: bytes) -> Completeness:
    """Write and look."""
    path = folder / "clip"
    path.write_bytes(data)
    return completeness(path)


@pytest.mark.parametrize("data", [FRONT, BACK, FRAGMENTED, BIG, MKV, AVI, AVIX])
def test_whole(tmp_path: Path, data: bytes) -> None:
    """Every family, and what other programs append to it."""
    found = look(tmp_path, data)
    assert (found.state, found.why) == ("complete", "")
    assert found.have_bytes == found.need_bytes == len(data)


@pytest.mark.parametrize("data", [FRONT, BIG, FRAGMENTED, MKV, AVI, AVIX])
@pytest.mark.parametrize("share", [0.05, 0.45, 0.9, 0.999])
def test_cut(tmp_path: Path, data: bytes, share: float) -> None:
    """Cut off anywhere, it is not whole."""
    found = look(tmp_path, data[: int(len(data) * share)])
    assert found.state == "incomplete"
    assert found.why


def test_cut_says_how_much_is_there(tmp_path: Path) -> None:
    """In units that a person reads."""
    found = look(tmp_path, FRONT[:100_000])
    assert found.need_bytes == len(FRONT)
    assert found.why == "only 100.0 of 204.1 kB are there"


@pytest.mark.parametrize("share", [0.01, 0.5, 0.9, 0.999])
def test_table_of_contents_last(tmp_path: Path, share: float) -> None:
    """While the table is missing, nothing is whole: also where the cut is on a border."""
    assert look(tmp_path, BACK[: int(len(BACK) * share)]).state == "incomplete"
    assert "table of contents" in look(tmp_path, BACK[: -len(MOOV)]).why


@pytest.mark.parametrize(
    "data",
    [b"", b"\0", FTYP, FTYP + MOOV, FTYP + MOOV + box(b"moof", b"x"), OPEN_PIECES + bytes(5000)],
)
def test_beginnings(tmp_path: Path, data: bytes) -> None:
    """Nothing yet, a header only, or a piece without its pictures."""
    assert look(tmp_path, data).state == "incomplete"


@pytest.mark.parametrize(
    "data", [LIVE, OPEN_AVI, OPEN_PIECES, b"G" + NOISE, b"just some text, but long enough"]
)
def test_unknown(tmp_path: Path, data: bytes) -> None:
    """Kinds that don't say how long they must be: resting long enough has to do."""
    assert look(tmp_path, data).state == "unknown"


@pytest.mark.parametrize("tail", [b"\0\0\0", bytes(4096), b"TAG added by another program" * 9])
def test_what_others_append(tmp_path: Path, tail: bytes) -> None:
    """Padding behind a whole file is no damage."""
    assert look(tmp_path, FRONT + tail).state == "complete"
    assert look(tmp_path, BACK + tail).state == "complete"


@pytest.mark.parametrize("data", [FRONT, MKV, AVI])
def test_zero_tail(tmp_path: Path, data: bytes) -> None:
    """Reserved at full size, its end not written yet."""
    found = look(tmp_path, data[:-70_000] + bytes(70_000))
    assert (found.state, found.why) == ("incomplete", "parts of it have not been written yet")


def test_zero_tail_after_which_the_table_was_written(tmp_path: Path) -> None:
    """The table comes last, so the zeros were written, too; an empty table proves nothing."""
    data = bytearray(BACK)
    data[-len(MOOV) - 70_000 : -len(MOOV)] = bytes(70_000)
    assert look(tmp_path, bytes(data)).state == "complete"
    empty = BACK[: -len(MOOV)] + box(b"moov", bytes(500))
    assert "table of contents" in look(tmp_path, empty).why


def test_silence_in_uncompressed_sound(tmp_path: Path) -> None:
    """A MOV with PCM may end in a row of zeros and be whole."""
    moov = box(b"moov", box(b"stsd", b"sowt"))
    assert look(tmp_path, FTYP + moov + box(b"mdat", NOISE + bytes(70_000))).state == "complete"


LONG = NOISE * 5
LONG_SEGMENT = bytes.fromhex("18538067") + struct.pack(">Q", (1 << 56) | len(LONG)) + LONG


@pytest.mark.parametrize(
    "data",
    [
        FTYP + MOOV + box(b"mdat", LONG),
        FTYP + box(b"mdat", LONG) + MOOV,
        bytes.fromhex("1a45dfa3 84 42868101") + LONG_SEGMENT,
        b"RIFF" + struct.pack("<I", 4 + len(LONG)) + b"AVI " + LONG,
        b"G" + LONG,
    ],
)
def test_holes(tmp_path: Path, data: bytes) -> None:
    """A sparse file, as programs that fetch in pieces leave it."""
    path = tmp_path / "clip"
    with path.open("wb") as out:
        out.write(data[:200_000])
        out.seek(400_000)
        out.write(data[400_000:])
    assert completeness(path).why == "parts of it have not been written yet"


def test_reserved_space(tmp_path: Path) -> None:
    """Space that is set aside counts as blocks; only SEEK_HOLE tells that it is empty."""
    path = tmp_path / "clip"
    big = FTYP + MOOV + box(b"mdat", LONG)
    with path.open("wb") as out:
        os.posix_fallocate(out.fileno(), 0, len(big))
        out.write(big[:200_000])
        out.seek(len(big) - 100_000)
        out.write(big[-100_000:])
    assert path.stat().st_blocks * 512 >= len(big)
    assert completeness(path).state == "incomplete"


@pytest.mark.parametrize("read_before", [False, True])
@pytest.mark.parametrize(
    ("start", "length", "state"),
    [
        (400_000, 300_000, "incomplete"),
        (400_000, 30_000, "doubtful"),
        (-30_000, 30_000, "doubtful"),
    ],
)
def test_the_last_piece_of_a_reserved_file(
    tmp_path: Path, start: int, length: int, state: str, read_before: bool
) -> None:
    """Seen wherever it is missing, also when somebody has read the file since it was reserved."""
    path = tmp_path / "clip"
    big = FTYP + MOOV + box(b"mdat", LONG)
    at = start % len(big)
    with path.open("wb") as out:
        os.posix_fallocate(out.fileno(), 0, len(big))
        out.write(big[:at])
        out.seek(at + length)
        out.write(big[at + length :])
    if read_before:
        path.read_bytes()
    assert completeness(path).state == state
    with path.open("r+b") as out:
        out.seek(at)
        out.write(big[at : at + length])
    assert completeness(path).state == "complete"


def test_a_few_zeros_at_the_end_are_no_proof(tmp_path: Path) -> None:
    """The last piece of a reserved file may be small: then it rests as one that says nothing."""
    assert look(tmp_path, FRONT[:-300] + bytes(300)).state == "unknown"
    assert look(tmp_path, FRONT[:-20] + bytes(20)).state == "complete"
    assert look(tmp_path, b"G" + NOISE + bytes(70_000)).state == "doubtful"


def test_hostile_sizes_end(tmp_path: Path) -> None:
    """Boxes by the ten thousand, and a box of nine exabytes."""
    assert look(tmp_path, FTYP + box(b"free") * 60_000).state == "unknown"
    huge = look(tmp_path, FTYP + MOOV + struct.pack(">I4sQ", 1, b"mdat", (1 << 63) + 5) + NOISE)
    assert (huge.state, huge.need_bytes) == ("incomplete", len(FTYP + MOOV) + (1 << 63) + 5)
    assert look(tmp_path, FTYP + struct.pack(">I4s", 3, b"moov") + NOISE).state == "incomplete"
    assert look(tmp_path, bytes.fromhex("1a45dfa300") + NOISE).state == "unknown"


def test_what_is_no_file(tmp_path: Path) -> None:
    """Links are not followed, pipes don't block, and what is gone says so."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    for name in ("pipe", "link", ""):
        assert completeness(tmp_path / name).state == "unknown"
    with pytest.raises(FileNotFoundError):
        completeness(tmp_path / "gone")


def test_open_file(tmp_path: Path) -> None:
    """The same for a descriptor that is already open."""
    (tmp_path / "clip").write_bytes(FRONT)
    with (tmp_path / "clip").open("rb") as clip:
        assert completeness_fd(clip.fileno()).state == "complete"
