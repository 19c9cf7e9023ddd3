"""Hints to look at a path: each once, however often it was hinted at, and never too many."""

from __future__ import annotations

import threading

_MOST_PATHS = 20_000  # more at once: the rescan finds them all, and memory stays bounded


class Hints:
    """From many threads to the one that follows a folder. A hint is never a fact."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._paths: dict[str, None] = {}  # in the order in which they came
        self._rescan = False
        self._woken = False
        self.spilled = False  # were some thrown away, since the last rescan began?

    def add(self, path: str) -> None:
        """Look at this path."""
        with self._changed:
            if len(self._paths) < _MOST_PATHS:
                self._paths[path] = None
            else:
                self._paths.clear()
                self._rescan = self.spilled = True
            self._changed.notify()

    def ask_rescan(self) -> None:
        """Look at everything: somebody asks, or hints were lost."""
        with self._changed:
            self._rescan = True
            self._changed.notify()

    def wake(self) -> None:
        """End a wait, about nothing."""
        with self._changed:
            self._woken = True
            self._changed.notify()

    @property
    def rescan_asked(self) -> bool:
        """Did somebody ask to look at everything?"""
        return self._rescan

    def rescan_begins(self) -> None:
        """What is asked from now on asks for another one."""
        with self._changed:
            self._rescan = self.spilled = False

    def take(self, seconds: float) -> list[str]:
        """The paths since the last time; waits until there is something, at most `seconds`."""
        with self._changed:
            if not (self._paths or self._rescan or self._woken) and seconds > 0:
                self._changed.wait(seconds)
            paths, self._paths = list(self._paths), {}
            self._woken = False
            return paths
