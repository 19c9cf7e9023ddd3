"""What a shell offers at the tab key: inboxes, jobs, reasons. It only reads, and never fails."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Annotated

import typer

from hotpress import places
from hotpress.errors import HotpressError
from hotpress.human import one_line
from hotpress.places import Places
from hotpress.store import ReadStore
from hotpress.words import ALL

_SPECIAL = re.compile(r"([^\w@%+=:,./-])")  # to a shell
_MOST_JOBS = 50  # the newest: nobody reads a longer list
Offer = tuple[str, str]  # what is put in, and what is said of it where a shell shows that


def inboxes(context: typer.Context, incomplete: str) -> list[Offer]:
    """The inboxes of the config."""
    return _offered([(name, "an inbox") for name in _inboxes(_places(context))], incomplete)


def jobs(context: typer.Context, incomplete: str) -> list[Offer]:
    """The newest jobs. Nothing for a path: shells know files themselves."""
    return _offered(_jobs(_places(context)), incomplete)


def jobs_and_inboxes(context: typer.Context, incomplete: str) -> list[Offer]:
    """For verbs that take either."""
    where = _places(context)
    named = [(name, "an inbox") for name in _inboxes(where)]
    return _offered([*named, *_jobs(where)], incomplete)


def reasons(incomplete: str) -> list[Offer]:
    """Why a job waits, is held, or ended without a result."""
    return _offered([(name, each.cause) for name, each in ALL.items()], incomplete)


def _places(context: typer.Context) -> Places:
    """As the verb itself would find them: nothing has been run yet, and nobody has set them."""
    given = context.find_root().params
    return places.find(given.get("config"), given.get("state_dir"))


def _inboxes(where: Places) -> list[str]:
    # Only here: verbs that name an inbox or a job must answer at once, and read no config.
    from hotpress.config.read import read_file  # noqa: PLC0415
    from hotpress.config.rules import inbox_names  # noqa: PLC0415

    try:
        return inbox_names(read_file(where.config).settings)
    except (HotpressError, OSError):
        return []  # a trace in the middle of a line that somebody types helps nobody


def _jobs(where: Places) -> list[Offer]:
    try:
        if not where.store.exists():
            return []
        store = ReadStore(where.store, where.lock)
        try:
            found = store.jobs(limit=_MOST_JOBS)
        finally:
            store.close()
    except (HotpressError, OSError):
        return []
    return [(job.id, one_line(f"{job.relative}, {job.state.value}")) for job in found]


def _offered(offers: Iterable[Offer], incomplete: str) -> list[Offer]:
    """Those that begin so. Bash puts them in as they stand: there a space needs its backslash."""
    bash = os.environ.get("_HOTPRESS_COMPLETE") == "complete_bash"
    return [
        (_SPECIAL.sub(r"\\\1", name) if bash else name, said)
        for name, said in offers
        if name.startswith(incomplete)
    ]


# Below what it calls: one job, as every verb takes it.
OneJob = Annotated[
    str,
    typer.Argument(help="An id, or the path of a source or a result.", autocompletion=jobs),
]
