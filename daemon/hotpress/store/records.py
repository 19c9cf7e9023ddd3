"""What the store hands out, and how a job becomes a row."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from hotpress.model import IN_CLOUD, Job, Rule

_JOB = TypeAdapter(Job)
# Rule values that alter the bytes of a result: with the source's hash they are the work key.
_BYTES_KEYS = ("target_bytes", "target_share", "max_bits_per_second", "resolution", "instructions")


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


def to_document(job: Job) -> str:
    """The whole job as JSON."""
    return _JOB.dump_json(job).decode()


def to_job(document: str) -> Job:
    """A job from its JSON; unknown keys of a newer version are ignored."""
    return _JOB.validate_json(document)


def columns(job: Job) -> dict[str, Any]:
    """The row of a job."""
    return {
        "id": job.id,
        "inbox": job.inbox,
        "root": job.root,
        "relative": job.relative,
        "size_bytes": job.size_bytes,
        "mtime_ns": job.mtime_ns,
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
        "messages": job.messages_sent,
        "spent": job.credits_spent,
        "spent_at": job.message.settled_at if job.message and job.messages_sent else None,
        "sha256": job.source_sha256,
        "work_key": work_key(job.source_sha256, job.rule) if job.source_sha256 else "",
        "created_at": job.created_at,
        "updated_at": job.updated_at,
        "finished_at": job.finished_at,
        "document": to_document(job),
    }


def work_key(sha256: str, rule: Rule) -> str:
    """The source's hash with the rule values that alter bytes."""
    return f"{sha256}:{json.dumps([getattr(rule, key) for key in _BYTES_KEYS])}"
