"""The words of `status`: from what there is to tell to its lines. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rich.text import Text

from hotpress import takes
from hotpress.cli.terminal import BAD, GOOD, HELD, LOUD, QUIET, Line, bar, line
from hotpress.human import change_text, count_text, one_line, seconds_text, size_text
from hotpress.settle import GROWING
from hotpress.words import STEPS

_BAR_WIDTH, _SHORT_BAR_WIDTH = 24, 16
_NAMES = 5
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LOOKED_AT = ("render", "stream")  # between two looks the work goes on
_DAY_SECONDS = 86_400.0
_WATCHED = {
    "events": "the system tells of changes",
    "polling": "looked at again and again",
    "unreachable": "can't be reached",
}


def told(
    view: dict[str, Any], now: float, *, wide: bool = True, bars: bool = False, names: int = _NAMES
) -> list[Line]:
    """The status in lines. `bars`: for a terminal; `names`: how many of what is held or in line."""
    daemon = view["daemon"]
    lines = [_daemon(view, now), _account(view["account"], now)]
    lines += [line(note) for note in view["notes"]]
    if daemon["running"] is False and view["counts"].get("queued"):
        lines.append(line("Nothing goes on until it runs.", style=LOUD))
    if view["config"]["problems"]:
        lines.append(line("The config can't be taken as it is; the last good one counts:", "", BAD))
        lines += [line("  ", problem) for problem in view["config"]["problems"]]
    for job in view["jobs"]:
        lines += _job(job, now, wide=wide, bars=bars)
    lines += _more(view)
    for group in view["held"]:
        lines += _held(group, now, names)
    lines += [_lately(job) for job in view["lately"]]
    for inbox in view["inboxes"]:
        lines += _inbox(inbox, now, names)
    return lines


def _daemon(view: dict[str, Any], now: float) -> Line:
    daemon = view["daemon"]
    if not daemon["running"]:
        return line(f"hotpress {view['version']} ", "does not run: hotpress run", LOUD, BAD)
    since = f", for {_age(daemon['since'], now)}" if daemon["since"] else ""
    return line(f"hotpress {view['version']} ", f"runs (pid {daemon['pid']}{since})", LOUD)


def _job(job: dict[str, Any], now: float, *, wide: bool, bars: bool) -> list[Line]:
    """One that runs, waits or is in line: how far, how fast, how long; its name last."""
    share = job["progress"]
    percent = "" if share is None else f"{share * 100:.0f} %"
    width = (_BAR_WIDTH if wide else _SHORT_BAR_WIDTH) if bars else 0
    moves = job["state"] == "running" or job["reason"] in _LOOKED_AT
    start = Text(f"{job['id']}  ", style=QUIET)
    shown = Text.assemble(bar(share if moves else None, width), f"{percent:>5}  ")
    doing = _doing(job, now)
    name = Text(one_line(f"{job['inbox']}/{job['relative']}"), style=LOUD)
    if wide and moves:
        return [Line(Text.assemble(start, shown, f"{doing:<46}  "), name)]
    below = Text(" " * len(start)).append_text(shown) if moves else Text(" " * len(start))
    lines = [Line(start, name), Line(below, Text(doing))]
    if job["state"] == "delivered":  # its source could not be moved yet: `why` says so
        lines.append(line(" " * len(start), job["hint"] or ""))
    return lines


def _doing(job: dict[str, Any], now: float) -> str:
    """`upload, 3.1 MB/s, 2 min left`: the step, its pace, and the time for all that is left."""
    moves = job["state"] == "running" or job["reason"] in _LOOKED_AT
    words = [STEPS[job["step"]]]
    if job["state"] != "running" and (job["why"] or job["waits_for"]):
        words = [job["why"] or f"waits for {job['waits_for']}"]
    if moves and job["rate"]:
        words.append(_rate(job["rate"]))
    if job["state"] == "waiting" and not moves and job["wake_at"]:
        words.append(f"goes on in {seconds_text(max(0.0, _at(job['wake_at']) - now))}")
    elif job["eta_seconds"] is not None:
        words.append(f"about {seconds_text(max(1.0, round(job['eta_seconds'])))} left")
    return ", ".join(words)


def _rate(rate: dict[str, Any]) -> str:
    if rate["of"] == "bytes":
        return f"{size_text(rate['per_second'])}/s"
    return f"{rate['per_second']:.1f} x playing speed"


def _more(view: dict[str, Any]) -> list[Line]:
    """How many more there are than could be named."""
    shown: dict[str, int] = {}
    for job in view["jobs"]:
        shown[job["state"]] = shown.get(job["state"], 0) + 1
    lines = []
    for state, words in (("running", "run"), ("waiting", "wait"), ("queued", "are in line")):
        more = view["counts"].get(state, 0) - shown.get(state, 0)
        if more > 0:
            lines.append(line("and ", f"{more:,} more {words}: hotpress jobs --state {state}"))
    return lines


def _held(group: dict[str, Any], now: float, names: int) -> list[Line]:
    """Why, for how long, what frees it and what that costs; then whose turn it would be."""
    count = count_text(group["count"], "video")
    head = f"{one_line(group['why'])} ({group['reason']}), for {_age(group['since'], now)}"
    whose = f"{count} of {one_line(group['inbox'])}: "
    lines = [Line(Text("held: ", style=HELD), Text(whose, style=HELD).append(head, "default"))]
    hint = one_line(group["hint"])
    stop = "" if not hint or hint.endswith((".", "!", "?")) else "."
    lines.append(line("      ", f"{hint}{stop} {group['cost']}".strip()))
    named = [(job["id"], one_line(job["relative"])) for job in group["jobs"][:names]]
    lines += [Line(Text(f"      {id_}  ", style=QUIET), Text(name)) for id_, name in named]
    more = group["count"] - min(names, len(group["jobs"]))
    if more > 0:
        rest = f"and {more:,} more: hotpress jobs --state held --inbox {group['inbox']}"
        lines.append(line("      ", rest, rest_style=QUIET))
    return lines


def _lately(job: dict[str, Any]) -> Line:
    style = {"delivered": GOOD, "failed": BAD}.get(job["state"], QUIET)
    start = Text(f"{job['id']}  ", style=QUIET).append(f"{job['state']:<11}", style=style)
    text = Text(one_line(f"{job['inbox']}/{job['relative']}"), style=LOUD)
    if job["size_after"] is not None:
        start.append(f"{change_text(job['size_before'], job['size_after'])}  ")
    elif job["why"]:
        text.append(f": {one_line(job['why'])}", style="not bold")
    return Line(start, text)


def _inbox(inbox: dict[str, Any], now: float, names: int) -> list[Line]:
    """One folder: where, how it is watched and why so, what of it is where."""
    counts = ", ".join(f"{n:,} {state}" for state, n in sorted(inbox["counts"].items()))
    bad = inbox["watch"] == "unreachable"
    way = f" ({_WATCHED.get(inbox['watch'], inbox['watch'])})"
    head = Text(one_line(f"{inbox['path']} -> {inbox['outbox']}")).append(way, BAD if bad else "")
    lines = [Line(Text(f"{one_line(inbox['name'])}: ", style=LOUD), head)]
    if inbox["paused"]:
        lines.append(line("  ", f"paused: hotpress resume {inbox['name']}", rest_style=HELD))
    lines += [line("  ", inbox[key]) for key in ("why", "watch_why") if inbox[key]]
    lines.append(line("  ", counts or "nothing yet", rest_style=QUIET))
    if inbox["ignored"]:
        lines.append(line("  ", f"left alone: {takes.told(inbox['ignored'])} (hotpress why FILE)"))
    lines += [line("  ", _arriving(one, now)) for one in inbox["arriving"][: 4 * names]]
    more = len(inbox["arriving"]) - 4 * names
    return lines + ([line("  ", f"and {more:,} more arriving")] if more > 0 else [])


def _arriving(one: dict[str, Any], now: float) -> str:
    """One file that is not finished yet: how much of it, why, and for how long by now."""
    age = _age(one["since"], now)
    why = (
        f"{one['why']} for {age}"
        if one["why"] == GROWING
        else f"{one['why']}; first seen {age} ago"
    )
    return f"arriving: {one_line(one['path'])}, {size_text(one['bytes'])} so far ({why})"


def _account(account: dict[str, Any], now: float) -> Line:
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
        seen = f", seen {_age(account['checked_at'], now)} ago" if account["checked_at"] else ""
        words.append(f"{credits_seen['available']:g} credits{held}{videos}{seen}")
    if account["enough_until"]:
        words.append(_enough(_at(account["enough_until"]), now))
    if account["token_expires_at"]:
        left_seconds = _at(account["token_expires_at"]) - now
        words.append(
            f"its token ends in {seconds_text(left_seconds)}"
            if left_seconds > 0
            else "its token has ended; the next video gets a new one"
        )
    kind = "free account: " if free else "your account (own token): "
    return line(kind, "; ".join(words), LOUD)


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


def _age(since: str, now: float) -> str:
    return seconds_text(max(0, round(now - _at(since))))


def _at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
