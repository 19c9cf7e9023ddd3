"""One hot folder: what was seen in it, what is settled, what has vanished. Owned by one thread."""

from __future__ import annotations

import json
import os
import stat
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from hotpress import files, log, settle, watch
from hotpress.absent import Absent
from hotpress.admission import Admission
from hotpress.clock import Clock, iso
from hotpress.config.settings import Inbox, Watch
from hotpress.config.terms import Terms
from hotpress.errors import FileError
from hotpress.media.container import completeness
from hotpress.names import enters, kind_of, side_files
from hotpress.settle import Candidate, Later, Look

_LOGGER = log.get("ingest")
_AGAIN_SECONDS = 15.0  # while something else than the file is in the way
_TOLD_SECONDS = 1.0  # what is arriving is written down at most so often


@dataclass(slots=True)
class HotFolder:
    """Nudges to candidates to settled files; `admission` makes jobs of them."""

    inbox: Inbox
    admission: Admission
    archives: tuple[Path, ...] = ()
    candidates: dict[str, Candidate] = field(default_factory=dict)
    due: dict[str, float] = field(default_factory=dict)
    done: dict[str, settle.Key] = field(default_factory=dict)  # a cache: the store knows better
    ignored: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, str] = field(default_factory=dict)
    root_missing: str = ""
    watching: str = "polling"
    rescans: int = 0
    ended: bool = False  # taken out of the config: nothing more is taken up
    offered: Terms | None = None  # changed settings, until its own thread takes them
    _apart: float = 0.0  # the wall clock's time when the steady one's was 0
    _told: str = ""
    _told_at: float = 0.0
    _absent: Absent = field(default_factory=Absent)

    def __post_init__(self) -> None:
        self._apart = self.clock.now() - self.clock.steady()

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
        return self.admission.settings.watch

    @property
    def root(self) -> Path:
        """The inbox's folder, behind links."""
        return self.inbox.path.resolve()

    @property
    def patience(self) -> settle.Patience:
        """The settings that a judgement needs."""
        return settle.Patience(self.watching_as.settle, self.watching_as.patience)

    def take(self) -> None:
        """Go by what was offered: whole, and between two looks, so that no job has half of it."""
        terms, self.offered = self.offered, None
        if terms is not None:
            self.inbox, self.archives = terms.inbox, terms.archives
            self.admission.take(terms)

    def rescan(self) -> None:
        """Look at everything: the truth, whatever events said. A missing root forgets nothing."""
        ignored: Counter[str] = Counter()
        videos: set[str] = set()
        try:
            if watch.is_outbox(self.root):
                self.root_missing = f"{self.root} is an outbox: results would be taken again"
                return
            for found in watch.walk(self.root):
                if self._in_archive(found.relative):
                    continue
                if found.kind == "video":
                    videos.add(found.relative)
                else:
                    ignored[found.kind] += 1
        except OSError as error:
            self.root_missing = f"{self.root} can't be read: {error.strerror}"
            return
        self.root_missing = ""
        self.ignored = ignored
        self.done = {relative: key for relative, key in self.done.items() if relative in videos}
        self.admission.learn()
        self.admission.first_sight(self.root, videos)
        for relative in sorted(videos):
            if self.ended:
                return
            self.look(relative)
        self._absent.look(self.admission, self.root, videos)
        self.rescans += 1

    def second_look_seconds(self) -> float:
        """When the next rescan is due at the latest: a source that is gone is looked for twice."""
        return self._absent.again_seconds(self.patience.settle)

    def nudge(self, path: Path) -> None:
        """A hint: look at this file, or at all below this folder."""
        try:
            relative = path.relative_to(self.root).as_posix()
        except ValueError:
            return
        if any(not enters(part) for part in Path(relative).parts[:-1]):
            return
        try:
            is_folder = path.is_dir() and not path.is_symlink()
        except OSError:
            return  # a folder that may not be searched: the rescan says so
        if is_folder:
            self.rescan()
        elif kind_of(path.name) == "video" and not self._in_archive(relative):
            self.look(relative)

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

    def _look(self, relative: str) -> None:
        path = self.root / relative
        try:
            status = path.lstat()
        except OSError:
            self._forget(relative)
            return
        key = files.key_of(status)
        if not stat.S_ISREG(status.st_mode) or self.done.get(relative) == key:
            return
        if relative not in self.candidates and self._known(relative, key):
            self.done[relative] = key
            return
        candidate = settle.seen(self.candidates.get(relative), self._seen(path, status, key))
        self.candidates[relative] = candidate
        found = settle.judge(candidate, self.patience)
        if isinstance(found, Later):
            self.due[relative] = self.clock.steady() + found.seconds
            self.reasons[relative] = found.why
            return
        if self.admission.admit(self.root, relative, found):
            self.done[relative] = key
        self._forget(relative)

    def _known(self, relative: str, key: settle.Key) -> bool:
        # A freed inode is soon used again: then only the time of change tells.
        touched = self.done.get(relative, key) != key
        return self.admission.knows(self.root, relative, key, touched=touched)

    def look_again(self) -> None:
        """Look at the candidates whose time has come."""
        now = self.clock.steady()
        for relative in [name for name, at in self.due.items() if at <= now]:
            if not self.ended:
                self.look(relative)

    def next_due_seconds(self) -> float | None:
        """Until the next candidate wants to be looked at."""
        now = self.clock.steady()
        return max(0.0, min(self.due.values()) - now) if self.due else None

    def arriving(self) -> list[dict[str, object]]:
        """What is not finished yet, and why, for `status`."""
        return [
            {
                "path": str(self.root / relative),
                "bytes": candidate.last.size_bytes,
                "since": iso(candidate.first_at + self._apart),
                "why": self.reasons.get(relative, "growing"),
            }
            for relative, candidate in self.candidates.items()
        ]

    def tell(self) -> None:
        """Write down what arrives and what is ignored, when it changed."""
        now = self.clock.steady()
        if now - self._told_at < _TOLD_SECONDS:
            return
        text = json.dumps(
            {
                "watch": "unreachable" if self.root_missing else self.watching,
                "why": self.root_missing,
                "arriving": self.arriving()[:200],
                "ignored": dict(self.ignored),
            }
        )
        if text != self._told:
            self._told, self._told_at = text, now
            self.admission.store.set_note(f"inbox:{self.name}", text)

    def _seen(self, path: Path, status: os.stat_result, key: settle.Key) -> Look:
        now = self.clock.steady()  # a wall clock that is set makes nothing quiet, or unquiet
        if status.st_size and not status.st_blocks:
            return Look(now, key, online_only=True)  # opening it would start a download
        beside = next((n for n in side_files(path.name) if files.is_there(path.with_name(n))), "")
        writer = files.writer_of(path)
        try:
            whole = completeness(path)
        except OSError:
            return Look(now, key, writer, "unknown", "", False, beside)
        return Look(now, key, writer, whole.state, whole.why, False, beside)

    def _in_archive(self, relative: str) -> bool:
        """An archive below the inbox is never watched."""
        parents = (self.root / relative).parents
        return any(folder.resolve() in parents for folder in self.archives)

    def _forget(self, relative: str) -> None:
        self.candidates.pop(relative, None)
        self.due.pop(relative, None)
        self.reasons.pop(relative, None)
        self.admission.passed(relative)
