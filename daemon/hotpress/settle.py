"""Is it settled? A pure decision over what was seen of a file; never by an mtime's age."""

from __future__ import annotations

from dataclasses import dataclass, replace

# Measured with real writers (docs/decisions/0006); seconds.
SILENT_FACTOR = 10.0  # a container that says nothing of its length rests ten times as long
UNKNOWN_LEASE_SECONDS = 30.0  # where nobody can tell whether it is still open for writing

Key = tuple[int, int, int, int, int]  # device, inode, size, mtime_ns, ctime_ns


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a file. `writer`: none, some, unknown. `whole`: complete, incomplete, unknown."""

    at: float
    key: Key
    writer: str = "none"
    whole: str = "unknown"
    why: str = ""
    online_only: bool = False
    side_file: str = ""

    @property
    def size_bytes(self) -> int:
        """The size that was seen."""
        return self.key[2]


@dataclass(frozen=True, slots=True)
class Candidate:
    """What was last seen of a file, and since when it is quiet."""

    first_at: float
    quiet_since: float
    last: Look
    longest_gap_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Patience:
    """The settings: `settle` for a whole file, `patience` for one that looks cut off; seconds."""

    settle: float = 1.0
    patience: float = 600.0


@dataclass(frozen=True, slots=True)
class Later:
    """Not yet: look again after `seconds`; `why` is for people."""

    seconds: float
    why: str


@dataclass(frozen=True, slots=True)
class SettledFile:
    """It is finished. `damage` says why it will not do, when it rested although it looks cut."""

    key: Key
    damage: str = ""


def seen(old: Candidate | None, look: Look) -> Candidate:
    """The candidate after one more look."""
    if old is None:
        return Candidate(look.at, look.at, look)
    if old.last.key == look.key and look.writer != "some":
        return replace(old, last=look)
    gap = look.at - old.quiet_since
    longest = (
        max(old.longest_gap_seconds, gap) if old.last.key != look.key else (old.longest_gap_seconds)
    )
    return Candidate(old.first_at, look.at, look, longest)


def judge(candidate: Candidate, patience: Patience) -> SettledFile | Later:
    """Settled, or when to look again."""
    look = candidate.last
    quiet = look.at - candidate.quiet_since
    if look.online_only:
        return Later(patience.settle * 30, "online only")
    if look.size_bytes == 0:
        return Later(patience.settle, "empty so far")
    if look.side_file:
        return Later(patience.settle, f"still being fetched: {look.side_file} lies beside it")
    if look.writer == "some":
        return Later(patience.settle, "still being written")
    need = needed_seconds(candidate, patience)
    if quiet >= need:
        return SettledFile(look.key, look.why if look.whole == "incomplete" else "")
    why = f"it looks unfinished: {look.why}" if look.whole == "incomplete" else "growing"
    step = patience.settle if look.whole != "incomplete" else max(patience.settle, need / 60)
    return Later(max(0.05, min(need - quiet, step)), why)


def needed_seconds(candidate: Candidate, patience: Patience) -> float:
    """How long it must be quiet, by what is known of it."""
    look = candidate.last
    if look.whole == "incomplete":
        return patience.patience
    if look.writer == "unknown":
        return max(UNKNOWN_LEASE_SECONDS * patience.settle, 2 * candidate.longest_gap_seconds)
    if look.whole == "unknown":
        return patience.settle * SILENT_FACTOR
    return patience.settle
