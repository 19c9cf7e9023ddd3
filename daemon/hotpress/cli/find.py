"""JOB may be an id, the start of one, or the path of a source or a result."""

from __future__ import annotations

from pathlib import Path

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
    if served is not None:
        return served
    from hotpress.config.read import read_file  # noqa: PLC0415 - slow: not while a daemon runs

    return serving(read_file(where.config).settings)


def jobs(store: Store, name: str) -> list[Job]:
    """The jobs that a person means: by the path of a source, those of all its results."""
    one = job(store, name)
    by_id = one.id.startswith(name)
    if by_id or str(one.output) in _paths(name):
        return [one]
    wanted = {one.rule.output_name, *one.rule.beside}
    drop = store.of_version(one.root, one.relative, one.size_bytes, one.mtime_ns)
    found = [each for each in drop if each.rule.output_name in wanted]
    return sorted(found, key=lambda each: bool(each.rule.follows))  # who is waited for goes first


def _paths(name: str) -> list[str]:
    path = Path(name).expanduser()
    return [str(path.absolute()), str(path.resolve()), name]


def job(store: Store, name: str) -> Job:
    """The job that a person means. Raises NoSuchJob."""
    if not name:
        raise ConfigError(["name a job: its id, or the path of a source or a result"], _LIST)
    exact = store.get(name)
    if exact is not None:
        return exact
    by_path = next((found for path in _paths(name) if (found := store.by_path(path))), [])
    if by_path:
        return by_path[0]
    by_start = store.with_prefix(name)
    if len(by_start) == 1:
        return by_start[0]
    many = "several jobs start with" if by_start else "there is no job, source or result"
    raise NoSuchJob(f"{many} {name!r}", "`hotpress jobs` lists them.")
