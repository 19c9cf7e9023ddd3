"""What one hot folder needs of the settings, as one value: it is taken whole, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hotpress.config.rules import archives, named_inboxes
from hotpress.config.settings import Inbox, Settings, Watch


@dataclass(frozen=True, slots=True)
class Terms:
    """Of one inbox. `sole`: no other has its outbox; `archives`: of all inboxes."""

    name: str
    inbox: Inbox
    settings: Settings
    sole: bool
    archives: tuple[Path, ...]


def terms_of(settings: Settings) -> list[Terms]:
    """The terms of every inbox."""
    kept = tuple(found for each in settings.inboxes for found in archives(settings, each))
    return [
        Terms(name, inbox, settings, is_sole(settings, inbox.outbox), kept)
        for name, inbox in named_inboxes(settings).items()
    ]


def watch_of(settings: Settings, inbox: Inbox) -> Watch:
    """How one inbox is watched: its own values over those of all."""
    own = inbox.watch.model_dump(exclude_none=True)
    return settings.watch.model_copy(update=own)


def is_sole(settings: Settings, outbox: Path) -> bool:
    """Does one inbox alone deliver there?"""
    return sum(inbox.outbox == outbox for inbox in settings.inboxes) <= 1
