"""A line between hotpress and the stand-in that breaks: refused, reset, slow or held back.

Two doors, one before each host of the stand-in. The download host's addresses name 127.0.0.2, where
the second door stands at the same port: nothing in either program knows of it.
"""

from __future__ import annotations

import asyncio
import random
import re
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from stage import Stage

from hotpress.standin.api import classify

CDN_HOST = "127.0.0.2"
CHUNK_BYTES = 1 << 16
WINDOW_BYTES = 4096  # of the doors: a slow line must not swallow a clip at once
_TICKS = 20  # pieces a second on a slow line
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close with a reset
Look = Callable[[str, int], None]


@dataclass(slots=True)
class Cut:
    """Where a connection is reset: `accept`, or a share of the n-th piece one way."""

    where: str
    piece: int = 1
    share: float = 0.5


def no_cut() -> Cut | None:
    """The whole line."""
    return None


def seeded_cuts(seed: int, share: float) -> Callable[[], Cut | None]:
    """Resets this share of the connections, at accept, in the request or in the answer."""
    chance = random.Random(seed)

    def next_one() -> Cut | None:
        if chance.random() >= share:
            return None
        where = chance.choice(("accept", "request", "answer"))
        return Cut(where, chance.choice((1, 1, 2)), chance.random())

    return next_one


@dataclass(slots=True)
class _Link:
    """One connection through a door."""

    host: str
    client: socket.socket
    server: socket.socket
    cut: Cut | None
    kind: str = ""
    number: int = 0
    asked: bool = False  # a request went through that was not answered yet
    to_come: int = 0  # bytes of the request that the client has not sent yet
    pieces: dict[str, int] = field(default_factory=lambda: {"request": 0, "answer": 0})


class _BrokenError(Exception):
    """This connection ends with a reset."""


class Line:
    """Both doors. `on_request` and `on_answer` are told kind and number before the bytes pass.

    `on_asked` is told when the client has sent the whole of a request: head and body come apart,
    and whoever is stopped between them has asked for nothing yet. All three run in the line's own
    thread and may call `down`; the piece that they look at has not passed.
    """

    def __init__(self, api_url: str, cdn_url: str) -> None:
        self.cuts: Callable[[], Cut | None] = no_cut
        self.rate: int | None = None  # bytes a second, each way of each connection
        self.slow_kinds: frozenset[str] = frozenset()  # nothing here: all of them
        self.on_request: Look = lambda _kind, _number: None
        self.on_asked: Look = lambda _kind, _number: None
        self.on_answer: Look = lambda _kind, _number: None
        self.opened = self.broken = 0
        self.passed: Counter[str] = Counter()  # bytes by kind, request and answer together
        self.is_down = threading.Event()
        self._seen: Counter[str] = Counter()
        self._held = asyncio.Event()
        api, cdn = urlsplit(api_url).port or 0, urlsplit(cdn_url).port or 0
        self._doors = [_Door("api", "127.0.0.1", 0, api), _Door("cdn", CDN_HOST, cdn, cdn)]
        self.api_url = f"http://127.0.0.1:{self._doors[0].port}"
        self._links: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="line")

    def __enter__(self) -> Self:
        self._thread.start()
        self._held.set()
        self.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.down()
        self._told(self._rest())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        for door in self._doors:
            door.close()

    def down(self) -> None:
        """Refuse every connection, and reset those that are open."""
        if threading.current_thread() is self._thread:
            self._go_down()
        else:
            self._told(self._in_loop(self._go_down))

    def up(self) -> None:
        """Answer again, at the same ports."""
        self._told(self._in_loop(self._go_up))

    def hold(self) -> None:
        """Let nothing pass until `release`; connections stay open. From the line's thread only."""
        self._held.clear()

    def release(self) -> None:
        """Let pass what was held back."""
        self._told(self._in_loop(self._held.set))

    def reset(self) -> None:
        """Reset what is open; new connections are served."""
        self._told(self._in_loop(self._break_all))

    def _told(self, coroutine: Any) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    async def _in_loop(self, what: Callable[[], None]) -> None:
        what()

    async def _rest(self) -> None:
        await asyncio.gather(*self._links, return_exceptions=True)

    def _go_down(self) -> None:
        for door in self._doors:
            door.shut()
        self._break_all()
        self.is_down.set()

    def _break_all(self) -> None:
        for task in self._links:
            task.cancel()

    def _go_up(self) -> None:
        for door in self._doors:
            door.open(self._loop, self._accepted)
        self.is_down.clear()

    def _accepted(self, door: _Door, client: socket.socket) -> None:
        self.opened += 1
        task = self._loop.create_task(self._serve(door, client))
        self._links.add(task)
        task.add_done_callback(self._links.discard)

    async def _serve(self, door: _Door, client: socket.socket) -> None:
        """One connection until either side ends it, or it is cut."""
        client.setblocking(False)
        server = socket.socket()
        server.setblocking(False)
        link = _Link(door.host, client, server, self.cuts())
        try:
            await self._between(link, door.target)
        except (_BrokenError, asyncio.CancelledError):
            self.broken += 1
            for end in (client, server):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        except OSError:
            pass  # one side went away by itself
        finally:
            client.close()
            server.close()

    async def _between(self, link: _Link, port: int) -> None:
        if link.cut is not None and link.cut.where == "accept":
            raise _BrokenError
        await self._loop.sock_connect(link.server, ("127.0.0.1", port))
        await _first([self._pump(link, "request"), self._pump(link, "answer")])

    async def _pump(self, link: _Link, way: str) -> None:
        """Bytes one way."""
        source, sink = link.client, link.server
        if way == "answer":
            source, sink = sink, source
        while True:
            size = CHUNK_BYTES if self.rate is None else max(1, self.rate // _TICKS)
            piece = await self._loop.sock_recv(source, size)
            if not piece:
                return
            self._look(link, way, piece)
            await asyncio.sleep(0)  # a look may have taken the line down
            await self._held.wait()
            await self._passed(link, way, piece, sink)
            rate = self._rate(link)
            if rate is not None:
                await asyncio.sleep(len(piece) / rate)

    def _look(self, link: _Link, way: str, piece: bytes) -> None:
        """Tell the hooks when a request or an answer begins with this piece."""
        if way == "request":
            found = piece.split(b" ", 2)
            if len(found) == 3 and found[0] in (b"GET", b"POST"):
                path = found[1].decode("ascii", "replace").partition("?")[0]
                link.kind, _ = classify(link.host, found[0].decode(), path)
                self._seen[link.kind] += 1
                link.number, link.asked = self._seen[link.kind], True
                link.to_come = _length(piece)
                self.on_request(link.kind, link.number)
            before, link.to_come = link.to_come, link.to_come - len(piece)
            if before > 0 >= link.to_come:
                self.on_asked(link.kind, link.number)
        elif link.asked:
            link.asked = False
            self.on_answer(link.kind, link.number)

    async def _passed(self, link: _Link, way: str, piece: bytes, sink: socket.socket) -> None:
        link.pieces[way] += 1
        cut = link.cut
        if cut is not None and cut.where == way and cut.piece <= link.pieces[way]:
            await self._loop.sock_sendall(sink, piece[: int(len(piece) * cut.share)])
            raise _BrokenError
        await self._loop.sock_sendall(sink, piece)
        self.passed[link.kind] += len(piece)

    def _rate(self, link: _Link) -> int | None:
        slow = not self.slow_kinds or link.kind in self.slow_kinds
        return self.rate if slow else None


def _length(start: bytes) -> int:
    """The bytes of a whole request, head and body, from its first piece."""
    head, end, _ = start.partition(b"\r\n\r\n")
    length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
    return len(head) + len(end) + (int(length[1]) if length else 0)


async def _first(ways: list[Any]) -> None:
    """Until the first way ends; the other ends with it, and errors come out."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Door:
    """A listening address; while it is shut its port stays ours, and connections are refused."""

    def __init__(self, host: str, address: str, port: int, target: int) -> None:
        self.host, self.target = host, target
        self._keeper = _bound(address, port)
        self._address: tuple[str, int] = self._keeper.getsockname()
        self._listener: socket.socket | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def port(self) -> int:
        return self._address[1]

    def open(
        self,
        loop: asyncio.AbstractEventLoop,
        accepted: Callable[[_Door, socket.socket], None],
    ) -> None:
        self._loop = loop
        listener = self._listener = _bound(*self._address)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WINDOW_BYTES)
        listener.setblocking(False)
        listener.listen(128)

        def take() -> None:
            with suppress(BlockingIOError):
                accepted(self, listener.accept()[0])

        loop.add_reader(listener, take)

    def shut(self) -> None:
        if self._listener is not None and self._loop is not None:
            self._loop.remove_reader(self._listener)
            self._listener.close()
            self._listener = None

    def close(self) -> None:
        self._keeper.close()


def _bound(address: str, port: int) -> socket.socket:
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.bind((address, port))
    return found


@contextmanager
def line_to(stage: Stage, scenario: dict[str, Any], *options: str) -> Iterator[Line]:
    """The stand-in behind a line; `stage.configure` takes the line's address."""
    with (
        stage.cloud(scenario, "--cdn-host", CDN_HOST, *options),
        Line(stage.api_url, stage.cdn_url) as line,
    ):
        stage.api_url = line.api_url
        yield line
