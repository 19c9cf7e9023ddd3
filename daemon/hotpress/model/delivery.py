"""What the receipts in an outbox say: what was delivered, and what was asked of the agent."""

from __future__ import annotations

from dataclasses import dataclass

from hotpress.model.job import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One source and its result, on record beside the result. Sizes in bytes."""

    job: str
    at: float
    outbox: str  # the folder that the receipt lies in, as this machine sees it
    inbox: str
    path: str  # the source's, below its inbox
    size: int
    mtime_ns: int
    sha256: str
    work_key: str
    output_name: str
    output: str
    output_size: int
    output_sha256: str
    made_by: str  # as in media.Final
    host: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """The agent was asked for this content, or (`said` False) surely was not after all."""

    job: str
    work_key: str
    host: str
    at: float
    said: bool = True


def delivery_of(job: Job, at: float) -> Delivery | None:
    """What goes on record of a job whose result has its final name; None before."""
    if job.final is None:
        return None
    return Delivery(
        job=job.id,
        at=at,
        outbox=job.outbox,
        inbox=job.inbox,
        path=job.relative,
        size=job.size_bytes,
        mtime_ns=job.mtime_ns,
        sha256=job.source_sha256,
        work_key=job.work_key,
        output_name=job.rule.output_name,
        output=job.final.name,
        output_size=job.final.size_bytes,
        output_sha256=job.final.sha256,
        made_by=job.final.made_by,
    )


def delivered(job: Job) -> Delivery | None:
    """What is on record of a job; None before its delivery, and for a further edit of another's."""
    if job.placed_at is None or job.asked:
        return None
    return delivery_of(job, job.placed_at)
