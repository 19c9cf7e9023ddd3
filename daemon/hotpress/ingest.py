"""Follows the hot folders: a thread each, woken by hints, with a rescan that is the truth."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from hotpress import log
from hotpress.hotfolder import HotFolder
from hotpress.watch.following import Following

_LOGGER = log.get("ingest")
_WAIT_SECONDS = 5.0  # then the watcher's life is looked at; hints and stops come at once
_AGAIN_SECONDS = 5.0  # after a mistake of ours, or a full disk under the store


class Ingest:
    """A thread per inbox: a hung mount stops its own, the others go on."""

    def __init__(self, folders: list[HotFolder], stop: threading.Event) -> None:
        self._stop = stop
        self._following = [
            (folder, Following(folder.watching_as, folder.clock)) for folder in folders
        ]
        self._runners = [
            threading.Thread(target=self._run, args=each, name=f"inbox {each[0].name}")
            for each in self._following
        ]

    def start(self) -> None:
        """Start watching; the first rescan follows at once."""
        for thread in self._runners:
            thread.daemon = True  # a hung mount must not keep the process
            thread.start()

    def rest(self, seconds: float) -> bool:
        """After a stop: wait for the threads; False when a hung mount keeps one."""
        for _, following in self._following:
            following.hints.wake()
        end = time.monotonic() + seconds  # for all together: ten hung mounts may hang at once
        for thread in self._runners:
            if thread.is_alive():
                thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._runners)

    def rescan(self, inbox: str = "") -> None:
        """Ask the inbox of this name, or every one, for a rescan now. Looks at no folder itself."""
        for folder, following in self._following:
            if inbox in ("", folder.name):
                following.hints.ask_rescan()

    def is_alive(self) -> bool:
        """Do all threads live?"""
        return all(thread.is_alive() for thread in self._runners)

    def _run(self, folder: HotFolder, following: Following) -> None:
        """Follow one folder; whatever goes wrong is logged and tried again."""
        while not self._stop.is_set():
            try:
                self._follow(folder, following)
            except Exception:
                # The net of this thread: a folder must never go unwatched in silence.
                _LOGGER.exception("inbox.tripped", inbox=folder.name)
                folder.clock.wait(_AGAIN_SECONDS, self._stop)
        following.stop()

    def _follow(self, folder: HotFolder, following: Following) -> None:
        while not self._stop.is_set():
            if following.is_due():
                following.before(folder.root)
                folder.watching, folder.watch_why = following.watching, following.told()
                fresh = folder.rescan()
                soon = folder.second_look_seconds()
                if folder.root_missing:
                    soon = min(soon, folder.watching_as.poll)
                following.after(folder.root, fresh=fresh, at_most_seconds=soon)
                folder.watching, folder.watch_why = following.watching, following.told()
            due = folder.next_due_seconds()
            rest = min(following.rest_seconds(), _WAIT_SECONDS)
            wait = rest if due is None else min(rest, due)
            for path in following.hints.take(wait):
                if folder.nudge(Path(path)):
                    following.hints.ask_rescan()
            folder.look_again()
            folder.tell()
