"""`hotpress show JOB`: one job as a story."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from hotpress.cli import complete, find
from hotpress.clock import SystemClock
from hotpress.places import Places
from hotpress.report import job_view, prospects


def verb(
    context: typer.Context,
    job: complete.OneJob,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Tell one job's story."""
    where: Places = context.obj
    store = find.opened(where)
    found = find.job(store, job)
    prospect = prospects(store, [found], SystemClock().now())[found.id]
    if as_json:
        print(json.dumps(job_view(found, prospect)))
        return
    from hotpress.cli import show_text, terminal  # noqa: PLC0415 - programs need no rich

    terminal.show(terminal.console(), show_text.told(found, prospect, store.journal(found.id)))
