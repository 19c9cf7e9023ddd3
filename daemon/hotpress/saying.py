"""What `status` and the page say of a job, an account, an arriving file: the same words. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hotpress.human import count_text, one_line, seconds_text, size_text
from hotpress.settle import GROWING
from hotpress.words import STEPS

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LOOKED_AT = ("render", "stream")  # between two looks the work goes on
_DAY_SECONDS = 86_400.0
WATCHED = {
    "events": "the system tells of changes",
    "polling": "looked at again and again",
    "unreachable": "can't be reached",
}


def moves(job: dict[str, Any]) -> bool:
    """Does the work go on now, here or in the cloud?"""
    return job["state"] == "running" or job["reason"] in _LOOKED_AT


def doing(job: dict[str, Any], now: float) -> str:
    """`upload, 3.1 MB/s, 2 min left`: the step, its pace, and the time for all that is left."""
    words = [STEPS[job["step"]]]
    if job["state"] != "running" and (job["why"] or job["waits_for"]):
        words = [job["why"] or f"waits for {job['waits_for']}"]
    if moves(job) and job["rate"]:
        words.append(_rate(job["rate"]))
    if job["state"] == "waiting" and not moves(job) and job["wake_at"]:
        words.append(f"goes on in {seconds_text(max(0.0, at(job['wake_at']) - now))}")
    elif job["eta_seconds"] is not None:
        words.append(f"about {seconds_text(max(1.0, round(job['eta_seconds'])))} left")
    return ", ".join(words)


def _rate(rate: dict[str, Any]) -> str:
    if rate["of"] == "bytes":
        return f"{size_text(rate['per_second'])}/s"
    return f"{rate['per_second']:.1f} x playing speed"


def arriving_text(one: dict[str, Any], now: float) -> str:
    """One file that is not finished yet: how much of it, why, and for how long by now."""
    how_long = age(one["since"], now)
    why = (
        f"{one['why']} for {how_long}"
        if one["why"] == GROWING
        else f"{one['why']}; first seen {how_long} ago"
    )
    return f"{one_line(one['path'])}, {size_text(one['bytes'])} so far ({why})"


def account_text(account: dict[str, Any], now: float) -> tuple[str, str]:
    """What is left, for how many videos, until when; and the token's end."""
    free = account["kind"] == "anonymous"
    words = []
    credits_seen = account["credits"]
    if credits_seen is None:
        words.append("its credits have not been asked yet (hotpress credits)")
    else:
        held = f" ({credits_seen['frozen']:g} reserved)" if credits_seen["frozen"] else ""
        left = account["videos_left"]
        videos = f", about {count_text(left, 'video')}" if left is not None else ""
        seen = f", seen {age(account['checked_at'], now)} ago" if account["checked_at"] else ""
        words.append(f"{credits_seen['available']:g} credits{held}{videos}{seen}")
    if account["enough_until"]:
        words.append(_enough(at(account["enough_until"]), now))
    if account["token_expires_at"]:
        left_seconds = at(account["token_expires_at"]) - now
        words.append(
            f"its token ends in {seconds_text(left_seconds)}"
            if left_seconds > 0
            else "its token has ended; the next video gets a new one"
        )
    kind = "free account: " if free else "your account (own token): "
    return kind, "; ".join(words)


def _enough(until: float, now: float) -> str:
    days = (until - now) / _DAY_SECONDS
    if days < 1:
        when = "tomorrow" if days > 0.5 else "today"
    elif days < 7:
        when = _DAYS[datetime.fromtimestamp(until).astimezone().weekday()]
    elif days < 90:
        when = f"{datetime.fromtimestamp(until).astimezone():%d %B}".lstrip("0")
    else:
        return "at this pace enough for months"
    return f"at this pace enough until {when}"


def age(since: str, now: float) -> str:
    """`3 min`: how long ago a time of `--json` is."""
    return seconds_text(max(0, round(now - at(since))))


def at(text: str) -> float:
    """A time of `--json` as a number."""
    return datetime.fromisoformat(text).timestamp()
