"""`hotpress status`: what runs, what waits and why, what arrives."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from hotpress import __version__, reach, takes
from hotpress.cli.find import counting
from hotpress.clock import SystemClock, iso
from hotpress.human import one_line, seconds_text, size_text
from hotpress.model import ENDED
from hotpress.places import Places, client_id_file
from hotpress.report import account_view, job_view
from hotpress.serving import paused_by
from hotpress.settle import GROWING
from hotpress.store import Store
from hotpress.store.lock import is_held, owner_pid


def verb(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Say what runs, what waits and why, and what is arriving."""
    view = gathered(context.obj)
    if as_json:
        print(json.dumps(view))
        return
    for line in told(view, SystemClock().now()):
        print(line)


def gathered(where: Places) -> dict[str, Any]:
    """The whole status, as `--json` gives it (DESIGN: `status --json`)."""
    store = Store(where.store) if where.store.exists() else None
    running = is_held(where.lock)
    served = counting(where, store)
    counts = store.counts() if store else {}
    hung = json.loads((store.note("hung") if store and running else None) or "{}")
    inboxes = []
    for name, path, outbox in served.inboxes:
        note = json.loads((store.note(f"inbox:{name}") if store else None) or "{}")
        if not _is_there(Path(path)):
            note["watch"] = "unreachable"
            note["why"] = note.get("why") or f"{path} is not there; its videos wait until it is"
        inboxes.append(
            {
                "name": name,
                "path": path,
                "outbox": outbox,
                "watch": note.get("watch", "polling"),
                "why": hung.get(name) or note.get("why") or None,
                "watch_why": note.get("watch_why") or None,
                "events_missed": note.get("events_missed", 0),
                "folders": note.get("folders"),
                "unreadable": note.get("unreadable", []),
                "paused": bool(store and paused_by(store, name)),
                "counts": counts.get(name, {}),
                "arriving": note.get("arriving", []),
                "ignored": note.get("ignored", {}),
            }
        )
    progress = store.progress() if store else {}
    jobs = store.jobs(live_only=True) if store else []
    return {
        "version": __version__,
        "daemon": {
            "running": running,
            "pid": owner_pid(where.lock) if running else None,
            "since": store.note("daemon_since") if store and running else None,
        },
        "config": {
            "path": served.path or str(where.config),
            "taken_at": iso(served.taken_at),
            "problems": list(served.problems),
        },
        "notes": [note] if store and (note := store.note("store_rebuilt")) else [],
        "account": account_view(served, client_id_file().parent, store),
        "inboxes": inboxes,
        # A delivered one is here as long as its source could not be released.
        "jobs": [job_view(j, progress.get(j.id)) for j in jobs if j.state not in ENDED or j.note],
    }


def _left(seconds: float | None) -> str:
    return "" if seconds is None else f"about {seconds_text(seconds)} left in this step"


def _is_there(inbox: Path) -> bool:
    try:
        return reach.within(inbox, inbox.is_dir)
    except reach.NoAnswer:
        return False


def _arriving(one: dict[str, Any], now: float) -> str:
    """One file that is not finished yet: how much of it, why, and for how long by now."""
    age = seconds_text(max(0, round(now - datetime.fromisoformat(one["since"]).timestamp())))
    why = (
        f"{one['why']} for {age}"
        if one["why"] == GROWING
        else f"{one['why']}; first seen {age} ago"
    )
    return f"  arriving: {one_line(one['path'])}, {size_text(one['bytes'])} so far ({why})"


def told(view: dict[str, Any], now: float) -> list[str]:
    """The status in lines."""
    daemon = view["daemon"]
    lines = [
        f"hotpress {view['version']} "
        + (f"runs (pid {daemon['pid']})" if daemon["running"] else "does not run: hotpress run")
    ]
    lines += view["notes"]
    if view["config"]["problems"]:
        lines.append("The config can't be taken as it is; the last good one counts:")
        lines += [f"  {problem}" for problem in view["config"]["problems"]]
    for inbox in view["inboxes"]:
        counts = ", ".join(f"{n} {state}" for state, n in sorted(inbox["counts"].items()))
        lines.append(f"{inbox['name']}: {inbox['path']} -> {inbox['outbox']} ({inbox['watch']})")
        if inbox["paused"]:
            lines.append(f"  paused: hotpress resume {inbox['name']}")
        lines += [f"  {inbox[key]}" for key in ("why", "watch_why") if inbox[key]]
        lines.append(f"  {counts or 'nothing yet'}")
        if inbox["ignored"]:
            lines.append(f"  left alone: {takes.told(inbox['ignored'])} (hotpress why FILE)")
        lines += [_arriving(one, now) for one in inbox["arriving"]]
    for job in view["jobs"]:
        share = "" if job["progress"] is None else f" {job['progress'] * 100:3.0f} %"
        line = f"{job['id']}  {job['state']:8}{share}  {job['step']:9} {one_line(job['relative'])}"
        why = job["why"] or job["waits_for"] or _left(job["eta_seconds"])
        lines.append(line + (f": {why}" if why else ""))
        if job["hint"] and job["state"] == "held":
            lines.append(f"          {job['hint']}")
    return lines
