"""Server-sent events from bytes: pure, bounded, and open about signs of life.

Our own, because the usual parser hides comments, loses the first event after a byte order mark and
has no limit; and `str.splitlines` breaks JSON at U+2028 (docs/decisions/0002).
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass

from hotpress.errors import Lost

EVENT_LIMIT_CHARS = 16 * 1024 * 1024
_BREAK = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Event:
    """The data of one event; "" is a sign of life."""

    data: str


@dataclass(frozen=True, slots=True)
class Comment:
    """A line that only says that the other side is alive."""


class Parser:
    """Feed it bytes as they come; `close` at a clean end."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")
        self._pieces: list[str] = []  # of a line that is not whole yet
        self._after_cr = False  # a \n that follows a \r is no second line
        self._data: list[str] = []
        self._size = 0
        self._has_data = False

    def feed(self, chunk: bytes, *, last: bool = False) -> list[Event | Comment]:
        """The events and comments that are complete now. Raises Lost over 16 MiB an event."""
        text = self._decoder.decode(chunk, final=last)
        found: list[Event | Comment] = []
        if self._after_cr and text.startswith("\n"):
            text, self._after_cr = text[1:], False
        if text:
            self._after_cr = text.endswith("\r")
        start = 0
        for match in _BREAK.finditer(text):
            self._line("".join(self._pieces) + text[start : match.start()], found)
            self._pieces.clear()
            start = match.end()
        if start < len(text):
            self._pieces.append(text[start:])
        if sum(map(len, self._pieces)) + self._size > EVENT_LIMIT_CHARS:
            raise Lost("the agent's answer has an event over 16 MiB", "hotpress reads the state.")
        return found

    def close(self) -> list[Event | Comment]:
        """A tail without a blank line counts when it is whole JSON."""
        found = self.feed(b"", last=True)
        if self._pieces:
            self._line("".join(self._pieces), found)
            self._pieces.clear()
        if self._has_data and _is_json("\n".join(self._data)):
            self._line("", found)
        return found

    def _line(self, line: str, found: list[Event | Comment]) -> None:
        if line == "":
            if self._has_data:
                found.append(Event("\n".join(self._data)))
            self._data, self._size, self._has_data = [], 0, False
            return
        if line.startswith(":"):
            found.append(Comment())
            return
        field, _, value = line.partition(":")
        if field == "data":
            value = value.removeprefix(" ")
            self._data.append(value)
            self._size += len(value)
            self._has_data = True


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
