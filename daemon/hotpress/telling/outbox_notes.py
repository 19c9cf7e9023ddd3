"""The notes in the outboxes: written, taken away, and understood when somebody deletes one."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from hotpress import courtesy, log, outbox
from hotpress.clock import Clock
from hotpress.config.live import Live
from hotpress.config.rules import named_inboxes
from hotpress.config.settings import Settings
from hotpress.config.terms import watch_of
from hotpress.errors import StoreError
from hotpress.reach import NoAnswer, within
from hotpress.store import Failed, Store
from hotpress.telling import failed_note, note_files, status_note
from hotpress.telling.deletions import Seen, judge
from hotpress.telling.gather import gathered, sources_there
from hotpress.telling.ledger import Ledger, Written

_RESULTS_LOOKED_AT = 20
_LOOK_SECONDS = 20.0  # many notes, each synced, on a slow disk
_LOGGER = log.get("telling")


class OutboxNotes:
    """Looks at each outbox from time to time; each look is quick, and a hung outbox costs none."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        me: courtesy.Peer,
        live: Live,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """`changed` is called after something was asked of the worker."""
        self._changed = changed
        self._store = store
        self._clock = clock
        self._me = me
        self._live = live
        self._refused: set[Path] = set()  # names that somebody else's files have
        self._busy = threading.Lock()

    def look(self, seconds: float = _LOOK_SECONDS) -> None:
        """Tell what there is to tell, and obey who deleted a note. `seconds`: for each outbox."""
        if self._busy.acquire(blocking=False):  # else a look goes on: the timetable's, at a stop
            try:
                self._look_at_all(seconds)
            finally:
                self._busy.release()

    def _look_at_all(self, seconds: float) -> None:
        served = _outboxes(self._live.settings)
        for folder, inboxes in served.items():
            self._within(folder, partial(self._look, folder, inboxes), seconds)
        with contextlib.suppress(StoreError):
            for folder, ledger in Ledger.all(self._store).items():
                if folder not in served and (ledger.notes or ledger.status):
                    self._within(folder, partial(self._leave, folder, ledger), seconds)

    def _within(self, folder: Path, look: Callable[[], None], seconds: float) -> None:
        with contextlib.suppress(NoAnswer, StoreError):
            try:
                within(folder, look, seconds)
            except OSError as error:
                _LOGGER.info("notes.refused", path=str(folder), why=str(error))

    def _may_touch(self, folder: Path) -> bool:
        """Is it the outbox that is known, and this computer's to tell of?"""
        marker = outbox.marker_of(folder)
        if marker is None or marker != self._store.note(f"outbox:{folder}"):
            return False  # away, or another folder in its place: what is missing means nothing
        # Else it is left to another computer, which has notes of its own.
        return courtesy.owner(folder, self._me, self._clock.now()) is None

    def _leave(self, folder: Path, ledger: Ledger) -> None:
        """No inbox delivers here any more: nobody would keep the notes true. Ours go.

        Nothing is lost by it: what failed is known, and told again if the folder comes back.
        """
        if not self._may_touch(folder):
            return
        for path, written in ledger.notes.items():
            note_files.remove(folder / path, written.sha256, failed_note.FRAME)
        if ledger.status:
            note_files.remove(folder / status_note.NAME, ledger.status, status_note.FRAME)
        ledger.forget(self._store, folder)

    def _look(self, folder: Path, inboxes: dict[str, Path]) -> None:
        if not self._may_touch(folder):
            return
        note_files.tidy(folder, self._me.id)
        failed = sources_there(self._store.glance_failed(list(inboxes)))
        if failed is None:
            return  # an inbox hangs: nobody can tell which notes are still right
        ledger = Ledger.read(self._store, folder)
        self._obey(folder, failed, ledger)
        self._renew(folder, failed, ledger)
        now, settings = self._clock.now(), self._live.settings
        here = (watch_of(settings, each) for each in settings.inboxes if each.outbox == folder)
        patience = min((watch.patience for watch in here), default=settings.watch.patience)
        scene = gathered(self._store, inboxes, failed, patience, now)
        own = (status_note.refused(self._live.problems), ledger.accident(now))
        troubles = (*filter(None, own), *scene.troubles)
        notes = {written.job: path for path, written in ledger.notes.items()}
        scene = replace(scene, troubles=troubles, notes=notes, host=self._me.host or scene.host)
        self._tell(folder, status_note.text(scene), ledger)
        ledger.save(self._store, folder)

    def _obey(self, folder: Path, failed: list[Failed], ledger: Ledger) -> None:
        """Notes that somebody deleted: those videos are tried again."""
        notes = ledger.notes
        there = _those_there(folder, self._store.last_results(str(folder), _RESULTS_LOOKED_AT))
        gone = frozenset(path for path in notes if not note_files.is_there(folder / path))
        before, results = frozenset(ledger.gone), frozenset(ledger.results)
        swept = frozenset(path for path in gone if not (folder / path).parent.is_dir())
        verdict = judge(Seen(frozenset(notes), gone, before, results, results & there, swept))
        live = {each.id for each in failed}
        now = self._clock.now()
        wished = sorted(verdict.wished)[: ledger.room(now)]  # the others at the next looks
        ledger.obeyed += [now] * len(wished)
        for path in wished:
            job = notes.pop(path).job
            if job in live:
                _LOGGER.info("note.deleted", job=job, path=path)
                self._store.ask("retry", job, {}, now)
                self._changed()
        for path in verdict.accident:
            del notes[path]  # written anew below
        if verdict.accident:
            _LOGGER.warning("notes.gone", path=str(folder), count=len(verdict.accident))
            ledger.note_accident(len(verdict.accident), now)
        ledger.gone = sorted(gone - set(wished) - verdict.accident)
        ledger.results = sorted(there)

    def _renew(self, folder: Path, failed: list[Failed], ledger: Ledger) -> None:
        """A note for each video that failed, and none for any other."""
        known = {path: written.job for path, written in ledger.notes.items()}
        wanted = failed_note.placed(failed, known)
        for path, written in list(ledger.notes.items()):
            if path not in wanted or wanted[path].id != written.job:
                with contextlib.suppress(OSError):  # it stays; the others are seen to
                    note_files.remove(folder / path, written.sha256, failed_note.FRAME)
                    del ledger.notes[path]
        for path, each in wanted.items():
            if path not in ledger.notes:
                text = failed_note.text(each, self._live.settings.cloud.estimate)
                if self._write(folder, path, text, "", failed_note.FRAME):
                    ledger.notes[path] = Written(each.id, note_files.digest(text))

    def _tell(self, folder: Path, text: str, ledger: Ledger) -> None:
        """The one file that says what waits. Written only when its words change."""
        path = folder / status_note.NAME
        if not text:
            with contextlib.suppress(OSError):
                note_files.remove(path, ledger.status, status_note.FRAME)
                ledger.status = ""
        elif note_files.digest(text) != ledger.status and self._write(
            folder, status_note.NAME, text, ledger.status, status_note.FRAME
        ):
            ledger.status = note_files.digest(text)

    def _write(self, folder: Path, name: str, text: str, old: str, frame: note_files.Frame) -> bool:
        path = folder / name
        why = "another file has this name"
        try:
            over = note_files.is_ours(path, old, frame)
            done = note_files.write(folder, name, text, over=over, mine=self._me.id)
        except OSError as error:  # a file where its folder would be: the other notes have a place
            done, why = False, str(error)
        if not done and path not in self._refused:
            self._refused.add(path)
            _LOGGER.warning("note.refused", path=str(path), why=why)
        return done


def _outboxes(settings: Settings) -> dict[Path, dict[str, Path]]:
    """Outbox -> name of an inbox that delivers there -> that inbox's folder."""
    found: dict[Path, dict[str, Path]] = {}
    for name, inbox in named_inboxes(settings).items():
        found.setdefault(inbox.outbox, {})[name] = inbox.path
    return found


def _those_there(folder: Path, names: list[str]) -> frozenset[str]:
    return frozenset(name for name in names if note_files.is_there(folder / name))
