"""Putting an answer on the wire: whole, in half, throttled, chunked, or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from email.utils import formatdate
from http import HTTPStatus

from hotpress.standin.cloud import Cloud
from hotpress.standin.exchange import Exchange
from hotpress.standin.faults import Actions
from hotpress.standin.shapes import HTTP_OK, JSON_TYPE, Reply, html_reply, json_reply
from hotpress.standin.speech import split_inside_character

PIECE_BYTES = 1 << 18
PHRASES = {status.value: status.phrase for status in HTTPStatus}


def canned(actions: Actions) -> Reply:
    """The answer that the scenario puts in the place of the true one."""
    status = actions.status or HTTP_OK
    if actions.html:
        return html_reply(status)
    if actions.malformed:
        return Reply(status, b'{"code": 0, "data": {"tok', {"Content-Type": JSON_TYPE})
    if actions.empty:
        return Reply(status, b"", {"Content-Type": JSON_TYPE})
    if actions.body:
        reply = Reply(status, actions.body.encode(), {"Content-Type": JSON_TYPE})
    else:
        code = actions.code if actions.code >= 0 else status
        reply = json_reply({"code": code, "message": "by the scenario", "data": None}, status)
    if actions.retry_after:
        reply.headers["Retry-After"] = str(actions.retry_after)
    return reply


def exhaust(reply: Reply) -> None:
    """Do the work of an answer that is never sent."""
    for _ in reply.stream or ():
        pass


def send(cloud: Cloud, x: Exchange, reply: Reply) -> None:
    """Send an answer as far as the scenario lets it go."""
    if reply.stream is not None:
        _Stream(cloud, x, reply, reply.stream).send()
        return
    halved = x.actions.drop_mid or x.actions.kill == "mid"
    size = 0 if x.wire.command == "HEAD" else reply.size
    planned = size // 2 if halved else size
    if planned == size:
        _completed(cloud, x, reply)
    x.note(reply.status, planned)
    x.write(_head(x, reply, {"Content-Length": str(reply.size)}))
    for piece in _pieces(reply, planned):
        x.write(piece)
    if halved:
        cut(cloud, x)


def cut(cloud: Cloud, x: Exchange) -> None:
    """End the connection in the middle: the client is killed first if the scenario says so."""
    if x.actions.kill == "mid":
        cloud.kill_client("mid", x.n)
    x.reset()


def _completed(cloud: Cloud, x: Exchange, reply: Reply) -> None:
    if reply.complete is not None and x.wire.command != "HEAD":
        render_id, size = reply.complete
        cloud.ledger.fact("download_complete", x.n, id=render_id, bytes=size, host=x.host)


def _head(x: Exchange, reply: Reply, framing: dict[str, str]) -> bytes:
    phrase = PHRASES.get(reply.status, "Odd")
    lines = [f"HTTP/1.1 {reply.status} {phrase}", f"Date: {formatdate(usegmt=True)}"]
    lines += [f"{name}: {value}" for name, value in {**reply.headers, **framing}.items()]
    if x.wire.close_connection:
        lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


def _pieces(reply: Reply, planned: int) -> Iterator[bytes]:
    if reply.file is None:
        if planned:
            yield reply.body[:planned]
        return
    with reply.file.open("rb") as file:
        file.seek(reply.start)
        left = planned
        while left > 0 and (piece := file.read(min(PIECE_BYTES, left))):
            left -= len(piece)
            yield piece


class _Stream:
    """Sends a stream chunk by chunk while the work goes on, whatever happens to the socket."""

    def __init__(self, cloud: Cloud, x: Exchange, reply: Reply, stream: Iterator[bytes]) -> None:
        self._cloud, self._x, self._reply, self._stream = cloud, x, reply, stream
        self._events = 0
        self._sending = True

    def send(self) -> None:
        """The head at once, each event as it comes, and the end."""
        x = self._x
        self._try(_head(x, self._reply, {"Transfer-Encoding": "chunked"}))
        for event in self._stream:
            if self._sending:
                self._event(event)
            if not self._sending and self._ends_with_client:
                break
        close = getattr(self._stream, "close", None)
        if close is not None:
            close()
        if self._sending and self._broken_on_purpose:
            self._break()
        x.note(self._reply.status, x.written)
        if self._sending:
            self._try(b"0\r\n\r\n")
        x.wire.close_connection = x.wire.close_connection or not self._sending

    @property
    def _ends_with_client(self) -> bool:
        """A stream that the scenario breaks goes on unseen; one whose client left may end."""
        broken = self._x.actions.break_stream or self._x.actions.drop_mid
        return self._reply.ends_with_client and not broken

    @property
    def _broken_on_purpose(self) -> bool:
        actions = self._x.actions
        return bool(actions.break_stream or actions.drop_mid or actions.kill == "mid")

    def _event(self, event: bytes) -> None:
        if not event:
            self._sending = not self._x.gone()
            return
        self._events += 1
        if self._x.actions.break_stream == "before_first":
            self._break()
        elif self._events > 1 and self._broken_on_purpose:
            if self._x.actions.break_stream != "mid":
                self._chunk(event[: len(event) // 2])
            self._break()
        else:
            self._chunk(event)

    def _chunk(self, event: bytes) -> None:
        odd = "split_utf8" in self._x.actions.sse
        for piece in split_inside_character(event) if odd else [event]:
            self._try(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")

    def _break(self) -> None:
        self._x.note(self._reply.status, self._x.written)
        cut(self._cloud, self._x)
        self._sending = False

    def _try(self, data: bytes) -> None:
        try:
            self._x.write(data)
        except OSError:
            self._sending = False


def error_500(message: str) -> Reply:
    """What a mistake of the stand-in itself looks like to its client."""
    return Reply(500, json.dumps({"code": 500, "message": message}).encode())
