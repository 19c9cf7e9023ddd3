"""HTTP: every call ends in a value, in NotSent (surely nothing happened) or in Lost (maybe).

Calls with a side effect never reuse a connection: one that the server has just closed would turn
"never arrived" into "may have happened".
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx

from hotpress import __version__
from hotpress.cloud.certificates import trusted
from hotpress.cloud.envelope import data_of
from hotpress.errors import Lost, Refused, Stopping, Unreachable
from hotpress.log import redact

_BODY_LIMIT_BYTES = 32 * 1024 * 1024
_CONNECT_SECONDS = 10.0
_WRITE_SECONDS = 60.0
_READ_SECONDS = 60.0
_NEVER_CONNECTED = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
    httpx.ProxyError,
)


class Wire:
    """The API host, and a bare client for everybody else. Safe for many threads."""

    def __init__(
        self, base_url: str, attribution: Mapping[str, str], stop: threading.Event
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.host = urlsplit(self.base_url).hostname or ""
        self._stop = stop
        context = trusted()
        headers = {"User-Agent": f"hotpress/{__version__}", "Accept": "application/json"}
        api = {"base_url": self.base_url, "headers": {**headers, **attribution}}
        self._reads = httpx.Client(verify=context, follow_redirects=False, **api)  # type: ignore[arg-type]
        self._effects = httpx.Client(
            verify=context,
            follow_redirects=False,
            limits=httpx.Limits(max_keepalive_connections=0),
            **api,  # type: ignore[arg-type]
        )
        # Nothing of ours goes to another host: no bearer, no attribution (redirects would carry
        # the X- headers along), no cookies.
        self._bare = httpx.Client(
            verify=context, follow_redirects=False, headers={"User-Agent": headers["User-Agent"]}
        )
        self._open: set[httpx.Response] = set()
        self._lock = threading.Lock()

    def get(self, path: str, token: str) -> Any:  # noqa: ANN401 - JSON
        """GET an API path; the envelope's data."""
        with self.stream("GET", path, token=token) as response:
            return data_of(response.status_code, response.headers, read(response))

    def post(
        self,
        path: str,
        token: str | None,
        *,
        body: object = None,
        content: Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        read_seconds: float = _READ_SECONDS,
    ) -> Any:  # noqa: ANN401 - JSON
        """POST to an API path; the envelope's data."""
        with self.stream(
            "POST",
            path,
            token=token,
            body=body,
            content=content,
            headers=headers,
            read_seconds=read_seconds,
        ) as response:
            return data_of(response.status_code, response.headers, read(response))

    @contextmanager
    def stream(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        body: object = None,
        content: Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        read_seconds: float = _READ_SECONDS,
    ) -> Iterator[httpx.Response]:
        """An open answer of the API. Breaks while it is read come out as Lost, too."""
        all_headers = dict(headers or {})
        if token:
            all_headers["Authorization"] = f"Bearer {token}"
        client = self._reads if method == "GET" else self._effects
        request = client.build_request(
            method,
            path,
            headers=all_headers,
            timeout=_timeout(read_seconds),
            **({"json": body} if body is not None else {"content": content}),
        )
        with self._sent(client, request) as response:
            if response.is_redirect:
                raise Refused(
                    f"the API answered with a redirect ({response.status_code}) to another address",
                    "Check cloud.api_url: hotpress doesn't follow redirects with your token.",
                    response.status_code,
                )
            yield response

    @contextmanager
    def bare(self, url: str, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        """GET from another host, with nothing of ours in the request."""
        try:
            request = self._bare.build_request(
                "GET", url, headers=dict(headers), timeout=_timeout(_READ_SECONDS)
            )
        except httpx.InvalidURL as error:
            raise no_address() from error
        with self._sent(self._bare, request) as response:
            yield response

    @contextmanager
    def _sent(self, client: httpx.Client, request: httpx.Request) -> Iterator[httpx.Response]:
        if self._stop.is_set():
            raise Stopping
        try:
            response = client.send(request, stream=True)
            with self._lock:
                self._open.add(response)
            try:
                yield response
            finally:
                with self._lock:
                    self._open.discard(response)
                response.close()
        except _NEVER_CONNECTED as error:
            raise Unreachable(
                f"no connection to {request.url.netloc.decode()}: {_words(error)}",
                "hotpress tries again by itself when the network is back.",
            ) from error
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise _lost(error, request.url.host) from error

    def cut(self) -> None:
        """End every answer that is being read, for a stop: its reader sees a broken line."""
        with self._lock:
            responses = list(self._open)
        for response in responses:
            _cut(response)

    def close(self) -> None:
        """Close all clients."""
        for client in (self._reads, self._effects, self._bare):
            client.close()


@contextmanager
def watched(
    response: httpx.Response,
    limit_seconds: float,
    note_seconds: float,
    still_working: Callable[[], None],
) -> Iterator[None]:
    """Watch over an answer that may be silent: notes meanwhile, and an end at its limit.

    A reader that waits for bytes sees no clock; its line is cut from beside it.
    """
    ended = threading.Event()

    def watch() -> None:
        left = limit_seconds
        while not ended.wait(min(note_seconds, max(left, 0.0))):
            left -= note_seconds
            if left <= 0:
                _cut(response)
                return
            still_working()

    thread = threading.Thread(target=watch, name="stream watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _cut(response: httpx.Response) -> None:
    stream = response.extensions.get("network_stream")
    sock = stream.get_extra_info("socket") if stream is not None else None
    if sock is not None:
        # It may have ended by itself meanwhile.
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def no_address() -> Refused:
    """A link of the cloud that is no web address."""
    return Refused("the download link is no web address", "hotpress asks for another.", 310)


def broken_is_lost(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The chunks of an answer; a line that breaks among them comes out as Lost."""
    try:
        yield from chunks
    except (httpx.HTTPError, httpx.StreamError) as error:
        raise _lost(error, "the cloud") from error


def _lost(error: Exception, host: str) -> Lost:
    # How a line breaks differs from time to time, and tells people nothing.
    how = "gave no answer in time" if isinstance(error, httpx.TimeoutException) else "broke"
    return Lost(
        f"the connection to {host} {how}",
        "hotpress looks whether it arrived before it does anything again.",
    )


def read(response: httpx.Response) -> bytes:
    """The whole body, at most 32 MiB."""
    parts: list[bytes] = []
    size = 0
    for part in response.iter_bytes():
        size += len(part)
        if size > _BODY_LIMIT_BYTES:
            raise Lost("the cloud's answer is over 32 MiB", "hotpress tries again by itself.")
        parts.append(part)
    return b"".join(parts)


def compact(value: object) -> str:
    """Canonical JSON: one text for one value, whatever the order of its keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _timeout(read_seconds: float) -> httpx.Timeout:
    return httpx.Timeout(read_seconds, connect=_CONNECT_SECONDS, write=_WRITE_SECONDS, pool=10.0)


def _words(error: Exception) -> str:
    """What went wrong, for people: without numbers of errors, and with no stop at its end.

    An httpx error often has an empty message: then its type says more.
    """
    said = re.sub(r"\[Errno -?\d+\] ", "", redact(str(error))).rstrip(". ")
    return said or type(error).__name__
