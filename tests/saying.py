"""A verb in this very process: what it prints, and the log of the tests as it was before."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from typer.testing import CliRunner, Result

from hotpress.cli import app


@contextmanager
def log_as_it_was() -> Iterator[None]:
    """Whatever happens to the log inside, the tests after it have theirs."""
    root = logging.getLogger()
    before, level, known = root.handlers[:], root.level, structlog.get_config()
    try:
        yield
    finally:
        structlog.configure(**known)
        root.handlers[:], root.level = before, level


def silence() -> None:
    """Nothing is logged; use it inside of `log_as_it_was`."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def say(*words: str) -> Result:
    """As a person types it; an error stands in `exception`."""
    with log_as_it_was():  # a verb sets the log up, onto a stream that is closed then
        return CliRunner().invoke(app, list(words))
