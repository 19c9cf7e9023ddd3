"""`hotpress show JOB`: one job as a story."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated

import typer

from hotpress.cli import find
from hotpress.human import change_text, one_line, seconds_text
from hotpress.model import Job
from hotpress.places import Places
from hotpress.report import job_view
from hotpress.store import JournalLine

_HIDDEN = ("begun",)


def verb(
    context: typer.Context,
    job: Annotated[str, typer.Argument(help="An id, or the path of a source or a result.")],
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Tell one job's story."""
    where: Places = context.obj
    store = find.opened(where)
    found = find.job(store, job)
    if as_json:
        print(json.dumps(job_view(found, store.progress().get(found.id))))
        return
    for line in told(found, store.journal(found.id)):
        print(line)


def told(job: Job, journal: list[JournalLine]) -> list[str]:
    """The story, a line each."""
    lines = [f"{one_line(job.relative)} ({job.id}) in {job.inbox}: {job.state.value}"]
    if job.final and job.placed_at:
        lines.append(f"  {change_text(job.size_before, job.final.size_bytes)}, {job.output}")
    if job.why:
        lines.append(f"  {job.why}. {job.hint}")
    if job.note:
        lines.append(f"  {job.note}")
    for entry in journal:
        if entry.what in _HIDDEN:
            continue
        at = datetime.fromtimestamp(entry.at).astimezone().strftime("%Y-%m-%d %H:%M:%S")
        said = one_line(entry.text) or {"stopped": "stopped with hotpress"}.get(entry.what, "done")
        mark = {"back": "back: ", "wait": "waits: ", "hold": "held: "}.get(entry.what, "")
        lines.append(f"  {at}  {entry.step or 'new':9} {mark}{said}")
    if job.finished_at:
        lines.append(f"  in all {seconds_text(job.finished_at - job.created_at)}")
    return lines
