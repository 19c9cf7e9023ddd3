"""One machine: threads, and the store as the queue. A thread runs one step of one job."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from hotpress import log, policy
from hotpress.clock import Clock
from hotpress.engine.slots import Places, Turns, admit, full_for
from hotpress.model import Job, Step
from hotpress.store import Store

# Made only when needed. As many as there may ever be places (the settings change while it runs),
# and some for steps without a place and for those that hang.
_MOST_THREADS = 128
_LOOK_SECONDS = 0.8  # for commands that another process left; one cheap query
_BELL_SECONDS = 5.0  # the same where a bell tells of them
_LEAST_SECONDS = 0.05  # however soon the next job is due
_AGAIN_SECONDS = 2.0  # after a mistake of ours, or a full disk under the store
_MOST_DUE = 100  # jobs that are looked at in one round, of all inboxes together
_LEAST_DUE = 10  # of each, however many there are
_LOGGER = log.get("engine")


class LocalEngine:
    """Dispatches due jobs to threads, within the places there are."""

    def __init__(
        self,
        store: Store,
        run_one: Callable[[str], None],
        obey: Callable[[frozenset[str]], None],
        places: Callable[[], Places],
        clock: Clock,
        stop: threading.Event,
        hung: Callable[[], Mapping[str, Path]] = dict,
    ) -> None:
        """`hung` names the inboxes that don't answer: their steps take no place from others."""
        self._store = store
        self._run_one = run_one
        self._obey = obey
        self._places = places
        self._clock = clock
        self._stop = stop
        self._hung = hung
        self.has_bell = False
        self._poked = threading.Event()
        self._turned: Callable[[], None] = lambda: None
        self._running: dict[str, Job] = {}
        self._alone = ""
        self._turns = Turns()
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None

    def poke(self) -> None:
        """Something changed in this process: look at once."""
        self._poked.set()

    def ask(self, answer: Callable[[], None]) -> None:
        """`answer` is called from the loop at each turn from now on: does it still turn?"""
        self._turned = answer
        self.poke()

    def running(self) -> frozenset[str]:
        """Ids of the jobs whose step runs now."""
        with self._lock:
            return frozenset(self._running)

    def loop(self) -> None:
        """Dispatch until `stop` is set."""
        self._pool = ThreadPoolExecutor(_MOST_THREADS, thread_name_prefix="step")
        seen = -1
        wake_at: float | None = 0.0
        while not self._stop.is_set():
            self._turned()
            try:
                changed = self._store.changed()
                due = wake_at is not None and self._clock.now() >= wake_at
                if changed != seen or due or self._poked.is_set():
                    seen = changed
                    self._poked.clear()
                    self._obey(self.running())
                    self._dispatch()
                    wake_at = self._store.next_wake(self._clock.now())
            except Exception:
                # The net of this thread: without it nothing would ever run again, in silence.
                _LOGGER.exception("engine.tripped")
                seen = -1
                self._clock.wait(_AGAIN_SECONDS, self._stop)
            self._poked.wait(self._rest_seconds(wake_at))

    def _rest_seconds(self, wake_at: float | None) -> float:
        """Until the next look, when nobody pokes: for commands, or as the next job is due."""
        most = _BELL_SECONDS if self.has_bell else _LOOK_SECONDS
        until = most if wake_at is None else wake_at - self._clock.now()
        return min(max(until, _LEAST_SECONDS), most)

    def drain(self, seconds: float) -> bool:
        """Wait for the running steps after a stop; False when some did not end in time."""
        if self._pool is None:
            return True
        self._pool.shutdown(wait=False, cancel_futures=True)
        end = self._clock.steady() + seconds
        while self.works() and self._clock.steady() < end:
            threading.Event().wait(0.02)
        return not self.running()

    def works(self) -> bool:
        """Does a step run that may come to its end?"""
        hung = self._hung()
        with self._lock:
            return any(job.inbox not in hung for job in self._running.values())

    def _dispatch(self) -> None:
        hung = self._hung()
        with self._lock:
            stuck = [job for job in self._running.values() if job.inbox in hung]
            running = {i: job for i, job in self._running.items() if job not in stuck}
        if self._alone and self._alone in running:
            return
        places, in_cloud = self._places(), Counter(self._store.in_cloud())
        in_cloud -= Counter(job.inbox for job in stuck if job.step is Step.UPLOAD)
        first = None
        if not self._store.proven():  # an account's first job goes alone, to its end
            places, first = replace(places, cloud_jobs=1), self._store.first_job()
            begun = first is not None and first.step is not Step.SESSION
            in_cloud = Counter([first.inbox] if first is not None and begun else [])
        due = self._turns.order(self._due(running.values(), in_cloud, places), places)
        if first is not None:
            due = [job for job in due if job.step is not Step.SESSION]
            if first.step is Step.SESSION and self._is_due(first):
                due.insert(0, first)  # however many older ones there are
        for job in admit(due, running, in_cloud, places):
            self._turns.took(job, places)
            self._start(job)

    def _due(
        self, running: Collection[Job], in_cloud: Mapping[str, int], places: Places
    ) -> list[Job]:
        """The first of each inbox: one with thousands hides no other."""
        names = self._store.inboxes_to_do()
        most = max(_LEAST_DUE, _MOST_DUE // max(1, len(names)))
        now = self._clock.now()
        found: list[Job] = []
        for name in names:
            full = [step.value for step in full_for(name, running, in_cloud, places)]
            if places.share(name).smallest_first:
                found += self._store.due_smallest(now, full, most, name)
            else:
                found += self._store.due(now, full, most, name)
        return found

    def _is_due(self, job: Job) -> bool:
        return not job.owner and (job.wake_at is None or job.wake_at <= self._clock.now())

    def _start(self, job: Job) -> None:
        with self._lock:
            self._running[job.id] = job
            self._alone = job.id if policy.start_anew(job, job.begins) == "alone" else ""
        if self._pool is not None:
            future = self._pool.submit(self._run_one, job.id)
            future.add_done_callback(lambda done: self._ended(job.id, done))

    def _ended(self, job_id: str, done: Future[None]) -> None:
        with self._lock:
            self._running.pop(job_id, None)
        if not done.cancelled() and done.exception() is not None:
            _LOGGER.error("step.crashed", job=job_id, exc_info=done.exception())
        self._poked.set()
