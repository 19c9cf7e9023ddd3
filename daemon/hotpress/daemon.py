"""Builds, starts and stops everything in order: the only composition root."""

from __future__ import annotations

import contextlib
import json
import os
import random
import socket
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler

from hotpress import log, outbox, places
from hotpress.chores import Chores
from hotpress.clock import Clock, SystemClock, iso
from hotpress.cloud import Balance, Cloud, Identity
from hotpress.cloud.agent import Limits
from hotpress.cloud.client import Address
from hotpress.config.read import Config, read_file
from hotpress.config.rules import archives, inbox_names
from hotpress.config.sense import overlap
from hotpress.config.sense import real as real_path
from hotpress.config.settings import Settings
from hotpress.desk import Desk
from hotpress.engine import LocalEngine
from hotpress.engine.slots import Places as Slots
from hotpress.errors import ConfigError, HotpressError, StoreError
from hotpress.files import ignore_lease_breaks
from hotpress.ingest import HotFolder, Ingest
from hotpress.media import Media
from hotpress.places import Places
from hotpress.reach import NoAnswer, Reach, within
from hotpress.steps import Tools
from hotpress.store import StateLock, Store
from hotpress.worker import Worker

_STOP_SECONDS = 6.0  # of the ten that a stop may take; then what still runs is left to a resume
_REST_SECONDS = 1.0  # for each thread that only has to notice the stop
_LOCK_SECONDS = 2.0  # `status` and `retry` hold it for a moment
_JUMP_SECONDS = 5.0  # clock and steady time apart by more: a suspend, or a set clock
_LOGGER = log.get("daemon")


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a rehearsal or a test has otherwise than a real machine."""

    clock: Clock
    chance: random.Random
    identity_folder: Path
    say: Callable[[str], None] = lambda _line: None


def real() -> Circumstances:
    """This machine."""
    return Circumstances(
        SystemClock(),
        random.SystemRandom(),
        places.client_id_file().parent,
        lambda line: _LOGGER.info("cloud.told", line=line),
    )


class Daemon:
    """Everything that runs, from `start` to `stop`."""

    def __init__(
        self, where: Places, config: Config, around: Circumstances, *, new_outbox: bool = False
    ) -> None:
        """Take the state directory. Raises StateBusy, StateUnusable."""
        self.config = config
        self._new_outbox = new_outbox
        self.where = where
        self.stopping = threading.Event()
        self._clock = around.clock
        _apart(where, config.settings)
        places.make_private_dir(where.state)
        places.make_private_dir(where.spool)
        self._lock = StateLock(where.lock, _LOCK_SECONDS)
        self._outbox_locks: dict[Path, StateLock] = {}
        self.store = Store(where.store)
        settings = config.settings
        named = zip(inbox_names(settings), settings.inboxes, strict=True)
        self._reach = Reach({n: (inbox.path, inbox.outbox) for n, inbox in named}, around.clock)
        self._token_read_at = 0.0
        self._token = settings.bearer()
        self.cloud = make_cloud(
            settings, around, self.stopping, self._credits_seen, self._configured_token
        )
        self.worker = Worker(
            self.store,
            lambda job: Desk(self.store, around.clock, self.config.settings.cloud, job),
            lambda desk: self._tools(desk, around.chance),
            around.clock,
            f"{socket.gethostname()}:{os.getpid()}",
            places.boot_id(),
            self.stopping,
            lambda: self._reach.hung,
        )
        self.engine = LocalEngine(
            self.store,
            self.worker.run_one,
            self.worker.obey,
            self._slots,
            around.clock,
            self.stopping,
            lambda: self._reach.hung,
        )
        self.folders = self._make_folders(settings, around)
        self.ingest = Ingest(self.folders, self.stopping)
        self._chores = Chores(
            self.store,
            self.cloud,
            around.clock,
            settings.cloud.timing,
            self.engine.poke,
            [inbox.outbox for inbox in settings.inboxes],
        )
        self._scheduler = _timetable()
        self._engine_thread = threading.Thread(target=self.engine.loop, name="engine", daemon=True)

    def _make_folders(self, settings: Settings, around: Circumstances) -> list[HotFolder]:
        return [
            HotFolder(
                name,
                inbox,
                settings,
                self.store,
                around.clock,
                around.chance,
                self.engine.poke,
                tuple(a for each in settings.inboxes for a in archives(settings, each)),
            )
            for name, inbox in zip(inbox_names(settings), settings.inboxes, strict=True)
        ]

    def start(self) -> None:
        """Recover what was under way, then watch and work."""
        ignore_lease_breaks()
        for folder in self.folders:
            outbox_path = folder.inbox.outbox
            try:
                within(outbox_path, partial(self._make_outbox, folder))
            except NoAnswer:  # it is made or taken when it answers
                _LOGGER.warning("outbox.silent", path=str(outbox_path))
        self.worker.recover()
        self._chores.sweep_spool(self.where.spool)
        self.store.set_note("daemon_since", iso(self._clock.now()) or "")
        self._scheduler.add_job(self._chores.wake_held, "interval", seconds=2)
        self._scheduler.add_job(self._chores.renew_token, "interval", seconds=60)
        self._scheduler.add_job(
            self._chores.sweep_spool, "interval", [self.where.spool], seconds=3_600
        )
        self._scheduler.start()
        self._engine_thread.start()
        self.ingest.start()
        _LOGGER.info("daemon.started", pid=os.getpid(), inboxes=[f.name for f in self.folders])

    def run(self) -> None:
        """Until `stopping` is set. The heartbeat notices suspends and clocks that were set."""
        apart = self._clock.now() - self._clock.steady()
        while not self._clock.wait(1.0, self.stopping):
            if not (self._engine_thread.is_alive() and self.ingest.is_alive()):
                raise HotpressError(
                    "a part of hotpress has died", "See the log; the service starts it again."
                )
            now_apart = self._clock.now() - self._clock.steady()
            if abs(now_apart - apart) > _JUMP_SECONDS:
                _LOGGER.info("clock.jumped", seconds=round(now_apart - apart))
                self._scheduler.wakeup()
                self.ingest.rescan()
                self.engine.poke()
            apart = now_apart
            self._look_for_hung()

    def _look_for_hung(self) -> None:
        """The thread of a hung inbox can't say so itself."""
        if self._reach.look():
            hung = {name: f"{path} does not answer" for name, path in self._reach.hung.items()}
            _LOGGER.warning("folders.hung", folders=list(hung.values()))
            with contextlib.suppress(StoreError):
                self.store.set_note("hung", json.dumps(hung))
            self.ingest.rescan()
            self.engine.poke()

    def stop(self) -> bool:
        """Stop in order; True when every step came to rest by itself."""
        self.stopping.set()
        self.engine.poke()
        self.worker.interrupt()
        self.cloud.cut()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        rested = self.engine.drain(_STOP_SECONDS)
        self.worker.abandon()
        rested = self.ingest.rest(_REST_SECONDS) and rested
        _LOGGER.info("daemon.stopped", rested=rested)
        self.cloud.close()
        if rested:
            if self._engine_thread.is_alive():
                self._engine_thread.join(_REST_SECONDS)
            self.store.close()
        for path, lock in self._outbox_locks.items():
            with contextlib.suppress(NoAnswer, OSError):  # it ends with this process, too
                within(path, lock.release, _REST_SECONDS)
        self._lock.release()
        return rested

    def _tools(self, desk: Desk, chance: random.Random) -> Tools:
        return Tools(
            cloud=self.cloud,
            media=Media(stop=desk.stop),
            clock=self._clock,
            chance=chance,
            settings=self.config.settings,
            spool=self.where.spool,
            desk=desk,
        )

    def _configured_token(self) -> str | None:
        """The token as it is configured now: a refused call is repeated with that."""
        with contextlib.suppress(OSError, ConfigError):
            changed_at = self.config.path.stat().st_mtime
            if changed_at != self._token_read_at:
                self._token_read_at = changed_at
                self._token = read_file(self.config.path).settings.bearer()
        return self._token

    def _credits_seen(self, balance: Balance) -> None:
        seen = {"credits": asdict(balance), "checked_at": iso(self._clock.now())}
        with contextlib.suppress(StoreError):  # only for the status: never a reason to stop a step
            self.store.set_note("account", json.dumps(seen))

    def _slots(self) -> Slots:
        limits = self.config.settings.limits
        return Slots(limits.uploads, limits.cloud_jobs, limits.encodes)

    def _make_outbox(self, folder: HotFolder) -> None:
        """A new outbox gets its marker; one that was known and is away is never made anew."""
        path = folder.inbox.outbox
        key = f"outbox:{path}"
        known = self.store.note(key)
        if known is not None and outbox.marker_of(path) != known and not self._new_outbox:
            _LOGGER.warning("outbox.missing", path=str(path))
            return
        try:
            self.store.set_note(key, outbox.make(path))
            real = real_path(path)
            if real not in self._outbox_locks:  # two inboxes may share one
                self._outbox_locks[real] = StateLock(real / outbox.PRIVATE / "lock")
        except OSError as error:
            _LOGGER.warning("outbox.refused", path=str(path), why=str(error))


def _timetable() -> BackgroundScheduler:
    """A job that was missed in a suspend runs once when the machine is back."""
    defaults = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
    return BackgroundScheduler(job_defaults=defaults, timezone="UTC")


def _apart(where: Places, settings: Settings) -> None:
    """Files under way in an inbox would be taken as new videos. Raises ConfigError."""
    for inbox in settings.inboxes:
        if overlap(real_path(where.state), real_path(inbox.path)):
            sentence = f"the state directory {where.state} and the inbox {inbox.path} lie inside"
            raise ConfigError([f"{sentence} each other; choose another --state-dir"])


def make_cloud(
    settings: Settings,
    around: Circumstances,
    stop: threading.Event,
    seen: Callable[[Balance], None] = lambda _balance: None,
    token: Callable[[], str | None] | None = None,
) -> Cloud:
    """The client as the settings say."""
    cloud = settings.cloud
    return Cloud(
        Address(cloud.api_url, cloud.web_url, cloud.plain_http == "allow"),
        Identity(around.identity_folder, cloud.skill_version, cloud.platform, cloud.client_id),
        around.clock,
        stop,
        configured_token=token or settings.bearer,
        limits=Limits(
            cloud.timing.stream_limit, cloud.timing.stream_silence, cloud.timing.working_note
        ),
        say=around.say,
        seen=seen,
        token_retry_seconds=cloud.timing.token_retry,
    )
