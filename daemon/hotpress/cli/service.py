"""`hotpress service install|uninstall|status|print`: hotpress as something the system starts."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from hotpress import installing, places
from hotpress.config.read import read_file

app = typer.Typer(help="Have hotpress started by systemd or launchd.", no_args_is_help=True)
_System = Annotated[bool, typer.Option("--system", help="For the whole machine, as one user.")]
_User = Annotated[str, typer.Option("--user", help="Whose folders it works on; with --system.")]


@app.command()
def install(
    context: typer.Context,
    system: _System = False,
    user: _User = "",
    now: Annotated[bool, typer.Option("--now", help="Start it now, too.")] = False,
) -> None:
    """Write the unit for this very installation, and have it started at each login or boot."""
    here = installing.System()
    of = _installation(context, here, system=system, user=user)
    _told(installing.install(of, here, system=system, now=now))


@app.command()
def uninstall(context: typer.Context, system: _System = False, user: _User = "") -> None:
    """Stop it and take the unit away; config, jobs and videos stay."""
    here = installing.System()
    of = _installation(context, here, system=system, user=user, whole=False)
    _told(installing.removed(of, here, system=system))


@app.command()
def status(context: typer.Context, system: _System = False, user: _User = "") -> None:
    """Is it installed, does it run, and is the unit as the config asks today?"""
    here = installing.System()
    of = _installation(context, here, system=system, user=user)
    _told(installing.state_of(of, here, system=system))


@app.command(name="print")
def print_(
    context: typer.Context,
    system: _System = False,
    user: _User = "",
    platform: Annotated[
        str, typer.Option("--for", help="linux or darwin; by default this one.")
    ] = sys.platform,
) -> None:
    """Print the unit, or on a Mac the agent; nothing is written."""
    here = installing.System(platform=platform)
    of = _installation(context, here, system=system, user=user)
    print(installing.printed(of, here, system=system), end="")


def _installation(
    context: typer.Context,
    here: installing.System,
    *,
    system: bool,
    user: str,
    whole: bool = True,
) -> installing.Installation:
    """`whole` False: a config that is broken or gone by now is no reason to keep the unit."""
    name = user or (os.environ.get("SUDO_USER", "") if system else "")
    who = installing.person(name)
    os.environ["HOME"] = str(who[2])  # `~` in the config is that user's
    root = context.find_root()
    where = places.find(root.params.get("config"), root.params.get("state_dir"))
    python = Path(sys.executable)
    if not whole:
        return installing.bare(python, who, where)
    settings = read_file(where.config).settings
    lasting = installing.lasting_python(sys.executable)
    return installing.installation(lasting, who, where, settings, here.systemd_version)


def _told(placed: installing.Placed) -> None:
    for line in (*placed.done, *placed.left):
        print(line)
