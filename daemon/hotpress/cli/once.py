"""`hotpress once`: all that lies in the inboxes now, then the end."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from hotpress import log, places, ruling
from hotpress.circumstances import real
from hotpress.config.read import Config, read_file
from hotpress.config.rules import named_inboxes
from hotpress.config.selection import Selection
from hotpress.daemon import Daemon, Extent
from hotpress.hotfolder import HotFolder
from hotpress.human import change_text, count_text, one_line, size_text
from hotpress.model import ENDED, Job, Rule, State
from hotpress.names import WEB_LINK
from hotpress.places import Places
from hotpress.store import ReadStore, Store
from hotpress.watch.walk import walk

_LONG_WAIT_SECONDS = 1_200.0  # timers over 20 minutes count as held
_LOOK_SECONDS = 0.2
_HOPELESS = ("online only", "empty so far")  # nothing that waiting would change


def verb(
    context: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done; nothing happens.")
    ] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many new videos.")] = None,
) -> None:
    """Do all that lies in the inboxes now: exit 0 all done, 1 some failed, 3 some are held."""
    where: Places = context.obj
    config = read_file(where.config)
    log.setup("warning", config.settings.log.format)
    if dry_run:
        for line in rehearsed(where, config, limit):
            print(line)
        return
    daemon = Daemon(where, config, real(), extent=Extent(limit=limit, ask=False))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: daemon.stopping.set())
    known = daemon.store.ids(live=False)
    daemon.start()
    end = time.monotonic() + _LONG_WAIT_SECONDS
    while not daemon.stopping.is_set() and not finished(daemon, late=time.monotonic() > end):
        time.sleep(_LOOK_SECONDS)
    fresh = (daemon.store.ids(live=True) | daemon.store.ids(live=False)) - known
    jobs = [job for job in map(daemon.store.get, fresh) if job is not None]
    waiting = [line for folder in daemon.ingest.folders for line in left_over(folder)]
    rested = daemon.stop()
    code = told(jobs, waiting)
    if not rested:
        sys.stdout.flush()
        os._exit(code)
    raise typer.Exit(code)


def finished(daemon: Daemon, *, late: bool) -> bool:
    """Every folder looked at, nothing arriving, and nothing that goes on within 20 minutes."""
    for folder in daemon.ingest.folders:
        if not (folder.rescans or folder.root_missing):
            return False
        if not late and any(not why.startswith(_HOPELESS) for why in list(folder.reasons.values())):
            return False
    return not daemon.store.goes_on_before(time.time() + _LONG_WAIT_SECONDS)


def left_over(folder: HotFolder) -> list[str]:
    """What could not be taken up, each with its reason."""
    missing = [f"held       {folder.root_missing}"] if folder.root_missing else []
    return missing + [f"arriving   {path}  {why}" for path, why in sorted(folder.reasons.items())]


def told(jobs: list[Job], waiting: list[str]) -> int:
    """One line a job, a sum, and the exit code. Several results of a video are one video."""
    for job in sorted(jobs, key=lambda j: j.created_at):
        result = f" ({job.rule.output_name})" if job.rule.beside else ""
        line = f"{job.state.value:9}  {one_line(job.relative)}{result}"
        if job.state is State.DELIVERED and job.final:
            line += f"  {change_text(job.size_before, job.final.size_bytes)}"
        elif job.why:
            line += f"  {job.why}. {job.hint}"
        print(line)
    for line in waiting:
        print(line)
    videos = {(job.root, job.relative, job.mtime_ns) for job in jobs}
    print(f"{count_text(len(videos), 'video')} in all")
    if any(job.state is State.FAILED for job in jobs):
        return 1
    return 3 if waiting or any(job.state not in ENDED for job in jobs) else 0


def rehearsed(where: Places, config: Config, limit: int | None) -> list[str]:
    """What would be taken up, by which rule: nothing is written, no token is asked for."""
    store = ReadStore(where.store, where.lock) if where.store.exists() else None
    lines: list[str] = []
    settings = config.settings
    for name, inbox in named_inboxes(settings).items():
        root = places.behind_links(inbox.path)
        if not root.is_dir():
            lines.append(f"held       {inbox.path} is not there")
            continue
        selection = Selection(settings, inbox)
        for found in sorted(walk(root), key=lambda f: f.relative):
            path = root / found.relative
            if not selection.may_take(found.kind, found.relative):
                continue
            if store and _known(store, root, inbox.outbox, path):
                continue
            ruled = ruling.read(root, found.relative, settings, inbox)
            if ruled.problem:
                lines.append(f"held       {name}/{one_line(found.relative)}  {ruled.problem}")
            if ruled.problem or ruled.left_out:
                continue
            size = path.stat().st_size
            each = "; ".join(
                f"{_target(rule, size)}, route: {rule.route.value}" for rule in ruled.rules
            )
            words = f"{'a link' if found.kind == WEB_LINK else size_text(size)} -> {each}"
            lines.append(f"would do   {name}/{one_line(found.relative)}  {words}")
    chosen = lines if limit is None else lines[:limit]
    return [*chosen, f"{count_text(len(chosen), 'video')} in all; nothing was done"]


def _known(store: Store, root: Path, outbox: Path, path: Path) -> bool:
    """Has it a job, or is it on record as delivered?"""
    status, relative = path.stat(), path.relative_to(root).as_posix()
    version = (status.st_size, status.st_mtime_ns)
    if any(not job.live for job in store.of_version(str(root), relative, *version)):
        return True
    return store.delivered_as(str(outbox), "", relative, *version) is not None


def _target(rule: Rule, size_bytes: int) -> str:
    if rule.target_share is not None:
        return f"at most {size_text(size_bytes * rule.target_share)}"
    return "any size" if rule.target_bytes is None else f"at most {size_text(rule.target_bytes)}"
