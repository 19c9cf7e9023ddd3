"""A real worker in the house, before a cloud that says by path what it is told to say."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from cloudstage import Answer, Asked, Odd, good, stream
from house import House
from integration.test_steps_cloud import FACTS, credits_of, state

from hotpress.courtesy import Peer
from hotpress.desk import Desk
from hotpress.model import Before, Credits, Job, Route, Rule, Session, State, Step, Upload
from hotpress.steps import Tools
from hotpress.worker import Worker

_PATHS = (
    ("run_sse", "/run_sse"),
    ("upload", "/api/upload-video/"),
    ("state", "/api/state/"),
    ("credits", "/api/credits/"),
    ("submit", "/api/render/proxy/lambda"),
)
_ROUNDS = 40  # steps and waits; more is a circle


class Crew:
    """`says`: kind of call -> its answers, the last one again and again."""

    def __init__(self, folder: Path) -> None:
        self.says: dict[str, list[Answer]] = {
            "run_sse": [stream({"type": "text", "content": "done"})],
            "upload": [good({})],
            "state": [state()],
            "credits": [credits_of(100)],
            "submit": [good({"id": "r", "status": "pending"})],
        }
        self.asked: Counter[str] = Counter()
        self.me: Peer | None = None  # as other daemons see this one
        self.server = Odd((self._answer,), folder)
        self.house = House(folder, self.server.url)
        self.store = self.house.store
        self._tools = self.house.tools()
        self.start()

    def start(self) -> None:
        """Hotpress starts (again): nobody runs what was running."""
        self.stop = threading.Event()
        self.worker = Worker(
            self.store, self.desk, self.tools, self.house.clock, "me", "boot", self.stop
        )
        self.worker.recover()

    def desk(self, job: Job) -> Desk:
        return Desk(self.store, self.house.clock, self._tools.settings.cloud, job, me=self.me)

    def tools(self, desk: Desk) -> Tools:
        return replace(self._tools, desk=desk)

    def add(self, step: Step, **changes: Any) -> Job:
        """A job in the middle of the cloud, in the store."""
        now = self.house.clock.now()
        before = Before(draft="", media=(), credits=Credits(100, 0, 100), at=now)
        values: dict[str, Any] = {
            "rule": Rule(route=Route.CLOUD),
            "facts": FACTS,
            "session": Session(id="s1", token=0, upload_name="v.mp4", made_at=now),
            "upload": Upload(name="v.mp4", size_bytes=13, sha256="x", before=before),
            "final": None,
            "step": step,
            **changes,
        }
        job = replace(self.house.job, **values)
        assert self.store.add(job, "made")
        return job

    def die_in(self, job: Job, run: Callable[[Job, Tools], Any]) -> None:
        """The step does all that it does, and the process dies before its outcome is written."""
        taken = self.worker._take(job)
        assert taken is not None
        run(taken, self.tools(self.desk(taken)))

    def job(self, job_id: str = "job1") -> Job:
        found = self.store.get(job_id)
        assert found is not None
        return found

    def work(self, until: Step | None = None) -> None:
        """Take what is due, move the clock to what waits; until a step, or nothing goes on."""
        for _ in range(_ROUNDS):
            if until is not None and self.job().step is until:
                return
            now = self.house.clock.now()
            due = self.store.due(now)
            wake_at = self.store.next_wake(now)
            if due:
                self.worker.run_one(due[0].id)
            elif wake_at is not None:
                self.house.clock.move(wake_at - now)
            else:
                return

    def wake_held(self) -> None:
        """What a held job waits for may have come."""
        for job in self.store.held():
            assert job.state is State.HELD
            detail = {"reason": str(job.reason), "inbox": ""}
            self.store.ask("wake", "", detail, self.house.clock.now())
        self.worker.obey(frozenset())

    def _answer(self, asked: Asked) -> Any:
        kind = next((kind for kind, start in _PATHS if asked.path.startswith(start)), asked.path)
        self.asked[kind] += 1
        answers = self.says[kind]
        said = answers[0] if len(answers) == 1 else answers.pop(0)
        return said(asked) if callable(said) else iter([said])
