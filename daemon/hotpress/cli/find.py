"""JOB may be an id, the start of one, or the path of a source or a result."""

from __future__ import annotations

from pathlib import Path

from hotpress.config.read import read_file
from hotpress.errors import ConfigError, NoSuchJob
from hotpress.model import Job
from hotpress.places import Places
from hotpress.serving import Serving, found, serving
from hotpress.store import Store
from hotpress.store.lock import is_held

_LIST = "`hotpress jobs` lists them."


def opened(where: Places) -> Store:
    """The store, as long as there is one. Raises NoSuchJob."""
    if not where.store.exists():
        raise NoSuchJob("there are no jobs yet", "Drop a video into an inbox first.")
    return Store(where.store)


def counting(where: Places, store: Store | None) -> Serving:
    """The settings that count now: the running daemon's, whatever became of the file, else its.

    Raises ConfigError.
    """
    served = found(store) if store is not None and is_held(where.lock) else None
    return served or serving(read_file(where.config).settings)


def job(store: Store, name: str) -> Job:
    """The job that a person means. Raises NoSuchJob."""
    if not name:
        raise ConfigError(["name a job: its id, or the path of a source or a result"], _LIST)
    exact = store.get(name)
    if exact is not None:
        return exact
    path = Path(name).expanduser()
    by_path = next(
        (jobs for p in (path.absolute(), path.resolve(), name) if (jobs := store.by_path(str(p)))),
        [],
    )
    if by_path:
        return by_path[0]
    by_start = store.with_prefix(name)
    if len(by_start) == 1:
        return by_start[0]
    many = "several jobs start with" if by_start else "there is no job, source or result"
    raise NoSuchJob(f"{many} {name!r}", "`hotpress jobs` lists them.")
