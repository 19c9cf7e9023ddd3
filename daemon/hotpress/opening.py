"""Times of day: when something may start, and how fast. `22:00-07:00`, `Mo-Fr 18:00-24:00`. Pure.

Local wall-clock times. Where a clock change skips or repeats an hour, the wall clock counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
_TEXT = re.compile(
    r"(?:([a-z]{2,3})(?:-([a-z]{2,3}))?\s+)?(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)", re.ASCII
)
_DAY_MINUTES = 1_440
_WEEK_DAYS = 7

Span = tuple[frozenset[int], int, int]  # days (Monday 0), minutes since midnight: from, to
Rates = tuple[tuple[str, int | None], ...]  # a span ("": always) and bits per second (None: any)


def parsed(text: str) -> Span | None:
    """One span; None when nobody can tell what is meant. `to` may lie behind midnight."""
    match = _TEXT.fullmatch(text.strip().lower())
    if match is None:
        return None
    start = int(match[3]) * 60 + int(match[4])
    end = int(match[5]) * 60 + int(match[6])
    minutes_fit = int(match[4]) < 60 and int(match[6]) < 60
    if not minutes_fit or start >= _DAY_MINUTES or end > _DAY_MINUTES or start == end:
        return None
    days = frozenset(range(_WEEK_DAYS))
    if match[1]:
        names = [match[1][:2], (match[2] or match[1])[:2]]
        if any(name not in _DAYS for name in names):
            return None
        first, last = (_DAYS.index(name) for name in names)
        days = frozenset((first + n) % _WEEK_DAYS for n in range((last - first) % _WEEK_DAYS + 1))
    return days, start, end if end > start else end + _DAY_MINUTES


def zone_of(name: str) -> tzinfo | None:
    """A name of the tz database; None is this machine's own zone, also where a name has gone."""
    try:
        return None if name == "local" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def opens_in(spans: Sequence[str], now: float, zone: tzinfo | None = None) -> float:
    """Seconds until something may start; 0 when it may now. Empty spans: always."""
    known = [span for span in map(parsed, spans) if span is not None]
    if not known:
        return 0.0
    local = datetime.fromtimestamp(now, zone)
    if any(_inside(span, local) for span in known):
        return 0.0
    return min(_start_after(span, local, zone) for span in known) - now


def rate_at(rates: Rates, now: float, zone: tzinfo | None = None) -> int | None:
    """Bits per second that are allowed now; None: as fast as it goes. The first span counts."""
    local = datetime.fromtimestamp(now, zone)
    for text, bits in rates:
        span = parsed(text)
        if span is None or _inside(span, local):
            return bits
    return None


def _inside(span: Span, local: datetime) -> bool:
    days, start, end = span
    minute = local.hour * 60 + local.minute
    today, yesterday = local.weekday(), (local.weekday() - 1) % _WEEK_DAYS
    if today in days and start <= minute < end:
        return True
    return yesterday in days and start <= minute + _DAY_MINUTES < end


def _start_after(span: Span, local: datetime, zone: tzinfo | None) -> float:
    """The next start of a span, as seconds since 1970."""
    days, start, _ = span
    for ahead in range(_WEEK_DAYS + 2):
        day = (local + timedelta(days=ahead)).date()
        begins = datetime(day.year, day.month, day.day, start // 60, start % 60, tzinfo=zone)
        if day.weekday() in days and begins.timestamp() > local.timestamp():
            return begins.timestamp()
    raise AssertionError("unreachable: a week holds every day")
