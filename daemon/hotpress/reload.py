"""A changed config is taken while everything runs: read, checked, then handed to each part.

Nothing that runs is interrupted. A step keeps the settings that it began with, a job its rule.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from hotpress import log
from hotpress.clock import Clock
from hotpress.config.live import Live
from hotpress.config.settings import Settings
from hotpress.errors import StoreError
from hotpress.model import Reason
from hotpress.serving import leave, serving
from hotpress.store import Store

# Held for a reason that the config may have mended: looked at again at once.
_MENDED = (Reason.TOKEN, Reason.BUDGET, Reason.CREDITS)
_LOGGER = log.get("config")


class Reload:
    """A thread of its own: a config on a disk that hangs keeps nobody else."""

    def __init__(
        self,
        live: Live,
        store: Store,
        clock: Clock,
        stop: threading.Event,
        takers: Sequence[Callable[[Settings], None]],
        asked: Callable[[bool], None] = lambda _now: None,
    ) -> None:
        """`takers` are handed the new settings, in this order.

        `asked` is told when a person's wish to read the file is obeyed (True), and when that is
        done (False), to whatever end.
        """
        self._live = live
        self._store = store
        self._clock = clock
        self._stop = stop
        self._takers = takers
        self._asked = asked
        self._taken_at = clock.now()
        self._thread = threading.Thread(target=self._run, name="config", daemon=True)

    def start(self) -> None:
        """Follow the file."""
        self._thread.start()

    def rest(self, seconds: float) -> bool:
        """After a stop: wait for the thread; False when something keeps it."""
        self._live.ask()
        if self._thread.is_alive():
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def look(self) -> None:
        """One look at the file, and what follows from it."""
        if not self._live.asked:
            self._look()
            return
        self._asked(True)
        try:
            self._look()
        finally:
            self._asked(False)

    def _look(self) -> None:
        before, problems = self._live.settings, self._live.problems
        if not self._live.look(self._clock.steady()):
            return
        now = self._live.settings
        if self._live.problems:
            _LOGGER.warning("config.refused", problems=list(self._live.problems))
        elif now != before:
            self._taken_at = self._clock.now()
            _LOGGER.info("config.taken", changed=changed(before, now))
            for take in self._takers:
                self._handed(take, now)
            if now.cloud != before.cloud:
                self._look_again()
        elif problems:
            _LOGGER.info("config.mended")
        self.tell()

    def tell(self) -> None:
        """For `status`: what counts, and what is wrong with the file."""
        config = self._live.config
        told = replace(
            serving(config.settings),
            path=str(config.path),
            taken_at=self._taken_at,
            problems=self._live.problems,
        )
        try:
            leave(self._store, told)
        except StoreError as error:  # a full disk is no reason to go on by the old settings
            _LOGGER.warning("config.untold", why=error.why)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.look()
            except Exception:
                # The net of this thread: else no change would ever be taken again, in silence.
                _LOGGER.exception("config.tripped")
            self._live.wait()

    def _handed(self, take: Callable[[Settings], None], now: Settings) -> None:
        try:
            take(now)
        except Exception:
            # One part that can't take it must not keep it from the others.
            _LOGGER.exception("config.tripped")

    def _look_again(self) -> None:
        try:
            for reason in _MENDED:
                self._store.ask("wake", "", {"reason": reason.value}, self._clock.now())
        except StoreError as error:
            _LOGGER.warning("config.untold", why=error.why)


def changed(before: Settings, now: Settings) -> list[str]:
    """The sections that differ: never their values, a token may be among them."""
    return [key for key in type(now).model_fields if getattr(before, key) != getattr(now, key)]
