"""Which request gets which fault: pure matching, and the counter that numbers all requests."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

KINDS = (
    "token",
    "claim",
    "session",
    "upload",
    "run_sse",
    "state",
    "credits",
    "submit",
    "poll",
    "cancel",
    "download",
    "cdn",
    "other",
)
LIES = (
    "oversize",
    "cut",
    "wrong_length",
    "corrupt",
    "html",
    "empty",
    "sideways",
    "no_sound",
    "other_fps",
    "washed_out",
)
ODDITIES = (
    "bom",
    "comments",
    "crlf",
    "split_utf8",
    "u2028",
    "multi_line_data",
    "partial",
    "thought",
    "empty_data",
    "heartbeats",
    "error_event",
    "error_first",
    "error_late",
    "no_text",
    "no_trailing_blank",
    "text_and_call",
    "temporary_issue",
    "nothing",
)
CHOICES: Mapping[str, tuple[str, ...]] = {
    "kill": ("before", "mid", "swallow", "after"),
    "lie": LIES,
    "break_stream": ("before_first", "mid"),
    "sse": ODDITIES,
}
"""The words that an action takes, for those that take words."""

ONLY: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("sse", "music", "title", "break_stream", "edit", "charge", "turn_seconds"), ("run_sse",)
    ),
    **dict.fromkeys(("render_fails", "render_sticks", "lie"), ("submit",)),
    "lose_upload": ("upload",),
    "stale_link": ("cdn",),
    "lose_session": ("upload", "run_sse", "state", "submit"),
}
"""The endpoints at which an action means something; all others mean something everywhere."""


@dataclass(frozen=True, slots=True)
class Actions:
    """What is done to one request. Seconds are the stand-in's own: divided by its speed."""

    drop_before: bool = False
    drop_mid: bool = False
    drop_after: bool = False
    delay: float = 0.0
    slow: int = 0
    status: int = 0
    body: str = ""
    code: int = -1
    retry_after: int = 0
    html: bool = False
    malformed: bool = False
    empty: bool = False
    effect: bool = False
    kill: str = ""
    expire_token: bool = False
    grant: int = 0
    lose_session: bool = False
    lose_upload: bool = False
    sse: tuple[str, ...] = ()
    music: bool = False
    title: bool = False
    break_stream: str = ""
    edit: bool | None = None
    charge: bool | None = None
    turn_seconds: float = -1.0
    render_fails: bool = False
    render_sticks: bool = False
    stale_link: bool = False
    lie: str = ""

    @property
    def canned(self) -> bool:
        """Whether the answer is fixed by the scenario instead of by what the request did."""
        return bool(self.status or self.code >= 0 or self.html or self.malformed or self.empty)

    def names(self) -> list[str]:
        """The actions that are set, for the request log."""
        plain = Actions()
        return [
            spot.name
            for spot in fields(self)
            if getattr(self, spot.name) != getattr(plain, spot.name)
        ]


@dataclass(frozen=True, slots=True)
class Fault:
    """One row of a scenario's `faults`: the requests that it is for, and what happens to them."""

    do: Mapping[str, Any]
    at: int | None = None
    kind: str | None = None
    occurrence: frozenset[int] = frozenset()
    since: int = 1

    def matches(self, n: int, kind: str, k: int) -> bool:
        """Whether it is for request `n`, which is the `k`-th of its kind."""
        if self.at is not None and self.at != n:
            return False
        if self.kind is not None and self.kind != kind:
            return False
        return k >= self.since and (not self.occurrence or k in self.occurrence)


@dataclass(slots=True)
class Book:
    """Numbers the requests of both servers from 1 and hands out what is to be done to each."""

    faults: tuple[Fault, ...] = ()
    _n: int = 0
    _of_kind: Counter[str] = field(default_factory=Counter)
    _killed: set[int] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, kind: str) -> tuple[int, Actions]:
        """The number of a request that has just arrived, and its actions; earlier rows win."""
        with self._lock:
            self._n += 1
            self._of_kind[kind] += 1
            merged: dict[str, Any] = {}
            for row, fault in enumerate(self.faults):
                if not fault.matches(self._n, kind, self._of_kind[kind]):
                    continue
                for name, value in fault.do.items():
                    if name == "kill":
                        # A kill happens once: the client that comes back must be able to go on.
                        if row in self._killed:
                            continue
                        self._killed.add(row)
                    if name not in ONLY or kind in ONLY[name]:
                        merged.setdefault(name, value)
            return self._n, Actions(**merged)
