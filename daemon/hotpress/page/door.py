"""Where the page is reached: opened, closed and moved while hotpress runs.

Only a socket until somebody knocks: the libraries that serve it (25 MB) are loaded at the first
visit. What goes wrong here is told, and never keeps a video waiting.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import select
import socket
import threading
from typing import TYPE_CHECKING, Any

from hotpress import log
from hotpress.clock import Clock
from hotpress.config.live import Live
from hotpress.config.page import Page
from hotpress.config.rules import named_inboxes
from hotpress.config.settings import Settings
from hotpress.errors import StoreError
from hotpress.places import Places
from hotpress.serving import PAGE_NOTE
from hotpress.store import Store

if TYPE_CHECKING:
    from uvicorn import Server

_BACKLOG = 64
_THREADS = 4
_VISITORS = 64  # connections at once
_CLOSE_SECONDS = 1.0
_LOGGER = log.get("page")


class Door:
    """Opened by the daemon that runs in the foreground."""

    def __init__(
        self, where: Places, store: Store, live: Live, clock: Clock, chance: random.Random
    ) -> None:
        self._where = where
        self._store = store
        self._live = live
        self._clock = clock
        self._chance = chance
        self._page: Page | None = None
        self._open: _Open | None = None
        self._why = ""  # it could not be opened; what was told of it last
        self._lock = threading.Lock()

    def open(self) -> None:
        """As the settings say."""
        self.take(self._live.settings)

    def take(self, settings: Settings) -> None:
        """Changed settings: it moves, or is taken down."""
        with self._lock:
            if settings.page == self._page:
                return
            self._close()
            self._page = settings.page
            if settings.page.is_off:
                self._tell({})
            else:
                self._try(settings.page)

    def look(self) -> None:
        """Once a minute: a port that was taken may have become free, what served may have died."""
        with self._lock:
            if self._open is not None and not self._open.is_alive():
                self._open.close()
                self._open = None
            if self._page is not None and not self._page.is_off and self._open is None:
                self._try(self._page)

    def close(self) -> None:
        """No page any more."""
        with self._lock:
            self._close()
            self._tell({})

    def _try(self, page: Page) -> None:
        try:
            listening = listen(page)
        except OSError as error:
            why = refused(page, error)
            if why != self._why:  # not once a minute
                _LOGGER.warning("page.refused", why=why)
            self._why = why
            self._tell({"why": why})
            return
        self._why = ""
        host, port = page.host, listening.getsockname()[1]
        url = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
        _LOGGER.info("page.opened", url=url)
        self._tell({"url": url})
        self._open = _Open(listening, self)
        self._open.start()

    def _close(self) -> None:
        opened, self._open, self._page = self._open, None, None
        if opened is not None:
            opened.close()

    def _tell(self, what: dict[str, str]) -> None:
        text = json.dumps(what)
        with contextlib.suppress(StoreError):  # only for `status` and `check`
            if (self._store.note(PAGE_NOTE) or "{}") != text:
                self._store.set_note(PAGE_NOTE, text)

    def made(self, stop: threading.Event) -> tuple[Any, Store]:
        """The app, with a connection of its own to the store."""
        from hotpress.page.app import make_app  # noqa: PLC0415 - at the first visit
        from hotpress.page.arrival import sweep  # noqa: PLC0415
        from hotpress.page.scene import Scene  # noqa: PLC0415

        for inbox in named_inboxes(self._live.settings).values():
            with contextlib.suppress(OSError):
                sweep(inbox.path, self._clock.now())
        store = Store(self._where.store)
        secret = self._chance.getrandbits(256).to_bytes(32, "big")
        scene = Scene(self._where, store, self._live, self._clock, self._chance, secret, stop)
        return make_app(scene), store


class _Open:
    """One socket, and the thread that waits for the first visit, then serves."""

    def __init__(self, listening: socket.socket, door: Door) -> None:
        self._socket = listening
        self._door = door
        self._stop = threading.Event()
        self._knock, self._bell = socket.socketpair()
        self._end: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="page", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def close(self) -> None:
        self._stop.set()
        self._bell.send(b"\n")
        loop, end = self._loop, self._end
        if loop is not None and end is not None:
            with contextlib.suppress(RuntimeError):  # it has ended by itself
                loop.call_soon_threadsafe(end.set)
        self._thread.join(_CLOSE_SECONDS + 1)  # of the ten seconds that a stop may take
        for each in (self._socket, self._knock, self._bell):
            each.close()

    def _run(self) -> None:
        try:
            select.select([self._socket, self._knock], [], [])
            if self._stop.is_set():
                return
            asyncio.run(self._serve())
        except Exception:
            # The net of this thread: without a page videos are made all the same.
            _LOGGER.exception("page.tripped")

    async def _serve(self) -> None:
        import anyio.to_thread  # noqa: PLC0415 - at the first visit

        app, store = await asyncio.to_thread(self._door.made, self._stop)
        try:
            anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
            self._end = asyncio.Event()
            self._loop = asyncio.get_running_loop()
            if self._stop.is_set():
                return
            await _server(app, self._end).serve(sockets=[self._socket])
        finally:
            store.close()


def _server(app: Any, end: asyncio.Event) -> Server:  # noqa: ANN401 - an ASGI app
    from uvicorn import Config, Server  # noqa: PLC0415 - at the first visit

    class Quiet(Server):
        """Waits for its end instead of looking ten times a second whether it has come."""

        async def main_loop(self) -> None:
            await end.wait()

    config = Config(
        app,
        log_config=None,
        log_level="critical",  # whatever anybody sends would stand in the log; `gate` has the rest
        access_log=False,
        lifespan="off",
        loop="asyncio",
        http="h11",
        ws="none",
        server_header=False,
        date_header=False,
        proxy_headers=False,
        limit_concurrency=_VISITORS,
        h11_max_incomplete_event_size=32_768,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=int(_CLOSE_SECONDS),
    )
    return Quiet(config)


def listen(page: Page) -> socket.socket:
    """A socket at the page's address. Raises OSError."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        page.host, page.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    found = socket.socket(family, kind, protocol)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(address)
        found.listen(_BACKLOG)
        found.setblocking(False)
    except OSError:
        found.close()
        raise
    return found


def refused(page: Page, error: OSError) -> str:
    """Why there is no page, and what helps."""
    return (
        f"the page can't be shown at {page.listen} ({error.strerror or error}); free that port, "
        "or set another under page.listen, or page: off"
    )
