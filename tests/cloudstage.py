"""The real cloud client before a stand-in, or before a server that says just what it is told."""

from __future__ import annotations

import hashlib
import io
import json
import os
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import pytest
from integration.test_standin_program import Inside, Json, clip_bytes, until

from hotpress.clock import Clock, HandClock, SystemClock
from hotpress.cloud import Balance, Cloud, Identity, Poll
from hotpress.cloud.agent import Limits, Turn
from hotpress.cloud.client import Address

DIALECTS = ("simple", "adk")
SHAPES = ("envelope", "success", "bare")
CARRIERS = ("http", "ok")
MARK = "nmv_usr_0123456789abcdef_marked"
"""A configured token that is easy to find wherever it must not be."""

KIND: Json = {"kind": True, "turn_seconds": 0, "token_again": "refuse"}
WORDS = "compress to under 60 KB at 120p"
# A throwaway pair for `localhost`, valid for a century, that no one vouches for.
_KEY = (
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgVDkvRC15VsRSvi1KzBGQTMxfDAbYX52rxhijQo3K5C+h"
    "RANCAASKGCXT7HrnLc/TpDk3uLoKiXd6UyVZ8q/VQsWj+TImHer7BZ7QbBt4Cpgh37OfQyejknfmb1+veDcX+XQMLFgH"
)
_CERTIFICATE = (
    "MIIBgDCCASWgAwIBAgIUOvH6RGxm6qA9ET2KzaCU+yjYgv4wCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJbG9jYWxob3N0"
    "MCAXDTI2MTEyNDEzMTY1MloYDzIxMjYxMDMxMTMxNjUyWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIB"
    "BggqhkjOPQMBBwNCAASKGCXT7HrnLc/TpDk3uLoKiXd6UyVZ8q/VQsWj+TImHer7BZ7QbBt4Cpgh37OfQyejknfmb1+v"
    "eDcX+XQMLFgHo1MwUTAdBgNVHQ4EFgQUiwSCSvJy0K1Vr4iuFUnFZ/yCdVAwHwYDVR0jBBgwFoAUiwSCSvJy0K1Vr4iu"
    "FUnFZ/yCdVAwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAjUbjZa5DYD8adkm2tRxtvH/g0BMeiY2O"
    "cGETAojZQE4CIQCeIbmXGCrcXMz4U7W3urenX5pcmQmrSZ7eS1g3tsWzyg=="
)


def at(kind: str, occurrence: int | list[int] | None = None, **do: Any) -> Json:
    """One row of a scenario's faults."""
    row: Json = {"kind": kind, "do": do}
    return row if occurrence is None else {**row, "occurrence": occurrence}


class Ticking(HandClock):
    """A clock that moves on by `step_seconds` whenever it is looked at, and counts the looks."""

    def __init__(self, step_seconds: float) -> None:
        super().__init__()
        self._step_seconds = step_seconds
        self.looks = threading.Semaphore(0)

    def steady(self) -> float:
        self.move(self._step_seconds)
        self.looks.release()
        return super().steady()


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived; header names in small letters."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body's value."""
        return json.loads(self.body)


Answer = bytes | Callable[[Asked], bytes | Iterator[bytes]]


def answer(status: int, body: object = b"", **headers: str) -> bytes:
    """The bytes of a whole HTTP answer; anything but bytes is sent as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {"content_length": str(len(raw)), "content_type": "application/json", **headers}
    lines = [f"HTTP/1.1 {status} Odd"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in given.items()]
    return "\r\n".join([*lines, "connection: close", "", ""]).encode() + raw


def good(data: object) -> bytes:
    """An answer with `data` in the envelope."""
    return answer(200, {"code": 0, "message": "success", "data": data})


def stream(*events: bytes | object) -> bytes:
    """A whole event stream; anything but bytes becomes the JSON of one event."""
    parts = [
        event if isinstance(event, bytes) else b"data: " + json.dumps(event).encode() + b"\n\n"
        for event in events
    ]
    return answer(200, b"".join(parts), content_type="text/event-stream")


class Odd:
    """A server that writes down what it is asked; its last answer is given again and again."""

    def __init__(self, answers: tuple[Answer, ...], folder: Path, *, tls: bool = False) -> None:
        self.answers = list(answers)
        self.asked: list[Asked] = []
        self.ending = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Conversation)
        self._server.daemon_threads = False
        self._server.odd = self  # type: ignore[attr-defined]
        if tls:
            self._server.socket = _tls(folder).wrap_socket(self._server.socket, server_side=True)
        self.host = f"localhost:{self._server.server_port}"
        self.url = f"http{'s' if tls else ''}://{self.host}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.005,))
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def silence(self, *first: bytes) -> Callable[[Asked], Iterator[bytes]]:
        """An answer that stops after `first` and stays silent until the server ends."""

        def say(_: Asked) -> Iterator[bytes]:
            yield from first
            self.ending.wait(30)

        return say

    def beats(self, clock: Ticking, *pieces: bytes) -> Callable[[Asked], Iterator[bytes]]:
        """An answer whose pieces come one by one: each when the one before has been taken."""

        def say(_: Asked) -> Iterator[bytes]:
            for piece in pieces:
                yield piece
                while not clock.looks.acquire(timeout=0.02):
                    if self.ending.is_set():
                        return

        return say

    def next_answer(self, asked: Asked) -> Iterator[bytes]:
        """What is said to this request."""
        self.asked.append(asked)
        planned = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        said = planned(asked) if callable(planned) else planned
        return iter([said]) if isinstance(said, bytes) else said


class _Conversation(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _one(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, self.path, headers, self.rfile.read(length))
        self.close_connection = True
        try:
            for piece in self.server.odd.next_answer(asked):  # type: ignore[attr-defined]
                self.wfile.write(piece)
                self.wfile.flush()
        except OSError:
            return  # the client has heard enough

    do_GET = do_POST = _one  # noqa: N815 - the names that the base class calls


def _tls(folder: Path) -> ssl.SSLContext:
    path = folder / "localhost.pem"
    sides = (("PRIVATE KEY", _KEY), ("CERTIFICATE", _CERTIFICATE))
    blocks = [f"-----BEGIN {name}-----\n{text}\n-----END {name}-----\n" for name, text in sides]
    path.write_text("".join(blocks))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


class Client:
    """A real `Cloud`, with all that it was handed and all that it told."""

    def __init__(
        self,
        api_url: str,
        folder: Path,
        *,
        clock: Clock | None = None,
        token: str | None = None,
        limits: Limits | None = None,
        plain_http: bool = False,
        web_url: str = "https://nemovideo.com",
        token_retry_seconds: float = 3_600.0,
        **identity: str,
    ) -> None:
        self.folder = folder
        self.clock = clock or SystemClock()
        self.stop = threading.Event()
        self.said: list[str] = []
        self.seen: list[Balance] = []
        self.notes = 0
        self.token = token
        self.session, self.task, self.number = "s", "t", 0
        self.draft = '{"t":[]}'
        self.cloud = Cloud(
            Address(api_url, web_url, plain_http),
            Identity(folder, **identity),
            self.clock,
            self.stop,
            configured_token=lambda: self.token,
            limits=limits,
            token_retry_seconds=token_retry_seconds,
            say=self.said.append,
            seen=self.seen.append,
        )

    def open(self) -> Self:
        """Make a session and use it."""
        made = self.cloud.make_session("en")
        self.session, self.task, self.number = made.id, made.task, made.token
        return self

    def ready(self) -> Self:
        """Session, one uploaded clip, and the draft that holds it."""
        self.open().upload()
        return self.look()

    def look(self) -> Self:
        """Take the draft as the state shows it."""
        draft = self.cloud.state(self.session, self.number).draft
        assert draft is not None
        self.draft = draft.text
        return self

    def upload(self, content: bytes | None = None, name: str = "v-1.mp4") -> str:
        """Upload a clip, or these bytes."""
        raw = clip_bytes(1, "160x90") if content is None else content
        return self.cloud.upload(
            self.session,
            self.number,
            io.BytesIO(raw),
            name=name,
            size_bytes=len(raw),
            progress=lambda _sent: None,
        )

    def say(self, text: str = WORDS) -> Turn:
        """One message to the agent."""
        return self.cloud.say(self.session, self.number, text, self._note)

    def submit(self, render_id: str = "render_1") -> None:
        """Ask for a render of the draft."""
        self.cloud.submit(render_id, self.session, self.number, self.draft)

    def poll(self, render_id: str = "render_1") -> Poll:
        """Look at a render."""
        return self.cloud.poll(render_id, self.number)

    def fetch(self, url: str, name: str = "got.mp4") -> Path:
        """Download into a file of this name."""
        path = self.folder.parent / name
        self.cloud.download(url, path, lambda _done, _total: None)
        return path

    def fetch_through_api(self, render_id: str = "render_1", name: str = "got.mp4") -> Path:
        """The fallback download."""
        path = self.folder.parent / name
        self.cloud.download_through_api(render_id, self.number, path, lambda _done, _total: None)
        return path

    def call(self, kind: str) -> object:
        """The call that a kind of the stand-in's log is about."""
        calls: dict[str, Callable[[], object]] = {
            "token": self.cloud.tokens.current,
            "claim": lambda: self.cloud.claim_link(self.task, self.session, self.number),
            "session": lambda: self.cloud.make_session("en"),
            "upload": self.upload,
            "run_sse": self.say,
            "state": lambda: self.cloud.state(self.session, self.number),
            "credits": lambda: self.cloud.credits(self.number),
            "submit": self.submit,
            "poll": self.poll,
            "cancel": lambda: self.cloud.cancel("render_1", self.number),
            "download": self.fetch_through_api,
        }
        return calls[kind]()

    def _note(self) -> None:
        self.notes += 1


CALLS = (
    "claim",
    "session",
    "upload",
    "run_sse",
    "state",
    "credits",
    "submit",
    "poll",
    "cancel",
    "download",
)
"""Every call with a bearer, by its kind in the stand-in's log."""


class Place:
    """One folder with whatever a test needs of both ends; closed with the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._open = ExitStack()
        self.standin: Inside

    def __enter__(self) -> Self:
        quick = self._open.enter_context(pytest.MonkeyPatch.context())
        # Reading the system's certificates takes 30 ms a client, and no one here vouches for any.
        quick.setenv("SSL_CERT_FILE", os.devnull)
        # How long a stand-in takes to notice its end: there are hundreds of them.
        quick.setattr("hotpress.standin.program.POLL_SECONDS", 0.005)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def cloud(self, *faults: Json, **knobs: Any) -> Inside:
        """Start the stand-in, friendly but for these knobs and faults."""
        scenario = {**KIND, **knobs, "faults": list(faults)}
        self.standin = self._open.enter_context(Inside(self.folder, scenario))
        return self.standin

    def odd(self, *answers: Answer, tls: bool = False) -> Odd:
        """Start a server that says these answers in turn."""
        return self._open.enter_context(Odd(answers, self.folder, tls=tls))

    def client(self, api_url: str | None = None, **given: Any) -> Client:
        """A client of the stand-in, or of this address; its id and token lie in `identity`."""
        folder = self.folder / given.pop("folder", "identity")
        made = Client(api_url or self.standin.api_url, folder, **given)
        self._open.callback(made.cloud.close)
        return made

    def of(self, kind: str) -> list[Json]:
        """The stand-in's log of one kind, in the order of arrival."""
        lines = [line for line in self.standin.requests() if line["kind"] == kind]
        return sorted(lines, key=lambda line: line["n"])

    def facts(self, *names: str) -> list[Json]:
        """The ledger's lines with these names."""
        return self.standin.facts(*names)


def header(line: Json, name: str) -> str | None:
    """A header of a request in the log, whatever its spelling."""
    small = {key.lower(): value for key, value in line["headers"].items()}
    return small.get(name.lower())


def rendered(client: Client, render_id: str = "render_1") -> Poll:
    """Submit, and poll until the real encoder has made the render."""
    client.submit(render_id)

    def ended() -> Poll | None:
        poll = client.poll(render_id)
        return poll if poll.status != "running" else None

    return until(ended)


def sha256(path: Path) -> str:
    """What a downloaded file is known by."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
