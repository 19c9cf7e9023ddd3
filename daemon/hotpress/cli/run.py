"""`hotpress run`: the daemon, in the foreground."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Annotated

import typer

from hotpress import log
from hotpress.config.read import read_file
from hotpress.daemon import Daemon, real
from hotpress.errors import ConfigError
from hotpress.places import Places

_LOGGER = log.get("daemon")


def verb(
    context: typer.Context,
    new_outbox: Annotated[
        bool, typer.Option("--new-outbox", help="Outboxes without our marker are new ones.")
    ] = False,
) -> None:
    """Watch the inboxes until a signal comes. Ctrl-C or SIGTERM stops within 10 seconds."""
    where: Places = context.obj
    verbose = context.parent is not None and bool(context.parent.params.get("verbose"))
    reload = threading.Event()
    while True:
        config = read_file(where.config)
        log.setup("debug" if verbose else config.settings.log.level, config.settings.log.format)
        reload.clear()
        if not _run(Daemon(where, config, real(), new_outbox=new_outbox), reload):
            # A step that hangs in the system (a dead mount, a stalled line) can't keep us: its
            # job is noted as stopped and is looked at again at the next start.
            sys.stderr.flush()
            os._exit(0)
        if not reload.is_set():
            return


def _run(daemon: Daemon, reload: threading.Event) -> bool:
    """Until a signal; False when a step did not come to rest. SIGHUP takes a valid config anew."""

    def hang_up(*_: object) -> None:
        try:
            read_file(daemon.where.config)
        except ConfigError as error:
            _LOGGER.warning("config.refused", problems=error.problems)
            return
        reload.set()
        daemon.stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: daemon.stopping.set())
    signal.signal(signal.SIGHUP, hang_up)
    daemon.start()
    try:
        daemon.run()
    finally:
        rested = daemon.stop()
    return rested
