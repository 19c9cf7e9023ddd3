"""A whole hotpress in one thread: real store, hot folder, worker, engine, steps and chores.

Only time, the network (`sky.Sky`) and the repetition of real work on videos (`switch.Recall`) are
the test's. Whatever is asked for in the middle of a call or of work on a video happens right there,
as another thread would do it.
"""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from sky import Sky
from switch import Crash, Power, Recall, TwoHands, Watched, small_bytes

from hotpress import outbox, record
from hotpress.admission import Admission
from hotpress.chores import Chores
from hotpress.cloud import Cloud, Identity
from hotpress.cloud.client import Address
from hotpress.config.settings import Inbox, Settings
from hotpress.desk import Desk
from hotpress.engine import LocalEngine
from hotpress.engine.slots import Places
from hotpress.hotfolder import HotFolder
from hotpress.model import Job, State
from hotpress.steps import Tools
from hotpress.worker import Worker

API = "http://127.0.0.1:9"
ROUNDS = 400  # of work and waiting, until everything must have come to rest


class AtOnce:
    """A pool without threads: what is handed in has ended when `submit` returns."""

    def submit(self, call: Callable[[str], None], job_id: str) -> Future[None]:
        done: Future[None] = Future()
        call(job_id)
        done.set_result(None)
        return done


class Machine:
    """`boot` and `crash` as often as wanted: folders, store and cloud stay, memory goes."""

    def __init__(self, folder: Path, rule: dict[str, Any]) -> None:
        self.folder = folder
        self.inbox, self.outbox = folder / "in", folder / "out"
        self.archive = folder / "Archive"
        self.state = folder / "state"
        self.inbox.mkdir()
        self.state.mkdir()
        values = {"name": "in", "path": self.inbox, "outbox": self.outbox, **rule}
        self.settings = self.settings_of(Inbox(**values))
        self.clock = TwoHands()
        self.chance = random.Random(1)
        self.stop = threading.Event()
        self.power = Power(folder)
        self.sky = Sky(self.clock, small_bytes)
        self.sky.around = self.around
        self.cloud = self.sky.connect(self._client())
        self.changes: list[tuple[Job | None, Job]] = []
        self.meanwhile: deque[tuple[int, Callable[[], None]]] = deque()
        self.runs: list[set[str]] = []
        self.twice: list[str] = []
        self.boots = 0
        self.forgot = False  # was the state directory lost?
        self.cut = False
        self.boot()

    def settings_of(self, inbox: Inbox) -> Settings:
        """All that a config says, beside the inbox."""
        return Settings(inboxes=[inbox], limits={"free_space": "1 B"})

    @property
    def store_path(self) -> Path:
        """The store's file."""
        return self.state / "hotpress.db"

    def boot(self) -> None:
        """Start anew with what is on the disks."""
        Power.on = self.power
        self.power.left, self.power.out, self.cut = None, False, False
        self.stop.clear()
        self.runs.clear()
        self.meanwhile.clear()
        self.boots += 1
        self.store = Watched(
            self.store_path, self.power, lambda old, new: self.changes.append((old, new))
        )
        if self.store.note(f"outbox:{self.outbox}") is None:
            self.store.set_note(f"outbox:{self.outbox}", outbox.make(self.outbox))
        record.learn(self.store, self.outbox)
        self.worker = Worker(
            self.store,
            self._desk,
            self._tools,
            self.clock,
            "me:1",
            f"boot{self.boots}",
            self.stop,
            lambda _job: self.rescan_soon(),
        )
        self.engine = LocalEngine(
            self.store, self.run, self.worker.obey, Places, self.clock, self.stop
        )
        self.engine._pool = AtOnce()  # type: ignore[assignment]
        inbox = self.settings.inboxes[0]
        name = inbox.name or ""
        admission = Admission(name, inbox, self.settings, self.store, self.clock, self.chance)
        self.hotfolder = HotFolder(inbox, admission, (self.archive,))
        timing = self.settings.cloud.timing
        self.chores = Chores(
            self.store,
            lambda: self.cloud,
            self.clock,
            lambda: timing,
            lambda: None,
            lambda: [self.outbox],
        )
        self.rescan_wanted = False
        self.worker.recover()
        self.worker.mend_times()
        self.chores.sweep_spool(self.state / "spool")

    def off(self) -> None:
        """Memory is gone, and the store closed."""
        Power.on = None
        self.store.close()

    def crash(self) -> None:
        """A crash now, and the next start."""
        self.off()
        self.boot()

    def guarded(self, what: Callable[[], None]) -> bool:
        """Do it; when the power goes out meanwhile, start anew. True when it did."""
        try:
            what()
        except Crash:
            self.crash()
            return True
        if self.stop.is_set():
            self.worker.abandon()
            self.crash()
        self.power.left = None
        return False

    def stop_orderly(self) -> None:
        """As SIGTERM: steps are asked to end, and the cloud's answers are cut."""
        self.stop.set()
        self.worker.interrupt()

    # --- what its threads do -------------------------------------------------------------------

    def run(self, job_id: str) -> None:
        """One step of one job."""
        self.runs.append(set())
        try:
            self.worker.run_one(job_id)
        finally:
            if self.runs:
                self.runs.pop()

    def work(self) -> None:
        """One round of the engine: orders, then each job that may go on."""
        self.worker.obey(self.running())
        if not self.stop.is_set():
            self.engine._dispatch()

    def obey(self) -> None:
        """Only the orders."""
        self.worker.obey(self.running())

    def running(self) -> frozenset[str]:
        """Jobs whose step runs at this moment."""
        return frozenset().union(*self.runs) | self.engine.running()

    def rescan_soon(self) -> None:
        """The worker asks the watcher to look."""
        self.rescan_wanted = True

    def look(self) -> None:
        """A rescan, and what had to be looked at again."""
        self.rescan_wanted = False
        self.hotfolder.rescan()
        self.hotfolder.look_again()

    def clock_set(self, seconds: float) -> None:
        """Somebody set the wall clock; the daemon notices within a second."""
        self.clock._now += seconds
        self.worker.mend_times()
        self.look()

    def around(self, what: str) -> None:
        """In the middle of a step: the power, and whatever was planned for here."""
        self.power.effect()
        if self.meanwhile and not self.cut:
            left, action = self.meanwhile.popleft()
            if left:
                self.meanwhile.appendleft((left - 1, action))
            else:
                action()
        if self.stop.is_set() and not self.cut and not what.endswith("done"):
            self.cut = True  # as `Cloud.cut` does with an answer that is being read
        self.power.effect()

    def rest(self) -> int:
        """Let it work and wait until nothing more happens by itself; how many rounds it took.

        Held jobs are looked at once a day at the latest, and the clock was set by four days at most
        at a time: after nine days without a change nothing will come.
        """
        quiet, before = 0, ""
        for number in range(ROUNDS):
            self.look()
            self.chores.wake_held()
            for _ in range(10):  # whoever ends a step makes room for those behind it
                self.work()
                if not self.store.due(self.clock.now()):
                    break
            now = self.clock.now()
            wake_at = self.store.next_wake(now)
            seconds = [self.hotfolder.next_due_seconds(), wake_at and wake_at - now]
            waits = [each for each in seconds if each is not None]
            moving = any(
                not (job.waits_on or job.state is State.HELD or job.state is State.DELIVERED)
                for job in self.store.jobs(live_only=True)
            )
            if moving or seconds[0] is not None or self.store.due(now):
                self.clock.move(max(20.0, min(waits, default=1.0)))
                continue
            standing = str([(j.id, j.state, j.step, j.reason) for j in self.store.jobs()])
            quiet, before = quiet + 1 if standing == before else 0, standing
            if quiet > 8:
                return number
            self.clock.move(90_000.0)
        return ROUNDS

    def _client(self) -> Cloud:
        """The real client. Nothing goes out, so it need not load the system's certificates."""
        none = self.folder / "no-certificates"
        none.touch()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SSL_CERT_FILE", str(none))
            patch.setenv("SSL_CERT_DIR", str(self.state))
            return Cloud(
                Address(API),
                Identity(self.folder / "id"),
                self.clock,
                self.stop,
                configured_token=lambda: "nmv_usr_x",
            )

    def live(self, rounds: int) -> None:
        """Look, work and wait, as a daemon does."""
        for _ in range(rounds):
            self.look()
            self.chores.wake_held()
            self.work()
            now = self.clock.now()
            wake_at = self.store.next_wake(now)
            self.clock.move(1.0 if wake_at is None else max(1.0, wake_at - now))

    def _desk(self, job: Job) -> Desk:
        return Desk(self.store, self.clock, self.settings.cloud, job)

    def _tools(self, desk: Desk) -> Tools:
        job_id = desk._job.id
        if any(job_id in running for running in self.runs):
            self.twice.append(job_id)
        self.runs[-1].add(job_id)
        return Tools(
            cloud=self.cloud,
            media=Recall(self.around),
            clock=self.clock,
            chance=self.chance,
            settings=self.settings,
            spool=self.state / "spool",
            desk=desk,
        )
