"""Values for tests: a job as ingest makes it."""

from __future__ import annotations

from hotpress.model import Delivery, Facts, Job, Rule, Sound

AAC = Sound(codec="aac", channels=2, sample_rate=48_000, bits_per_second=128_000)
# 100 s at 16 Mbit/s, as a phone films.
FULL_HD = Facts(
    container="mp4",
    duration_seconds=100,
    width=1920,
    height=1080,
    fps=30,
    codec="h264",
    size_bytes=200_000_000,
    coded_width=1920,
    coded_height=1080,
    frames=3000,
    sounds=(AAC,),
)


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
