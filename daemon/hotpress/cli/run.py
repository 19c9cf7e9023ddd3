"""`hotpress run`: the daemon, in the foreground."""

from __future__ import annotations

import os
import signal
import sys
from typing import Annotated

import typer

from hotpress import log
from hotpress.config.read import read_file
from hotpress.daemon import Daemon, real
from hotpress.places import Places


def verb(
    context: typer.Context,
    new_outbox: Annotated[
        bool, typer.Option("--new-outbox", help="Outboxes without our marker are new ones.")
    ] = False,
) -> None:
    """Watch the inboxes until a signal comes. Ctrl-C or SIGTERM stops within 10 seconds."""
    where: Places = context.obj
    config = read_file(where.config)
    verbose = context.parent is not None and bool(context.parent.params.get("verbose"))
    log.setup("debug" if verbose else config.settings.log.level, config.settings.log.format)
    daemon = Daemon(where, config, real(), new_outbox=new_outbox)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: daemon.stopping.set())
    daemon.start()
    daemon.run()
    rested = daemon.stop()
    if not rested:
        # A step that hangs in the system (a dead mount, a stalled line) can't keep us: its job
        # is noted as stopped and is looked at again at the next start.
        sys.stderr.flush()
        os._exit(0)
