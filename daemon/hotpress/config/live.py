"""The settings that count now. They have one owner: who needs them is handed it, and reads at use.

A config that is being written is not read: like a video, it counts when it has stopped changing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hotpress.config.read import Config, read_file
from hotpress.config.settings import Settings
from hotpress.errors import ConfigError

QUIET_SECONDS = 0.5  # without a change: an editor has written all of it
LOOK_SECONDS = 2.0  # one `stat` each
_SOON_SECONDS = 0.25  # while it changes
Key = tuple[int, ...]  # what `stat` says of a file; () when there is none


@dataclass(slots=True)
class Quiet:
    """When is the file to be read? When it is not the one that was read, and rests. Pure."""

    read: Key | None = None
    last: Key | None = None
    since: float = 0.0

    @property
    def rests(self) -> bool:
        """Is it the file that was read?"""
        return self.last == self.read

    def due(self, key: Key, now: float) -> bool:
        """Is it to be read now? `key` is how it looks, `now` by the steady clock."""
        if key != self.last:
            self.last, self.since = key, now
        return key != self.read and now - self.since >= QUIET_SECONDS


class Live:
    """The last good config, and what is wrong with the file since."""

    def __init__(self, config: Config, check: Callable[[Config], None] = lambda _c: None) -> None:
        """`check` raises ConfigError for what only this daemon can't do."""
        self.config = config  # replaced as a whole: nobody ever sees half of two
        self.problems: tuple[str, ...] = ()
        self._check = check
        self._quiet = Quiet()
        self._asked = threading.Event()

    @property
    def settings(self) -> Settings:
        """What counts now. Read it once for what belongs together."""
        return self.config.settings

    def ask(self) -> None:
        """Read the file at the next look, as it is (SIGHUP)."""
        self._asked.set()

    @property
    def asked(self) -> bool:
        """Has somebody asked for it?"""
        return self._asked.is_set()

    def wait(self) -> None:
        """Until the next look."""
        self._asked.wait(LOOK_SECONDS if self._quiet.rests else _SOON_SECONDS)

    def look(self, now: float) -> bool:
        """Has the file been read, to whatever end? `settings` and `problems` are of now then."""
        path = self.config.path
        key = key_of(path)
        asked = self._asked.is_set()
        if not (self._quiet.due(key, now) or asked):
            return False
        self._asked.clear()
        try:
            fresh = read_file(path)
            self._refuse_empty(fresh)
            self._check(fresh)
        except ConfigError as error:
            fresh, problems = self.config, tuple(error.problems)
        else:
            problems = ()
        if key_of(path) != key and not asked:
            return False  # changed while it was read: it does not rest yet
        self._quiet.read = key
        self.config, self.problems = fresh, problems
        return True

    def _refuse_empty(self, fresh: Config) -> None:
        """An editor empties a file before it fills it, and a full disk keeps it so."""
        if self.settings.inboxes and not set(fresh.lines) - {()}:
            said = "is empty; hotpress goes on by the last good one until something stands in it"
            raise ConfigError([f"{fresh.path.name}:1  {said}"])


def key_of(path: Path) -> Key:
    """How the file looks, behind links: another one after a rename, or when a link is changed."""
    try:
        status = path.stat()
    except OSError:
        return ()
    return (
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )
