"""Values for tests: a job as ingest makes it."""

from __future__ import annotations

from hotpress.model import Job, Rule


def a_job(**changes: object) -> Job:
    """A fresh job; `changes` override its fields."""
    values: dict[str, object] = {
        "id": "job1",
        "inbox": "travel",
        "root": "/in",
        "relative": "clip.mov",
        "outbox": "/out",
        "size_bytes": 1_000,
        "mtime_ns": 5,
        "device": 1,
        "inode": 2,
        "rule": Rule(),
        "created_at": 100.0,
        "updated_at": 100.0,
        **changes,
    }
    return Job(**values)  # type: ignore[arg-type]
