"""One hot folder: what was seen in it, what is settled, what has vanished. Owned by one thread."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from hotpress import census, files, log, online, settle
from hotpress.absent import Absent
from hotpress.admission import Admission
from hotpress.byfolder import ByFolder
from hotpress.census import Census
from hotpress.clock import Clock, iso
from hotpress.config.rules import fetches
from hotpress.config.selection import Selection
from hotpress.config.settings import Inbox, Watch
from hotpress.config.terms import Terms
from hotpress.errors import FileError, StoreError
from hotpress.halves import side_files
from hotpress.leaves import Leaves
from hotpress.media.container import completeness
from hotpress.names import enters, is_rule_file
from hotpress.places import behind_links
from hotpress.settle import Candidate, Later, Look
from hotpress.watch import obstacles
from hotpress.watch.filesystems import file_system_of
from hotpress.watch.walk import is_outbox

_LOGGER = log.get("ingest")
_TRIPPED_SECONDS = 300.0  # after a mistake of ours about a file
_AGAIN_SECONDS = 15.0  # while something else than the file is in the way
_HELD_LOOKED_AT = 20  # of those that wait for a rule file, when nothing says that it changed
_AWAY_EACH_SECONDS = 0.05  # what lies elsewhere is looked at so often in all, however many it is
_AWAY_MOST_SECONDS = 300.0
_MOST_GONE = 10_000  # that are remembered: longer ago, and a file is known by its size and time
_MOST_TOLD = 200
_TOLD_SECONDS = 1.0  # what is arriving is written down at most so often


@dataclass(slots=True)
class HotFolder:
    """Nudges to candidates to settled files; `admission` makes jobs of them."""

    inbox: Inbox
    admission: Admission
    archives: tuple[Path, ...] = ()
    fetcher: online.Fetcher | None = None  # of the whole daemon
    candidates: dict[str, Candidate] = field(default_factory=dict)
    due: dict[str, float] = field(default_factory=dict)
    # A cache of what needs no look: path -> hash of the key (a hundred thousand of them fit).
    done: ByFolder = field(default_factory=ByFolder)
    gone: dict[str, int] = field(default_factory=dict)  # the same of those that were there once
    reasons: dict[str, str] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)  # subfolders that may not be looked into
    folders: int = 0  # that were looked into at the last rescan
    root_missing: str = ""
    watching: str = "polling"
    watch_why: str = ""  # why it is polled
    events_missed: int = 0  # files that came without one, since it is watched
    rescans: int = 0
    ended: bool = False  # taken out of the config: nothing more is taken up
    offered: Terms | None = None  # changed settings, for its own thread to take
    _taken: Terms | None = None  # those of them that it goes by
    _apart: float = 0.0  # the wall clock's time when the steady one's was 0
    _rules_at: float | None = None  # when to look whether rule files were mended
    _rules_most: int = -1  # for how many of those that wait
    _told: str = ""
    _told_at: float = 0.0
    _kinds: dict[int, str] = field(default_factory=dict)  # of file systems, by device
    _absent: Absent = field(default_factory=Absent)
    leaves: Leaves = field(init=False)

    def __post_init__(self) -> None:
        self._apart = self.clock.now() - self.clock.steady()
        selection = Selection(self.admission.settings, self.inbox)
        self.leaves = Leaves(selection, self.admission.store)

    @property
    def name(self) -> str:
        """The inbox's name."""
        return self.admission.name

    @property
    def clock(self) -> Clock:
        """Its time."""
        return self.admission.clock

    @property
    def watching_as(self) -> Watch:
        """How it is to be watched."""
        return self.admission.watching_as

    @property
    def root(self) -> Path:
        """The inbox's folder, behind links."""
        return behind_links(self.inbox.path)

    @property
    def patience(self) -> settle.Patience:
        """The settings that a judgement needs."""
        return settle.Patience(self.watching_as.settle, self.watching_as.patience)

    @property
    def has_news(self) -> bool:
        """Are there settings that it has not taken yet?"""
        return self.offered is not self._taken

    def take(self) -> None:
        """Go by what was offered: whole, and between two looks, so that no job has half of it."""
        terms = self.offered  # once: another thread may offer others by now
        if terms is not None and terms is not self._taken:
            self._taken = terms
            self.inbox, self.archives = terms.inbox, terms.archives
            self.admission.take(terms)
            self.leaves.selection = Selection(terms.settings, terms.inbox)
            for relative in [p for p in self.done if not self.leaves.takes_by_name(p)]:
                self._has_left(relative)

    def rescan(self) -> list[tuple[str, float]]:
        """Look at everything: the truth, whatever events said. A missing root forgets nothing.

        The paths that nobody had seen before, and when they changed, in seconds since 1970.
        """
        try:
            if is_outbox(self.root):
                return self._away(f"{self.root} is an outbox: results would be taken again")
            found = self._taken_census()
        except OSError as error:
            return self._away(obstacles.away(self.root, error))
        self.root_missing = ""
        self._kinds.clear()
        videos = found.videos
        for relative in self.leaves.again(self.root, videos):
            self._unknown(relative, found)
        for relative in self.done.without(videos):
            self._has_left(relative)
        for relative in list(islice(self.gone, max(0, len(self.gone) - _MOST_GONE))):
            del self.gone[relative]
        self.admission.learn()
        self.admission.adopt(self.root)
        self.admission.first_sight(self.root, videos)
        fresh: list[tuple[str, float]] = []
        for relative in sorted(found.changed):
            if self.ended:
                return []
            fresh += self._first_seen(relative)
        self._rules_at, self._rules_most = self.clock.steady(), -1
        self._absent.look(self.admission, self.root, videos)
        self.rescans += 1
        return fresh

    def _taken_census(self) -> Census:
        """What lies there now. Raises OSError."""
        found = census.take(self.root, self._archives(), self.done, self.leaves)
        self.leaves.counts, self.unreadable = found.ignored, sorted(found.unreadable)
        self.folders = found.folders
        for relative in self.leaves.rules_changed(found.rules):
            self._unknown(relative, found)
        return found

    def _unknown(self, relative: str, found: Census) -> None:
        """Have it looked at again, although it is as it was."""
        self.done.pop(relative, None)
        found.changed.append(relative)

    def _has_left(self, relative: str) -> None:
        """It may come back as it was, or as another one."""
        self.gone[relative] = self.done.pop(relative)

    def _first_seen(self, relative: str) -> list[tuple[str, float]]:
        """A look at a file; when it changed last, if nobody had seen it before."""
        before = relative in self.candidates
        self.look(relative)
        now = self.candidates.get(relative)
        if before or now is None:
            return []
        return [(str(self.root / relative), now.last.key[-1] / 1e9)]

    def second_look_seconds(self) -> float:
        """When the next rescan is due at the latest: a source that is gone is looked for twice."""
        return self._absent.again_seconds(self.patience.settle)

    def nudge(self, path: Path) -> bool:
        """A hint: look at this file. True when all has to be looked at: a folder, or rules."""
        try:
            relative = path.relative_to(self.root).as_posix()
        except ValueError:
            return False
        if any(not enters(part) for part in Path(relative).parts[:-1]):
            return False
        try:
            is_folder = path.is_dir() and not path.is_symlink()
        except OSError:
            return False  # a folder that may not be searched: the rescan says so
        if not is_folder and self._is_wanted(relative):
            self.look(relative)
        return is_folder or is_rule_file(path.name)

    def look(self, relative: str) -> None:
        """One look at one file, and what follows from it; no file can end the looking."""
        try:
            self._look(relative)
        except FileError as error:  # the outbox is away: the file itself is looked at again
            self.due[relative] = self.clock.steady() + _AGAIN_SECONDS
            _LOGGER.info("file.waits", inbox=self.name, path=relative, why=error.why)
        except (OSError, UnicodeError) as error:
            self._forget(relative)
            _LOGGER.warning("file.refused", inbox=self.name, path=repr(relative), why=str(error))
        except StoreError:
            raise  # nothing could be written down: all is looked at again
        except Exception:
            # A mistake of ours about one file must not keep all others of its folder.
            self.due[relative] = self.clock.steady() + _TRIPPED_SECONDS
            _LOGGER.exception("file.tripped", inbox=self.name, path=repr(relative))

    def _look(self, relative: str) -> None:
        path = self.root / relative
        try:
            status = path.lstat()
        except OSError:
            self._forget(relative)
            return
        key = files.key_of(status)
        if not stat.S_ISREG(status.st_mode) or self.done.get(relative) == hash(key):
            return
        self.leaves.changed(relative)
        if relative not in self.candidates and self._known(relative, key):
            self.done[relative] = hash(key)
            return
        seen = self._seen(relative, status, key)
        if _key_at(path) != key:
            seen = replace(seen, writer="some")  # somebody wrote while it was looked at
        candidate = settle.seen(self.candidates.get(relative), seen)
        self.candidates[relative] = candidate
        rest = self.admission.rules_rest_seconds(self.root, relative)
        found = settle.judge(candidate, self.patience)
        if not isinstance(found, Later) and rest > 0:
            found = Later(rest, "its rule file is just being written")
        if isinstance(found, Later):
            pause = max(found.seconds, self._away_seconds(seen))
            self.due[relative] = self.clock.steady() + pause
            self.reasons[relative] = found.why
            return
        left = not found.damage and not self.leaves.takes(self.root, relative, key)
        if not left and self.admission.is_left_out(self.root, relative):
            self.leaves.leave(relative)
            left = True
        if left or self.admission.admit(self.root, relative, found):
            self.done[relative] = hash(key)
        self._forget(relative)
        if self._rules_at is None:  # the job may wait for them
            self._rules_at = self.clock.steady()

    def _away_seconds(self, look: Look) -> float:
        """A cloud drive may have ten thousand that wait; one that comes makes an event."""
        if not look.elsewhere or look.comes:
            return 0.0
        return min(len(self.candidates) * _AWAY_EACH_SECONDS, _AWAY_MOST_SECONDS)

    def _known(self, relative: str, key: settle.Key) -> bool:
        # A freed inode is soon used again: then only the time of change tells.
        before = self.done.get(relative, self.gone.pop(relative, hash(key)))
        touched = before != hash(key)
        return self.admission.knows(self.root, relative, key, touched=touched)

    def look_again(self) -> None:
        """Look at the candidates whose time has come."""
        now = self.clock.steady()
        for relative in [name for name, at in self.due.items() if at <= now]:
            if not self.ended:
                self.look(relative)
        if not self.ended and self._rules_at is not None and self._rules_at <= now:
            self._mend()

    def _mend(self) -> None:
        """Rule files were written, or it is time: whoever waits for them may go on."""
        most, self._rules_most = self._rules_most, _HELD_LOOKED_AT
        try:
            changed, later = self.admission.mended(self.root, most)
        except (OSError, UnicodeError) as error:
            _LOGGER.info("rules.unread", inbox=self.name, why=str(error))
            changed, later = False, _AGAIN_SECONDS
        if changed and most > 0:  # then the many others may go on, too
            later, self._rules_most = 0.0, -1
        self._rules_at = None if later is None else self.clock.steady() + later

    def next_due_seconds(self) -> float | None:
        """Until the next candidate, or the rule files, want to be looked at."""
        times = [*self.due.values(), *([] if self._rules_at is None else [self._rules_at])]
        return max(0.0, min(times) - self.clock.steady()) if times else None

    def arriving(self) -> list[dict[str, object]]:
        """What is not finished yet, and why, for `status`: the first of them."""
        root = self.root
        return [
            {
                "path": str(root / relative),
                "bytes": candidate.last.size_bytes,
                "since": iso(candidate.first_at + self._apart),
                "why": self.reasons.get(relative, "growing"),
            }
            for relative, candidate in islice(self.candidates.items(), _MOST_TOLD)
        ]

    def _away(self, why: str) -> list[tuple[str, float]]:
        """Nothing can be looked at: said in the log once, in status and outbox by `tell`."""
        if why != self.root_missing:
            _LOGGER.warning("inbox.unreachable", inbox=self.name, why=why)
        self.root_missing = why
        return []

    def tell(self) -> None:
        """Write down what arrives and what is ignored, when it changed."""
        now = self.clock.steady()
        if now - self._told_at < _TOLD_SECONDS:
            return
        text = json.dumps(
            {
                "watch": "unreachable" if self.root_missing else self.watching,
                "why": self.root_missing or obstacles.closed(self.root, self.unreadable),
                "watch_why": "" if self.root_missing else self.watch_why,
                "events_missed": self.events_missed,
                "folders": self.folders,
                "unreadable": [str(self.root / each) for each in self.unreadable[:_MOST_TOLD]],
                "arriving": self.arriving(),
                "ignored": self.leaves.ignored(),
            }
        )
        if text != self._told:
            self._told, self._told_at = text, now
            self.admission.store.set_note(f"inbox:{self.name}", text)

    def _seen(self, relative: str, status: os.stat_result, key: settle.Key) -> Look:
        path = self.root / relative
        now = self.clock.steady()  # a wall clock that is set makes nothing quiet, or unquiet
        away = self._elsewhere(relative, status)
        if away.why:
            return Look(now, key, elsewhere=away.why, comes=away.comes)
        beside = next((n for n in side_files(path.name) if files.is_there(path.with_name(n))), "")
        writer = files.writer_of(path)
        if beside or writer == "some":  # nothing more need be known, and reading is not for free
            return Look(now, key, writer, side_file=beside)
        try:
            whole = completeness(path)
        except OSError:
            return Look(now, key, writer)
        return Look(now, key, writer, whole.state, whole.why)

    def _elsewhere(self, relative: str, status: os.stat_result) -> online.Fetched:
        """Are its bytes on this machine? Opening it would start a download."""
        path = self.root / relative
        if not online.is_elsewhere(status, lambda: self._kind_of(status.st_dev, path.parent)):
            return online.Fetched("", comes=False)
        if self.fetcher is None or not fetches(self.admission.settings, self.inbox, relative):
            return online.Fetched(online.WAITS, comes=False)
        return self.fetcher.fetch(path, status)

    def _kind_of(self, device: int, folder: Path) -> str:
        """The file system there; remembered until the next rescan, as there may be thousands."""
        if device not in self._kinds:
            self._kinds[device] = file_system_of(folder)
        return self._kinds[device]

    def _is_wanted(self, relative: str) -> bool:
        """As a rescan would find it: not left out by a rule, in no archive, in no outbox."""
        archives = self._archives()
        if not self.leaves.takes_by_name(relative) or (archives and relative.startswith(archives)):
            return False
        below = list(Path(relative).parents)[:-1]
        return not any(is_outbox(self.root / folder) for folder in below)

    def _archives(self) -> tuple[str, ...]:
        """Below the inbox an archive is never watched."""
        root = self.root
        lie = (behind_links(folder) for folder in self.archives)
        return tuple(f"{p.relative_to(root).as_posix()}/" for p in lie if root in p.parents)

    def _forget(self, relative: str) -> None:
        self.candidates.pop(relative, None)
        self.due.pop(relative, None)
        self.reasons.pop(relative, None)
        self.admission.passed(relative)


def _key_at(path: Path) -> settle.Key | None:
    try:
        return files.key_of(path.lstat())
    except OSError:
        return None
