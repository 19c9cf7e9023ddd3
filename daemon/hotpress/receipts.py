"""Receipts in an outbox: what was delivered, and what was asked of the agent. One writer each.

They outlive the state directory and travel with a synced folder: what is on record here is not
paid for again. They are never a ground for deleting anything.
"""

from __future__ import annotations

import json
import os
import socket
from dataclasses import asdict
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from hotpress.clock import iso
from hotpress.files import sync_folder
from hotpress.model import Asked, Delivery
from hotpress.outbox import PRIVATE

_LINE_LIMIT_BYTES = 64_000
_NUMBER_LIMIT = 1 << 63
_NOT_WRITTEN = ("outbox", "host")  # where and whose it is says the file itself
Mark = dict[str, str]  # name of a receipts file -> "inode:offset" up to which it was read


def add(outbox: Path, receipt: Delivery | Asked) -> None:
    """One line more in this machine's own file, on disk before it returns."""
    path = own(outbox)
    line = json.dumps(_values(receipt), ensure_ascii=False, separators=(",", ":")) + "\n"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    try:
        size = os.fstat(descriptor).st_size
        # A line torn by a power cut must not swallow this one.
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            line = "\n" + line
        rest = line.encode("utf-8", "surrogateescape")
        while rest:  # a disk that fills up takes a part first, and refuses then
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_folder(outbox / PRIVATE)


def has(outbox: Path, job_id: str) -> bool:
    """Is this job's delivery on record? Only this machine can have written it."""
    mark = f'"job":{json.dumps(job_id)}'.encode()
    try:
        with own(outbox).open("rb") as file:
            return any(mark in line and isinstance(_read(line, ""), Delivery) for line in file)
    except FileNotFoundError:
        return False


def news(outbox: Path, mark: Mark) -> tuple[list[Delivery | Asked], Mark]:
    """What all machines' receipts say since `mark`, also conflict copies, and the new mark.

    A last line without its end is left for the next time: it is being written, or torn.
    """
    found: list[Delivery | Asked] = []
    seen: Mark = {}
    for path in sorted((outbox / PRIVATE).glob("receipts*")):
        with path.open("rb") as file:
            inode = os.fstat(file.fileno()).st_ino
            size = os.fstat(file.fileno()).st_size
            known, _, offset = mark.get(path.name, "").partition(":")
            start = int(offset) if known == str(inode) and int(offset) <= size else 0
            file.seek(start)
            while line := file.readline(_LINE_LIMIT_BYTES):
                if not line.endswith(b"\n") and len(line) < _LINE_LIMIT_BYTES:
                    break
                start += len(line)
                receipt = _read(line, host_of(path.name), str(outbox))
                if receipt is not None:
                    found.append(receipt)
        seen[path.name] = f"{inode}:{start}"
    return found, seen


def own(outbox: Path) -> Path:
    """This machine's file."""
    return outbox / PRIVATE / f"receipts-{host()}.jsonl"


def host() -> str:
    """This machine's name, as it stands in a file name."""
    return "".join(c if c.isalnum() or c in "-_" else "-" for c in socket.gethostname()) or "here"


def host_of(name: str) -> str:
    """Whose receipts file it is; a conflict copy is its owner's, too."""
    return name.removeprefix("receipts-").partition(".")[0]


def _values(receipt: Delivery | Asked) -> dict[str, Any]:
    values = {k: v for k, v in asdict(receipt).items() if k not in _NOT_WRITTEN}
    return {**values, "at": iso(receipt.at)}


def _read(line: bytes, host_name: str, outbox: str = "") -> Delivery | Asked | None:
    """One line; None for what is torn, foreign, or names a result outside the outbox."""
    try:
        value = json.loads(line)
        at = datetime.fromisoformat(value["at"]).timestamp()
        if "said" in value:
            job, key = _text(value["job"]), _text(value["work_key"])
            return Asked(job, key, host_name, at, bool(value["said"]))
        output = PurePosixPath(_text(value["output"]))
        if output.is_absolute() or ".." in output.parts:
            return None
        return Delivery(
            job=_text(value["job"]),
            at=at,
            outbox=outbox,
            inbox=_text(value.get("inbox", "")),
            path=_text(value["path"]),
            size=_number(value["size"]),
            mtime_ns=int(value["mtime_ns"]),
            sha256=_text(value["sha256"]),
            work_key=_text(value.get("work_key", "")),
            output_name=_text(value.get("output_name", "main")),
            output=str(output),
            output_size=_number(value["output_size"]),
            output_sha256=_text(value["output_sha256"]),
            made_by=_text(value.get("made_by", "")),
            host=host_name,
        )
    except (ValueError, KeyError, TypeError, OverflowError, OSError, RecursionError):
        return None


def _text(value: object) -> str:
    """A string that a store can keep. Raises ValueError."""
    text = str(value)
    text.encode("utf-8")
    return text


def _number(value: Any) -> int:  # noqa: ANN401 - whatever the line says
    """A whole number of at most 63 bits. Raises ValueError, TypeError."""
    number = int(value)
    if not 0 <= number < _NUMBER_LIMIT:
        raise ValueError("no size and no time")
    return number
