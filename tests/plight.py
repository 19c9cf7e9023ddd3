"""One video for which something goes wrong, and what people read of it wherever they may look.

The house is `Machine`'s: real store, hot folder, worker, steps and chores in one thread. The cloud
is a real stand-in that is told what to do, and the notes and verbs are the real ones.
"""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from cloudstage import MARK
from machine import Machine
from saying import say
from switch import clip_bytes, marked

from hotpress.cloud import Cloud, Identity
from hotpress.cloud.client import Address
from hotpress.config.live import Live
from hotpress.config.read import Config
from hotpress.config.settings import Inbox, Settings
from hotpress.courtesy import Peer
from hotpress.desk import Desk
from hotpress.human import seconds_text
from hotpress.model import ENDED, Job, State, Step
from hotpress.steps import Tools
from hotpress.store.lock import StateLock
from hotpress.telling import OutboxNotes

_LATER_SECONDS = 2_302_473_600.0  # to 2100: what waits there is ahead of the real clock, too
_LONG = r"\d[\d.]* (?:s|min|h|days?)(?: \d+ (?:s|min|h))?"
_ROUNDS = 400  # steps and waits of one job; more is a circle
_NEW_NAMESPACE, _PRIVATE = 0x00020000, 0x44000  # linux/sched.h, linux/mount.h: MS_REC | MS_PRIVATE


@dataclass(frozen=True, slots=True)
class Read:
    """What people read of one video. Paths are a person's, ports and pids are taken out."""

    status_note: str
    failed_note: str
    status: str
    show: str
    why: str

    @property
    def all(self) -> str:
        """Everything at once."""
        return f"{self.status_note}\n{self.failed_note}\n{self.status}\n{self.show}\n{self.why}"


class Plight(Machine):
    """`values`: of the inbox; `sections`: of the config; `api_url`: the stand-in's."""

    def __init__(
        self,
        folder: Path,
        values: dict[str, Any],
        sections: dict[str, Any],
        api_url: str = "",
    ) -> None:
        self.sections = sections
        self.me = Peer("5-me", "studio", os.getpid(), "", 0.0)
        self.output = ""  # which result is looked at, where there are several
        self.broken: dict[str, Any] = {}  # step -> what happens in it instead of its work
        rule = {"name": "travel", "existing": "all", "resolution": "32x24", **values}
        super().__init__(folder, rule)
        self.clock.move(_LATER_SECONDS)
        if api_url:
            self.cloud.close()
            self.cloud = self.client(api_url)
        text = {
            "inboxes": [{**rule, "path": str(self.inbox), "outbox": str(self.outbox)}],
            "cloud": {"api_url": api_url or "http://127.0.0.1:9", **sections.get("cloud", {})},
        }
        (folder / "config.yaml").write_text(yaml.safe_dump(text))
        self.notes = self.teller()

    def settings_of(self, inbox: Inbox) -> Settings:
        """With the config's other sections."""
        return Settings(inboxes=[inbox], **{"limits": {"free_space": "1 B"}, **self.sections})

    def teller(self) -> OutboxNotes:
        """The notes, as a daemon has them after a start."""
        live = Live(Config(self.folder / "config.yaml", self.settings, {}))
        return OutboxNotes(self.store, self.clock, self.me, live)

    def close(self) -> None:
        """Memory is gone, and the line to the cloud closed."""
        self.off()
        self.cloud.close()

    def _desk(self, job: Job) -> Desk:
        spend = self.settings.inboxes[0].budget
        return Desk(self.store, self.clock, self.settings.cloud, job, me=self.me, spend=spend)

    def client(self, api_url: str) -> Cloud:
        """The real one, over a real line."""
        return Cloud(
            Address(api_url),
            Identity(self.folder / "id"),
            self.clock,
            self.stop,
            configured_token=lambda: MARK,
        )

    # --- what people and the day do -------------------------------------------------------------

    def put(self, name: str = "clip.mov", content: bytes | str = "one") -> Path:
        """A video, new at this very second; or other bytes."""
        path = self.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        raw = content if isinstance(content, bytes) else marked(clip_bytes("tiny"), content)
        path.write_bytes(raw)
        at = int(self.clock.now() * 1e9)
        os.utime(path, ns=(at, at))
        return path

    def drop(self, name: str = "clip.mov", content: bytes | str = "one") -> Job:
        """It is put there, and becomes a job."""
        self.put(name, content)
        self.settle()
        return self.at(name)

    def settle(self, seconds: float = 1.5) -> None:
        """Enough looks for what lies there."""
        for _ in range(4):
            self.look()
            self.obey()
            self.clock.move(seconds)

    def at(self, name: str = "clip.mov") -> Job:
        """The newest job of a file."""
        found = self.store.at_path(str(self.inbox), name)
        return next(job for job in found if self.output in ("", job.rule.output_name))

    def work_on(self, name: str = "clip.mov", until: Step | None = None) -> Job:
        """One step after the other, until it rests, ends, waits for long, or stands before one."""
        for _ in range(_ROUNDS):
            job = self.at(name)
            rests = job.state is State.HELD or (job.state in ENDED and not job.live)
            if rests or (until is not None and job.step is until):
                return job
            self.clock.move(max(0.0, (job.wake_at or 0.0) - self.clock.now()))
            self.run(job.id)
        raise AssertionError(f"it never came to rest: {self.at(name)}")

    def once(self, name: str = "clip.mov", until: Step | None = None) -> Job:
        """Until it waits for a time, too."""
        for _ in range(_ROUNDS):
            job = self.at(name)
            if job.state in (State.WAITING, State.HELD) or job.state in ENDED or job.step is until:
                return job
            self.run(job.id)
        raise AssertionError(f"it never came to rest: {self.at(name)}")

    def order(self, verb: str, job: Job | None, **detail: Any) -> None:
        """A person's word, obeyed."""
        self.store.ask(verb, job.id if job else "", detail, self.clock.now())
        self.obey()

    def _tools(self, desk: Desk) -> Tools:
        found = super()._tools(desk)
        wrong = self.broken.get(desk._job.step)
        return wrong(found) if wrong else found

    # --- what is read of it ---------------------------------------------------------------------

    def read(self, name: str = "clip.mov") -> Read:
        """All places at once, while hotpress runs."""
        self.look()  # what arrives, and what can't be reached, is written down
        self.notes.look()
        job = self.at(name)
        notes = self._notes()
        failed = notes.get(f"{name} {self.output}".strip() + ".failed.txt", "")
        lock = StateLock(self.state / "daemon.lock")
        try:
            status, show = self._say("status"), self._say("show", job.id)
            why = self._say("why", str(self.inbox / name))
        finally:
            lock.release()
        parts = re.findall(r"^\S.*\n(?: {6,}.*\n)*", status, re.MULTILINE)
        found = next((part for part in parts if job.id in part), "")
        # By the clock of this house, not by that of the machine.
        left = seconds_text(max(0.0, (job.wake_at or 0.0) - self.clock.now()))
        found = re.sub(r"goes on in [^,\n]*", f"goes on in {left}", found)
        status_note = notes.get("hotpress-status.txt", "")
        texts = (status_note, failed, found, show, why)
        return Read(*(self.plain(text) for text in texts))

    def plain(self, text: str) -> str:
        """As it reads on a person's computer."""
        for folder, instead in (
            (self.inbox, "/home/anna/Sync/Inbox"),
            (self.outbox, "/home/anna/Sync/Compressed"),
            (self.state, "/home/anna/.local/state/hotpress"),
            (self.folder, "/home/anna/Sync"),
        ):
            text = text.replace(str(folder), instead)
        # The verbs go by the real clock, the story by its own.
        text = re.sub(rf"\b(for|in|about) {_LONG}(?= left|,|\n|$)", r"\1 5 min", text)
        text = re.sub(r"(?<=min left) {2,}", "  ", text)
        return re.sub(r"127\.0\.0\.1:\d+", "cloud.example", text)

    def _notes(self) -> dict[str, str]:
        return {
            path.relative_to(self.outbox).as_posix(): path.read_text("utf-8")
            for path in sorted(self.outbox.rglob("*.txt"))
            if ".hotpress" not in path.parts
        }

    def _say(self, *words: str) -> str:
        start = ["--config", str(self.folder / "config.yaml"), "--state-dir", str(self.state)]
        found = say(*start, *words)
        assert found.exit_code == 0, found.exception
        return found.stdout


def with_mounts(commands: list[list[str]], work: Callable[[], Any]) -> Any:
    """Do it in a thread that has its own mounts, made by these commands. Needs root."""
    found: list[Any] = []

    def inside() -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        try:
            assert libc.unshare(_NEW_NAMESPACE) == 0, os.strerror(ctypes.get_errno())
            assert libc.mount(b"none", b"/", None, _PRIVATE, None) == 0
            for command in commands:
                subprocess.run(command, check=True)
            found.append(work())
        except BaseException as error:  # noqa: BLE001 - it is raised in the thread that waits
            found.append(error)

    thread = threading.Thread(target=inside)
    thread.start()
    thread.join()
    if isinstance(found[0], BaseException):
        raise found[0]
    return found[0]
