"""Sessions, what was uploaded into them, and what their state shows: it may lag behind."""

from __future__ import annotations

import copy
import secrets
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hotpress.standin.accounts import Account
from hotpress.standin.chance import Chance
from hotpress.standin.draft import Json, empty_draft
from hotpress.standin.ledger import Ledger
from hotpress.standin.pace import Pace
from hotpress.standin.scenario import Knobs


@dataclass(frozen=True, slots=True)
class Media:
    """What a look into a file found. The frame is upright, in square pixels."""

    file_type: str
    seconds: float = 0.0
    width: int = 0
    height: int = 0
    fps: float = 0.0
    sound: bool = False


@dataclass(frozen=True, slots=True)
class Upload:
    """A received file. `key` is its name in CDN addresses, which no one can guess."""

    key: str
    filename: str
    path: Path
    size_bytes: int
    sha256: str
    md5: str
    media: Media
    cdn_url: str

    def info(self) -> Json:
        """The entry of `video_infos` and of the upload's answer."""
        return {
            "filename": self.filename,
            "file_type": self.media.file_type,
            "cdn_url": self.cdn_url,
            "duration": round(self.media.seconds, 3),
            "width": self.media.width,
            "height": self.media.height,
            "fps": round(self.media.fps, 3),
            "hash": self.md5,
        }


@dataclass(frozen=True, slots=True)
class View:
    """The state as it is shown from a tick on."""

    from_tick: float
    draft: Json
    infos: list[Json]
    generated: list[Json]
    canvas: Json


@dataclass(slots=True)
class Session:
    """One project: its files, its draft, and what the agent was told about size."""

    id: str
    task_id: str
    account: Account
    draft: Json = field(default_factory=empty_draft)
    uploads: list[Upload] = field(default_factory=list)
    generated: list[Json] = field(default_factory=list)
    targets: dict[str, int] = field(default_factory=dict)
    views: list[View] = field(default_factory=list)
    charged: bool = False
    gone: bool = False
    revision: int = 0

    def snapshot(self, from_tick: float) -> None:
        """Show the session as it is now, from `from_tick` on."""
        meta = self.draft["m"]
        view = View(
            from_tick,
            copy.deepcopy(self.draft),
            [upload.info() for upload in self.uploads],
            copy.deepcopy(self.generated),
            {"width": meta["width"], "height": meta["height"]},
        )
        self.views.append(view)

    def shown(self, tick: float) -> View:
        """The newest view that may already be seen."""
        return next(view for view in reversed(self.views) if view.from_tick <= tick)


@dataclass(slots=True)
class Sessions:
    """All sessions of this cloud."""

    knobs: Knobs
    chance: Chance
    ledger: Ledger
    pace: Pace
    lock: threading.RLock
    _sessions: dict[str, Session] = field(default_factory=dict)

    def make(self, account: Account, n: int) -> Session:
        """Open a session for an account."""
        style = self.knobs.session_ids
        if style == "mixed":
            style = self.chance.alternate("session_ids", ("digits", "text"))
        digits = str(10**18 + secrets.randbelow(8 * 10**18))
        session_id = digits if style == "digits" else f"sess_{secrets.token_hex(12)}"
        with self.lock:
            session = Session(session_id, f"task_{secrets.token_hex(8)}", account)
            session.snapshot(0.0)
            self._sessions[session_id] = session
            self.ledger.fact("session_made", n, session=session_id, account=account.user_id)
            return session

    def find(self, session_id: str, account: Account) -> Session | None:
        """A session that lives and belongs to the account."""
        with self.lock:
            session = self._sessions.get(session_id)
            if session is None or session.gone or session.account is not account:
                return None
            return session

    def lose(self, session: Session, n: int) -> None:
        """Let a session vanish, with its files."""
        with self.lock:
            session.gone = True
            self.ledger.fact("session_lost", n, session=session.id)

    def changed(self, session: Session, lag_seconds: float) -> None:
        """Show a change once the lag has passed."""
        with self.lock:
            session.snapshot(self.pace.tick() + self.pace.scaled(lag_seconds))

    def state(self, session: Session) -> dict[str, Any]:
        """What the state call answers now."""
        with self.lock:
            view = session.shown(self.pace.tick())
            return {
                "draft": view.draft,
                "video_infos": view.infos,
                "generated_media": view.generated,
                "canvas_config": view.canvas,
            }
