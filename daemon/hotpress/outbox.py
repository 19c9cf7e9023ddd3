"""The outbox: its marker, its folder for half files, and the receipts of what was delivered."""

from __future__ import annotations

import json
import os
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hotpress.errors import FolderMissing
from hotpress.files import sync_folder

PRIVATE = ".hotpress"


def marker_of(outbox: Path) -> str | None:
    """The outbox's own name, None when this folder is not (or no longer) an outbox."""
    try:
        return (outbox / PRIVATE / "id").read_text(encoding="ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def make(outbox: Path) -> str:
    """Make the outbox with its marker, or read the one it has."""
    known = marker_of(outbox)
    if known:
        (outbox / PRIVATE / "tmp").mkdir(parents=True, exist_ok=True)
        return known
    (outbox / PRIVATE / "tmp").mkdir(parents=True, exist_ok=True)
    fresh = str(uuid.uuid4())
    temp = outbox / PRIVATE / f".id-{fresh}"
    descriptor = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{fresh}\n")
        file.flush()
        os.fsync(file.fileno())
    temp.replace(outbox / PRIVATE / "id")  # whole, or (after a power cut) not there: never torn
    sync_folder(outbox / PRIVATE)
    sync_folder(outbox)
    return fresh


def check(outbox: Path, known: str | None = None) -> Path:
    """The folder for half files. Raises FolderMissing when the outbox is away or another one."""
    marker = marker_of(outbox)
    if marker is None or known not in (None, marker):
        raise FolderMissing(
            f"the outbox {outbox} is not there, or another folder lies in its place",
            "Mount it again; or, if you deleted it: stop hotpress, then hotpress run --new-outbox",
        )
    temp = outbox / PRIVATE / "tmp"
    temp.mkdir(exist_ok=True)
    return temp


def add_receipt(outbox: Path, receipt: dict[str, Any]) -> None:
    """One line more in this machine's own file (one writer each), on disk before it returns."""
    path = outbox / PRIVATE / f"receipts-{_host()}.jsonl"
    line = json.dumps(receipt, ensure_ascii=False, separators=(",", ":")) + "\n"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    try:
        size = os.fstat(descriptor).st_size
        # A line torn by a power cut must not swallow this one.
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            line = "\n" + line
        os.write(descriptor, line.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_folder(outbox / PRIVATE)


def receipts(outbox: Path) -> Iterator[dict[str, Any]]:
    """All receipts of all machines, also of conflict copies; torn lines are left out."""
    for path in sorted((outbox / PRIVATE).glob("receipts*")):
        with path.open("rb") as file:
            for line in file:
                try:
                    value = json.loads(line)
                except ValueError:
                    continue  # torn by a power cut, or a conflict copy's half line
                if isinstance(value, dict):
                    yield value


def has_receipt(outbox: Path, job_id: str) -> bool:
    """Is this job's delivery on record?"""
    return any(receipt.get("job") == job_id for receipt in receipts(outbox))


def _host() -> str:
    return "".join(c if c.isalnum() or c in "-_" else "-" for c in socket.gethostname()) or "here"
