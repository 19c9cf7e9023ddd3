"""Renders as the cloud knows them: who asked, what for, and what a poll may see of it."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from pathlib import Path

from hotpress.standin.draft import Json
from hotpress.standin.ledger import Ledger, draft_sha256
from hotpress.standin.pace import Pace
from hotpress.standin.scenario import Knobs
from hotpress.standin.sessions import Session, Upload

ENDED = ("completed", "failed", "cancelled")
STUCK_PERCENT = 40


@dataclass(slots=True)
class Render:
    """One export. `made` says what the encoder did; what polls see also depends on the time."""

    id: str
    session: Session
    draft: Json
    uploads: list[Upload]
    target_bytes: int | None
    lie: str
    fails: bool
    sticks: bool
    submitted_tick: float
    made: str = "queued"
    error: str = ""
    progress: float = 0.0
    path: Path | None = None
    size_bytes: int = 0
    sha256: str = ""
    content_type: str = "video/mp4"
    link: str = field(default_factory=lambda: secrets.token_hex(8))
    link_tick: float = 0.0
    link_stale: bool = False
    polled_to_end: bool = False


@dataclass(slots=True)
class Renders:
    """All renders of this cloud, by id: an id is never used twice."""

    knobs: Knobs
    ledger: Ledger
    pace: Pace
    lock: threading.RLock
    _renders: dict[str, Render] = field(default_factory=dict)

    def add(self, render: Render, n: int) -> int:
        """Take a render in; 0, or the code of the refusal. Both go into the ledger."""
        with self.lock:
            code = 0
            if render.id in self._renders:
                code = 409
            elif self.knobs.one_export and self._busy(render.session):
                code = 429
            if not code:
                self._renders[render.id] = render
            self.note(render.id, render.session.id, render.draft, code, n)
            return code

    def note(self, render_id: str, session_id: str, draft: object, code: int, n: int) -> None:
        """Write a submit into the ledger, taken or refused."""
        self.ledger.fact(
            "render_submitted",
            n,
            id=render_id,
            session=session_id,
            draft_sha256=draft_sha256(draft),
            accepted=code == 0,
            code=code,
        )

    def _busy(self, session: Session) -> bool:
        return any(
            render.session is session and self.status(render) not in ENDED
            for render in self._renders.values()
        )

    def find(self, render_id: str, session_owner: object) -> Render | None:
        """A render of that account which polls may already see."""
        with self.lock:
            render = self._renders.get(render_id)
            if render is None or render.session.account is not session_owner:
                return None
            unseen = self.pace.scaled(self.knobs.render_unknown_seconds)
            return render if self._age(render) >= unseen else None

    def by_link(self, link: str) -> Render | None:
        """The finished render behind a CDN address."""
        with self.lock:
            found = (render for render in self._renders.values() if render.link == link)
            return next((render for render in found if render.path is not None), None)

    def _age(self, render: Render) -> float:
        return self.pace.tick() - render.submitted_tick

    def status(self, render: Render) -> str:
        """What a poll answers: pending, processing, completed, failed or cancelled."""
        least = self.pace.scaled(self.knobs.render_seconds)
        with self.lock:
            if render.made == "cancelled":
                return "cancelled"
            if render.sticks:
                return "processing" if self._age(render) >= least / 10 else "pending"
            if render.made in ("done", "failed") and self._age(render) >= least:
                return "completed" if render.made == "done" else "failed"
            waiting = render.made == "queued" or self._age(render) < least / 10
            return "pending" if waiting else "processing"

    def percent(self, render: Render) -> int:
        """Progress as a whole percentage; 5 at the start, as the service says it."""
        if self.status(render) == "completed":
            return 100
        return STUCK_PERCENT if render.sticks else 5 + int(90 * min(1.0, render.progress))

    def fresh_link(self, render: Render) -> str:
        """The path of the CDN address; a stale one is replaced, as a poll does."""
        with self.lock:
            if render.link_stale:
                render.link, render.link_stale = secrets.token_hex(8), False
                render.link_tick = self.pace.tick()
            render.link_tick = render.link_tick or self.pace.tick()
            return f"/r/{render.link}/{render.id}.mp4"

    def stale(self, render: Render) -> bool:
        """Whether the link has been made stale, or has lived out its time."""
        with self.lock:
            age = self.pace.tick() - render.link_tick
            if render.link_tick and age > self.pace.scaled(self.knobs.link_seconds):
                render.link_stale = True
            return render.link_stale

    def cancel(self, render: Render, n: int) -> bool:
        """End a render that runs; False when it had ended already."""
        with self.lock:
            if self.status(render) in ENDED:
                return False
            render.made = "cancelled"
            self.ledger.fact("render_cancelled", n, id=render.id)
            return True
