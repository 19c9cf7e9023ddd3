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
        self._rest = ""
        self._data: list[str] = []
        self._size = 0
        self._has_data = False

    def feed(self, chunk: bytes, *, last: bool = False) -> list[Event | Comment]:
        """The events and comments that are complete now. Raises Lost over 16 MiB an event."""
        text = self._rest + self._decoder.decode(chunk, final=last)
        found: list[Event | Comment] = []
        start = 0
        for match in _BREAK.finditer(text):
            if match.end() == len(text) and match[0] == "\r" and not last:
                break  # the \n of a \r\n may be under way
            self._line(text[start : match.start()], found)
            start = match.end()
        self._rest = text[start:]
        if len(self._rest) + self._size > EVENT_LIMIT_CHARS:
            raise Lost("the agent's answer has an event over 16 MiB", "hotpress reads the state.")
        return found

    def close(self) -> list[Event | Comment]:
        """A tail without a blank line counts when it is whole JSON."""
        found = self.feed(b"", last=True)
        if self._rest:
            self._line(self._rest, found)
            self._rest = ""
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
