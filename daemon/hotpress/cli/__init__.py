"""One file per verb: parse, call one function, print. Exit codes: 0 1 2 3 4 (README)."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from hotpress import __version__, log, places
from hotpress.cli import (
    account,
    ask,
    check,
    config,
    demo,
    explain,
    init,
    jobs,
    once,
    plan,
    retry,
    run,
    sandbox,
    service,
    show,
    status,
    why,
)
from hotpress.errors import ConfigError, HotpressError, StateBusy
from hotpress.files import as_file_error

app = typer.Typer(
    help="Drop a video into a folder; a smaller one appears in another.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
_PLAIN = (run, once, demo, sandbox, init, check, plan, why, status, jobs, show, ask, explain)
for verb in _PLAIN:
    app.command(name=verb.__name__.rpartition(".")[2])(verb.verb)
app.command(name="retry")(retry.retry)
for order in (retry.cancel, retry.pause, retry.resume, retry.approve):
    app.command(name=order.__name__)(order)
app.command(name="credits")(account.credits_left)
app.add_typer(account.token, name="token")
app.add_typer(config.app, name="config")
app.add_typer(service.app, name="service")


def _version(wanted: bool) -> None:
    if wanted:
        print(f"hotpress {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option(help="The config file.")] = None,
    state_dir: Annotated[Path | None, typer.Option(help="Where hotpress remembers.")] = None,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Log more.")] = False,
    _version_asked: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options of every verb."""
    context.obj = places.find(config, state_dir)
    log.setup("debug" if verbose else "warning")


def main() -> None:
    """The program. Errors come out as what happened and what to do, never as a trace."""
    try:
        app()
    except HotpressError as error:
        print(
            f"hotpress: {error.why}" if not isinstance(error, ConfigError) else error.why,
            file=sys.stderr,
        )
        print(error.hint, file=sys.stderr)
        code = 2 if isinstance(error, ConfigError) else 4 if isinstance(error, StateBusy) else 1
        raise SystemExit(_for_launchd(code)) from None
    except OSError as error:
        found = as_file_error(error, Path(error.filename or "."))
        print(f"hotpress: {found.why}\n{found.hint}", file=sys.stderr)
        raise SystemExit(1) from None


def _for_launchd(code: int) -> int:
    """It knows no code that is not tried again: what trying does not mend ends in peace."""
    return 0 if code in (2, 4) and os.environ.get("HOTPRESS_UNIT") == "launchd" else code
