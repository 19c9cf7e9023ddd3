"""From what happened to the notices to send: grouped, each once, kept through quiet hours. Pure.

A letter gathers for a while, so that fifty files are one notice; then it is closed, and waits for
the sender. The whole book lies in the store as one note: what was seen and what waits change
together or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from hotpress.opening import opens_in

GATHER_SECONDS = 60.0  # quiet for so long: the letter is closed
_GATHER_MOST_SECONDS = 600.0
_GATHER_BUSY_SECONDS = 3_600.0  # while the inbox still works: one notice of fifty files
_HELD_GONE_SECONDS = 600.0  # a look may lift a hold for a moment: that is no news
_GIVE_UP_SECONDS = 86_400.0
_PAUSE_SECONDS, _PAUSE_MOST_SECONDS = 30.0, 3_600.0
_ITEMS_KEPT = 20
_LETTERS_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Item:
    """One video in a letter. Sizes in bytes."""

    job: str
    relative: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened; `kind` tells apart what is told apart (`held:credits`)."""

    event: str
    kind: str
    inbox: str = ""  # "": of the whole house
    items: tuple[Item, ...] = ()
    count: int = 1
    before: int = 0
    after: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to tell. `id` changes with the address, and shows nothing of it."""

    id: str
    events: frozenset[str]
    inboxes: frozenset[str]
    house: bool = True  # also of the whole house
    command: bool = False
    quiet: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """News for one target. `next_at` None: it still gathers."""

    id: str
    target: str
    news: News
    first_at: float
    last_at: float
    tries: int = 0
    next_at: float | None = None


@dataclass(frozen=True, slots=True)
class Book:
    """All that must outlive a kill: how far was looked, what is told already, what waits."""

    line: int = -1  # of the journal; -1: nobody has looked yet
    letters: tuple[Letter, ...] = ()
    held: dict[str, float] = field(
        default_factory=dict
    )  # "inbox/reason" told -> gone since; 0: it holds
    count: int = 0  # letters made, for their ids
    said: dict[str, str] = field(default_factory=dict)  # the last day, week, token trouble ...


def held_news(
    book: Book, holding: Mapping[tuple[str, str], tuple[int, tuple[str, ...]]], now: float
) -> tuple[Book, list[News]]:
    """Each reason of an inbox once, until it has been gone for a while."""
    kept = {key: gone_at or now for key, gone_at in book.held.items()}
    kept = {key: at for key, at in kept.items() if abs(now - at) < _HELD_GONE_SECONDS}
    news = []
    for (inbox, reason), (count, jobs) in holding.items():
        key = f"{inbox}/{reason}"
        if key not in book.held:
            items = tuple(Item(job) for job in jobs)
            news.append(News("held", f"held:{reason}", inbox, items, count))
        kept[key] = 0.0
    return replace(book, held=kept), news


def posted(book: Book, news: Iterable[News], targets: Sequence[Target], now: float) -> Book:
    """The book with a letter, or a place in a letter, for each who wants to know."""
    for each in news:
        for target in targets:
            if _wants(target, each):
                book = _post_to(book, each, target, now)
    return replace(book, letters=book.letters[-_LETTERS_KEPT:])


def _wants(target: Target, news: News) -> bool:
    asked = {news.event} | ({"token"} if news.kind == "held:token" else set())
    in_reach = news.inbox in target.inboxes if news.inbox else target.house
    return in_reach and bool(asked & target.events)


def _post_to(book: Book, news: News, target: Target, now: float) -> Book:
    if target.command and news.items:  # a program is told of each video by itself
        for item in news.items:
            book = _new(book, replace(news, items=(item,), count=1), target, now, now)
        return book
    for number, old in enumerate(book.letters):
        same = (old.target, old.news.kind, old.news.inbox) == (target.id, news.kind, news.inbox)
        if same and old.next_at is None:
            joined = replace(old, news=_joined(old.news, news), last_at=now)
            letters = (*book.letters[:number], joined, *book.letters[number + 1 :])
            return replace(book, letters=letters)
    return _new(book, news, target, now, None)


def _new(book: Book, news: News, target: Target, now: float, next_at: float | None) -> Book:
    letter = Letter(f"{target.id}-{book.count}", target.id, news, now, now, 0, next_at)
    letter = replace(letter, news=replace(news, items=news.items[:_ITEMS_KEPT]))
    return replace(book, letters=(*book.letters, letter), count=book.count + 1)


def _joined(old: News, new: News) -> News:
    known = {item.job for item in old.items}
    fresh = tuple(item for item in new.items if item.job not in known)
    return replace(
        old,
        items=(*old.items, *fresh)[:_ITEMS_KEPT],
        count=old.count + new.count,
        before=old.before + new.before,
        after=old.after + new.after,
        text=new.text or old.text,
    )


def closed(
    book: Book, targets: Sequence[Target], busy: frozenset[str], held: Iterable[str], now: float
) -> Book:
    """Letters that have gathered long enough are ready; what is true no more, goes.

    `held`: "inbox/reason" of what is held now.
    """
    known, still = {target.id for target in targets}, frozenset(held)
    letters = []
    for each in book.letters:
        if each.target not in known:
            continue  # it was taken out of the config
        if each.next_at is None and _has_gathered(each, busy, now):
            reason = each.news.kind.partition(":")[2]
            if reason and f"{each.news.inbox}/{reason}" not in still:
                continue  # held no more before anybody was told
            letters.append(replace(each, next_at=now))
        else:
            letters.append(each)
    return replace(book, letters=tuple(letters))


def _has_gathered(letter: Letter, busy: frozenset[str], now: float) -> bool:
    whole = now - letter.first_at
    if whole < 0 or not letter.news.inbox:
        return True  # the clock was set back; or it stands for itself
    if letter.news.event == "delivered" and letter.news.inbox in busy:
        return whole >= _GATHER_BUSY_SECONDS
    return now - letter.last_at >= GATHER_SECONDS or whole >= _GATHER_MOST_SECONDS


def due(book: Book, targets: Sequence[Target], now: float) -> list[Letter]:
    """What is to be sent now: not in quiet hours."""
    quiet = {t.id for t in targets if t.quiet and opens_in(t.quiet, now) == 0}
    return [
        each
        for each in book.letters
        if each.next_at is not None
        and each.target not in quiet
        # More than the longest pause ahead: the clock was set back.
        and (each.next_at <= now or each.next_at - now > _PAUSE_MOST_SECONDS)
    ]


def after_try(book: Book, letter_id: str, *, done: bool, now: float) -> tuple[Book, bool]:
    """The book after a letter was sent, or not; True when it was given up."""
    letters, given_up = [], False
    for each in book.letters:
        if each.id != letter_id:
            letters.append(each)
        elif not done and each.tries and now - each.last_at >= _GIVE_UP_SECONDS:
            given_up = True
        elif not done:
            pause = min(_PAUSE_SECONDS * 2**each.tries, _PAUSE_MOST_SECONDS)
            first_try = each.last_at if each.tries else now  # a day from then on
            later = replace(each, tries=each.tries + 1, next_at=now + pause, last_at=first_try)
            letters.append(later)
    return replace(book, letters=tuple(letters)), given_up
