"""What `status` and the page say of a job, an account, an arriving file: the same words. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hotpress.human import (
    change_text,
    count_text,
    one_line,
    saved_text,
    seconds_text,
    size_text,
)
from hotpress.model import Job
from hotpress.settle import GROWING
from hotpress.words import STEPS

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LOOKED_AT = ("render", "stream")  # between two looks the work goes on
_DAY_SECONDS = 86_400.0
LONG_TEXT_CHARS = 2_000  # a timeline of many tracks is told whole
UNTOLD = ("begun",)  # lines of a job's story that say nothing to people
_MARKS = {"back": "back: ", "wait": "waits: ", "hold": "held: ", "fail": "failed: "}
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


def sizes_text(job: Job) -> str:
    """`12 MB -> 3 MB (-75 %), to be at most 4 MB`, as far as it is known by now."""
    sizes = size_text(job.size_before)
    if job.final and job.placed_at:
        sizes = change_text(job.size_before, job.final.size_bytes)
    if job.target_bytes is not None:
        sizes += f", to be at most {size_text(job.target_bytes)}"
    return sizes


def sums_text(count: int, delivered: int, before: int, after: int, arrow: str = "->") -> str:
    """Of many jobs: `40 jobs, 38 delivered: 91.4 GB -> 2.3 GB, saved 89.1 GB (-98 %)`."""
    words = count_text(count, "job").replace(str(count), f"{count:,}")
    if not delivered:
        return f"{words}, none delivered"
    change = f"{size_text(before)} {arrow} {size_text(after)}"
    saved = f"saved {size_text(before - after)} ({saved_text(before, after)})"
    return f"{words}, {delivered:,} delivered: {change}, {saved}"


def story_text(what: str, text: str) -> str:
    """What one line of a job's story says, after its time and its step."""
    said = one_line(text, LONG_TEXT_CHARS)
    said = said or {"stopped": "stopped with hotpress"}.get(what, "done")
    return _MARKS.get(what, "") + said


def freed_text(group: dict[str, Any]) -> str:
    """What frees those that are held for one reason, and what that costs."""
    hint = one_line(group["hint"])
    stop = "" if not hint or hint.endswith((".", "!", "?")) else "."
    return f"{hint}{stop} {group['cost']}".strip()


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
