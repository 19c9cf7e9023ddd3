"""A multipart/form-data body, file part by file part, straight to the disk."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote

from hotpress.standin.body import Body, BodyError

FIELD = "files"
MOST_HEAD_BYTES = 16_384
BOUNDARY = re.compile(r'boundary="?([^";,]+)"?', re.IGNORECASE)
NAME = re.compile(r'[; ]name="([^"]*)"', re.IGNORECASE)
FILENAME = re.compile(r'filename="((?:\\.|[^"])*)"', re.IGNORECASE)
FILENAME_STAR = re.compile(r"filename\*=UTF-8''([^;]+)", re.IGNORECASE)


@dataclass(slots=True)
class Received:
    """A file on its way to the disk. Past `limit` bytes it is counted but no longer kept."""

    filename: str
    path: Path
    limit: int
    size_bytes: int = 0
    sha256: Any = field(default_factory=hashlib.sha256)
    md5: Any = field(default_factory=lambda: hashlib.md5(usedforsecurity=False))
    _file: IO[bytes] | None = None

    def write(self, data: bytes) -> None:
        """Take the next bytes."""
        self.size_bytes += len(data)
        if self.size_bytes > self.limit:
            return
        if self._file is None:
            self._file = self.path.open("wb")
        self._file.write(data)
        self.sha256.update(data)
        self.md5.update(data)

    def close(self) -> None:
        """All bytes are there."""
        if self._file is None:
            self.path.touch()
        else:
            self._file.close()

    @property
    def too_large(self) -> bool:
        """Whether it went past the limit."""
        return self.size_bytes > self.limit


def new_file(folder: Path, filename: str, limit: int) -> Received:
    """A place for a file, under a name of the stand-in's own choosing."""
    return Received(Path(filename).name, folder / secrets.token_hex(8), limit)


def boundary_of(content_type: str) -> bytes:
    """The boundary that the Content-Type names."""
    found = BOUNDARY.search(content_type)
    if not content_type.lower().startswith("multipart/form-data") or found is None:
        raise BodyError("this is no multipart/form-data with a boundary")
    return b"\r\n--" + found[1].encode()


def receive_files(body: Body, content_type: str, folder: Path, limit: int) -> list[Received]:
    """Store every part named `files`; on any trouble nothing stays on the disk."""
    mark = boundary_of(content_type)
    files: list[Received] = []
    current: Received | None = None
    try:
        for head, data in _parts(body, mark):
            if head is not None:
                if current is not None:
                    current.close()
                current = _file_of(head, folder, limit)
                if current is not None:
                    files.append(current)
            elif current is not None:
                current.write(data)
        if current is not None:
            current.close()
    except BaseException:
        for file in files:
            file.close()
            file.path.unlink(missing_ok=True)
        raise
    return files


def _file_of(head: str, folder: Path, limit: int) -> Received | None:
    name, star, plain = NAME.search(head), FILENAME_STAR.search(head), FILENAME.search(head)
    if name is None or name[1] != FIELD or not (star or plain):
        return None
    if star is not None:
        return new_file(folder, unquote(star[1].strip()), limit)
    filename = plain[1] if plain else ""
    return new_file(folder, filename.replace("%22", '"').replace('\\"', '"'), limit)


def _parts(body: Body, mark: bytes) -> Iterator[tuple[str | None, bytes]]:
    """(head, b"") where a part begins, (None, data) for its bytes as they come."""
    buffer = bytearray(b"\r\n")  # so that the first boundary looks like all others
    inside = False
    for block in body.blocks():
        buffer += block
        while (place := buffer.find(mark)) >= 0:
            if inside and place:
                yield None, bytes(buffer[:place])
            del buffer[:place]
            inside = False
            if buffer[len(mark) : len(mark) + 2] == b"--":
                body.drain()
                return
            end = buffer.find(b"\r\n\r\n", len(mark))
            if end < 0:
                break
            yield buffer[len(mark) : end].decode("utf-8", "replace"), b""
            inside = True
            del buffer[: end + 4]
        if buffer.startswith(mark):
            # The head of the next part isn't all there yet.
            if len(buffer) > MOST_HEAD_BYTES:
                raise BodyError("a part without an end of its head")
            continue
        whole = len(buffer) - len(mark)
        if whole > 0:
            if inside:
                yield None, bytes(buffer[:whole])
            del buffer[:whole]
    raise BodyError("the multipart body has no end")
