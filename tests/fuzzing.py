"""Real files, mutated by chance with a seed, and what hotpress makes of each."""

from __future__ import annotations

import random
import re
import resource
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import clips

from hotpress.errors import MediaError
from hotpress.media import belongings, probe
from hotpress.media.container import completeness

KINDS = (
    "tiny", "small", "fragmented", "apple", "tagged", "chapters", "turned", "cover", "pq",
    "surround", "webm", "avi", "ts", "moov_last",
)  # fmt: skip
_PARENTS = frozenset(b"moov trak mdia minf stbl udta meta edts dinf moof traf mvex ilst".split())
_SIZES = (0, 1, 7, 8, 2**16, 2**31 - 1, 2**31, 2**32 - 1)
_LONG_SIZES = (0, 1, 15, 16, 2**31, 2**62, 2**63 - 1, 2**63, 2**64 - 1)
_HEADER_BYTES = 6000
_MOST_BYTES = 300_000  # of a base: its media are cut, where the table comes first
SECONDS = 35.0  # what one file may take: the limit of a probe, and room for a busy machine
MEMORY_BYTES = 4 << 30


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Where boxes start and end, also within boxes."""
    at, end = start, len(data) if end is None else end
    while at + 8 <= end:
        length, kind = struct.unpack_from(">I4s", data, at)
        if length < 8 or at + length > end:
            return
        yield at, at + length
        if kind in _PARENTS:
            yield from boxes(data, at + 8, at + length)
        at += length


def _header_place(data: bytes, chance: random.Random) -> int:
    """A place where headers are likely: the beginning, the end, or any box."""
    found = [at for at, _ in boxes(data)]
    if found and chance.random() < 0.6:
        return min(len(data) - 1, chance.choice(found) + chance.randrange(64))
    near = chance.randrange(min(_HEADER_BYTES, len(data)))
    return near if chance.random() < 0.7 else len(data) - 1 - near


def _bits(data: bytearray, chance: random.Random) -> bytearray:
    for _ in range(chance.choice((1, 4, 16, 64, 400))):
        data[_header_place(data, chance)] ^= 1 << chance.randrange(8)
    return data


def _lengths(data: bytearray, chance: random.Random) -> bytearray:
    found = [at for at, _ in boxes(data)]
    for _ in range(chance.choice((1, 1, 2, 5))):
        at = chance.choice(found) if found else _header_place(data, chance)
        if chance.random() < 0.3:
            struct.pack_into(">I", data, at, 1) if at + 4 <= len(data) else None
            long = struct.pack(">Q", chance.choice(_LONG_SIZES))
            data[at + 8 : at + 16] = long
        else:
            data[at : at + 4] = struct.pack(">I", chance.choice(_SIZES))
    return data


def _numbers(data: bytearray, chance: random.Random) -> bytearray:
    """Counts, widths, times: any four or eight bytes."""
    for _ in range(chance.choice((1, 3, 9))):
        at = _header_place(data, chance)
        if chance.random() < 0.5:
            data[at : at + 4] = struct.pack(">I", chance.choice(_SIZES))
        else:
            data[at : at + 8] = struct.pack(">Q", chance.choice(_LONG_SIZES))
    return data


def _cut(data: bytearray, chance: random.Random) -> bytearray:
    return data[: chance.randrange(1, len(data))]


def _doubled(data: bytearray, chance: random.Random) -> bytearray:
    found = list(boxes(data)) or [(0, min(len(data), 4000))]
    for _ in range(chance.choice((1, 1, 3, 40))):
        start, end = chance.choice(found)
        if end - start < 100_000:
            at = chance.choice(found)[0]
            data[at:at] = data[start:end]
    return data


def _spliced(data: bytearray, chance: random.Random) -> bytearray:
    other = base(chance.choice(KINDS))
    start = _header_place(other, chance)
    at = _header_place(data, chance)
    data[at : at + chance.choice((0, 8, 500))] = other[start : start + chance.randrange(1, 9000)]
    return data


def _zeros(data: bytearray, chance: random.Random) -> bytearray:
    at, length = _header_place(data, chance), chance.choice((8, 64, 512, 5000))
    data[at : at + length] = bytes(length)
    return data


MUTATIONS: dict[str, Callable[[bytearray, random.Random], bytearray]] = {
    "bits": _bits, "lengths": _lengths, "numbers": _numbers, "cut": _cut, "doubled": _doubled,
    "spliced": _spliced, "zeros": _zeros,
}  # fmt: skip
_NUMBERS = re.compile(r"\d[\d.]*( [kMG]B| bytes)?")
_BASES: dict[str, bytes] = {}


def base(kind: str) -> bytes:
    """A made clip's bytes, or their beginning where the table comes first."""
    if kind not in _BASES:
        data = clips.kept(kind).read_bytes()
        table_first = b"moov" in data[:_MOST_BYTES] or kind in ("tagged", "webm", "ts", "avi")
        _BASES[kind] = data[:_MOST_BYTES] if table_first else data
    return _BASES[kind]


def mutant(seed: int, number: int) -> tuple[str, bytes]:
    """Its name, and its bytes: always the same for a seed and a number."""
    chance = random.Random(f"{seed}/{number}")
    kind, how = chance.choice(KINDS), chance.choice(list(MUTATIONS))
    data = MUTATIONS[how](bytearray(base(kind)), chance)
    if chance.random() < 0.3:
        how2 = chance.choice(list(MUTATIONS))
        data, how = MUTATIONS[how2](data, chance) if data else data, f"{how}+{how2}"
    return f"{number} {kind} {how}", bytes(data)


@dataclass(slots=True)
class Figures:
    """How many ended how, and the slowest."""

    ended: Counter[str] = field(default_factory=Counter)
    slowest_seconds: float = 0.0
    slowest: str = ""
    problems: list[str] = field(default_factory=list)

    def take(self, name: str, path: Path) -> None:
        """Look at one file as the daemon does, and note how it ended."""
        began = time.monotonic()
        try:
            how = self._look(path)
        except MediaError as problem:
            how = f"refused: {_NUMBERS.sub('N', problem.why)}"
            if not (problem.why and problem.hint):
                self.problems.append(f"{name}: no sentence")
        except Exception as problem:  # noqa: BLE001 - whatever comes is what is looked for
            how = "raised"
            self.problems.append(f"{name}: {type(problem).__name__}: {problem}")
        seconds = time.monotonic() - began
        self.ended[how] += 1
        if seconds > self.slowest_seconds:
            self.slowest_seconds, self.slowest = seconds, name
        if seconds > SECONDS:
            self.problems.append(f"{name}: took {seconds:.0f} s")

    def _look(self, path: Path) -> str:
        completeness(path)
        belongings.carried(path)
        facts = probe.probe(path)
        return "damaged" if probe.damage(path, facts) else "read"

    def add(self, other: Figures) -> None:
        """Sum up."""
        self.ended += other.ended
        self.problems += other.problems
        if other.slowest_seconds > self.slowest_seconds:
            self.slowest_seconds, self.slowest = other.slowest_seconds, other.slowest


def look_at(seed: int, numbers: range, folder: Path, figures: Figures) -> Figures:
    """Each of these mutants, one after the other, in `folder`."""
    path = folder / "clip.mp4"
    for number in numbers:
        name, data = mutant(seed, number)
        path.write_bytes(data)
        figures.take(name, path)
    return figures


def memory_bytes(who: int) -> int:
    """The most that this process, or one child of it, ever held (Linux counts in KiB)."""
    return resource.getrusage(who).ru_maxrss * 1024
