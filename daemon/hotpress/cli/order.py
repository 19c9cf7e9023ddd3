"""Leaving an order for the worker; with no daemon this process takes the lock and obeys it."""

from __future__ import annotations

import os
import socket
import threading
import time

from hotpress.clock import SystemClock
from hotpress.desk import Desk
from hotpress.errors import HotpressError, StateBusy
from hotpress.model import Job
from hotpress.places import Places, boot_id
from hotpress.steps import Tools
from hotpress.store import StateLock, Store
from hotpress.worker import Worker

_ANSWER_SECONDS = 15.0
_LOOK_SECONDS = 0.05


def ask(
    where: Places, store: Store, verb: str, job_id: str, detail: dict[str, object]
) -> tuple[str, bool]:
    """Leave the command; the daemon obeys, and without one this process does."""
    clock = SystemClock()
    number = store.ask(verb, job_id, detail, clock.now())
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
