"""Tells people at a distance: looks at what happened, and sends in a thread of its own."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from hotpress import log
from hotpress.clock import Clock
from hotpress.config.live import Live
from hotpress.config.notify import Notify
from hotpress.config.rules import named_inboxes
from hotpress.config.settings import Settings
from hotpress.errors import Stopping, StoreError
from hotpress.report import job_view
from hotpress.store import Ended, Store
from hotpress.telling import notices, sending
from hotpress.telling.ledger import Ledger
from hotpress.telling.notice_words import accident, figures, words
from hotpress.telling.notices import Book, Item, Letter, News, Target

_KEY = "notices"
_PING_SECONDS = 300.0
_CLOCK_LOOK_SECONDS = 60.0  # for the days and weeks; nothing else comes by time alone
_DIGEST_HOUR = 8
_BOOK: TypeAdapter[Book] = TypeAdapter(Book)
_LOGGER = log.get("notices")


class Messenger:
    """`look` is quick and never sends; the thread sends and never holds anybody up."""

    def __init__(self, store: Store, clock: Clock, live: Live, stop: threading.Event) -> None:
        self._store = store
        self._clock = clock
        self._live = live
        self._stop = stop
        self._lock = threading.Lock()  # of the book
        self._book: Book | None = None
        self._seen: tuple[int, int] | None = None
        self._known: Settings | None = None  # of the last look
        self._looked_at = self._pinged_at = float("-inf")
        self._ping = False
        self._work = threading.Event()
        self._thread = threading.Thread(target=self._send_all, name="notices", daemon=True)

    def start(self) -> None:
        """Send from now on, first what was left over."""
        self._thread.start()

    def rest(self, seconds: float) -> None:
        """After `stop` was set. Who still waits for an answer is left: it is sent once more."""
        self._work.set()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def look(self) -> None:
        """See what happened since the last look. While nothing is written, it asks nothing."""
        settings, now = self._live.settings, self._clock.now()
        if not targets_of(settings) or self._stop.is_set():
            return
        same = self._store.version() == self._seen and settings is self._known
        quiet = same and self._book is not None and not self._book.letters
        if quiet and 0 <= now - self._looked_at < _CLOCK_LOOK_SECONDS:
            return
        with contextlib.suppress(StoreError), self._lock:
            version = self._store.version()
            self._take(settings, now)
            # Of before: what comes while it is looked at, is seen at the next look.
            self._seen, self._known, self._looked_at = version, settings, now
        if not 0 <= now - self._pinged_at < _PING_SECONDS:
            self._ping, self._pinged_at = True, now
            self._work.set()

    def _take(self, settings: Settings, now: float) -> None:
        targets = list(targets_of(settings))
        old = book = self._read()
        first = book.line < 0
        ended, line = self._store.ended_since(max(book.line, 0))
        if first:  # what happened before anybody was to be told is no news
            ended, line = [], self._store.last_line()
        if line != book.line:
            book = replace(book, line=line)
        held = {(h.inbox, h.reason): (h.count, h.jobs) for h in self._store.holding()}
        book, news = notices.held_news(book, held, now)
        book, own = self._of_the_house(book, settings, now, first=first)
        book = notices.posted(book, [*_news_of(ended), *news, *own], targets, now)
        names = [f"{inbox}/{reason}" for inbox, reason in held]
        busy = self._store.busy_inboxes() if book.letters else frozenset()
        book = notices.closed(book, targets, busy, names, now)
        self._keep(old, book)
        if notices.due(book, targets, now):
            self._work.set()

    def _of_the_house(
        self, book: Book, settings: Settings, now: float, *, first: bool
    ) -> tuple[Book, list[News]]:
        """Days, weeks, the token, and notes that went at once: each said once."""
        said, news = dict(book.said), []
        local = datetime.fromtimestamp(now).astimezone() - timedelta(hours=_DIGEST_HOUR)
        week = "-".join(str(part) for part in local.isocalendar()[:2])
        for event, mark, days in (("daily", str(local.date()), 1), ("weekly", week, 7)):
            if event in said and said[event] != mark:
                news += self._digest(event, days, settings, now)
            said[event] = mark
        trouble = self._store.note("token_trouble") or ""
        if trouble and trouble != said.get("token"):
            news.append(News("token", "token", text=trouble))
        said["token"] = trouble
        for outbox, ledger in Ledger.all(self._store).items():
            key, mark = f"told:{outbox}", str(ledger.accident_at or "")
            if mark and mark != said.get(key) and not first:
                news.append(News("failed", "accident", text=accident(ledger.accident_count)))
            said[key] = mark
        return replace(book, said=said), news

    def _digest(self, event: str, days: int, settings: Settings, now: float) -> list[News]:
        """One for the house."""
        found = self._store.figures(now - days * 86_400)
        made, failed = sum(f.delivered for f in found), sum(f.failed for f in found)
        saved = sum(f.before - f.after for f in found)
        waiting = sum(held.count for held in self._store.holding())
        lost = self._store.lost(now - days * 86_400)
        text = figures("day" if days == 1 else "week", made, saved, lost, failed, waiting)
        return [News(event, event, text=text)] if settings.inboxes else []

    def _read(self) -> Book:
        if self._book is None:
            kept = self._store.note(_KEY)
            self._book = _BOOK.validate_json(kept) if kept else Book()
        return self._book

    def _keep(self, old: Book, book: Book) -> None:
        """In the store first: what is told twice is better than what is never told."""
        if book != old:
            self._store.set_note(_KEY, _BOOK.dump_json(book).decode())
        self._book = book

    def _send_all(self) -> None:
        while not self._stop.is_set():
            self._work.wait()
            self._work.clear()
            with contextlib.suppress(Stopping, StoreError):
                self._send_due()

    def _send_due(self) -> None:
        known = targets_of(self._live.settings)
        self._call_all(known)
        by_id = {target.id: to for target, to in known.items()}
        with self._lock:
            ready = notices.due(self._read(), list(known), self._clock.now())
        for letter in ready:
            if self._stop.is_set():
                return
            if letter.target in by_id:
                self._send(letter, by_id[letter.target])
            self._call_all(known)  # many letters may take long: that is no reason for an alarm

    def _call_all(self, known: dict[Target, Notify]) -> None:
        """Who waits for a sign of life, when it is time."""
        if not self._ping:
            return
        self._ping = False
        for target, to in known.items():
            if "ping" in target.events and (why := sending.call(to, self._stop)):
                _LOGGER.info("ping.failed", to=to.scheme or "command", why=why)

    def _send(self, letter: Letter, to: Notify) -> None:
        title, text = words(self._named(letter.news), names=to.names == "on")
        why = sending.send(to, title, text, self._document(letter, title, text), self._stop)
        with self._lock:
            old = self._read()
            now = self._clock.now()
            book, given_up = notices.after_try(old, letter.id, done=not why, now=now)
            self._keep(old, book)
        if why:
            event = "notice.given_up" if given_up else "notice.failed"
            _LOGGER.warning(event, event_told=letter.news.event, why=why, tries=letter.tries + 1)

    def _named(self, news: News) -> News:
        """Held jobs are kept by their ids alone."""
        found = []
        for item in news.items:
            job = None if item.relative else self._store.get(item.job)
            found.append(Item(item.job, job.relative, job.why) if job else item)
        return replace(news, items=tuple(found))

    def _document(self, letter: Letter, title: str, text: str) -> str:
        """What a program reads: the job as `show --json` has it, or the words."""
        job = self._store.get(letter.news.items[0].job) if letter.news.items else None
        if job is None:
            document = {"event": letter.news.event, "title": title, "text": text}
        else:
            document = job_view(job)
        return log.redact(json.dumps(document))


def targets_of(settings: Settings) -> dict[Target, Notify]:
    """All that are to be told: the general ones, and those of inboxes that have their own."""
    own: list[tuple[frozenset[str], bool, Iterable[Notify]]] = []
    general = set()
    for name, inbox in named_inboxes(settings).items():
        if "notify" in inbox.model_fields_set:
            own.append((frozenset({name}), False, inbox.notify))
        else:
            general.add(name)
    found: dict[Target, Notify] = {}
    for inboxes, house, several in ((frozenset(general), True, settings.notify), *own):
        for each in several:
            key = "\0".join((*sorted(() if house else inboxes), *each.events, each.address))
            address = "\0".join((key, *(each.command or ())))
            target = Target(
                hashlib.sha256(address.encode()).hexdigest()[:12],
                frozenset(each.events),
                inboxes,
                house,
                each.command is not None,
                each.quiet,
            )
            found[target] = each
    return found


def _news_of(ended: Iterable[Ended]) -> list[News]:
    return [
        News(
            "delivered" if each.delivered else "failed",
            "delivered" if each.delivered else "failed",
            each.inbox,
            (Item(each.job, each.relative, "" if each.delivered else each.why),),
            1,
            each.before,
            each.after,
        )
        for each in ended
    ]
