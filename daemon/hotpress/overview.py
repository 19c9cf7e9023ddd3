"""All that `status` tells, as plain values: what runs, waits, is held, arrives, and the account."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hotpress import __version__, reach
from hotpress.clock import iso
from hotpress.human import count_text
from hotpress.model import ENDED, Job, Reason, State
from hotpress.places import Places, client_id_file
from hotpress.report import account_view, job_view, prospects
from hotpress.serving import Serving, page_found, paused_by
from hotpress.store import Store
from hotpress.store.lock import is_held, owner_pid
from hotpress.words import REASONS

_JOBS = 1_000  # of each state, for programs
_LATELY_SECONDS = 600.0
_LATELY = 5
ALL = dict.fromkeys((State.RUNNING, State.WAITING, State.QUEUED, State.HELD), _JOBS)
Most = Mapping[State, int]
# Held for these, somebody has to do something about this machine; the rest is a matter of course.
ILL = (
    Reason.DISK_FULL,
    Reason.OUTBOX_MISSING,
    Reason.INBOX_MISSING,
    Reason.PERMISSION,
    Reason.TOKEN,
)


def overview(
    where: Places, served: Serving, store: Store | None, now: float, most: Most | None = None
) -> dict[str, Any]:
    """The whole status, as `--json` gives it. `most`: how many jobs of each state."""
    running = is_held(where.lock)
    counts = store.counts() if store else {}
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
        "page": page_found(store) if store and running else {},
        "notes": [note] if store and (note := store.note("store_rebuilt")) else [],
        "account": account_view(served, client_id_file().parent, store, now),
        "inboxes": _inboxes(served, store, counts, running=running),
        "counts": _summed(counts),
        **_jobs(store, now, dict(most or ALL)),
    }


def _jobs(store: Store | None, now: float, most: dict[State, int]) -> dict[str, Any]:
    """What is under way, what is held by its reasons, and what has just ended."""
    if store is None:
        return {"jobs": [], "held": [], "lately": []}
    # A delivered one is here as long as its source could not be released.
    jobs = store.under_way({**most, State.DELIVERED: _JOBS})
    jobs = [job for job in jobs if job.state not in ENDED or job.note]
    told = prospects(store, jobs, now)
    lately = store.just_ended(now - _LATELY_SECONDS, _LATELY)
    return {
        "jobs": [{**job_view(job, told[job.id]), "rate": _rate(told[job.id].rate)} for job in jobs],
        "held": _held(store),
        "lately": [job_view(job) for job in lately],
    }


def _rate(rate: tuple[float, str] | None) -> dict[str, Any] | None:
    """Bytes a second ("bytes"), or seconds of video a second ("video")."""
    return {"per_second": round(rate[0], 2), "of": rate[1]} if rate else None


def _held(store: Store) -> list[dict[str, Any]]:
    """What is held, by inbox, reason and sentence: since when, what frees it, what that costs."""
    found = []
    for group in store.glance_held():
        named = [job for each in group.first if (job := store.get(each)) is not None]
        since = store.held_from([job.id for job in named])
        alike: dict[tuple[str, str], list[Job]] = {}
        for job in named:
            alike.setdefault((job.why, job.hint), []).append(job)
        words = REASONS.get(group.reason)
        unnamed = group.count - len(named)
        for (why, hint), jobs in alike.items():
            found.append(
                {
                    "inbox": group.inbox,
                    "reason": group.reason,
                    "count": len(jobs) + unnamed,
                    "since": iso(min(since.get(job.id, job.updated_at) for job in jobs)),
                    "why": why,
                    "hint": hint,
                    "cost": words.cost if words else "",
                    "jobs": [{"id": job.id, "relative": job.relative} for job in jobs],
                }
            )
            unnamed = 0  # those that were not looked at are told of once
    return found


def _inboxes(
    served: Serving, store: Store | None, counts: dict[str, dict[str, int]], *, running: bool
) -> list[dict[str, Any]]:
    hung = json.loads((store.note("hung") if store and running else None) or "{}")
    found = []
    for name, path, outbox in served.inboxes:
        note = json.loads((store.note(f"inbox:{name}") if store else None) or "{}")
        if not _is_there(Path(path)):
            note["watch"] = "unreachable"
            note["why"] = note.get("why") or f"{path} is not there; its videos wait until it is"
        found.append(
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
    return found


def _summed(counts: dict[str, dict[str, int]]) -> dict[str, int]:
    """State -> jobs, of all inboxes that ever were."""
    sums: dict[str, int] = {}
    for states in counts.values():
        for state, number in states.items():
            sums[state] = sums.get(state, 0) + number
    return sums


def _is_there(inbox: Path) -> bool:
    try:
        return reach.within(inbox, inbox.is_dir)
    except reach.NoAnswer:
        return False


def trouble(served: Serving, store: Store) -> str:
    """What keeps a daemon that runs from its work, in one sentence; "" when nothing does. Cheap."""
    if served.problems:
        return f"the config is wrong, and the last good one counts: {served.problems[0]}"
    for inbox in _inboxes(served, store, {}, running=True):
        if inbox["watch"] == "unreachable":
            return f"{inbox['name']} can't be reached: {inbox['why']}"
    for held in _held(store):
        if held["reason"] in ILL:
            return f"{count_text(held['count'], 'video')} of {held['inbox']} held: {held['why']}"
    return ""
