"""`hotpress retry` and `hotpress cancel`: commands that a worker obeys."""

from __future__ import annotations

import os
import socket
import threading
import time
from typing import Annotated

import typer

from hotpress.cli import find
from hotpress.clock import SystemClock
from hotpress.desk import Desk
from hotpress.errors import HotpressError, StateBusy
from hotpress.model import Job, State
from hotpress.places import Places, boot_id
from hotpress.steps import Tools
from hotpress.store import StateLock, Store
from hotpress.worker import Worker

_ANSWER_SECONDS = 15.0
_LOOK_SECONDS = 0.05
Name = Annotated[str, typer.Argument(help="An id, or the path of a source or a result.")]


def retry(
    context: typer.Context,
    job: Annotated[str, typer.Argument(help="An id, or a path.")] = "",
    again: Annotated[
        bool,
        typer.Option("--again", help="Ask the agent again: may cost a second time (50 credits)."),
    ] = False,
    every: Annotated[bool, typer.Option("--all", help="All that failed or are held.")] = False,
) -> None:
    """Take a failed or held job up again; it goes on with all that is known."""
    where: Places = context.obj
    store = find.opened(where)
    if every:
        for one in store.jobs(limit=1_000_000):
            if one.state in (State.FAILED, State.HELD):
                print(f"{one.relative}: {ask(where, store, 'retry', one.id, again)[0]}")
        return
    _told(*ask(where, store, "retry", find.job(store, job).id, again))


def cancel(context: typer.Context, job: Name) -> None:
    """End a job; its source stays where it is."""
    where: Places = context.obj
    store = find.opened(where)
    _told(*ask(where, store, "cancel", find.job(store, job).id, again=False))


def _told(text: str, done: bool) -> None:
    print(text)
    if not done:
        raise typer.Exit(1)


def ask(where: Places, store: Store, verb: str, job_id: str, again: bool) -> tuple[str, bool]:
    """Leave the command; the daemon obeys, and without one this process does."""
    clock = SystemClock()
    number = store.ask(verb, job_id, {"again": again}, clock.now())
    end = clock.steady() + _ANSWER_SECONDS
    while clock.steady() < end:
        answer = store.answer_to(number)
        if answer is not None:
            return answer
        try:
            lock = StateLock(where.lock)
        except StateBusy:
            time.sleep(_LOOK_SECONDS)
            continue
        try:
            worker = Worker(
                store,
                _no_desk,
                _no_tools,
                clock,
                f"{socket.gethostname()}:{os.getpid()}",
                boot_id(),
                threading.Event(),
            )
            worker.recover()
            worker.obey(frozenset())
        finally:
            lock.release()
    return "noted; the daemon does it as soon as the step that runs now has ended", True


def _no_desk(_job: Job) -> Desk:
    raise HotpressError("no step runs here", "Start `hotpress run`.")


def _no_tools(_desk: Desk) -> Tools:
    raise HotpressError("no step runs here", "Start `hotpress run`.")
