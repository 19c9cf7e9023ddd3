"""What was written into an outbox for people, and what was gone at the last look: one row a folder.

It is kept in the store: a note that vanished while nobody looked was deleted, too.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from hotpress.human import count_text
from hotpress.store import Store
from hotpress.telling.deletions import MOST

_START, _NOTHING = "told:", "{}"
_MINUTE_SECONDS = 60.0
_ACCIDENT_TOLD_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Written:
    """A note: whose, and what was written."""

    job: str
    sha256: str


@dataclass(slots=True)
class Ledger:
    """Of one outbox; paths are relative to it."""

    notes: dict[str, Written] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    results: list[str] = field(default_factory=list)  # delivered files that were there
    obeyed: list[float] = field(default_factory=list)  # when notes were, in the last minute
    status: str = ""  # sha256 of the words that were written last
    accident_count: int = 0
    accident_at: float = 0.0
    _read: str = ""

    @classmethod
    def all(cls, store: Store) -> dict[Path, Ledger]:
        """Of every outbox that was ever told of, by its path."""
        return {
            Path(key.removeprefix(_START)): cls._of(text)
            for key, text in store.notes(_START).items()
        }

    @classmethod
    def read(cls, store: Store, outbox: Path) -> Ledger:
        """As the last look left it."""
        return cls._of(store.note(_key(outbox)) or "")

    @classmethod
    def _of(cls, text: str) -> Ledger:
        text = text or _NOTHING
        value = json.loads(text)
        notes = {path: Written(**each) for path, each in value.pop("notes", {}).items()}
        return cls(notes=notes, **value, _read=text)

    def save(self, store: Store, outbox: Path) -> None:
        """Keep it, if anything is otherwise now."""
        value = asdict(self)
        del value["_read"]
        text = json.dumps(value, sort_keys=True)
        if text != self._read and value != asdict(Ledger()):
            store.set_note(_key(outbox), text)

    def forget(self, store: Store, outbox: Path) -> None:
        """Nothing is told there any more."""
        if self._read != _NOTHING:
            store.set_note(_key(outbox), _NOTHING)

    def room(self, now: float) -> int:
        """How many may be obeyed now: a few a minute, however often somebody looks."""
        self.obeyed = [at for at in self.obeyed if 0 <= now - at < _MINUTE_SECONDS]
        return max(0, MOST - len(self.obeyed))

    def note_accident(self, count: int, now: float) -> None:
        """Many notes went at once."""
        self.accident_count, self.accident_at = count, now

    def accident(self, now: float) -> str:
        """The sentence about it, for a day."""
        if not self.accident_count or abs(now - self.accident_at) > _ACCIDENT_TOLD_SECONDS:
            return ""
        notes = count_text(self.accident_count, "note")
        return (
            f"{notes} about failed videos went at once. That looks like an accident, so nothing "
            f"was tried again.\n  What to do: delete at most {MOST} at a time, or "
            "`hotpress retry --all`."
        )


def _key(outbox: Path) -> str:
    return f"{_START}{outbox}"
