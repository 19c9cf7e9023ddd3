"""One more edit of a video that was made in the cloud: may it be asked for, and the job of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from hotpress.cloud.intent import Ask, route
from hotpress.errors import NoSuchJob
from hotpress.model import ENDED, Job, Session
from hotpress.store import Store
from hotpress.verbs import asked_again

_IN_TERMINAL = "that is answered in the terminal: `hotpress ask {} ...`"


def edited(store: Store, job: Job) -> Job:
    """Of several results the one that has the project in the cloud."""
    if job.session is not None and not job.adopted:
        return job
    names = {job.rule.follows} if job.rule.follows else set(job.rule.beside)
    version = (job.root, job.relative, job.size_bytes, job.mtime_ns)
    for other in store.of_version(*version):
        if other.rule.output_name in names and other.upload is not None:
            return other
    return job


def session_of(job: Job, wanted: Ask) -> Session:
    """Its project in the cloud, when something may be asked there now. Raises NoSuchJob."""
    if job.session is None or job.upload is None:
        raise NoSuchJob(
            f"{job.relative} was not made in the cloud, so there is no project to ask in",
            "Drop the video again with `instructions` and route: cloud.",
        )
    if job.state not in ENDED and wanted in (Ask.EXPORT, Ask.MESSAGE):
        raise NoSuchJob(
            f"{job.relative} is still under way ({job.state.value})",
            "Ask when it is delivered: two edits at once would get into each other's way.",
        )
    return job.session


def added(store: Store, parent: Job, words: str, wanted: Ask, job_id: str, now: float) -> str:
    """A job of its own in the living session: its result appears beside the first one."""
    number = 1 + len(store.at_path(parent.root, parent.relative))
    kind = "export" if wanted is Ask.EXPORT else "message"
    new = asked_again(parent, kind, words, job_id=job_id, number=number, now=now)
    store.add(new, f"asked: {words}")
    stem = PurePosixPath(parent.relative).stem
    what = "The export" if wanted is Ask.EXPORT else "The edit (about 50 credits)"
    return f"{what} comes as a new version of {stem} beside the first: hotpress show {new.id}"


def obeyed(
    store: Store, job: Job | None, detail: Mapping[str, object], now: float
) -> tuple[str, bool]:
    """An order of that kind, left by who can't reach the cloud: its answer, and is it done?

    A session that is gone shows when the new job comes to it, before anything is paid.
    """
    words, job_id = str(detail["words"]), str(detail["id"])
    if job is None:
        return "there is no such job", False
    if store.get(job_id) is not None:  # obeyed already, when hotpress was stopped
        return f"it is on its way: hotpress show {job_id}", True
    wanted = route(words, has_file=False)
    if wanted not in (Ask.EXPORT, Ask.MESSAGE):
        return _IN_TERMINAL.format(job.id), False
    found = edited(store, job)
    try:
        session_of(found, wanted)
    except NoSuchJob as error:
        return f"{error.why}. {error.hint}", False
    return added(store, found, words, wanted, job_id, now), True
