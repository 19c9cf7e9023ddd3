"""The words of a notice. Names of files only where somebody asked for them. Pure."""

from __future__ import annotations

from hotpress.human import count_text, one_line, size_text
from hotpress.log import redact
from hotpress.telling.deletions import MOST
from hotpress.telling.notices import News
from hotpress.words import REASONS

_NAMES_SHOWN = 10


def words(news: News, *, names: bool) -> tuple[str, str]:
    """Title and text. Nothing in them is a secret, whatever a job's sentence may hold."""
    lines = [_what(news)]
    if names:
        lines += [_line(each.relative, each.why) for each in news.items[:_NAMES_SHOWN]]
        more = news.count - min(len(news.items), _NAMES_SHOWN)
        lines += [f"... and {more} more"] if news.items and more > 0 else []
    lines += [_next(news)]
    return f"hotpress: {redact(_title(news))}", redact("\n".join(filter(None, lines)))


def _title(news: News) -> str:
    videos = count_text(news.count, "video")
    where = f" in {news.inbox}" if news.inbox else ""
    titles = {
        "delivered": f"{videos} delivered{where}",
        "failed": f"{videos} failed{where}",
        "held": f"{videos} {'waits' if news.count == 1 else 'wait'}{where}",
        "token": "the cloud's token could not be renewed",
        "daily": "the last day",
        "weekly": "the last week",
    }
    return "notes went at once" if news.kind == "accident" else titles[news.event]


def _what(news: News) -> str:
    if news.event == "delivered":
        saved = max(0, news.before - news.after)
        return f"{size_text(news.before)} became {size_text(news.after)}: saved {size_text(saved)}."
    reason = REASONS.get(news.kind.partition(":")[2])
    return f"{reason.cause} {reason.means}" if reason else news.text


def _next(news: News) -> str:
    if news.kind == "failed":
        return "A note beside the results says why, and so does `hotpress jobs`."
    if news.kind == "token":
        return "It is tried again by itself; `hotpress token` tells how long the present one lasts."
    reason = REASONS.get(news.kind.partition(":")[2])
    return reason.next if reason else ""


def _line(relative: str, why: str) -> str:
    name = one_line(relative)
    return "" if not name else f"- {name}: {one_line(why)}" if why else f"- {name}"


def accident(count: int) -> str:
    """Many notes in an outbox went at once."""
    return (
        f"{count_text(count, 'note')} about failed videos went at once: nothing was tried again. "
        f"To try again, delete at most {MOST} at a time, or `hotpress retry --all`."
    )


def figures(days: str, delivered: int, saved: int, lost: int, failed: int, waiting: int) -> str:
    """Such as: The last week: saved 41 GB with 120 videos, 0 lost, 0 failed, 2 wait."""
    what = f"saved {size_text(max(0, saved))} with {count_text(delivered, 'video')}"
    waits = "waits" if waiting == 1 else "wait"
    return f"The last {days}: {what}, {lost} lost, {failed} failed, {waiting} {waits}."
