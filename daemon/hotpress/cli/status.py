"""`hotpress status`: what runs, what waits and why, what arrives; `--watch` goes on telling it."""

from __future__ import annotations

import gc
import json
import signal
import threading
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotpress.cli.find import counting
from hotpress.clock import SystemClock
from hotpress.errors import ConfigError
from hotpress.model import State
from hotpress.overview import ALL, Most, overview, trouble
from hotpress.places import Places
from hotpress.store import Store
from hotpress.store.lock import is_held

if TYPE_CHECKING:
    from rich.console import Console

    from hotpress.cli.terminal import Line

_LOOK_SECONDS = 1.0
_SHOWN = {State.RUNNING: 30, State.WAITING: 20, State.QUEUED: 3}


def verb(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Live, until Ctrl-C.")] = False,
    health: Annotated[
        bool, typer.Option("--health", help="Only whether it works: exit 0, or 1 with the reason.")
    ] = False,
) -> None:
    """Say what runs, what waits and why, and what is arriving."""
    where: Places = context.obj
    if health:
        _health(where)
        return
    if watch:
        _watched(where, as_json=as_json)
        return
    if as_json:
        print(json.dumps(gathered(where)))
        return
    from hotpress.cli import terminal  # noqa: PLC0415 - programs need no rich

    out = terminal.console()
    terminal.show(out, lines(gathered(where, _SHOWN), out))


def _health(where: Places) -> None:
    """For whoever looks once a minute and only wants to know whether to call somebody."""
    wrong = "hotpress does not run: hotpress run"
    if is_held(where.lock) and where.store.exists():
        store = Store(where.store)
        wrong = trouble(counting(where, store), store)
    print(wrong or "hotpress runs, and every inbox can be reached")
    raise typer.Exit(1 if wrong else 0)


def gathered(where: Places, most: Most = ALL, store: Store | None = None) -> dict[str, Any]:
    """The whole status, as `--json` gives it (DESIGN: `status --json`)."""
    store = store or (Store(where.store) if where.store.exists() else None)
    return overview(where, counting(where, store), store, SystemClock().now(), most)


def lines(view: dict[str, Any], out: Console, names: int = 5) -> list[Line]:
    """As this terminal can show it."""
    from hotpress.cli import status_text, terminal  # noqa: PLC0415 - programs need no rich

    wide = terminal.is_wide(out)
    now = SystemClock().now()
    return status_text.told(view, now, wide=wide, bars=out.is_terminal, names=names)


def _watched(where: Places, *, as_json: bool) -> None:
    """On a screen of its own, which goes at the end; the last status stays on the normal one."""
    from rich.live import Live  # noqa: PLC0415 - only here

    from hotpress.cli import terminal  # noqa: PLC0415 - programs need no rich

    gc.enable()
    out = terminal.console()
    if as_json or not out.is_terminal:
        raise ConfigError(
            ["--watch shows a live picture, which needs a terminal"],
            "For a program or a file: `hotpress status --json`, as often as you like.",
        )
    look, stop = threading.Event(), threading.Event()

    def ends(*_: object) -> None:
        stop.set()
        look.set()

    signal.signal(signal.SIGWINCH, lambda *_: look.set())
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ends)
    store = None
    view = gathered(where, _SHOWN)
    with Live(console=out, screen=True, auto_refresh=False) as live:
        while not stop.is_set():
            few = 5 if out.height > 40 else 2
            live.update(terminal.fitting(out, lines(view, out, few)), refresh=True)
            look.wait(_LOOK_SECONDS)
            look.clear()
            if store is None and where.store.exists():
                store = Store(where.store)  # opened once: a look costs a few reads
            view = gathered(where, _SHOWN, store)
    terminal.show(out, lines(view, out))
