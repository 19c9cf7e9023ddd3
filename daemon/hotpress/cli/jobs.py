"""`hotpress jobs`: the history."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from hotpress.human import one_line, saved_text, size_text
from hotpress.places import Places
from hotpress.report import job_view
from hotpress.store import Store


def verb(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    limit: Annotated[int, typer.Option(help="How many, the newest first.")] = 100,
) -> None:
    """List jobs, the newest first."""
    where: Places = context.obj
    if not where.store.exists():
        print(json.dumps({"jobs": []}) if as_json else "No jobs yet: drop a video into an inbox.")
        return
    store = Store(where.store)
    progress = store.progress()
    found = store.jobs(limit=limit)
    if as_json:
        print(json.dumps({"jobs": [job_view(job, progress.get(job.id)) for job in found]}))
        return
    for job in found:
        after = job.final.size_bytes if job.final and job.placed_at else None
        sizes = f"{size_text(job.size_before):>8} {size_text(after):>8}"
        saved = saved_text(job.size_before, after)
        name = one_line(f"{job.inbox}/{job.relative}")
        if job.asked:
            name += f" ({one_line(job.rule.instructions or job.asked, 40)})"
        why = f": {one_line(job.why, 120)}" if job.why else ""
        print(f"{job.id}  {job.state.value:9} {sizes} {saved:>6}  {name}{why}")
