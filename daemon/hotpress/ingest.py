"""Follows the hot folders: a thread each, woken by hints, with a rescan that is the truth."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hotpress import log
from hotpress.config.terms import Terms
from hotpress.hotfolder import HotFolder
from hotpress.watch.following import Following

_LOGGER = log.get("ingest")
_WAIT_SECONDS = 5.0  # then the watcher's life is looked at; hints and stops come at once
_END_SECONDS = 5.0  # for folders that were taken out of the config: a rescan ends at its next file
_AGAIN_SECONDS = 5.0  # after a mistake of ours, or a full disk under the store


@dataclass(slots=True)
class _Runner:
    """One folder, the thread that follows it, and what others tell that thread."""

    folder: HotFolder
    following: Following
    thread: threading.Thread = field(default_factory=threading.Thread)


class Ingest:
    """A thread per inbox: a hung mount stops its own, the others go on."""

    def __init__(
        self, make: Callable[[Terms], HotFolder], terms: Sequence[Terms], stop: threading.Event
    ) -> None:
        """`make` builds the folder of an inbox."""
        self._make = make
        self._stop = stop
        self._runners = [self._runner(each) for each in terms]
        self._gone: list[_Runner] = []  # taken out of the config, and not at their end yet

    @property
    def folders(self) -> list[HotFolder]:
        """Those that are followed now."""
        return [runner.folder for runner in self._runners]

    def start(self) -> None:
        """Start watching; the first rescan follows at once."""
        for runner in self._runners:
            runner.thread.start()

    def take(self, terms: Sequence[Terms]) -> None:
        """Changed settings: folders that were added or taken out, and new terms for the others.

        A name that stands for another path now is another folder.
        """
        wanted = {(each.name, each.inbox.path): each for each in terms}
        gone = [r for r in self._runners if (r.folder.name, r.folder.inbox.path) not in wanted]
        self._runners = kept = [runner for runner in self._runners if runner not in gone]
        self._gone = [r for r in (*self._gone, *gone) if r.thread.is_alive()]
        for runner in gone:
            runner.folder.ended = True
            runner.following.hints.wake()
        for runner in kept:
            runner.folder.offered = wanted.pop((runner.folder.name, runner.folder.inbox.path))
            runner.following.hints.wake()
        # Who follows the same files under another name begins when the old one has ended.
        _joined(gone, _END_SECONDS)
        fresh = [self._runner(each) for each in wanted.values()]
        for runner in fresh:
            runner.thread.start()
        self._runners = [*kept, *fresh]

    def rest(self, seconds: float) -> bool:
        """After a stop: wait for the threads; False when a hung mount keeps one."""
        runners = [*self._runners, *self._gone]
        for runner in runners:
            runner.following.hints.wake()
        return _joined(runners, seconds)

    def rescan(self, inbox: str = "") -> None:
        """Ask the inbox of this name, or every one, for a rescan now. Looks at no folder itself."""
        for runner in self._runners:
            if inbox in ("", runner.folder.name):
                runner.following.hints.ask_rescan()

    def is_alive(self) -> bool:
        """Do all threads live?"""
        return all(runner.thread.is_alive() for runner in self._runners)

    def _runner(self, terms: Terms) -> _Runner:
        folder = self._make(terms)
        runner = _Runner(folder, Following(folder.watching_as, folder.clock))
        # A hung mount must not keep the process: its thread is a daemon.
        runner.thread = threading.Thread(
            target=self._run, args=(runner,), name=f"inbox {terms.name}", daemon=True
        )
        return runner

    def _run(self, runner: _Runner) -> None:
        """Follow one folder; whatever goes wrong is logged and tried again."""
        folder = runner.folder
        while not (self._stop.is_set() or folder.ended):
            try:
                self._follow(folder, runner.following)
            except Exception:
                # The net of this thread: a folder must never go unwatched in silence.
                _LOGGER.exception("inbox.tripped", inbox=folder.name)
                folder.clock.wait(_AGAIN_SECONDS, self._stop)
        runner.following.stop()

    def _follow(self, folder: HotFolder, following: Following) -> None:
        while not (self._stop.is_set() or folder.ended):
            if folder.has_news:
                folder.take()
                following.look_soon()
            if following.is_due():
                folder.take()  # what is offered just now: else the rescan goes by the old terms
                self._rescan(folder, following)
            due = folder.next_due_seconds()
            rest = min(following.rest_seconds(), _WAIT_SECONDS)
            for path in following.take(rest if due is None else min(rest, due)):
                if folder.nudge(Path(path)):
                    following.look_soon()
            folder.look_again()
            _tell(folder, following)

    def _rescan(self, folder: HotFolder, following: Following) -> None:
        following.settings = folder.watching_as
        following.before(folder.root)
        fresh = folder.rescan()
        soon = folder.second_look_seconds()
        if folder.root_missing:
            soon = min(soon, folder.watching_as.poll)
        following.after(folder.root, fresh=fresh, at_most_seconds=soon)


def _tell(folder: HotFolder, following: Following) -> None:
    folder.watching, folder.watch_why = following.watching, following.told()
    folder.events_missed = following.trust.misses
    folder.tell()


def _joined(runners: Sequence[_Runner], seconds: float) -> bool:
    """Wait for the threads; False when one lives on."""
    end = time.monotonic() + seconds  # for all together: ten hung mounts may hang at once
    for runner in runners:
        if runner.thread.is_alive():
            runner.thread.join(max(0.0, end - time.monotonic()))
    return not any(runner.thread.is_alive() for runner in runners)
