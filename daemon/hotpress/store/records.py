"""What the store hands out, and how a job becomes a row."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict, dataclass
from typing import Any

from hotpress.model import IN_CLOUD, LINK_ENDINGS, Delivery, Job, State
from hotpress.store import codec


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One line of a job's story."""

    at: float
    step: str
    what: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step is; `fraction` 0 to 1."""

    step: str
    fraction: float | None
    note: str
    at: float


@dataclass(frozen=True, slots=True)
class Command:
    """What a person (or a chore) asks of the worker."""

    id: int
    verb: str
    job: str
    detail: dict[str, Any]


# In SQL: the source is no file that only names a web address. Of its video nobody knows the size.
NO_LINK = " AND ".join(f"relative NOT LIKE '%{each}'" for each in LINK_ENDINGS)


def to_document(job: Job) -> str:
    """The whole job as JSON."""
    return codec.written(job)


def to_job(document: str) -> Job:
    """A job from its JSON; unknown keys of a newer version are ignored."""
    return codec.read(Job, document)


def columns(job: Job) -> dict[str, Any]:
    """The row of a job."""
    return {
        "id": job.id,
        "inbox": job.inbox,
        "root": job.root,
        "relative": job.relative,
        "size_bytes": job.size_bytes,
        "mtime_ns": whole(job.mtime_ns),
        "file": file_text(job.device, job.inode),
        "output_name": job.rule.output_name,
        "state": job.state.value,
        "step": job.step.value,
        "reason": job.reason.value if job.reason else "",
        "live": int(job.live),
        "wake_at": job.wake_at,
        "owner": job.owner,
        "epoch": job.epoch,
        "until_at": None,
        "in_cloud": int(job.live and job.step in IN_CLOUD and job.session is not None),
        "messages": job.messages_sent + int(job.sending),
        "spent": job.credits_spent,
        "spent_at": _spent_at(job),
        "sha256": job.source_sha256,
        "waits_on": job.waits_on,
        "asked": int(bool(job.asked)),
        "created_at": job.created_at,
        "updated_at": job.updated_at,
        "finished_at": job.finished_at,
        "after_bytes": after_bytes(job),
        "document": to_document(job),
    }


def after_bytes(job: Job) -> int | None:
    """How large the result is, once it is delivered."""
    return job.final.size_bytes if job.final and job.state is State.DELIVERED else None


def file_text(device: int, inode: int) -> str:
    """Which file: some network folders use all 64 bits, and SQLite's numbers have a sign."""
    return f"{device}:{inode}"


def whole(number: int) -> int:
    """As SQLite can hold it: a file may be dated after 2262, which takes more than its 63 bits."""
    return (number + (1 << 63)) % (1 << 64) - (1 << 63)


def _spent_at(job: Job) -> float | None:
    """When the agent heard of it, as far as anybody knows."""
    if job.sending:
        return job.begun_at
    return job.message.settled_at if job.message and job.messages_sent else None


_DELIVERY_COLUMNS = (
    *("job", "at", "inbox", "path", "size", "mtime_ns", "sha256", "work_key", "output_name"),
    *("output", "output_size", "output_sha256", "made_by", "host"),
)
DELIVERY_NAMES = ", ".join(_DELIVERY_COLUMNS)


def to_delivery(row: sqlite3.Row) -> Delivery:
    """A delivery from its row."""
    return Delivery(**dict(row))


def put_on_record(db: sqlite3.Connection, found: Delivery) -> None:
    """One delivery; one that is known already is left as it is."""
    marks = ", ".join("?" * (len(_DELIVERY_COLUMNS) + 1))
    values = {**asdict(found), "mtime_ns": whole(found.mtime_ns)}
    db.execute(
        f"INSERT OR IGNORE INTO deliveries (outbox, {DELIVERY_NAMES}) VALUES ({marks})",  # noqa: S608 - our names
        (found.outbox, *(values[name] for name in _DELIVERY_COLUMNS)),
    )
    db.execute("DELETE FROM asked WHERE job = ?", (found.job,))
