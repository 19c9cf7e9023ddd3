"""`hotpress check`: a doctor's report, each finding with its next step."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from hotpress.checkup import RED, checked
from hotpress.cli.account import client
from hotpress.human import one_line
from hotpress.places import Places


def verb(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    online: Annotated[bool, typer.Option("--online", help="Ask the cloud, too.")] = False,
) -> None:
    """Look at config, folders, disk, encoder and account; exit 1 when something must be done."""
    where: Places = context.obj

    def ask() -> str:
        with client(where) as (cloud, _settings):
            return f"it answers; {cloud.credits().available:,.0f} credits are left"

    found = checked(where, ask if online else None)
    if as_json:
        print(json.dumps({"findings": [asdict(each) for each in found]}, indent=2))
    for each in () if as_json else found:
        print(f"{each.colour:<6}  {each.about}: {one_line(each.what)}")
        if each.next:
            print(f"        -> {one_line(each.next)}")
    if any(each.colour == RED for each in found):
        raise typer.Exit(2 if found[0].about == "config" and found[0].colour == RED else 1)
