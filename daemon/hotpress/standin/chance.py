"""Seeded chance: the n-th draw of a name is the same in every run with that seed."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """One counter per name, so that threads which draw other names don't disturb a sequence."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._drawn: Counter[str] = Counter()
        self._lock = threading.Lock()

    def happens(self, name: str, share: float) -> bool:
        """Whether this draw of `name` falls into `share` (0 to 1)."""
        return random.Random(f"{self._seed}:{name}:{self._next(name)}").random() < share  # noqa: S311

    def alternate(self, name: str, values: Sequence[T]) -> T:
        """Give the values of a `mixed` knob in turn, so that each occurs soon."""
        return values[self._next(name) % len(values)]

    def _next(self, name: str) -> int:
        with self._lock:
            drawn = self._drawn[name]
            self._drawn[name] += 1
            return drawn
