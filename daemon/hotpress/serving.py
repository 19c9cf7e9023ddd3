"""What a running daemon goes by, left in the store for `status` and the other verbs. No secrets."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from hotpress.store import Store

if TYPE_CHECKING:
    from hotpress.config.live import Live
    from hotpress.config.settings import Settings

EVERYTHING = "*"  # for pause and resume: all inboxes
_NOTE = "serving"
PAGE_NOTE = "page"
_WORDS = {"running": "in work", "queued": "in line", "waiting": "waiting", "held": "held"}


@dataclass(frozen=True, slots=True)
class Serving:
    """The part of the settings that a report needs, and what is wrong with the file since."""

    inboxes: tuple[tuple[str, str, str], ...]  # name, path, outbox
    api_url: str
    own_token: bool
    estimate: float
    path: str = ""  # of the config
    taken_at: float | None = None
    problems: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """Of the inboxes."""
        return [name for name, _, _ in self.inboxes]


def serving(settings: Settings) -> Serving:
    """As the settings say."""
    from hotpress.config.rules import named_inboxes  # noqa: PLC0415 - slow: not for who only reads

    named = named_inboxes(settings).items()
    return Serving(
        inboxes=tuple((name, str(inbox.path), str(inbox.outbox)) for name, inbox in named),
        api_url=settings.cloud.api_url,
        own_token=settings.cloud.token is not None,
        estimate=settings.cloud.estimate,
    )


def leave(store: Store, served: Serving) -> None:
    """Write it down. Raises StoreError."""
    store.set_note(_NOTE, json.dumps(asdict(served)))


def page_found(store: Store) -> dict[str, str]:
    """Where the daemon's page is (`url`), or why it is not there (`why`)."""
    said: dict[str, str] = json.loads(store.note(PAGE_NOTE) or "{}")
    return said


def found(store: Store) -> Serving | None:
    """What the daemon that runs (or ran last) goes by."""
    note = json.loads(store.note(_NOTE) or "null")
    if note is None:
        return None
    inboxes = tuple((name, path, outbox) for name, path, outbox in note.pop("inboxes"))
    return Serving(inboxes=inboxes, problems=tuple(note.pop("problems")), **note)


def paused_by(store: Store, inbox: str) -> str:
    """What keeps an inbox paused: its own name, EVERYTHING, or "" when nothing does."""
    return next((name for name in (EVERYTHING, inbox) if store.note(f"paused:{name}")), "")


def status_line(store: Store, live: Live) -> str:
    """What hotpress does now, in one line. Raises StoreError."""
    problems = live.problems
    found = store.states_live()
    parts = [f"{found[state]} {word}" for state, word in _WORDS.items() if found.get(state)]
    text = ", ".join(parts) or "watches; nothing to do"
    return f"{text}; the config is wrong: {problems[0]}" if problems else text
