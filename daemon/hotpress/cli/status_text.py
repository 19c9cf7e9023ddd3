"""The words of `status`: from what there is to tell to its lines. Pure."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from hotpress import saying, takes
from hotpress.cli.terminal import BAD, GOOD, HELD, LOUD, QUIET, Line, bar, line
from hotpress.human import change_text, count_text, one_line

_BAR_WIDTH, _SHORT_BAR_WIDTH = 24, 16
_NAMES = 5


def told(
    view: dict[str, Any], now: float, *, wide: bool = True, bars: bool = False, names: int = _NAMES
) -> list[Line]:
    """The status in lines. `bars`: for a terminal; `names`: how many of what is held or in line."""
    daemon = view["daemon"]
    lines = [_daemon(view, now), line(*saying.account_text(view["account"], now), LOUD)]
    lines += [line(note) for note in view["notes"]]
    if view["page"].get("why"):
        lines.append(line(view["page"]["why"], style=BAD))
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
    since = f", for {saying.age(daemon['since'], now)}" if daemon["since"] else ""
    return line(f"hotpress {view['version']} ", f"runs (pid {daemon['pid']}{since})", LOUD)


def _job(job: dict[str, Any], now: float, *, wide: bool, bars: bool) -> list[Line]:
    """One that runs, waits or is in line: how far, how fast, how long; its name last."""
    share = job["progress"]
    percent = "" if share is None else f"{share * 100:.0f} %"
    width = (_BAR_WIDTH if wide else _SHORT_BAR_WIDTH) if bars else 0
    going = saying.moves(job)
    start = Text(f"{job['id']}  ", style=QUIET)
    shown = Text.assemble(bar(share if going else None, width), f"{percent:>5}  ")
    doing = saying.doing(job, now)
    name = Text(one_line(f"{job['inbox']}/{job['relative']}"), style=LOUD)
    if wide and going:
        return [Line(Text.assemble(start, shown, f"{doing:<46}  "), name)]
    below = Text(" " * len(start)).append_text(shown) if going else Text(" " * len(start))
    lines = [Line(start, name), Line(below, Text(doing))]
    if job["state"] == "delivered":  # its source could not be moved yet: `why` says so
        lines.append(line(" " * len(start), job["hint"] or ""))
    return lines


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
    head = f"{one_line(group['why'])} ({group['reason']}), for {saying.age(group['since'], now)}"
    whose = f"{count} of {one_line(group['inbox'])}: "
    lines = [Line(Text("held: ", style=HELD), Text(whose, style=HELD).append(head, "default"))]
    lines.append(line("      ", saying.freed_text(group)))
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
    way = f" ({saying.WATCHED.get(inbox['watch'], inbox['watch'])})"
    head = Text(one_line(f"{inbox['path']} -> {inbox['outbox']}")).append(way, BAD if bad else "")
    lines = [Line(Text(f"{one_line(inbox['name'])}: ", style=LOUD), head)]
    if inbox["paused"]:
        lines.append(line("  ", f"paused: hotpress resume {inbox['name']}", rest_style=HELD))
    lines += [line("  ", inbox[key]) for key in ("why", "watch_why") if inbox[key]]
    lines.append(line("  ", counts or "nothing yet", rest_style=QUIET))
    if inbox["ignored"]:
        lines.append(line("  ", f"left alone: {takes.told(inbox['ignored'])} (hotpress why FILE)"))
    lines += [
        line("  ", f"arriving: {saying.arriving_text(one, now)}")
        for one in inbox["arriving"][: 4 * names]
    ]
    more = len(inbox["arriving"]) - 4 * names
    return lines + ([line("  ", f"and {more:,} more arriving")] if more > 0 else [])
