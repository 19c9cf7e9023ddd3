"""`hotpress config show` and `config schema`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from hotpress.config import schema as schemas
from hotpress.config import shown
from hotpress.config.read import read_file
from hotpress.places import Places

app = typer.Typer(help="The config as it holds, and its schema for editors.", no_args_is_help=True)


@app.command()
def show(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Every key with its value and where it was written; secrets are masked."""
    where: Places = context.obj
    config = read_file(where.config)
    print(json.dumps(shown.view(config), indent=2) if as_json else shown.text(config), end="")
    if as_json:
        print()


@app.command()
def schema() -> None:
    """Print the JSON Schema that editors check a config by."""
    print(json.dumps(schemas.schema(), indent=2))
