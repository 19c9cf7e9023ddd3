"""Events of one folder, by watchdog: a narrow mask, and an own answer when some were lost."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from watchdog.events import (
    FileClosedEvent,
    FileCreatedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, EventEmitter
from watchdog.utils import BaseThread

from hotpress import log
from hotpress.watch.hints import Hints

try:
    from watchdog.observers.inotify import InotifyEmitter, InotifyWatchGroup
except ImportError:  # no inotify on this system: its own observer tells of losses by itself
    _HAS_INOTIFY = False
else:
    _HAS_INOTIFY = True

# Measured: the default mask livelocks on 5,000 folders (docs/decisions/0006).
_EVENTS: list[type[FileSystemEvent]] = [FileClosedEvent, FileMovedEvent, FileCreatedEvent]
_LOGGER = log.get("watch")


class Observed:
    """From `start` to `stop`. Events become hints; `lost` is set when some did not come."""

    def __init__(self, root: Path, hints: Hints) -> None:
        self._root = root
        self._hints = hints
        self._key = _key(root)
        self._observer: BaseObserver | None = None
        self.lost = False
        self.unwatched = 0  # folders that the system has no watch left for
        self.alive = False

    def start(self) -> None:
        """Watch from now on; where the system can't, `alive` stays False."""
        try:
            # Already this fails where the system gives no more instances.
            self._observer = observer = Observer()
            if _HAS_INOTIFY:
                _use_own_emitter(observer, self)
            # Behind a link there would silently be no events: the real path is watched.
            observer.schedule(
                _Nudges(self._hints), str(self._root), recursive=True, event_filter=_EVENTS
            )
            observer.start()
            self.alive = True
        except OSError as error:
            _LOGGER.warning("watch.refused", folder=str(self._root), why=str(error))
            self.stop()

    def hinted(self, event: FileSystemEvent) -> None:
        """One hint, or two for a move."""
        for path in (event.src_path, event.dest_path):
            if path:
                self._hints.add(os.fsdecode(path))

    def overflowed(self) -> None:
        """The kernel threw events away: everything is looked at, and watched anew."""
        self.lost = True
        _LOGGER.warning("watch.overflowed", folder=str(self._root))
        self._hints.ask_rescan()

    def is_alive(self) -> bool:
        """Do events still come? An emitter ends silently with its folder, a reader by a mistake.

        After a rename or a mount, events go on arriving for the folder that was there before.
        """
        if self._observer is None:
            return False
        threads = (*self._observer.emitters, *filter(None, [self.reader]))
        living = self.alive and all(thread.is_alive() for thread in threads)
        return living and _key(self._root) == self._key

    @property
    def reader(self) -> BaseThread | None:
        """The thread that reads the kernel's events, where there is inotify."""
        return getattr(self._observer, "_inotify_fd", None)

    @property
    def watched(self) -> int:
        """How many folders, where that can be told."""
        emitters = self._observer.emitters if self._observer is not None else ()
        groups = (getattr(emitter, "_inotify", None) for emitter in emitters)
        return sum(group.watched for group in groups if group is not None)

    def stop(self) -> None:
        """End it."""
        if self._observer is not None:
            self._observer.stop()
        if self._observer is not None and self.alive:
            self._observer.join(2)
        self.alive = False


class _Nudges(FileSystemEventHandler):
    """For systems without inotify, where watchdog's own emitter hands the events on."""

    def __init__(self, hints: Hints) -> None:
        self._hints = hints

    def on_any_event(self, event: FileSystemEvent) -> None:
        for path in (event.src_path, event.dest_path):
            if path:
                self._hints.add(os.fsdecode(path))


if _HAS_INOTIFY:

    class _Group(InotifyWatchGroup):
        """The watches of a tree, without watchdog's own repair after lost events.

        That livelocks on 20,000 folders: taking all watches away is itself one event a folder, and
        overflows the queue again.
        """

        def __init__(self, observed: Observed, *words: Any, **options: Any) -> None:  # noqa: ANN401 - watchdog's
            self._observed = observed
            super().__init__(*words, **options)

        @property
        def watched(self) -> int:
            return len(self._active_callbacks_by_watch)

        def on_queue_overflow(self) -> None:
            with self._lock:
                if self.is_active:
                    self._move_event_grouper.discard_pending_events()
            self._observed.overflowed()

        def _add_callback(self, path: bytes) -> None:
            """As watchdog does it, but a watch that could not be had is counted."""
            super()._add_callback(path)
            if path not in self._active_callbacks_by_path and Path(os.fsdecode(path)).is_dir():
                self._observed.unwatched += 1

        def _remove_watch_internally(self, wd: Any) -> None:  # noqa: ANN401 - watchdog's
            """As watchdog does it, but where its two books differ, nobody trips.

            They do when a folder was moved out and another of its name was made and deleted.
            """
            path = self._active_callbacks_by_watch.pop(wd, None)
            if path is not None and self._active_callbacks_by_path.get(path) == wd:
                del self._active_callbacks_by_path[path]

    class _Emitter(InotifyEmitter):
        """Events go straight to the hints: no second, unbounded queue between."""

        def __init__(self, *words: Any, observed: Observed, **options: Any) -> None:  # noqa: ANN401 - watchdog's
            super().__init__(*words, **options)
            self._observed = observed

        def on_thread_start(self) -> None:
            self._inotify = _Group(
                self._observed,
                self._inotify_fd,
                os.fsencode(self.watch.path),
                is_recursive=self.watch.is_recursive,
                event_mask=self.get_event_mask_from_filter(),
                follow_symlink=self.watch.follow_symlink,
            )

        def queue_event(self, event: FileSystemEvent) -> None:
            if isinstance(event, tuple(_EVENTS)):
                self._observed.hinted(event)


def _use_own_emitter(observer: BaseObserver, observed: Observed) -> None:
    """Watchdog's observer makes emitters of one class, which can't be named from outside."""
    emitter: Callable[..., EventEmitter] = _Emitter
    observer._emitter_class = emitter  # type: ignore[assignment]  # noqa: SLF001
    observer._emitter_kwargs["observed"] = observed  # noqa: SLF001


def _key(root: Path) -> tuple[int, int] | None:
    try:
        status = root.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
