"""`hotpress why PATH`: one sentence and a next step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from hotpress import why
from hotpress.config.read import read_file
from hotpress.places import Places
from hotpress.report import job_view


def verb(
    context: typer.Context,
    # No Path: typer would look at it, and a folder that hangs gives no answer.
    path: Annotated[str, typer.Argument(help="Any file or folder.")],
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Say why a file is where it is, and what helps; nothing is changed."""
    where: Places = context.obj
    scene = why.look(Path(path), read_file(where.config), where)
    found = why.answer(scene)
    if as_json:
        view = {"path": scene.path, "kind": found.kind, "sentence": found.sentence}
        inbox = scene.inbox.name if scene.inbox else None
        rest = {"next": found.next, "inbox": inbox, "running": scene.running}
        print(json.dumps({**view, **rest, "job": job_view(scene.job) if scene.job else None}))
        return
    print(f"{found.sentence}\n{found.next}")
