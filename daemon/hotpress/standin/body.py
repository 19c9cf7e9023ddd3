"""Reading a request's body from the socket: counted, never all in memory, and cut where told."""

from __future__ import annotations

from collections.abc import Iterator
from io import BufferedIOBase

BLOCK_BYTES = 1 << 18
LINE_BYTES = 1024
MOST_JSON_BYTES = 32_000_000


class CutError(Exception):
    """The scenario cuts the connection here, with no effect done."""


class BodyError(Exception):
    """The body is not what its headers say."""


class Body:
    """A body with a Content-Length, or a chunked one. `cut_half` ends it in the middle."""

    def __init__(self, stream: BufferedIOBase, length: int, *, chunked: bool) -> None:
        self._stream, self._left, self._chunked = stream, length, chunked
        self._length = length
        self._cut_at: int | None = None
        self.received = 0

    @property
    def expected(self) -> bool:
        """Whether there is a body at all."""
        return self._chunked or self._length > 0

    def cut_half(self) -> None:
        """Raise CutError once half has been read (of a chunked one: after the first block)."""
        self._cut_at = BLOCK_BYTES if self._chunked else self._length // 2

    def read(self) -> bytes:
        """The next block; empty at the end."""
        if self._cut_at is not None and self.received >= self._cut_at:
            raise CutError
        if self._chunked and self._left == 0 and not self._next_chunk():
            return b""
        wanted = min(BLOCK_BYTES, self._left)
        if self._cut_at is not None:
            wanted = min(wanted, self._cut_at - self.received)
        if wanted <= 0:
            return b""
        block = self._stream.read1(wanted)
        if not block:
            raise ConnectionResetError("the client went away inside its body")
        self._left -= len(block)
        self.received += len(block)
        if self._chunked and self._left == 0:
            self._stream.readline(LINE_BYTES)
        return block

    def _next_chunk(self) -> bool:
        try:
            self._left = int(self._stream.readline(LINE_BYTES).split(b";")[0], 16)
        except ValueError as error:
            raise BodyError("bad chunk") from error
        if self._left == 0:
            while self._stream.readline(LINE_BYTES).strip():
                pass
            self._chunked = False
        return self._left > 0

    def blocks(self) -> Iterator[bytes]:
        """All blocks to the end."""
        while block := self.read():
            yield block

    def drain(self) -> None:
        """Read what is left, so that the connection can be used again."""
        for _ in self.blocks():
            pass

    def whole(self) -> bytes:
        """The rest at once, for JSON."""
        data = bytearray()
        for block in self.blocks():
            data += block
            if len(data) > MOST_JSON_BYTES:
                raise BodyError("the body is too large for JSON")
        return bytes(data)
