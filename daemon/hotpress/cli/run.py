"""`hotpress run`: the daemon, in the foreground."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
from dataclasses import replace
from typing import Annotated

import typer

from hotpress import dump, log, thrift
from hotpress.circumstances import real
from hotpress.config.cautions import cautions
from hotpress.config.read import read_file
from hotpress.config.settings import Settings
from hotpress.daemon import Daemon
from hotpress.overseer import from_environment, take_credentials
from hotpress.places import Places


def verb(
    context: typer.Context,
    new_outbox: Annotated[
        bool, typer.Option("--new-outbox", help="Outboxes without our marker are new ones.")
    ] = False,
) -> None:
    """Watch the inboxes until a signal comes. Ctrl-C or SIGTERM stops within 10 seconds.

    A changed config is taken by itself; SIGHUP takes it at once. SIGUSR1 puts what every thread
    does into the log.
    """
    thrift.begin()
    overseer = from_environment(os.environ, os.getpid())
    faulthandler.enable()  # ended by systemd's watchdog (SIGABRT), it says where each thread stood
    where: Places = context.obj
    verbose = context.parent is not None and bool(context.parent.params.get("verbose"))

    def heard(settings: Settings) -> None:
        log.setup("debug" if verbose else settings.log.level, settings.log.format)

    take_credentials(os.environ)
    config = read_file(where.config)
    heard(config.settings)
    for caution in cautions(config):
        print(f"hotpress: {caution}", file=sys.stderr)
    around = replace(real(), overseer=overseer)
    daemon = Daemon(where, config, around, new_outbox=new_outbox, heard=heard)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: daemon.stopping.set())
    signal.signal(signal.SIGHUP, lambda *_: daemon.live.ask())
    signal.signal(signal.SIGUSR1, lambda *_: dump.in_background(daemon.engine.running))
    daemon.start()
    try:
        daemon.run()
    finally:
        rested = daemon.stop()
    if not rested:
        # A step that hangs in the system (a dead mount, a stalled line) can't keep us: its
        # job is noted as stopped and is looked at again at the next start.
        sys.stderr.flush()
        os._exit(0)
