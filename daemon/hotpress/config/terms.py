"""What one hot folder needs of the settings, as one value: it is taken whole, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hotpress import opening
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


def upload_rate(
    settings: Settings, inbox: str, now: float, running: Callable[[], Mapping[str, int]]
) -> int | None:
    """Bits per second that one upload of an inbox may use now; None: as fast as it goes.

    `running`: uploads by inbox, asked for only where there is a limit: this is asked for each
    piece of a file. What all may use, and what the inbox may, is shared by them.
    """
    whole, part = opening.rate_at(settings.limits.upload_rate, now), None
    own = named_inboxes(settings).get(inbox)
    if own is not None:
        part = opening.rate_at(own.limits.upload_rate, now, opening.zone_of(own.timezone))
    if whole is None and part is None:
        return None
    uploads = running()
    shares = ((whole, sum(uploads.values())), (part, uploads.get(inbox, 0)))
    return min(rate // max(1, n) for rate, n in shares if rate is not None)


def is_sole(settings: Settings, outbox: Path) -> bool:
    """Does one inbox alone deliver there?"""
    return sum(inbox.outbox == outbox for inbox in settings.inboxes) <= 1
