"""What a step before has left: opened only when it still is what was recorded."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from hotpress import files, reach
from hotpress.errors import InputGone, MediaError
from hotpress.model import Job, Material, Step


@contextmanager
def opened(job: Job) -> Iterator[tuple[BinaryIO, Path]]:
    """What goes up to the cloud: the working copy if there is one, else the very source."""
    if job.prepared is None:
        with files.open_source(source_of(job)) as file:
            yield file, job.source
        return
    path = checked(job.prepared, Step.PREPARE)
    with path.open("rb") as file:
        yield file, path


@contextmanager
def read_by_program(job: Job) -> Iterator[None]:
    """While a program reads the source: it is the very file, before and afterwards.

    A program says little of why it could not read. When the source is gone, changed, silent or may
    not be read, that is the reason, and nothing is wrong with the video.
    """
    source = source_of(job)
    files.look_at_source(source)
    try:
        yield
    except MediaError:
        with contextlib.suppress(reach.NoAnswer):  # then the worker knows that the folder hangs
            reach.within(source.root, lambda: _openable(source))
        raise
    files.look_at_source(source)


def _openable(source: files.Source) -> None:
    with files.open_source(source):
        pass


def source_of(job: Job) -> files.Source:
    """The very file that settled."""
    return files.Source(Path(job.root), job.relative, job.size_bytes, job.mtime_ns, job.device)


def content(job: Job, progress: Callable[[int], None] = lambda _n: None) -> str:
    """The hash of the very source: as it is known, else read now."""
    if job.source_sha256:
        return job.source_sha256
    with files.open_source(source_of(job)) as file:
        return files.sha256_of(file, progress)


def size_of(job: Job) -> int:
    """Bytes that go up."""
    return job.prepared.size_bytes if job.prepared else job.size_bytes


def checked(material: Material, maker: Step) -> Path:
    """The file of a hand-over. Raises InputGone when it is gone, or not what was recorded."""
    path = Path(material.path)
    if files.sha256_at(path) != material.sha256:
        path.unlink(missing_ok=True)
        raise InputGone(f"{path.name} is gone or torn", maker.value)
    return path


def recorded(path: Path, progress: Callable[[int], None] = lambda _n: None) -> Material:
    """A finished file, synced, as a hand-over to the next step."""
    files.sync_file(path)
    with path.open("rb") as file:
        sha256 = files.sha256_of(file, progress)
    return Material(path=str(path), size_bytes=path.stat().st_size, sha256=sha256)
