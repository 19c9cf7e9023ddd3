"""Every request passes here: whose host it names, where it comes from, who has signed in."""

from __future__ import annotations

from base64 import b64decode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hotpress import log
from hotpress.page import guard
from hotpress.page.entry import COOKIE, Entry
from hotpress.page.scene import Scene

_SAFE = ("GET", "HEAD")
_OPEN = ("/login", "/healthz")  # without a password; and what makes the form look like something
_FOR_PROGRAMS = ("/metrics", "/live")
_LOGGER = log.get("page")


class Gate:
    """Before the routes. The order counts: a foreign name is told nothing at all."""

    def __init__(self, app: ASGIApp, scene: Scene, entry: Entry) -> None:
        self._app = app
        self._scene = scene
        self._entry = entry
        self._names = guard.own_names(scene.page)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, with the headers that every answer has."""
        if scope["type"] != "http":
            return
        refused = await self._refused(scope)
        app = self._app if refused is None else refused
        try:
            await app(scope, receive, _with_headers(send))
        except Exception:
            # The net of one request: its answer is a plain 500 already.
            _LOGGER.exception("page.tripped", path=scope["path"])

    async def _refused(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        loopback = self._scene.page.is_loopback
        if len(hosts) != 1 or not guard.is_own_host(hosts[0], self._names, loopback=loopback):
            return PlainTextResponse("This is not the name of this page.\n", 421)
        if scope["method"] not in (*_SAFE, "POST"):
            return PlainTextResponse("This page knows GET and POST.\n", 405)
        if scope["method"] == "POST" and not guard.is_own_request(headers, hosts[0]):
            return PlainTextResponse("This did not come from a page of hotpress.\n", 403)
        path = scope["path"]
        if not self._entry.known or path in _OPEN or path.startswith("/static/"):
            return None
        return await self._unknown(HTTPConnection(scope), path)

    async def _unknown(self, asked: HTTPConnection, path: str) -> Response | None:
        """None for who has signed in, or says the password with the request (programs do)."""
        now = self._scene.clock.steady()
        if self._entry.is_in(asked.cookies.get(COOKIE, ""), now):
            return None
        said = _said(asked.headers.get("authorization", ""))
        if said:
            address = address_of(asked)
            wait = self._entry.wait_seconds(address, now)
            if wait > 0:
                return too_often(wait)
            if await run_in_threadpool(self._entry.said_each_time, said, address, now):
                return None
        if path in _FOR_PROGRAMS or said or asked.scope["method"] == "POST":
            return PlainTextResponse(
                "Sign in first.\n",
                401,
                {"WWW-Authenticate": 'Basic realm="hotpress"'} if path == "/metrics" else None,
            )
        return RedirectResponse("/login", 303)


def address_of(asked: HTTPConnection) -> str:
    """Where a request comes from."""
    return asked.client.host if asked.client else ""


def too_often(wait_seconds: float) -> Response:
    """After too many wrong passwords."""
    seconds = str(max(1, round(wait_seconds)))
    text = f"Too many wrong passwords. Try again in {seconds} s.\n"
    return PlainTextResponse(text, 429, {"Retry-After": seconds})


def _said(authorization: str) -> str:
    """The password in `Basic` (whatever the name) or `Bearer`."""
    kind, _, value = authorization.partition(" ")
    if kind.lower() == "bearer":
        return value.strip()
    if kind.lower() != "basic":
        return ""
    try:
        return b64decode(value, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in guard.HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sent
