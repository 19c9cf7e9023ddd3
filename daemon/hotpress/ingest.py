"""Follows the hot folders: a thread each, woken by nudges, with a rescan that is the truth."""

from __future__ import annotations

import queue
import threading
import time
from pathlib import Path

from hotpress import log, watch
from hotpress.hotfolder import HotFolder

_LOGGER = log.get("ingest")
_WAIT_SECONDS = 5.0  # then the watcher's life is looked at; nudges and stops come at once
_AGAIN_SECONDS = 5.0  # after a mistake of ours, or a full disk under the store


class Ingest:
    """A thread per inbox: a hung mount stops its own, the others go on."""

    def __init__(self, folders: list[HotFolder], stop: threading.Event) -> None:
        self._stop = stop
        self._folders = folders
        self._runners = [
            threading.Thread(target=self._run, args=(folder,), name=f"inbox {folder.name}")
            for folder in folders
        ]
        self._asks = {folder.name: threading.Event() for folder in folders}
        self._nudges: dict[str, queue.SimpleQueue[Path]] = {
            folder.name: queue.SimpleQueue() for folder in folders
        }

    def start(self) -> None:
        """Start watching; the first rescan follows at once."""
        for thread in self._runners:
            thread.daemon = True  # a hung mount must not keep the process
            thread.start()

    def rest(self, seconds: float) -> bool:
        """After a stop: wait for the threads; False when a hung mount keeps one."""
        self._wake()
        end = time.monotonic() + seconds  # for all together: ten hung mounts may hang at once
        for thread in self._runners:
            if thread.is_alive():
                thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._runners)

    def rescan(self, inbox: str = "") -> None:
        """Ask the inbox of this name, or every one, for a rescan now. Looks at no folder itself."""
        for folder in self._folders:
            if inbox in ("", folder.name):
                self._asks[folder.name].set()
                self._nudges[folder.name].put(watch.NOTHING)

    def _wake(self) -> None:
        """End every wait: a nudge about nothing."""
        for nudges in self._nudges.values():
            nudges.put(watch.NOTHING)

    def is_alive(self) -> bool:
        """Do all threads live?"""
        return all(thread.is_alive() for thread in self._runners)

    def _run(self, folder: HotFolder) -> None:
        """Follow one folder; whatever goes wrong is logged and tried again."""
        while not self._stop.is_set():
            try:
                self._follow(folder)
            except Exception:
                # The net of this thread: a folder must never go unwatched in silence.
                _LOGGER.exception("inbox.tripped", inbox=folder.name)
                folder.clock.wait(_AGAIN_SECONDS, self._stop)

    def _follow(self, folder: HotFolder) -> None:
        nudges = self._nudges[folder.name]
        watcher: watch.Watcher | None = None
        rescan_at = 0.0
        settings = folder.watching_as
        while not self._stop.is_set():
            now = folder.clock.steady()
            lost = watcher is not None and not watcher.is_alive()
            if now >= rescan_at or lost or self._asks[folder.name].is_set():
                self._asks[folder.name].clear()
                watcher = _watched(folder, watcher, nudges)
                folder.rescan()
                kind = watch.file_system_of(folder.root)
                period = watch.rescan_seconds(kind, settings.mode, settings.rescan, settings.poll)
                if folder.root_missing:
                    period = min(period, settings.poll)
                period = min(period, folder.second_look_seconds())
                rescan_at = now + period
            self._wait(folder, nudges, rescan_at)
            folder.look_again()
            folder.tell()
        if watcher is not None:
            watcher.stop()

    def _wait(self, folder: HotFolder, nudges: queue.SimpleQueue[Path], until: float) -> None:
        due = folder.next_due_seconds()
        rest = until - folder.clock.steady()
        seconds = max(0.0, min(rest, _WAIT_SECONDS if due is None else due, _WAIT_SECONDS))
        try:
            folder.nudge(nudges.get(timeout=seconds) if seconds else nudges.get_nowait())
            while True:
                folder.nudge(nudges.get_nowait())
        except queue.Empty:
            return


def _watched(
    folder: HotFolder, old: watch.Watcher | None, nudges: queue.SimpleQueue[Path]
) -> watch.Watcher | None:
    """The watcher of a folder, made anew when it died."""
    if folder.watching_as.mode == "polling" or (old is not None and old.is_alive()):
        return old
    if old is not None:
        old.stop()
    if not folder.root.is_dir():
        folder.watching = "polling"
        return None
    fresh = watch.Watcher(folder.root, nudges)
    folder.watching = "events" if fresh.alive else "polling"
    return fresh
