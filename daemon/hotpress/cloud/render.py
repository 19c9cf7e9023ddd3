"""Renders: what a poll says, in every shape, and the download from the other host."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx

from hotpress.addresses import is_public, resolved
from hotpress.cloud.envelope import data_of
from hotpress.cloud.state import number
from hotpress.cloud.wire import Wire, no_address, read
from hotpress.errors import Lost, NotKnown, Refused, Stopping
from hotpress.log import redact

_REDIRECTS = 5
_DONE = ("completed", "complete", "succeeded", "success", "done")
_FAILED = ("failed", "error")
_CANCELLED = ("cancelled", "canceled")


@dataclass(frozen=True, slots=True)
class Poll:
    """A render as the cloud tells it. `status`: running, done, failed, cancelled."""

    status: str
    progress: float | None = None
    url: str = ""
    message: str = ""


def poll_of(data: object) -> Poll:
    """From a poll's answer, in any of its shapes. Raises Lost when there is no status in it."""
    if not isinstance(data, dict) or not isinstance(data.get("status"), str):
        raise Lost("the cloud's answer has no render status", "hotpress looks again by itself.")
    raw = data["status"].lower()
    output = data.get("output")
    url = output.get("url") if isinstance(output, dict) else None
    url = url or data.get("outputUrl") or data.get("output_url") or data.get("url") or ""
    progress = data.get("progress")
    share = number(progress)
    status = "running"
    for words, name in ((_DONE, "done"), (_FAILED, "failed"), (_CANCELLED, "cancelled")):
        if raw in words:
            status = name
    if status == "done" and not url:
        raise Lost("the render is done but has no link yet", "hotpress looks again by itself.")
    said = redact(str(data.get("message") or data.get("error") or ""))[:300]
    return Poll(status, None if share is None else share / 100, str(url), said)


@dataclass(frozen=True, slots=True)
class Downloader:
    """Bytes of a render into a file, resumed by its size on disk."""

    wire: Wire
    allow_plain: bool
    allow_private: bool
    stop: threading.Event

    def fetch(self, url: str, path: Path, progress: Callable[[int, int | None], None]) -> int:
        """Download `url` to `path`; its size in bytes. Synced by the caller.

        Raises NotKnown for a stale link, Lost for a broken line (call again to resume).
        """
        for _ in range(_REDIRECTS):
            self._allowed(url)
            with self.wire.bare(url, _resume_headers(path)) as response:
                if response.is_redirect:
                    url = _joined(url, response.headers.get("location", ""))
                    continue
                return self._take(response, path, progress)
        raise Refused("the download link leads in circles", "hotpress asks for a new link.", 310)

    def fetch_api(
        self, path_of: str, token: str, path: Path, progress: Callable[[int, int | None], None]
    ) -> int:
        """The fallback: download through the API itself, with the token."""
        plain = {"Accept-Encoding": "identity"}
        with self.wire.stream("GET", path_of, token=token, headers=plain) as response:
            kind = response.headers.get("content-type", "").lower()
            if response.status_code != 200 or kind.startswith(("text/", "application/json")):
                data_of(response.status_code, response.headers, read(response))
                raise Lost("the cloud answered with something else", "It is tried again.")
            return self._take(response, path, progress)

    def _take(
        self, response: httpx.Response, path: Path, progress: Callable[[int, int | None], None]
    ) -> int:
        have = path.stat().st_size if path.exists() else 0
        status = response.status_code
        if status == 416:
            total = _total(response)
            if total == have:
                return have  # it was whole already
            _forget(path)
            raise Lost("the download didn't fit to what was here", "It starts anew.")
        if status in (403, 404, 410):
            raise NotKnown("the download link is stale", "hotpress asks for a new one.", 404)
        if status not in (200, 206):
            if status >= 500:
                raise Lost(f"the download answered with HTTP {status}", "It is tried again.")
            data_of(status, response.headers, read(response))
            raise Lost(f"the download answered with HTTP {status}", "It is tried again.")
        if status == 206 and not (_resumes(response, have) and _same_tag(response, path)):
            _forget(path)
            raise Lost("the download didn't fit to what was here", "It starts anew.")
        kind = response.headers.get("content-type", "").lower()
        if kind.startswith(("text/", "application/json")):
            raise NotKnown("the download link leads to a page, not a video", "A new one is asked.")
        return self._write(response, path, have if _resumes(response, have) else 0, progress)

    def _write(
        self,
        response: httpx.Response,
        path: Path,
        start: int,
        progress: Callable[[int, int | None], None],
    ) -> int:
        length = response.headers.get("content-length")
        total = start + int(length) if length and length.isdigit() else None
        etag = response.headers.get("etag", "")
        if start == 0:
            _forget(path)
            _etag_file(path).write_text(etag if etag.startswith('"') else "", encoding="utf-8")
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.seek(start)
            file.truncate()
            done = start
            for chunk in response.iter_raw():
                if self.stop.is_set():
                    raise Stopping
                file.write(chunk)
                done += len(chunk)
                progress(done, total)
        if total is not None and done != total:
            raise Lost("the download ended early", "It goes on where it was.")
        return done

    def _allowed(self, url: str) -> None:
        """TLS, and no address inside this house or network, unless the API is there, too."""
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise no_address() from error
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.username:
            raise no_address()
        if parts.scheme == "http" and not self.allow_plain:
            raise Refused("the download link is not encrypted", "hotpress asks for another.", 310)
        if not self.allow_private and _is_private(parts.hostname):
            raise Refused(
                "the download link leads into this machine or network",
                "hotpress doesn't follow it; see docs/architecture.md.",
                310,
            )


def _resume_headers(path: Path) -> dict[str, str]:
    """Range from what is here, only with a strong ETag: else old and new could be mixed."""
    size = path.stat().st_size if path.exists() else 0
    tag_file = _etag_file(path)
    tag = tag_file.read_text(encoding="utf-8") if size and tag_file.exists() else ""
    if not size or not tag:
        return {"Accept-Encoding": "identity"}
    return {"Range": f"bytes={size}-", "If-Range": tag, "Accept-Encoding": "identity"}


def _resumes(response: httpx.Response, have: int) -> bool:
    match = re.match(r"bytes (\d+)-", response.headers.get("content-range", ""))
    return response.status_code == 206 and match is not None and int(match[1]) == have


def _same_tag(response: httpx.Response, path: Path) -> bool:
    """Is it still the file of which a part is here?"""
    tag = _etag_file(path)
    return not tag.exists() or response.headers.get("etag", "") == tag.read_text(encoding="utf-8")


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise no_address() from error


def _total(response: httpx.Response) -> int | None:
    match = re.match(r"bytes \*/(\d+)", response.headers.get("content-range", ""))
    return int(match[1]) if match else None


def _etag_file(path: Path) -> Path:
    return path.with_name(path.name + ".etag")


def _forget(path: Path) -> None:
    path.unlink(missing_ok=True)
    _etag_file(path).unlink(missing_ok=True)


def _is_private(host: str) -> bool:
    try:
        found = resolved(host)
    except OSError:
        return False  # unknown: the connection will say so
    return not all(is_public(address) for address in found)
