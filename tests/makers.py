"""Values for tests: a job as ingest makes it."""

from __future__ import annotations

from hotpress.model import Delivery, Job, Rule


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


def a_delivery(**changes: object) -> Delivery:
    """A receipt of one delivered file; `changes` override its fields."""
    values: dict[str, object] = {
        "job": "job1",
        "at": 100.0,
        "outbox": "/out",
        "inbox": "travel",
        "path": "clip.mov",
        "size": 1_000,
        "mtime_ns": 5,
        "sha256": "a" * 64,
        "work_key": "a" * 64 + ":{}",
        "output_name": "main",
        "output": "clip.mp4",
        "output_size": 100,
        "output_sha256": "b" * 64,
        "made_by": "encode",
        **changes,
    }
    return Delivery(**values)  # type: ignore[arg-type]
