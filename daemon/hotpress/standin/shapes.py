"""The JSON shapes that the cloud's answers come in, and its errors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hotpress.standin.chance import Chance
from hotpress.standin.lies import HTML
from hotpress.standin.scenario import Knobs

JSON_TYPE = "application/json; charset=utf-8"
HTTP_OK = 200
STATUS_OF_CODE = {1001: 401, 1002: 404, 2001: 200, 4001: 415, 4002: 413}
"""HTTP statuses of the service's own codes; codes from 400 to 599 are statuses themselves."""

MESSAGES = {
    0: "success",
    1001: "token expired or invalid",
    1002: "session not found",
    2001: "insufficient credits",
    4001: "unsupported file type",
    4002: "file too large",
    400: "bad request",
    402: "export is not part of the free plan",
    403: "scope missing",
    404: "not found",
    409: "id already exists",
    429: "too many requests",
}


class RefusalError(Exception):
    """A route's way to answer with an error code."""

    def __init__(self, code: int, message: str = "", retry_after: int = 0) -> None:
        super().__init__(message or MESSAGES.get(code, "error"))
        self.code, self.retry_after = code, retry_after


@dataclass(slots=True)
class Reply:
    """An answer: bytes, a stretch of a file, or a stream whose steps are the work itself."""

    status: int = HTTP_OK
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    file: Path | None = None
    start: int = 0
    length: int = 0
    stream: Iterator[bytes] | None = None
    ends_with_client: bool = False
    complete: tuple[str, int] | None = None
    """(render id, bytes): written to the ledger as download_complete with the last bytes."""

    @property
    def size(self) -> int:
        """Bytes of the body; a stream's are not known."""
        return self.length if self.file is not None else len(self.body)


def json_reply(content: object, status: int = HTTP_OK, retry_after: int = 0) -> Reply:
    """An answer in JSON."""
    headers = {"Content-Type": JSON_TYPE}
    if retry_after:
        headers["Retry-After"] = str(retry_after)
    return Reply(status, json.dumps(content, ensure_ascii=False).encode(), headers)


@dataclass(slots=True)
class Shapes:
    """Chooses the shape of each answer, as the scenario's knobs say."""

    knobs: Knobs
    chance: Chance

    def _of(self, name: str, values: tuple[str, ...]) -> str:
        value = str(getattr(self.knobs, name))
        return self.chance.alternate(name, values) if value == "mixed" else value

    def dialect(self) -> str:
        """Simple or adk, for one stream."""
        return self._of("dialect", ("simple", "adk"))

    def poverty(self) -> str:
        """How 2001 is told: envelope, event or text."""
        return self._of("out_of_credits_as", ("envelope", "event", "text"))

    def disconnect(self) -> str:
        """Whether a client that goes away ends its turn: continues or cancels."""
        return self._of("disconnect", ("continues", "cancels"))

    def good(self, data: dict[str, Any]) -> Reply:
        """The success of any call but the render proxy's."""
        shape = self._of("api_shape", ("envelope", "success", "bare"))
        if shape == "bare":
            return json_reply(data)
        if shape == "success":
            return json_reply({"success": True, "data": data})
        return json_reply({"code": 0, "message": MESSAGES[0], "data": data})

    def render(self, data: dict[str, Any], url: str = "") -> Reply:
        """The success of the render proxy: inside `data`, or at top level (with output.url)."""
        if self._of("render_shape", ("top", "data")) == "top":
            return json_reply({**data, "output": {"url": url}} if url else data)
        inner = {**data, "outputUrl": url} if url else data
        return json_reply({"success": True, "data": inner})

    def error(self, code: int, message: str = "", retry_after: int = 0) -> Reply:
        """An error: always with its code, under its own HTTP status or under 200."""
        status = STATUS_OF_CODE.get(code, code if code in range(400, 600) else HTTP_OK)
        if self._of("errors_as", ("http", "ok")) == "ok":
            status = HTTP_OK
        words = message or MESSAGES.get(code, "error")
        shape = self._of("api_shape", ("envelope", "success", "bare"))
        content: dict[str, Any] = {"code": code, "message": words}
        if shape == "success":
            content["success"] = False
        elif shape == "envelope":
            content["data"] = None
        return json_reply(content, status, retry_after)


def html_reply(status: int) -> Reply:
    """A proxy's page where JSON, a stream or a video should be."""
    return Reply(status, HTML, {"Content-Type": "text/html; charset=utf-8"})
