"""One file per verb: parse, call one function, print. Exit codes: 0 1 2 3 4 (README).

A verb's file is loaded when it is typed: `status` must not wait for what `run` needs.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup

from hotpress import __version__, log, places
from hotpress.cli.quick import quick
from hotpress.errors import ConfigError, HotpressError, StateBusy

# Verb -> its file here and its name there, in the order of the help.
VERBS: dict[str, tuple[str, str]] = {
    **{name: (name, "verb") for name in ("run", "once", "demo", "sandbox", "init", "check")},
    **{name: (name, "verb") for name in ("plan", "why", "status", "jobs", "show")},
    **{name: (name, "verb") for name in ("ask", "explain")},
    **{name: ("retry", name) for name in ("retry", "cancel", "pause", "resume", "approve")},
    "credits": ("account", "credits_left"),
    "token": ("account", "token"),
    "config": ("config", "app"),
    "page": ("page", "app"),
    "service": ("service", "app"),
}
_NOT_ON_WINDOWS = (
    "hotpress does not run on Windows itself: use WSL2 or Docker, and only one computer of a team."
)
# These end before there is any garbage: looking for it would take a third of their time.
_SHORT = ("status", "jobs", "show", "explain")


def _options_of_all() -> None:
    """Nothing of its own: the options stand before the verb."""


class Verb(TyperCommand):
    """One of them."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - typer's own
        """The words behind the verb."""
        quick(self.get_params(ctx))
        return super().parse_args(ctx, args)


@contextmanager
def _without(*libraries: str) -> Iterator[None]:
    """What is loaded meanwhile does without these, as if they were not installed.

    structlog and httpx load rich for tables and traces that the daemon never prints: a seventh of
    its start, and 6 MB for as long as it runs.
    """
    hidden = [name for name in libraries if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def _made(name: str) -> Any:  # noqa: ANN401 - typer's command, whatever class it has this year
    if name not in _SHORT:
        gc.enable()
    module, what = VERBS[name]
    with _without("rich", "pygments") if module == "run" else nullcontext():
        found = getattr(import_module(f"hotpress.cli.{module}"), what)
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    alone.callback()(_options_of_all)
    if isinstance(found, typer.Typer):
        alone.add_typer(found, name=name)
    else:
        alone.command(name=name, cls=Verb)(found)
    group: Any = typer.main.get_command(alone)
    return group.commands[name]


class Verbs(TyperGroup):
    """Knows all verbs by name, and loads the one that is asked for."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - typer's own
        super().__init__(**options)
        names: Any = dict.fromkeys(VERBS)
        self.commands = names  # for "did you mean"

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - typer's own
        """The options before the verb."""
        quick(self.get_params(ctx))
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 - typer's own
        """In the order of the help."""
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401, ARG002 - typer's own
        """The verb, loaded now; None when there is none of this name."""
        return _made(cmd_name) if cmd_name in VERBS else None


app = typer.Typer(
    cls=Verbs,
    help="Drop a video into a folder; a smaller one appears in another.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


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
    log.setup_when_used("debug" if verbose else "warning")


def main() -> None:
    """The program. Errors come out as what happened and what to do, never as a trace."""
    if sys.platform == "win32":
        print(_NOT_ON_WINDOWS, file=sys.stderr)
        raise SystemExit(2)
    gc.disable()  # until a verb is known that lives long
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
        from hotpress.files import as_file_error  # noqa: PLC0415 - only where something went wrong

        found = as_file_error(error, Path(error.filename or "."))
        print(f"hotpress: {found.why}\n{found.hint}", file=sys.stderr)
        raise SystemExit(1) from None


def _for_launchd(code: int) -> int:
    """It knows no code that is not tried again: what trying does not mend ends in peace."""
    return 0 if code in (2, 4) and os.environ.get("HOTPRESS_UNIT") == "launchd" else code
