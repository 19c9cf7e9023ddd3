"""The cloud as one object: each method is one call of the contract."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeVar
from urllib.parse import quote, urlsplit

from hotpress.clock import Clock
from hotpress.cloud import agent
from hotpress.cloud.envelope import data_of
from hotpress.cloud.identity import Identity
from hotpress.cloud.render import Downloader, Poll, poll_of
from hotpress.cloud.state import Balance, CloudState, balance_of, state_of
from hotpress.cloud.token import Token, TokenKeeper
from hotpress.cloud.upload import Multipart, Pace
from hotpress.cloud.wire import Wire, broken_is_lost, read, watched
from hotpress.errors import Lost, RateLimited, TokenRejected

_FETCH_SECONDS = 600.0  # until it has a file from somebody else's server
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Address:
    """Where the cloud is, and what may be plain http."""

    api_url: str
    web_url: str = "https://nemovideo.com"
    plain_http: bool = False

    @property
    def is_local(self) -> bool:
        """Is the API on this very machine (a stand-in)?"""
        return urlsplit(self.api_url).hostname in _LOOPBACK


@dataclass(frozen=True, slots=True)
class Made:
    """A session that was just made."""

    id: str
    task: str
    token: int


class Cloud:
    """The client. `stop` ends everything that is under way; safe for many threads.

    Every method raises NotSent (or a Refused) when surely nothing happened, Lost when it may have.
    """

    def __init__(
        self,
        address: Address,
        identity: Identity,
        clock: Clock,
        stop: threading.Event,
        *,
        configured_token: Callable[[], str | None] = lambda: None,
        limits: agent.Limits | None = None,
        say: Callable[[str], None] = lambda _line: None,
        seen: Callable[[Balance], None] = lambda _balance: None,
        token_retry_seconds: float = 3_600.0,
    ) -> None:
        self.address = address
        self._clock = clock
        self._stop = stop
        self._seen = seen
        self._limits = limits or agent.Limits()
        self._wire = Wire(address.api_url, identity.headers(), stop)
        self._downloader = Downloader(
            self._wire,
            allow_plain=address.is_local or address.plain_http,
            allow_private=address.is_local,
            stop=stop,
        )
        self.tokens = TokenKeeper(
            identity,
            address.api_url,
            configured_token,
            self._anonymous,
            clock.now,
            say,
            token_retry_seconds,
        )

    def make_session(self, language: str) -> Made:
        """A new session, and the number of the token that it belongs to."""
        token = self.tokens.current()
        body = {"task_name": "project", "language": language}

        def call(bearer: Token) -> Made:
            path = "/api/tasks/me/with-session/nemo_agent"
            data = self._wire.post(path, bearer.value, body=body)
            session = data.get("session_id") if isinstance(data, dict) else None
            if not session or isinstance(session, bool) or not isinstance(session, str | int):
                raise Lost("the cloud opened no project", "hotpress tries again by itself.")
            return Made(str(session), str(data.get("task_id") or ""), bearer.number)

        return self._repeated(token, call)

    def upload(
        self,
        session: str,
        number: int,
        file: BinaryIO,
        *,
        name: str,
        size_bytes: int,
        progress: Callable[[int], None],
        bits_per_second: Callable[[], int | None] = lambda: None,
        stop: threading.Event | None = None,
    ) -> str:
        """Upload `file` under `name`; its sha256, taken on the way."""

        def call(bearer: Token) -> str:
            file.seek(0)
            pace = Pace(self._clock, stop or self._stop, bits_per_second)
            body = Multipart(file, name, size_bytes, progress, stop or self._stop, pace)
            self._wire.post(
                f"/api/upload-video/nemo_agent/me/{quote(session, safe='')}",
                bearer.value,
                content=body,
                headers=body.headers(),
            )
            return body.sha256

        return self._repeated(self.tokens.numbered(number), call)

    def say(
        self, session: str, number: int, text: str, still_working: Callable[[], None]
    ) -> agent.Turn:
        """One message to the agent, and its turn. Never repeated here but after a whole 1001."""
        body = {
            "app_name": "nemo_agent",
            "user_id": "me",
            "session_id": session,
            "new_message": {"parts": [{"text": text}]},
        }

        def call(bearer: Token) -> agent.Turn:
            with self._wire.stream(
                "POST",
                "/run_sse",
                token=bearer.value,
                body=body,
                headers={"Accept": "text/event-stream"},
                read_seconds=self._limits.silence_seconds,
            ) as response:
                kind = response.headers.get("content-type", "").lower()
                if response.status_code != 200 or not kind.startswith("text/event-stream"):
                    data_of(response.status_code, response.headers, read(response))
                    raise Lost("the agent's answer is no stream", "hotpress reads what came of it.")
                limits = self._limits
                with watched(response, limits.stream_seconds, limits.note_seconds, still_working):
                    return agent.listen(
                        broken_is_lost(response.iter_bytes()),
                        limits,
                        steady=self._clock.steady,
                        still_working=still_working,
                        stopping=self._stop.is_set,
                    )

        return self._repeated(self.tokens.numbered(number), call)

    def state(self, session: str, number: int) -> CloudState:
        """What the session holds now."""
        path = f"/api/state/nemo_agent/me/{quote(session, safe='')}/latest"
        return state_of(self._get(path, number))

    def credits(self, number: int | None = None) -> Balance:
        """The account's credits."""
        balance = balance_of(self._get("/api/credits/balance/simple", number))
        self._seen(balance)
        return balance

    def more_credits(self) -> str:
        """The next step for a person without credits: register, or top up."""
        token = self.tokens.known()
        if token is None or token.kind == "token":
            return "Top up the account; hotpress goes on by itself."
        if not token.user_id:
            return f"Register for more at {self.address.web_url}; hotpress goes on by itself."
        link = f"{self.address.web_url}/register?bind={quote(token.user_id, safe='')}"
        return f"Register for more: {link}; hotpress goes on by itself."

    def claim_link(self, task: str, session: str, number: int) -> str:
        """A link that opens the project in a browser. A secret: shown by its own command only."""
        body = {"task_id": task, "session_id": session}
        data = self._repeated(
            self.tokens.numbered(number),
            lambda t: self._wire.post("/api/auth/claim-token", t.value, body=body),
        )
        claim = data.get("claim_token") if isinstance(data, dict) else None
        if not claim:
            raise Lost("the cloud gave no link", "Try again.")
        return f"{self.address.web_url}/workspace/claim?ct={quote(str(claim), safe='')}"

    def upload_urls(self, session: str, number: int, urls: list[str]) -> None:
        """Let the cloud fetch files by itself; it answers when it has them."""
        body = {"urls": urls, "source_type": "url"}
        path = f"/api/upload-video/nemo_agent/me/{quote(session, safe='')}"
        self._repeated(
            self.tokens.numbered(number),
            lambda t: self._wire.post(path, t.value, body=body, read_seconds=_FETCH_SECONDS),
        )

    def submit(self, render_id: str, session: str, number: int, draft: str) -> None:
        """Ask for a render of exactly `draft` under `render_id`."""
        body = {
            "id": render_id,
            "sessionId": session,
            "draft": json.loads(draft),
            "output": {"format": "mp4", "quality": "high"},
        }
        path = "/api/render/proxy/lambda"
        self._repeated(
            self.tokens.numbered(number), lambda t: self._wire.post(path, t.value, body=body)
        )

    def poll(self, render_id: str, number: int) -> Poll:
        """How the render stands. NotKnown when the cloud does not know the id (yet)."""
        return poll_of(self._get(f"/api/render/proxy/lambda/{quote(render_id)}", number))

    def cancel(self, render_id: str, number: int) -> None:
        """Ask the cloud to stop a render."""
        path = f"/api/render/proxy/lambda/{quote(render_id)}/cancel"
        self._repeated(self.tokens.numbered(number), lambda t: self._wire.post(path, t.value))

    def download(self, url: str, path: Path, progress: Callable[[int, int | None], None]) -> int:
        """The result's bytes from the CDN into `path`, without any secret; its size."""
        return self._downloader.fetch(url, path, progress)

    def download_through_api(
        self,
        render_id: str,
        number: int,
        path: Path,
        progress: Callable[[int, int | None], None],
    ) -> int:
        """The fallback download on the API's own host."""
        return self._repeated(
            self.tokens.numbered(number),
            lambda t: self._downloader.fetch_api(
                f"/api/render/proxy/{quote(render_id)}/download", t.value, path, progress
            ),
        )

    def cut(self) -> None:
        """End all answers that are being read; `stop` must be set."""
        self._wire.cut()

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def _get(self, path: str, number: int | None) -> Any:  # noqa: ANN401 - JSON
        token = self.tokens.current() if number is None else self.tokens.numbered(number)
        return self._repeated(token, lambda t: self._wire.get(path, t.value))

    def _repeated(self, token: Token, call: Callable[[Token], T]) -> T:
        """1001 is finished inside one call: a new token, and once more.

        When no new one is granted yet, the old one is tried once more: it may have been a hiccup.
        """
        try:
            return call(token)
        except TokenRejected:
            try:
                fresh = self.tokens.replace(token)
            except RateLimited as pause:
                try:
                    return call(token)
                except TokenRejected:
                    raise pause from None
            return call(fresh)

    def _anonymous(self, client_id: str) -> Any:  # noqa: ANN401 - JSON
        try:
            return self._wire.post(
                "/api/auth/anonymous-token", None, headers={"X-Client-Id": client_id}
            )
        except TokenRejected as error:  # no token was sent: nothing that a person could mend
            raise Lost("the cloud gave no token", "hotpress tries again by itself.") from error
