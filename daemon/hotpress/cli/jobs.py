"""`hotpress jobs`: the history, and what was saved."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from hotpress.clock import SystemClock
from hotpress.errors import ConfigError
from hotpress.model import State
from hotpress.places import Places
from hotpress.report import job_view, prospects
from hotpress.store import Store, Sums, Wanted

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
    from hotpress.cli import jobs_text, terminal  # noqa: PLC0415 - programs need no rich

    out = terminal.console()
    if not found:
        nothing = "No job is like that." if wanted != Wanted() else ""
        terminal.show(out, [terminal.line(nothing or "No jobs yet: drop a video into an inbox.")])
        return
    terminal.show(out, jobs_text.table(found, sums, wide=terminal.is_wide(out)))


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
