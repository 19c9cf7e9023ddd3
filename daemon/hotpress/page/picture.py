"""What was saved over time: a picture without a script, and words for who can't see it."""

from __future__ import annotations

from datetime import datetime, timedelta

from hotpress.human import size_text
from hotpress.page.html import Child, Html, el
from hotpress.store import Store

_WEEKS = 26
_WEEK_SECONDS = 7 * 86_400.0
_WIDTH, _HEIGHT, _FOOT = 520, 140, 20


def savings(store: Store, now: float) -> Html | None:
    """A bar for each of the last weeks; None while nothing was delivered in them."""
    since = now - _WEEKS * _WEEK_SECONDS
    found = store.saved(since, _WEEK_SECONDS)
    saved = [max(0, found[n][1] - found[n][2]) if n in found else 0 for n in range(_WEEKS)]
    if not any(saved):
        return None
    most, total = max(saved), sum(saved)
    videos = sum(one[0] for one in found.values())
    first = datetime.fromtimestamp(since).astimezone()
    said = f"{size_text(total)} saved in the last {_WEEKS} weeks, with {videos:,} videos"
    bars: list[Child] = []
    step = _WIDTH / _WEEKS
    for number, each in enumerate(saved):
        tall = round((_HEIGHT - _FOOT - 16) * each / most, 1)
        week = first + timedelta(days=7 * number)
        words = el("title", f"week from {week:%Y-%m-%d}: {size_text(each)}")
        bars.append(
            el(
                "rect",
                words,
                x=round(number * step + 2, 1),
                y=round(_HEIGHT - _FOOT - max(tall, 1), 1),
                width=round(step - 4, 1),
                height=max(tall, 1),
                rx=2,
                class_="bar" if each else "bar none",
            )
        )
    texts = [
        el("text", f"{first:%b %Y}", x=2, y=_HEIGHT - 4),
        el("text", "now", x=_WIDTH - 2, y=_HEIGHT - 4, text_anchor="end"),
        el("text", f"{size_text(most)} a week at most", x=2, y=11),
    ]
    drawn = el(
        "svg",
        el("title", said),
        bars,
        texts,
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
        aria_label=said,
        class_="savings",
    )
    return el("figure", drawn, el("figcaption", said))
