"""What a form brings: small ones whole, a file piece by piece, each with its limit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

_MOST_BYTES = 64_000
_MOST_FIELDS = 20
_SILENT_SECONDS = 60.0  # without a byte: whoever sends has gone
_PIECE_BYTES = 1 << 20


class Unfit(Exception):
    """It can't be read; the sentence says why."""


async def small(request: Request) -> dict[str, str]:
    """The fields of a form without a file. Raises Unfit."""
    body = b""
    async for chunk in patient(request):
        body += chunk
        if len(body) > _MOST_BYTES:
            raise Unfit("the form is too long")
    try:
        return dict(parse_qsl(body.decode("ascii"), max_num_fields=_MOST_FIELDS))
    except ValueError:
        raise Unfit("the form can't be read") from None


async def patient(request: Request) -> AsyncIterator[bytes]:
    """The body as it comes. Raises Unfit when nothing comes for long."""
    stream = request.stream().__aiter__()
    while True:
        try:
            yield await asyncio.wait_for(anext(stream), _SILENT_SECONDS)
        except StopAsyncIteration:
            return
        except ClientDisconnect:
            raise Unfit("the line was cut") from None
        except TimeoutError:
            raise Unfit("nothing came for a minute") from None


@dataclass(slots=True)
class _Part:
    headers: dict[str, str] = field(default_factory=dict)
    name: str = ""
    filename: str | None = None


@dataclass(slots=True)
class Parts:
    """A form with a file, read as it comes: its fields, then the file's pieces."""

    fields: dict[str, str] = field(default_factory=dict)
    filename: str | None = None
    pieces: list[bytes] = field(default_factory=list)
    ended: bool = False  # the whole form is there
    _part: _Part = field(default_factory=_Part)
    _header: list[bytes] = field(default_factory=lambda: [b"", b""])
    _value: bytes = b""

    def parser(self, content_type: str) -> Any:  # noqa: ANN401 - the library's
        """What is fed with the body. Raises Unfit."""
        from python_multipart.multipart import MultipartParser  # noqa: PLC0415 - only when used

        kind = Message()
        kind["content-type"] = content_type
        boundary = kind.get_param("boundary")
        if kind.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
            raise Unfit("this is no form with a file")
        return MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": lambda data, start, end: self._add(0, data[start:end]),
                "on_header_value": lambda data, start, end: self._add(1, data[start:end]),
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_end,
                "on_part_data": lambda data, start, end: self._data(data[start:end]),
                "on_part_end": self._part_end,
                "on_end": self._end,
            },
        )

    @property
    def waiting_bytes(self) -> int:
        """Of the file, not taken yet."""
        return sum(map(len, self.pieces))

    def taken(self, *, all_: bool = False) -> bytes:
        """The pieces of the file that make a good write; all that there are at the end."""
        if not all_ and self.waiting_bytes < _PIECE_BYTES:
            return b""
        found, self.pieces = b"".join(self.pieces), []
        return found

    def _begin(self) -> None:
        self._part, self._value = _Part(), b""

    def _add(self, which: int, data: bytes) -> None:
        self._header[which] += data
        if len(self._header[which]) > _MOST_BYTES:
            raise Unfit("the form is too long")

    def _header_end(self) -> None:
        name, value = (each.decode("utf-8", "replace") for each in self._header)
        self._part.headers[name.lower()] = value
        self._header = [b"", b""]

    def _headers_end(self) -> None:
        said = Message()
        said["content-disposition"] = self._part.headers.get("content-disposition", "")
        self._part.name = str(said.get_param("name", "", "content-disposition"))
        filename = said.get_filename()
        if filename is not None and self.filename is not None:
            raise Unfit("drop one file at a time")
        if filename is not None:  # how browsers write what would end the name
            for sign, text in (("%22", '"'), ("%0D", " "), ("%0A", " ")):
                filename = filename.replace(sign, text)
        self._part.filename = filename
        if filename is not None:
            self.filename = filename

    def _data(self, data: bytes) -> None:
        if self._part.filename is not None:
            self.pieces.append(data)
            return
        self._value += data
        if len(self._value) > _MOST_BYTES or len(self.fields) > _MOST_FIELDS:
            raise Unfit("the form is too long")

    def _part_end(self) -> None:
        if self._part.filename is None:
            self.fields[self._part.name] = self._value.decode("utf-8", "replace")

    def _end(self) -> None:
        self.ended = True
