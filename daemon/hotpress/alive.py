"""Is hotpress alive? Its loops are asked, and the overseer hears of it while each of them answers.

The loops are those that everything depends on: the engine's and the timetable's. Threads that look
into folders are not asked: a dead network share may keep one for days, and a start anew would not
help.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from hotpress import log
from hotpress.clock import Clock
from hotpress.errors import StoreError
from hotpress.overseer import ALIVE, READY, STOPPING, Overseer, reloading, status

_LOOKS = 4  # in the time that the overseer allows: a loop may be late at one of them
_LATE_LOOKS = 2  # in a row without an answer: it is said
_STATUS_SECONDS = 60.0  # between two looks where no watchdog asks for more
_LOGGER = log.get("daemon")
# Hands a loop a call that it makes at its next turn, in its own thread.
Ask = Callable[[Callable[[], None]], None]


class Alive:
    """Tells the overseer; silent where there is none."""

    def __init__(
        self,
        overseer: Overseer,
        clock: Clock,
        stop: threading.Event,
        loops: Mapping[str, Ask],
        says: Callable[[], str],
    ) -> None:
        """`says` what hotpress does now, in a line."""
        self._overseer = overseer
        self._clock = clock
        self._stop = stop
        self._loops = loops
        self._says = says
        self._open: dict[str, int] = {}  # loops that owe an answer, and at how many looks
        self._told = ""
        self._thread = threading.Thread(target=self._run, name="alive", daemon=True)

    def ready(self) -> None:
        """Everything has started; from now on it is looked at."""
        if not self._overseer.address:
            return
        self._told = self._text()
        self._overseer.say(READY, status(self._told))
        self._thread.start()

    def reloads(self, now: bool) -> None:
        """The config is being read; not `now`: that is over."""
        if not self._overseer.address:
            return
        if now:
            self._overseer.say(*reloading())
        else:
            self._told = self._text()
            self._overseer.say(READY, status(self._told))

    def stopping(self) -> None:
        """A stop has begun: jobs under way go on at the next start."""
        self._overseer.say(STOPPING, status("stops; what is under way goes on at the next start"))

    def look(self) -> list[str]:
        """A sign of life if all have answered, else none; who is stuck."""
        late = list(self._open)
        if not late:
            self._overseer.say(ALIVE)
        for name in late:
            self._open[name] += 1
        stuck = [name for name in late if self._open[name] >= _LATE_LOOKS]
        if stuck:
            _LOGGER.error("loops.stuck", loops=stuck)
        for name in self._loops.keys() - late:
            self._open[name] = 0
            self._loops[name](lambda name=name: self._answered(name))  # type: ignore[misc]
        self._tell(f"{' and '.join(sorted(stuck))} does not go on" if stuck else self._text())
        return stuck

    def _text(self) -> str:
        try:
            return self._says()
        except StoreError as error:  # a full disk: hotpress lives, and waits for room
            return error.why

    def _answered(self, name: str) -> None:
        self._open.pop(name, None)

    def _tell(self, text: str) -> None:
        if text != self._told and not self._stop.is_set():
            self._told = text
            self._overseer.say(status(text))

    def _run(self) -> None:
        most = self._overseer.watchdog_seconds
        every = _STATUS_SECONDS if most is None else most / _LOOKS
        while not self._clock.wait(every, self._stop):
            try:
                self.look()
            except Exception:
                # The net of this thread; no sign of life was given, so a start anew may follow.
                _LOGGER.exception("alive.tripped")
