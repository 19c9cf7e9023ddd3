"""Which folders answer? A call into a hung mount never comes back, and nothing can end it.

So such a call gets a thread of its own, and whoever waits for it looks at the clock.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from hotpress.clock import Clock

ANSWER_SECONDS = 1.0  # for one look at a folder in passing
ASK_SECONDS = 5.0  # between two questions to a folder that answers
LATE_SECONDS = 5.0  # an answer that takes longer: the folder hangs
_IDLE_SECONDS = 60.0  # then a thread that asks nothing ends
_AGAIN_SECONDS = 30.0  # what gave no answer is not asked again by `within` before
T = TypeVar("T")
_asking: dict[Path, threading.Thread] = {}  # who still waits for an answer
_silent: dict[Path, float] = {}  # until when nobody asks again, by the steady clock


class NoAnswer(Exception):
    """The call has not come back in time; its thread may hang for ever."""


def within(path: Path, call: Callable[[], T], seconds: float = ANSWER_SECONDS) -> T:
    """What `call`, which looks at `path`, returns or raises. Raises NoAnswer after `seconds`."""
    before = _asking.get(path)
    if time.monotonic() < _silent.get(path, 0.0) or (before is not None and before.is_alive()):
        raise NoAnswer  # one thread may hang there, not one more with each question
    found: list[T] = []
    problems: list[BaseException] = []

    def ask() -> None:
        try:
            found.append(call())
        except BaseException as error:  # noqa: BLE001 - it is raised in the thread that asked
            problems.append(error)

    thread = threading.Thread(target=ask, name=f"look at {path}", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        _asking[path] = thread
        _silent[path] = time.monotonic() + _AGAIN_SECONDS
        raise NoAnswer
    _silent.pop(path, None)
    if problems:
        raise problems[0]
    return found[0]


@dataclass(slots=True)
class _Question:
    """To one folder, asked again and again by one thread: a new one each time costs more."""

    folder: Path
    asked_at: float = -ASK_SECONDS
    open: bool = False
    _lives: bool = False
    _wake: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, now: float) -> None:
        """Have it asked; never blocks."""
        with self._lock:
            self.open, self.asked_at = True, now
            self._wake.set()
            if not self._lives:
                self._lives = True
                name = f"ask {self.folder}"
                threading.Thread(target=self._run, name=name, daemon=True).start()

    def _run(self) -> None:
        """Until nobody has asked for long."""
        while True:
            self._wake.wait(_IDLE_SECONDS)
            with self._lock:
                if not self._wake.is_set():
                    self._lives = False
                    return
                self._wake.clear()
            _ask(self.folder, self)


@dataclass(slots=True)
class Reach:
    """Asks the folders of each inbox from time to time; `hung` names those that don't answer."""

    folders: Mapping[str, Iterable[Path]]  # by the inbox's name
    clock: Clock
    hung: dict[str, Path] = field(default_factory=dict)
    _questions: dict[Path, _Question] = field(default_factory=dict)

    def look(self) -> bool:
        """Ask again whom it is time to ask; True when `hung` is another now. Never blocks."""
        before, self.hung = self.hung, {}
        for name, folders in self.folders.items():
            for folder in folders:
                if self._is_late(folder):
                    self.hung[name] = folder
        return self.hung != before

    def _is_late(self, folder: Path) -> bool:
        question = self._questions.setdefault(folder, _Question(folder))
        since = self.clock.steady() - question.asked_at
        if question.open:
            return since > LATE_SECONDS
        if since >= ASK_SECONDS:
            question.ask(self.clock.steady())
        return False


def _ask(folder: Path, question: _Question) -> None:
    """The free space is the one thing that no system tells from memory: the disk has to answer."""
    with contextlib.suppress(OSError):  # a refusal is an answer, too
        os.statvfs(folder)
    question.open = False
