"""Time and chance as arguments: everything that asks for them gets them handed in."""

from __future__ import annotations

import random
import threading
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the house asks of time. Seconds everywhere."""

    def now(self) -> float:
        """Seconds since 1970, UTC; may jump."""
        ...

    def steady(self) -> float:
        """Seconds that never jump back; their zero means nothing."""
        ...

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        """Wait until `seconds` have passed or `stop` is set; True when it is set."""
        ...


class SystemClock:
    """The real one."""

    def now(self) -> float:
        """Seconds since 1970, UTC."""
        return time.time()

    def steady(self) -> float:
        """Monotonic seconds."""
        return time.monotonic()

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        """Wait for `stop`, at most `seconds`."""
        return stop.wait(max(0.0, seconds))


class HandClock:
    """A clock that is set by hand: waiting moves it on at once. For tests and rehearsals."""

    def __init__(self, start: float = 1_800_000_000.0) -> None:
        self._now = start

    def now(self) -> float:
        """The time that was set."""
        return self._now

    def steady(self) -> float:
        """The time that was set."""
        return self._now

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        """Move on by `seconds` without waiting."""
        self._now += max(0.0, seconds)
        return stop.is_set()

    def move(self, seconds: float) -> None:
        """Move on, or back."""
        self._now += seconds


def iso(at: float | None) -> str | None:
    """Seconds since 1970 as ISO 8601 UTC (`2026-11-24T12:00:00Z`)."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base 32: no i, l, o, u


def fresh_id(chance: random.Random, bits: int) -> str:
    """A random name of at least `bits` bits, in letters that are hard to confuse."""
    return "".join(chance.choice(_ALPHABET) for _ in range(-(-bits // 5)))
