"""One request and the socket it came on: what routes see of it, and the ways to end it badly."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import struct
import sys
import time
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from hotpress.standin.accounts import Token
from hotpress.standin.body import Body
from hotpress.standin.faults import Actions
from hotpress.standin.ledger import JsonLines, fingerprint
from hotpress.standin.pace import Pace
from hotpress.standin.shapes import RefusalError

if sys.platform != "win32":  # which the command line refuses: there this file is only read
    import fcntl
    import termios

SKILL_HEADERS = ("X-Skill-Source", "X-Skill-Version", "X-Skill-Platform")
SECRET_HEADERS = ("authorization", "x-client-id", "x-skill-")
RATE_STEPS = 10
"""How often per second a throttled answer sends a piece."""

FLUSH_SECONDS = 0.5
_SIOCOUTQNSD = 0x894B
"""linux/sockios.h: bytes not yet handed over. TIOCOUTQ also counts those not acknowledged yet,
which may take 40 ms: a client to be killed after its answer would be far ahead by then."""


@dataclass(slots=True)
class Exchange:
    """A request in progress. `n` is its number among all of both servers."""

    wire: BaseHTTPRequestHandler
    pace: Pace
    log: JsonLines
    host: str
    kind: str
    ids: tuple[str, ...]
    n: int
    actions: Actions
    body: Body
    token: Token | None = None
    written: int = 0
    _noted: bool = False
    _at: float = field(default_factory=time.time)

    @property
    def headers(self) -> Message:
        """The request's headers."""
        return self.wire.headers

    @property
    def path(self) -> str:
        """The decoded path, without the query."""
        return unquote(urlsplit(self.wire.path).path)

    def bearer(self) -> str:
        """The bearer's value, empty without one."""
        kind, _, value = str(self.headers.get("Authorization", "")).partition(" ")
        return value.strip() if kind.lower() == "bearer" else ""

    def has_skill_headers(self) -> bool:
        """Whether all three attribution headers are there."""
        return all(self.headers.get(name) for name in SKILL_HEADERS)

    def secret_headers(self) -> list[str]:
        """The names of headers that no foreign host may see."""
        return [name for name in self.headers if name.lower().startswith(SECRET_HEADERS)]

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; anything else is refused with 400."""
        try:
            content = json.loads(self.body.whole() or b"{}")
        except ValueError as error:
            raise RefusalError(400, "the body is not JSON") from error
        if not isinstance(content, dict):
            raise RefusalError(400, "the body is no JSON object")
        return content

    def note(self, status: int | None, bytes_out: int) -> None:
        """Write the request's line into the log: once, before the answer leaves."""
        if self._noted:
            return
        self._noted = True
        parts = urlsplit(self.wire.path)
        shown = {
            name: "Bearer <set>" if name.lower() == "authorization" else value
            for name, value in self.headers.items()
        }
        bearer = self.bearer()
        self.log.write(
            {
                "n": self.n,
                "at": round(self._at, 6),
                "host": self.host,
                "kind": self.kind,
                "method": self.wire.command,
                "path": parts.path,
                "query": parse_qs(parts.query),
                "headers": shown,
                "bearer": fingerprint(bearer) if bearer else None,
                "skill_headers": self.has_skill_headers(),
                "status": status,
                "bytes_in": self.body.received,
                "bytes_out": bytes_out,
                "faults": self.actions.names(),
            }
        )

    def write(self, data: bytes) -> None:
        """Send bytes, at the scenario's rate if it names one."""
        if not self.actions.slow:
            self.wire.wfile.write(data)
        else:
            step = max(1, self.actions.slow // RATE_STEPS)
            for start in range(0, len(data), step):
                self.wire.wfile.write(data[start : start + step])
                self.pace.wait_real(step / self.actions.slow)
        self.written += len(data)

    def gone(self) -> bool:
        """Whether the client has closed its end."""
        with contextlib.suppress(OSError, ValueError):
            readable, _, _ = select.select([self.wire.connection], [], [], 0)
            return bool(readable) and not self.wire.connection.recv(1, socket.MSG_PEEK)
        return True

    def close(self) -> None:
        """End the connection in an orderly way, without another word."""
        self.wire.close_connection = True
        with contextlib.suppress(OSError):
            self.wire.connection.shutdown(socket.SHUT_RDWR)

    def reset(self) -> None:
        """Cut the connection with a TCP reset, after what was sent has left this machine."""
        self.wire.close_connection = True
        connection = self.wire.connection
        with contextlib.suppress(OSError):
            self.flush()
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            # The file objects around the socket would keep it open: take the descriptor away.
            os.close(connection.detach())

    def flush(self) -> None:
        """Wait until the other side's kernel has all bytes: a reset throws the rest away."""
        deadline = time.monotonic() + FLUSH_SECONDS
        unsent = _SIOCOUTQNSD if sys.platform == "linux" else termios.TIOCOUTQ
        with contextlib.suppress(OSError):
            while time.monotonic() < deadline:
                waiting = bytearray(4)
                fcntl.ioctl(self.wire.connection.fileno(), unsent, waiting)
                if not struct.unpack("i", waiting)[0]:
                    return
                time.sleep(0.002)
