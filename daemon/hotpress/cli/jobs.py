"""`hotpress jobs`: the history, and what was saved."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer
from rich.text import Text

from hotpress.cli import terminal
from hotpress.cli.terminal import BAD, GOOD, HELD, LOUD, QUIET, Line, line
from hotpress.clock import SystemClock
from hotpress.errors import ConfigError
from hotpress.human import count_text, one_line, saved_text, size_text
from hotpress.model import Job, State
from hotpress.places import Places
from hotpress.report import job_view, prospects
from hotpress.store import Store, Sums, Wanted

_STYLES = {State.DELIVERED: GOOD, State.FAILED: BAD, State.HELD: HELD, State.WAITING: HELD}
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def verb(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 100,
    state: Annotated[str, typer.Option(help="Only those: delivered, failed, held ...")] = "",
    inbox: Annotated[str, typer.Option(help="Only of this inbox.")] = "",
    since: Annotated[
        str, typer.Option(help="Made since: 2026-11-01, 12h, 7d, 2w, today, yesterday.")
    ] = "",
    text: Annotated[str, typer.Option(help="With this in the path, case ignored.")] = "",
) -> None:
    """List jobs, the newest first, and what all of them saved."""
    where: Places = context.obj
    now = SystemClock().now()
    wanted = Wanted(state=_state(state), inbox=inbox, since=_since(since, now), text=text)
    store = Store(where.store) if where.store.exists() else None
    found = store.listed(wanted, limit) if store else []
    sums = store.sums(wanted) if store else Sums(0, 0, 0, 0)
    if as_json:
        told = prospects(store, found, now) if store else {}
        views = [job_view(job, told[job.id]) for job in found]
        print(json.dumps({"jobs": views, "sums": _sums_view(sums)}))
        return
    out = terminal.console()
    if not found:
        nothing = "No job is like that." if wanted != Wanted() else ""
        terminal.show(out, [line(nothing or "No jobs yet: drop a video into an inbox.")])
        return
    terminal.show(out, table(found, sums, wide=terminal.is_wide(out)))


def table(found: list[Job], sums: Sums, *, wide: bool) -> list[Line]:
    """A line a job, its name last; then the sum of all that match."""
    head = f"{'job':8}  {'since':{_when_width(wide)}}  {'state':9}  {'before':>7}  {'after':>7}"
    lines = [line(f"{head}  {'saved':>5}  ", "inbox/video", QUIET, QUIET)]
    lines += [_row(job, wide=wide) for job in found]
    more = sums.count - len(found)
    if more > 0:
        lines.append(line("and ", f"{more:,} more (--limit {sums.count})", QUIET, QUIET))
    return [*lines, line("", _sum(sums), rest_style=LOUD)]


def _row(job: Job, *, wide: bool) -> Line:
    after = job.final.size_bytes if job.final and job.placed_at else None
    saved = saved_text(job.size_before, after).replace(" ", "")
    start = Text(f"{job.id}  ", style=QUIET)
    start.append(f"{_when(job.created_at, wide=wide)}  ")
    start.append(f"{job.state.value:9}", style=_STYLES.get(job.state, ""))
    start.append(f"  {size_text(job.size_before):>7}  {size_text(after):>7}  {saved:>5}  ")
    name = one_line(f"{job.inbox}/{job.relative}")
    if job.asked:
        name += f" ({one_line(job.rule.instructions or job.asked, 40)})"
    rest = Text(name, style=LOUD)
    if job.why:
        rest.append(f": {one_line(job.why, 120)}", style="not bold")
    return Line(start, rest)


def _when_width(wide: bool) -> int:
    return 16 if wide else 6


def _when(at: float, *, wide: bool) -> str:
    """`2026-11-28 14:05`, or where there is less room `Nov 28`."""
    moment = datetime.fromtimestamp(at).astimezone()
    return f"{moment:%Y-%m-%d %H:%M}" if wide else f"{moment:%b %d}"


def _sum(sums: Sums) -> str:
    words = count_text(sums.count, "job").replace(str(sums.count), f"{sums.count:,}")
    if not sums.delivered:
        return f"{words}, none delivered"
    change = f"{size_text(sums.before)} -> {size_text(sums.after)}"
    saved = f"saved {size_text(sums.before - sums.after)} ({saved_text(sums.before, sums.after)})"
    return f"{words}, {sums.delivered:,} delivered: {change}, {saved}"


def _sums_view(sums: Sums) -> dict[str, Any]:
    return {
        "count": sums.count,
        "delivered": sums.delivered,
        "bytes_before": sums.before,
        "bytes_after": sums.after,
        "bytes_saved": sums.before - sums.after,
    }


def _state(text: str) -> str:
    if text and text not in set(State):
        known = f"--state: there is no state {text!r}; known: {', '.join(State)}"
        raise ConfigError([known], "Leave it out for all of them.")
    return text


def _since(text: str, now: float) -> float | None:
    """Seconds since 1970 of a date, a day's name, or so long ago. Raises ConfigError."""
    if not text:
        return None
    today = datetime.fromtimestamp(now).astimezone().replace(hour=0, minute=0, second=0)
    if text in ("today", "yesterday"):
        return (today - timedelta(days=int(text == "yesterday"))).timestamp()
    if text[:-1].isdigit() and text[-1] in _UNITS:
        try:
            return now - timedelta(**{_UNITS[text[-1]]: int(text[:-1])}).total_seconds()
        except OverflowError:
            return 0.0
    try:
        return datetime.fromisoformat(text).astimezone().timestamp()
    except (ValueError, OverflowError) as error:
        raise ConfigError(
            [f"--since: {text!r} is no time"], "Write 2026-11-01, 12h, 7d, 2w, today or yesterday."
        ) from error
