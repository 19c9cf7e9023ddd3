"""`hotpress sandbox`: the stand-in cloud alone, for rehearsals and for integrators."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def verb(
    port: Annotated[int, typer.Option(help="The API's port; 0: a free one.")] = 0,
    cdn_port: Annotated[int, typer.Option(help="The downloads' port; 0: a free one.")] = 0,
    scenario: Annotated[Path | None, typer.Option(help="Faults (docs/sandbox.md).")] = None,
    log: Annotated[Path | None, typer.Option(help="Log of requests, JSON Lines.")] = None,
    ledger: Annotated[Path | None, typer.Option(help="Facts of the cloud, JSON Lines.")] = None,
    speed: Annotated[float, typer.Option(help="Divides all its waits.")] = 1.0,
    kind: Annotated[bool, typer.Option("--kind", help="A friendly cloud.")] = False,
    state: Annotated[Path | None, typer.Option(help="Its folder; else a temporary one.")] = None,
    seed: Annotated[int, typer.Option(help="Of its chances.")] = 1,
) -> None:
    """Run the stand-in cloud; prints both addresses as one JSON line."""
    from hotpress.standin.__main__ import main  # noqa: PLC0415 - only this verb needs it

    arguments = ["--port", str(port), "--cdn-port", str(cdn_port)]
    arguments += ["--speed", str(speed), "--seed", str(seed)]
    for name, path in (
        ("--scenario", scenario),
        ("--log", log),
        ("--ledger", ledger),
        ("--state", state),
    ):
        arguments += [name, str(path)] if path else []
    sys.exit(main([*arguments, *(["--kind"] if kind else [])]))
