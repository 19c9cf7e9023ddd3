"""Nudges to candidates to settled files to new jobs. One thread per inbox owns its candidates."""

from __future__ import annotations

import json
import os
import queue
import random
import stat
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hotpress import files, log, settle, watch
from hotpress.clock import Clock, fresh_id, iso
from hotpress.config.rules import rule_for
from hotpress.config.settings import Inbox, Settings
from hotpress.media.container import completeness
from hotpress.model import BY_HAND, Job, State, Step
from hotpress.names import enters, kind_of, side_files
from hotpress.settle import Candidate, Later, Look, SettledFile
from hotpress.store import Store

_LOGGER = log.get("ingest")
_JOB_ID_BITS = 40
_WAIT_SECONDS = 5.0  # then the watcher's life is looked at; nudges and stops come at once
_AGAIN_SECONDS = 5.0  # after a mistake of ours, or a full disk under the store
_TOLD_SECONDS = 1.0  # what is arriving is written down at most so often


@dataclass(slots=True)
class HotFolder:
    """One inbox: what was seen in it and what became of it. Owned by one thread."""

    name: str
    inbox: Inbox
    settings: Settings
    store: Store
    clock: Clock
    chance: random.Random
    changed: Callable[[], None] = lambda: None
    archives: tuple[Path, ...] = ()
    candidates: dict[str, Candidate] = field(default_factory=dict)
    due: dict[str, float] = field(default_factory=dict)
    done: dict[str, settle.Key] = field(default_factory=dict)  # a cache: the store knows better
    ignored: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, str] = field(default_factory=dict)
    root_missing: str = ""
    watching: str = "polling"
    rescans: int = 0
    _told: str = ""
    _told_at: float = 0.0

    @property
    def root(self) -> Path:
        """The inbox's folder, behind links."""
        return self.inbox.path.resolve()

    @property
    def patience(self) -> settle.Patience:
        """The settings that a judgement needs."""
        return settle.Patience(self.settings.watch.settle, self.settings.watch.patience)

    def rescan(self) -> None:
        """Look at everything: the truth, whatever events said. A missing root forgets nothing."""
        ignored: Counter[str] = Counter()
        try:
            if watch.is_outbox(self.root):
                self.root_missing = f"{self.root} is an outbox: results would be taken again"
                return
            for found in watch.walk(self.root):
                if self._in_archive(found.relative):
                    continue
                if found.kind == "video":
                    self.look(found.relative)
                else:
                    ignored[found.kind] += 1
        except OSError as error:
            self.root_missing = f"{self.root} can't be read: {error.strerror}"
            return
        self.root_missing = ""
        self.ignored = ignored
        self.rescans += 1

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
        self._ingest(relative, found)
        self.done[relative] = key
        self._forget(relative)

    def look_again(self) -> None:
        """Look at the candidates whose time has come."""
        now = self.clock.steady()
        for relative in [name for name, at in self.due.items() if at <= now]:
            self.look(relative)

    def next_due_seconds(self) -> float | None:
        """Until the next candidate wants to be looked at."""
        return max(0.0, min(self.due.values()) - self.clock.steady()) if self.due else None

    def arriving(self) -> list[dict[str, object]]:
        """What is not finished yet, and why, for `status`."""
        return [
            {
                "path": str(self.root / relative),
                "bytes": candidate.last.size_bytes,
                "since": iso(candidate.first_at),
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
            self.store.set_note(f"inbox:{self.name}", text)

    def _seen(self, path: Path, status: os.stat_result, key: settle.Key) -> Look:
        now = self.clock.now()
        if status.st_size and not status.st_blocks:
            return Look(now, key, online_only=True)  # opening it would start a download
        beside = next((n for n in side_files(path.name) if _is_there(path.with_name(n))), "")
        writer = files.writer_of(path)
        try:
            whole = completeness(path)
        except OSError:
            return Look(now, key, writer, "unknown", "", False, beside)
        return Look(now, key, writer, whole.state, whole.why, False, beside)

    def _known(self, relative: str, key: settle.Key) -> bool:
        """Has the store a job of this very version? One whose source was away goes on."""
        device, inode, size, mtime_ns, _ = key
        same = [
            job
            for job in self.store.at_path(str(self.root), relative)
            if (job.size_bytes, job.mtime_ns) == (size, mtime_ns)
        ]
        # A freed inode is soon used again: then only the time of change tells.
        touched = self.done.get(relative, key) != key
        for job in same:
            other = touched or (job.device, job.inode) != (device, inode)
            away = job.state is State.CANCELLED and job.why != BY_HAND
            mended = job.state is State.FAILED and job.step is Step.PROBE and other
            if away or mended:
                now = {"device": device, "inode": inode}
                self.store.ask("retry", job.id, now, self.clock.now())
                self.changed()
        return bool(same)

    def _ingest(self, relative: str, found: SettledFile) -> None:
        now = self.clock.now()
        device, inode, size, mtime_ns, _ = found.key
        job = Job(
            id=fresh_id(self.chance, _JOB_ID_BITS),
            inbox=self.name,
            root=str(self.root),
            relative=relative,
            outbox=str(self.inbox.outbox),
            size_bytes=size,
            mtime_ns=mtime_ns,
            device=device,
            inode=inode,
            rule=rule_for(self.settings, self.inbox, relative),
            created_at=now,
            updated_at=now,
            damage=found.damage,
        )
        if self.store.add(job, f"{relative} has settled"):
            _LOGGER.info("job.made", job=job.id, inbox=self.name, path=relative, bytes=size)
            self.changed()
        else:
            self._known(relative, found.key)

    def _in_archive(self, relative: str) -> bool:
        """An archive below the inbox is never watched."""
        parents = (self.root / relative).parents
        return any(folder.resolve() in parents for folder in self.archives)

    def _forget(self, relative: str) -> None:
        self.candidates.pop(relative, None)
        self.due.pop(relative, None)
        self.reasons.pop(relative, None)


class Ingest:
    """A thread per inbox: a hung mount stops its own, the others go on."""

    def __init__(self, folders: list[HotFolder], stop: threading.Event) -> None:
        self._stop = stop
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

    def rescan(self) -> None:
        """Ask every inbox for a rescan now."""
        for event in self._asks.values():
            event.set()
        self._wake()

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
        settings = folder.settings.watch
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


def _is_there(path: Path) -> bool:
    """Is something there? A name that is too long for the file system is not."""
    try:
        return path.exists()
    except OSError:
        return False


def _watched(
    folder: HotFolder, old: watch.Watcher | None, nudges: queue.SimpleQueue[Path]
) -> watch.Watcher | None:
    """The watcher of a folder, made anew when it died."""
    if folder.settings.watch.mode == "polling" or (old is not None and old.is_alive()):
        return old
    if old is not None:
        old.stop()
    if not folder.root.is_dir():
        folder.watching = "polling"
        return None
    fresh = watch.Watcher(folder.root, nudges)
    folder.watching = "events" if fresh.alive else "polling"
    return fresh
