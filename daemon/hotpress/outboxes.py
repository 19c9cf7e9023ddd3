"""All outboxes of a daemon: known by their markers, read for deliveries, shared in peace."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import replace
from functools import partial
from pathlib import Path

from hotpress import courtesy, log, outbox, record
from hotpress.clock import Clock
from hotpress.model import Reason
from hotpress.reach import NoAnswer, within
from hotpress.store import Store

_PATIENCE_SECONDS = 10.0  # for all at a start: a mount that hangs must not keep the others
_ADDED_SECONDS = 1.0  # the same while everything runs; what takes longer goes on by itself
_LOGGER = log.get("outbox")


class Outboxes:
    """From the daemon's start to its stop."""

    def __init__(
        self, store: Store, clock: Clock, me: courtesy.Peer, folders: list[Path], *, new: bool
    ) -> None:
        """`new`: outboxes without our marker are new ones (a person says so)."""
        self._store = store
        self._clock = clock
        self._me = me
        self.folders = sorted(set(folders))
        self._new = new
        self._owners: dict[Path, str] = {}
        self._renewed: dict[Path, float] = {}

    def open(self) -> None:
        """Mark new ones, learn what was delivered, and tell other computers of this one."""
        self._open_all(self.folders, _PATIENCE_SECONDS, new=self._new)

    def take(self, folders: list[Path]) -> None:
        """Changed settings. Those that were taken out stay: jobs may still deliver there."""
        fresh = sorted(set(folders) - set(self.folders))
        self.folders = sorted({*self.folders, *fresh})
        self._open_all(fresh, _ADDED_SECONDS, new=False)

    def look(self) -> None:
        """Each minute: renew our word, and see whether another computer's has ended."""
        for folder in self.folders:
            # A thread that hangs here would keep our word from all the others.
            with contextlib.suppress(OSError, NoAnswer):
                within(folder, partial(self._look, folder))

    def close(self) -> None:
        """An orderly stop: others may go on at once."""
        for folder in list(self._renewed):
            with contextlib.suppress(OSError, NoAnswer):
                within(folder, partial(courtesy.withdraw, folder, self._me))

    def _open_all(self, folders: list[Path], seconds: float, *, new: bool) -> None:
        threads = [
            threading.Thread(target=self._open, args=(folder, new), daemon=True)
            for folder in folders
        ]
        for thread in threads:
            thread.start()
        end = self._clock.steady() + seconds
        for thread in threads:
            thread.join(max(0.0, end - self._clock.steady()))

    def _open(self, folder: Path, new: bool) -> None:
        """A new outbox gets its marker; one that was known and is away is never made anew."""
        key = f"outbox:{folder}"
        known = self._store.note(key)
        try:
            if known is not None and outbox.marker_of(folder) != known and not new:
                _LOGGER.warning("outbox.missing", path=str(folder))
                return
            self._store.set_note(key, outbox.make(folder))
            record.learn(self._store, folder)
            self._look(folder)
        except OSError as error:
            _LOGGER.warning("outbox.refused", path=str(folder), why=str(error))

    def _look(self, folder: Path) -> None:
        now = self._clock.now()
        marker = outbox.marker_of(folder)
        if marker is None or marker != self._store.note(f"outbox:{folder}"):
            return  # away, or another folder in its place: never written into
        last = self._renewed.get(folder)
        if last is None or abs(now - last) >= courtesy.RENEW_SECONDS:
            courtesy.announce(folder, replace(self._me, at=now))
            self._renewed[folder] = now
        first = courtesy.owner(folder, self._me, now)
        host = first.host if first else ""
        if host != self._owners.get(folder, ""):
            _LOGGER.warning("outbox.shared", path=str(folder), owner=host or "this computer")
        if self._owners.get(folder) and not host:
            self._store.ask("wake", "", {"reason": Reason.ELSEWHERE.value}, now)
        self._owners[folder] = host
