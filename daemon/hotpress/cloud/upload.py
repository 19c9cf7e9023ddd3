"""Uploading: streamed from an open file with an explicit length, hashed on the way."""

from __future__ import annotations

import hashlib
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import BinaryIO

from hotpress.clock import Clock
from hotpress.errors import SourceChanged, Stopping

CHUNK_BYTES = 1 << 20
_RATE_LOOK_SECONDS = 5.0
_TYPES = {
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".avi": "video/x-msvideo",
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
}


class Pace:
    """Keeps a line at its rate: waits after each piece for as long as that should have taken.

    The rate may change in the middle of a piece, which at a slow one takes minutes.
    """

    def __init__(
        self, clock: Clock, stop: threading.Event, bits_per_second: Callable[[], int | None]
    ) -> None:
        self._clock = clock
        self._stop = stop
        self._rate = bits_per_second
        self._owed_bits = 0.0
        self._at = clock.steady()

    def sent(self, size_bytes: int) -> None:
        """Wait until the next piece may go."""
        self._owed_bits += size_bytes * 8
        while (rate := self._rate()) is not None:
            now = self._clock.steady()
            # A line that was slower than it may be catches up on a second of it.
            self._owed_bits = max(self._owed_bits - (now - self._at) * rate, -rate)
            self._at = now
            if self._owed_bits < 1 or self._stop.is_set():
                return
            self._clock.wait(min(self._owed_bits / rate, _RATE_LOOK_SECONDS), self._stop)
        self._owed_bits, self._at = 0.0, self._clock.steady()


@dataclass(slots=True)
class Multipart:
    """One file as a `multipart/form-data` body. Iterate it once; then `sha256` is known."""

    file: BinaryIO
    name: str
    size_bytes: int
    progress: Callable[[int], None]
    stop: threading.Event
    pace: Pace | None = None
    boundary: str = field(default_factory=lambda: uuid.uuid4().hex)
    sha256: str = ""

    def headers(self) -> dict[str, str]:
        """Type and exact length: a body of unknown length would be sent chunked."""
        length = len(self._head()) + self.size_bytes + len(self._tail())
        return {
            "Content-Type": f"multipart/form-data; boundary={self.boundary}",
            "Content-Length": str(length),
        }

    def __iter__(self) -> Iterator[bytes]:
        """The body. Raises SourceChanged when the file has not the promised length."""
        digest = hashlib.sha256()
        sent = 0
        yield self._head()
        while chunk := self.file.read(CHUNK_BYTES):
            if self.stop.is_set():
                raise Stopping
            sent += len(chunk)
            if sent > self.size_bytes:
                break
            digest.update(chunk)
            yield chunk
            if self.pace is not None:
                self.pace.sent(len(chunk))
            self.progress(sent)
        if sent != self.size_bytes:
            raise SourceChanged(
                "there is a new version of it: it changed while it was read",
                "The new version has its own job.",
            )
        yield self._tail()
        self.sha256 = digest.hexdigest()

    def _head(self) -> bytes:
        kind = _TYPES.get(PurePath(self.name).suffix.lower(), "application/octet-stream")
        return (
            f"--{self.boundary}\r\n"
            f'Content-Disposition: form-data; name="files"; filename="{self.name}"\r\n'
            f"Content-Type: {kind}\r\n\r\n"
        ).encode("ascii")

    def _tail(self) -> bytes:
        return f"\r\n--{self.boundary}--\r\n".encode("ascii")
