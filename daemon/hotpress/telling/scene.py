"""What there is to tell of one outbox: plain values, gathered once a look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hotpress.store import Failed, Waiting


@dataclass(frozen=True, slots=True)
class Arriving:
    """A file that is not finished; first seen `seconds` ago."""

    name: str
    size_bytes: int
    seconds: float
    why: str


@dataclass(frozen=True, slots=True)
class Scene:
    """Of all inboxes that deliver into one outbox."""

    waiting: tuple[Waiting, ...] = ()
    failed: tuple[Failed, ...] = ()  # those whose sources are still there
    arriving: tuple[Arriving, ...] = ()
    in_line: int = 0  # videos that are made now, or wait for a place
    in_line_seconds: float = 0.0  # how long the first of those has waited
    troubles: tuple[str, ...] = ()  # of the folders
    patience_seconds: float = 600.0
    now: float = 0.0
    notes: Mapping[str, str] = field(default_factory=dict)  # job -> where its note lies
    host: str = "the computer"
