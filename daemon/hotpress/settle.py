"""Is it settled? A pure decision over what was seen of a file; never by an mtime's age."""

from __future__ import annotations

from dataclasses import dataclass, replace

# Measured with real writers (docs/decisions/0006); times `settle`.
SILENT_FACTOR = 10.0  # a container that says nothing of its length
UNKNOWN_LEASE_FACTOR = 30.0  # where nobody can tell whether it is still open for writing
AWAY_FACTOR = 30.0  # between two looks at what a sync client keeps elsewhere: there may be many
GAP_FACTOR = 2.0  # a writer that has paused for so long may do so again, and a bit longer
GROWING = "growing"
_SECOND_NS = 1_000_000_000
_MARKED = "its date is 1 January 1970: rsync marks so what it has not finished"

Key = tuple[int, int, int, int, int]  # device, inode, size, mtime_ns, ctime_ns


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a file.

    `writer`: none, some, unknown. `whole`: complete, doubtful, incomplete, unknown.
    `elsewhere`: "" or why its bytes are not on this machine yet; `comes`: they are on their way.
    """

    at: float
    key: Key
    writer: str = "none"
    whole: str = "unknown"
    why: str = ""
    elsewhere: str = ""
    comes: bool = False
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
    longest = old.longest_gap_seconds
    if old.last.key != look.key:
        longest = max(longest, _gap(old, look))
    return Candidate(old.first_at, look.at, look, longest)


def _gap(old: Candidate, look: Look) -> float:
    """How long the writer paused.

    A busy machine sees the start of a pause late; the file system's dates of the two changes do
    not depend on that. They are a clock's, which may have been set: so at most twice what was seen.
    """
    seen_seconds = look.at - old.quiet_since
    dated_seconds = (look.key[4] - old.last.key[4]) / _SECOND_NS
    return max(seen_seconds, min(dated_seconds, 2 * seen_seconds))


def judge(candidate: Candidate, patience: Patience) -> SettledFile | Later:
    """Settled, or when to look again."""
    look = candidate.last
    quiet = look.at - candidate.quiet_since
    if look.elsewhere:
        return Later(patience.settle * (1.0 if look.comes else AWAY_FACTOR), look.elsewhere)
    if look.size_bytes == 0:
        return Later(patience.settle, "empty so far")
    if look.side_file:
        return Later(patience.settle, f"still being fetched: {look.side_file} lies beside it")
    if look.writer == "some":
        return Later(patience.settle, "still being written")
    damage = _damage(look)
    need = needed_seconds(candidate, patience)
    if quiet >= need:
        return SettledFile(look.key, damage)
    step = max(patience.settle, need / 60) if need >= patience.patience else patience.settle
    return Later(max(0.05, min(need - quiet, step)), _waiting(look, damage))


def needed_seconds(candidate: Candidate, patience: Patience) -> float:
    """How long it must be quiet, by what is known of it."""
    look = candidate.last
    if _damage(look) or look.whole == "doubtful":
        return patience.patience
    gaps = GAP_FACTOR * candidate.longest_gap_seconds
    if look.writer == "unknown":
        return max(UNKNOWN_LEASE_FACTOR * patience.settle, gaps)
    if look.whole == "unknown":
        return max(SILENT_FACTOR * patience.settle, gaps)
    return patience.settle


def _damage(look: Look) -> str:
    """Why it will not do as it is, or "". A whole container may have any date."""
    if look.whole == "incomplete":
        return look.why
    marked = look.key[3] // _SECOND_NS == 0 and look.whole != "complete"
    return _MARKED if marked else ""


def _waiting(look: Look, damage: str) -> str:
    if damage:
        return f"it looks unfinished: {damage}"
    return f"{GROWING}, or done: {look.why}" if look.why else GROWING
