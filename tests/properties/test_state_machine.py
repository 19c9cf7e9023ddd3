"""A whole hotpress, real but for time and the network, against whatever people and crashes do."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import claims
import pytest
import structlog
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from machine import Machine
from sky import AGENTS, FAULTS, FILMS, OPERATIONS
from switch import clip_bytes, marked

NAMES = ("a.mp4", "b.mov", "c.mp4", "sub/d.mp4")
CONTENTS = 4
RESULTS = [{"name": "web"}, {"name": "chat", "fps": 10, "output": "{stem} chat.mp4"}]
VERBS = ("cancel", "retry", "pause", "resume")
MOVES = (1.0, 3.0, 31.0, 61.0, 601.0, 4_000.0, 90_000.0)
_MEMORY_DISK = Path("/dev/shm")  # where there is one: syncing costs no time there
names, contents = st.sampled_from(NAMES), st.integers(0, CONTENTS - 1)
choices = st.integers(0, 7)
rounds_after = st.integers(0, 10)  # of hotpress's life after something happened


class House(RuleBasedStateMachine):
    """People drop, change and order; the cloud and the power fail; every claim holds."""

    def __init__(self) -> None:
        super().__init__()
        place = _MEMORY_DISK if _MEMORY_DISK.is_dir() else None
        self.draft = tempfile.TemporaryDirectory(dir=place)
        self.owned: dict[str, str] = {}  # name -> hash, of what people put there
        self.version = 0
        self.excused = 0
        self.clip = clip_bytes("tiny")

    @initialize(
        route=st.sampled_from(["auto", "cloud", "cloud", "local"]),
        source=st.sampled_from(["keep", "archive", "delete"]),
        session=st.sampled_from(["file", "file", "inbox"]),
        words=st.sampled_from(["", "", "brighter"]),
        low=st.booleans(),
        several=st.booleans(),
        first=st.lists(st.tuples(names, contents), max_size=3),
    )
    def begin(
        self,
        route: str,
        source: str,
        session: str,
        words: str,
        low: bool,
        several: bool,
        first: list[tuple[str, int]],
    ) -> None:
        rule_ = {"route": route, "source": source, "session": session, "existing": "all"}
        words = "" if route == "local" else words
        rule_ |= {"instructions": words, "resolution": "32x24" if low else "1080p"}
        rule_ |= {"outputs": RESULTS} if several else {}
        self.machine = Machine(Path(self.draft.name).resolve(), rule_)
        for name, content in first:
            self._put(name, self._bytes(content))
        self.settle()

    # --- people --------------------------------------------------------------------------------

    @rule(name=names, content=contents, then=rounds_after)
    def drop(self, name: str, content: int, then: int) -> None:
        self._put(name, self._bytes(content))
        self._live(then)

    @rule(first=names, second=names, content=contents)
    def drop_the_same_twice(self, first: str, second: str, content: int) -> None:
        self._put(first, self._bytes(content))
        if second != first:
            self._put(second, self._bytes(content))

    @rule(name=names, whole=st.booleans())
    def drop_half(self, name: str, whole: bool) -> None:
        """Cut off (it may grow later), or no video at all."""
        self._put(name, b"words" * 99 if whole else self._bytes(0)[: len(self.clip) // 2])

    @rule(name=names, content=contents)
    def grow(self, name: str, content: int) -> None:
        path = self.machine.inbox / name
        if path.exists():
            self._put(name, self._bytes(content) + b"\0\0\0\x08free")

    @rule(old=names, new=names)
    def rename(self, old: str, new: str) -> None:
        path, other = self.machine.inbox / old, self.machine.inbox / new
        if path.exists() and not other.exists():
            other.parent.mkdir(exist_ok=True)
            path.rename(other)
            self.owned[new] = self.owned.pop(old)

    @rule(name=names)
    def touch(self, name: str) -> None:
        path = self.machine.inbox / name
        if path.exists():
            self._stamp(path)

    @rule(name=names)
    def delete(self, name: str) -> None:
        self._delete(name)

    @rule()
    def delete_all(self) -> None:
        for name in NAMES:
            self._delete(name)

    @rule(verb=st.sampled_from(VERBS), which=choices, again=st.booleans())
    def order(self, verb: str, which: int, again: bool) -> None:
        jobs = sorted(self.machine.store.jobs(), key=lambda job: job.id)
        if jobs:
            self._ask(verb, jobs[which % len(jobs)].id, again=again)

    @rule(verb=st.sampled_from(VERBS))
    def order_all(self, verb: str) -> None:
        self._ask(verb, "", again=False)

    @rule()
    def take_a_result_away(self) -> None:
        for path in claims.visible(self.machine)[:1]:
            path.unlink()

    # --- hotpress ------------------------------------------------------------------------------

    @rule()
    def rescan(self) -> None:
        self._do(self.machine.look)

    @rule()
    def settle(self) -> None:
        """Long enough for whatever lies there to be taken."""

        def looks() -> None:
            for _ in range(3):
                self.machine.look()
                self.machine.clock.move(1.5)

        self._do(looks)

    @rule(name=names, twice=st.booleans())
    def nudge(self, name: str, twice: bool) -> None:
        path = self.machine.inbox / name
        for _ in range(2 if twice else 1):
            self._do(lambda: self.machine.hotfolder.nudge(path))

    @rule()
    def look_again(self) -> None:
        self._do(self.machine.hotfolder.look_again)

    @rule(which=choices)
    def step(self, which: int) -> None:
        due = self.machine.store.due(self.machine.clock.now())
        if due:
            self._do(lambda: self.machine.run(due[which % len(due)].id))

    @rule(rounds=st.integers(1, 12))
    def work(self, rounds: int) -> None:
        def some() -> None:
            for _ in range(rounds):
                self.machine.work()

        self._do(some)

    @rule(rounds=st.integers(1, 12))
    def live(self, rounds: int) -> None:
        """Work, with the waits between."""
        self._live(rounds)

    @rule()
    def chores(self) -> None:
        self._do(self.machine.chores.wake_held)

    # --- the world -----------------------------------------------------------------------------

    @rule(seconds=st.sampled_from(MOVES))
    def time_passes(self, seconds: float) -> None:
        self.machine.clock.move(seconds)

    @rule(seconds=st.sampled_from([-4 * 86_400.0, -4_000.0, -10.0, 4_000.0, 3 * 86_400.0]))
    def clock_is_set(self, seconds: float) -> None:
        self._do(lambda: self.machine.clock_set(seconds))

    @rule(effects=st.integers(0, 40), rounds=st.integers(1, 6))
    def power_goes_out(self, effects: int, rounds: int) -> None:
        """Before the k-th side effect of what comes now."""
        self.machine.power.left = effects
        self._live(rounds)

    @rule()
    def crash(self) -> None:
        self.machine.crash()

    @rule()
    def lose_the_state_directory(self) -> None:
        self.machine.off()
        for path in self.machine.state.glob("hotpress.db*"):
            path.unlink()
        self.machine.forgot = True
        self.machine.boot()

    @rule(
        operation=st.sampled_from(OPERATIONS),
        faults=st.lists(st.sampled_from(FAULTS), min_size=1, max_size=3),
        then=rounds_after,
    )
    def cloud_fails(self, operation: str, faults: list[str], then: int) -> None:
        self.machine.sky.faults[operation].extend(faults)
        self._live(then)

    @rule(agent=st.sampled_from(AGENTS), film=st.sampled_from(FILMS), then=rounds_after)
    def cloud_will_be(self, agent: str, film: str, then: int) -> None:
        self.machine.sky.agents.append(agent)
        self.machine.sky.next_films.append(film)
        self._live(then)

    @rule(which=choices, then=rounds_after)
    def session_vanishes(self, which: int, then: int) -> None:
        rooms = list(self.machine.sky.rooms.values())
        if rooms:
            rooms[-1 - which % len(rooms)].gone = True
        self._live(then)

    @rule(left=st.sampled_from([0.0, 60.0, 10_000.0]), then=rounds_after)
    def credits_are(self, left: float, then: int) -> None:
        self.machine.sky.available = left
        self._live(then)

    @rule(
        after=st.integers(0, 6),
        what=st.sampled_from(["cancel", "pause", "obey", "work", "look", "delete", "stop", "wait"]),
        name=names,
        then=rounds_after,
    )
    def meanwhile(self, after: int, what: str, name: str, then: int) -> None:
        """In the middle of a later step, as another thread, another person would."""
        machine = self.machine
        actions: dict[str, Callable[[], None]] = {
            "cancel": lambda: self._ask_and_obey("cancel"),
            "pause": lambda: self._ask_and_obey("pause"),
            "obey": machine.obey,
            "work": machine.work,
            "look": machine.look,
            "delete": lambda: self._delete(name),
            "stop": machine.stop_orderly,
            "wait": lambda: machine.clock.move(3_700.0),
        }
        machine.meanwhile.append((after, actions[what]))
        self._live(then)

    # --- claims --------------------------------------------------------------------------------

    @invariant()
    def every_claim_holds(self) -> None:
        if not hasattr(self, "machine"):
            return
        machine, wrong = self.machine, []
        for old, new in machine.changes:
            found = claims.arrow(old, new)
            wrong += [found] if found else []
        machine.changes.clear()
        for job in machine.store.jobs():
            wrong += claims.of_a_job(job, machine)
        wrong += claims.of_money(machine, self.excused)
        wrong += claims.of_sources(machine, self.owned)
        wrong += claims.of_the_outbox(machine, self.excused)
        wrong += [f"two runs of {job} at once" for job in machine.twice]
        assert not wrong, "\n".join(wrong)

    def teardown(self) -> None:
        try:
            if hasattr(self, "machine"):
                self._come_to_rest()
        finally:
            if hasattr(self, "machine"):
                self.machine.off()
                self.machine.cloud.close()
            self.draft.cleanup()

    def _come_to_rest(self) -> None:
        machine = self.machine
        machine.sky.fine()
        machine.meanwhile.clear()
        self._ask("resume", "", again=False)
        machine.rest()
        self.every_claim_holds()
        wrong = claims.at_rest(machine)
        assert not wrong, "\n".join(wrong)

    # --- parts ---------------------------------------------------------------------------------

    def _do(self, what: Callable[[], None]) -> None:
        self.machine.guarded(what)

    def _live(self, rounds: int) -> None:
        self._do(lambda: self.machine.live(rounds))

    def _ask(self, verb: str, job_id: str, *, again: bool) -> None:
        detail = {"again": True} if again and verb == "retry" else {}
        self.excused += bool(detail)
        self.machine.store.ask(verb, job_id, detail, self.machine.clock.now())

    def _ask_and_obey(self, verb: str) -> None:
        for job_id in sorted(self.machine.running()):
            self._ask(verb, job_id, again=False)
        self.machine.obey()

    def _bytes(self, content: int) -> bytes:
        return marked(self.clip, f"content {content}", spare=8 * (content % 2))

    def _put(self, name: str, data: bytes) -> None:
        path = self.machine.inbox / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        self._stamp(path)
        self.owned[name] = sha256(data).hexdigest()

    def _stamp(self, path: Path) -> None:
        self.version += 1
        at = int(self.machine.clock.now()) * 10**9 + self.version
        os.utime(path, ns=(at, at))

    def _delete(self, name: str) -> None:
        (self.machine.inbox / name).unlink(missing_ok=True)
        self.owned.pop(name, None)


@pytest.fixture(autouse=True)
def quiet():
    """Tens of thousands of steps: only what is critical is logged."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.configure(**before)


# HOUSE_EXAMPLES=1000 looks further than the suite: other examples each time.
_EXAMPLES = int(os.environ.get("HOUSE_EXAMPLES", "0"))
TestHouse = pytest.mark.timeout(0 if _EXAMPLES else 300)(pytest.mark.slow(House.TestCase))
TestHouse.settings = settings(
    max_examples=_EXAMPLES or 60,
    stateful_step_count=40,
    derandomize=not _EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)
