"""Builds, starts and stops everything in order: the only composition root."""

from __future__ import annotations

import contextlib
import json
import os
import random
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler

from hotpress import log, places, statefolder, thrift, upkeep
from hotpress.admission import Admission, Quota
from hotpress.alive import Alive
from hotpress.awake import Awake
from hotpress.chores import Chores
from hotpress.circumstances import Circumstances
from hotpress.clock import iso
from hotpress.cloud import Balance, Cloud
from hotpress.clouds import Clouds, bearer_for, make_cloud
from hotpress.config.addresses import unusable_addresses
from hotpress.config.limits import Limits
from hotpress.config.live import Live
from hotpress.config.read import Config
from hotpress.config.rules import named_inboxes
from hotpress.config.settings import Settings
from hotpress.config.terms import Terms, is_sole, terms_of
from hotpress.courtesy import Peer, new_id
from hotpress.desk import Desk
from hotpress.engine import LocalEngine
from hotpress.engine.slots import Places as Slots
from hotpress.engine.slots import slots_of
from hotpress.errors import ConfigError, HotpressError, StoreError
from hotpress.files import ignore_lease_breaks
from hotpress.hotfolder import HotFolder
from hotpress.ingest import Ingest
from hotpress.media import Media
from hotpress.model import Job
from hotpress.online import Fetcher
from hotpress.outboxes import Outboxes
from hotpress.page.door import Door
from hotpress.pictures import Pictures
from hotpress.places import Places
from hotpress.reach import Reach
from hotpress.reload import Reload
from hotpress.serving import status_line
from hotpress.steps import Tools
from hotpress.store import Bell, StateLock, Store, opened
from hotpress.telling import Messenger, OutboxNotes
from hotpress.worker import Worker

_STOP_SECONDS = 6.0  # of the ten that a stop may take; then what still runs is left to a resume
_REST_SECONDS = 1.0  # for each thread that only has to notice the stop
_LOCK_SECONDS = 2.0  # `status` and `retry` hold it for a moment
_BEAT_SECONDS = 2.0  # of the heartbeat: each wake of a thread costs, also one that finds nothing
_HELD_SECONDS = 5.0  # between two looks at what may free held jobs, and at what is to be told
_TELL_SECONDS = 60.0  # between two looks at the notes in an outbox
_JUMP_SECONDS = 5.0  # clock and steady time apart by more: a suspend, or a set clock
_LOGGER = log.get("daemon")


@dataclass(frozen=True, slots=True)
class Extent:
    """How much it takes on: at most `limit` new videos; `ask` about what lay there before."""

    limit: int | None = None
    ask: bool = True


class Daemon:
    """Everything that runs, from `start` to `stop`."""

    def __init__(
        self,
        where: Places,
        config: Config,
        around: Circumstances,
        *,
        new_outbox: bool = False,
        extent: Extent | None = None,
        heard: Callable[[Settings], None] = lambda _settings: None,
    ) -> None:
        """Take the state directory. `heard` is told of changed settings.

        Raises StateBusy, StateUnusable.
        """
        self._extent = extent or Extent()
        self._quota = Quota(self._extent.limit)
        self._chance = around.chance
        self.live = Live(config, lambda fresh: _usable(where, fresh))
        self.where = where
        self.stopping = threading.Event()
        self._clock = around.clock
        _usable(where, config)
        places.make_private_dir(where.state)
        places.make_private_dir(where.spool)
        self._lock = StateLock(where.lock, _LOCK_SECONDS)
        self.store = self._opened_store()
        settings = config.settings
        self._reach = Reach(_places_of(settings), around.clock)
        self._me = self._as_peer(around)
        into = [inbox.outbox for inbox in settings.inboxes]
        self._outboxes = Outboxes(self.store, around.clock, self._me, into, new=new_outbox)
        self._scheduler = _timetable()
        self.clouds = Clouds(lambda changed: self._make_cloud(changed, around), settings)
        self.worker = self._make_worker(around)
        self.engine = self._make_engine(around)
        self._bell = Bell(where.store, self.engine.poke)
        self._fetcher = Fetcher(around.clock, self.stopping, lambda: self._limits.free_space)
        self.ingest = Ingest(self._make_folder, terms_of(settings), self.stopping)
        self._notes = OutboxNotes(self.store, around.clock, self._me, self.live, self.engine.poke)
        self._messenger = Messenger(self.store, around.clock, self.live, self.stopping)
        self._chores = self._make_chores()
        self._alive = self._make_alive(around)
        self._page = Door(where, self.store, self.live, around.clock, around.chance)
        self.reload = self._make_reload(heard)
        self._awake = Awake(sys.platform, os.getpid(), around.clock)
        self._engine_thread = threading.Thread(target=self.engine.loop, name="engine", daemon=True)

    def _make_alive(self, around: Circumstances) -> Alive:
        loops = {"engine": self.engine.ask, "timetable": self._scheduler.add_job}
        says = partial(status_line, self.store, self.live)
        return Alive(around.overseer, around.clock, self.stopping, loops, says)

    def _make_reload(self, heard: Callable[[Settings], None]) -> Reload:
        parts = [heard, self.clouds.take, self._take_folders, self._page.take]
        told = self._alive.reloads
        return Reload(self.live, self.store, self._clock, self.stopping, parts, told)

    def _make_worker(self, around: Circumstances) -> Worker:
        return Worker(
            self.store,
            self._desk,
            lambda desk: self._tools(desk, around.chance),
            around.clock,
            f"{socket.gethostname()}:{os.getpid()}",
            places.boot_id(),
            self.stopping,
            lambda job: self.ingest.rescan(job.inbox),
            lambda: self._reach.hung,
        )

    def _make_chores(self) -> Chores:
        return Chores(
            self.store,
            lambda: self.clouds.now,
            self._clock,
            lambda: self.live.settings.cloud.timing,
            self.engine.poke,
            lambda: self._outboxes.folders,
        )

    def _make_engine(self, around: Circumstances) -> LocalEngine:
        return LocalEngine(
            self.store,
            self.worker.run_one,
            self.worker.obey,
            self._slots,
            around.clock,
            self.stopping,
            lambda: self._reach.hung,
        )

    def _opened_store(self) -> Store:
        """The store; a torn one is kept aside, and the outboxes tell what was delivered."""
        try:
            store, kept = opened(self.where.store, self._clock.now())
        except BaseException:
            self._lock.release()
            raise
        if kept is not None:
            sentence = (
                f"the store was damaged and is kept as {kept}; what was delivered is known from "
                "the outboxes, and so is what the agent was asked for; the rest begins again"
            )
            _LOGGER.error("store.damaged", why=sentence)
            store.set_note("store_rebuilt", sentence)
        return store

    def _as_peer(self, around: Circumstances) -> Peer:
        """Who this daemon is to others that deliver into the same folders."""
        id_ = self.store.note("daemon_id")
        if id_ is None:
            id_ = new_id(self._clock.now(), around.chance)
            self.store.set_note("daemon_id", id_)
        boot, now = places.boot_id(), self._clock.now()
        return Peer(id_, socket.gethostname(), os.getpid(), boot, now, iso(now) or "")

    def _desk(self, job: Job) -> Desk:
        settings = self.live.settings
        sole = is_sole(settings, Path(job.outbox))
        own = named_inboxes(settings).get(job.inbox)
        spend = own.budget if own else None  # of an inbox that is gone: as all together
        return Desk(
            self.store, self._clock, settings.cloud, job, sole=sole, me=self._me, spend=spend
        )

    def _make_folder(self, terms: Terms) -> HotFolder:
        admission = Admission(
            terms.name,
            terms.inbox,
            terms.settings,
            self.store,
            self._clock,
            self._chance,
            self.engine.poke,
            sole=terms.sole,
            ask=self._extent.ask,
            quota=self._quota,
        )
        return HotFolder(terms.inbox, admission, terms.archives, self._fetcher)

    def _take_folders(self, settings: Settings) -> None:
        """Changed settings: what was taken out is not watched any more, its jobs go on."""
        self._outboxes.take([inbox.outbox for inbox in settings.inboxes])
        self._reach.folders = {**self._reach.folders, **_places_of(settings)}
        self.ingest.take(terms_of(settings))
        self.engine.poke()  # there may be more places now

    def start(self) -> None:
        """Recover what was under way, then watch and work."""
        ignore_lease_breaks()
        self._outboxes.open()
        self.worker.recover()
        self.worker.mend_times()
        self._chores.sweep_spool(self.where.spool)
        self.store.set_note("daemon_since", iso(self._clock.now()) or "")
        self._scheduler.add_job(self._look_often, "interval", seconds=_HELD_SECONDS)
        self._scheduler.add_job(self._chores.renew_token, "interval", seconds=60)
        self._scheduler.add_job(self._outboxes.look, "interval", seconds=60)
        self._scheduler.add_job(self._page.look, "interval", seconds=60)
        often = min(_TELL_SECONDS, self.live.settings.watch.rescan)
        self._scheduler.add_job(self._notes.look, "interval", seconds=often)
        self._messenger.start()
        self._scheduler.add_job(self._keep_up, "interval", seconds=3_600)
        self._scheduler.start()
        self.engine.has_bell = self._bell.hang()
        self._engine_thread.start()
        self.ingest.start()
        self.reload.tell()
        names = [folder.name for folder in self.ingest.folders]
        _LOGGER.info("daemon.started", pid=os.getpid(), inboxes=names)
        self._alive.ready()

    def run(self) -> None:
        """Until `stopping` is set. The heartbeat notices suspends and clocks that were set."""
        self.reload.start()
        self._page.open()
        apart = self._clock.now() - self._clock.steady()
        self._look_for_hung()  # asked at once: a share that hangs at the start is soon known
        while not self._clock.wait(_BEAT_SECONDS, self.stopping):
            if not (self._engine_thread.is_alive() and self.ingest.is_alive()):
                raise HotpressError(
                    "a part of hotpress has died", "See the log; the service starts it again."
                )
            now_apart = self._clock.now() - self._clock.steady()
            if abs(now_apart - apart) > _JUMP_SECONDS:
                _LOGGER.info("clock.jumped", seconds=round(now_apart - apart))
                self._after_jump()
            apart = now_apart
            self._look_for_hung()
            self._awake.look(works=self.engine.works())

    def _keep_up(self) -> None:
        """For years: nothing grows but what must be remembered."""
        self._chores.sweep_spool(self.where.spool)
        upkeep.prune(self.store, self._clock, self.live.settings.history, self.stopping)
        Pictures(self.where.state).sweep(lambda job: self.store.get(job) is not None)
        upkeep.bound_log(sys.stderr.fileno(), upkeep.own_log(sys.platform, Path.home()))
        thrift.give_back()

    def _look_often(self) -> None:
        """One job of the timetable for both: what trips the first does not keep the other."""
        for look in (self._chores.wake_held, self._messenger.look):
            try:
                look()
            except Exception:
                _LOGGER.exception("chores.tripped")

    def _look_for_hung(self) -> None:
        """The thread of a hung inbox can't say so itself."""
        if self._reach.look():
            hung = {name: f"{path} does not answer" for name, path in self._reach.hung.items()}
            _LOGGER.warning("folders.hung", folders=list(hung.values()))
            with contextlib.suppress(StoreError):
                self.store.set_note("hung", json.dumps(hung))
            self.ingest.rescan()
            self.engine.poke()

    def _after_jump(self) -> None:
        """A suspend, or a clock that was set: nothing waits for a time that comes days later."""
        run_soon(self._scheduler)
        self.worker.mend_times()
        self.ingest.rescan()
        self.engine.poke()

    def stop(self) -> bool:
        """Stop in order; True when every step came to rest by itself."""
        self.stopping.set()
        self._alive.stopping()
        self.engine.poke()
        self._bell.take_down(_REST_SECONDS)
        self._page.close()
        self._awake.rest()
        self.worker.interrupt()
        self.clouds.cut()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        rested = self.engine.drain(_STOP_SECONDS)
        self.worker.abandon()
        rested = self.reload.rest(_REST_SECONDS) and rested
        rested = self.ingest.rest(_REST_SECONDS) and rested
        self._messenger.rest(_REST_SECONDS)
        self._notes.look(_REST_SECONDS)  # also after `once`: people look here
        self._outboxes.close()
        _LOGGER.info("daemon.stopped", rested=rested)
        self.clouds.close()
        if rested:
            if self._engine_thread.is_alive():
                self._engine_thread.join(_REST_SECONDS)
            self.store.close()
        self._lock.release()
        return rested

    def _tools(self, desk: Desk, chance: random.Random) -> Tools:
        return Tools(
            cloud=self.clouds.now,
            media=Media(stop=desk.stop),
            clock=self._clock,
            chance=chance,
            settings=self.live.settings,
            spool=self.where.spool,
            desk=desk,
        )

    def _make_cloud(self, settings: Settings, around: Circumstances) -> Cloud:
        token = bearer_for(settings, lambda: self.live.settings)
        return make_cloud(settings, around, self.stopping, self._credits_seen, token)

    def _credits_seen(self, balance: Balance) -> None:
        seen = {"credits": asdict(balance), "checked_at": iso(self._clock.now())}
        with contextlib.suppress(StoreError):  # only for the status: never a reason to stop a step
            self.store.set_note("account", json.dumps(seen))

    @property
    def _limits(self) -> Limits:
        return self.live.settings.limits

    def _slots(self) -> Slots:
        return slots_of(self.live.settings)


def _places_of(settings: Settings) -> dict[str, tuple[Path, Path]]:
    """Each inbox's folders, by its name."""
    named = named_inboxes(settings).items()
    return {name: (inbox.path, inbox.outbox) for name, inbox in named}


def _timetable() -> BackgroundScheduler:
    """A job that was missed in a suspend runs once when the machine is back."""
    defaults = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
    return BackgroundScheduler(job_defaults=defaults, timezone="UTC")


def run_soon(scheduler: BackgroundScheduler) -> None:
    """Every chore now: its next time may lie days ahead of a clock that was set back."""
    for job in scheduler.get_jobs():
        job.modify(next_run_time=datetime.now(UTC))
    scheduler.wakeup()


def _usable(where: Places, config: Config) -> None:
    """What only a daemon has to know, or takes too long for every verb. Raises ConfigError."""
    statefolder.check(where, config.settings)
    if wrong := unusable_addresses(config):
        raise ConfigError(wrong)
