"""What the JSON form of an upload names is fetched, but from this machine only."""

from __future__ import annotations

import http.client
import ipaddress
import mimetypes
from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import unquote, urljoin, urlsplit

from hotpress.standin.cloud import Cloud
from hotpress.standin.multipart import Received, new_file
from hotpress.standin.probe import file_type
from hotpress.standin.shapes import HTTP_OK, RefusalError

FETCH_SECONDS = 60
MOST_MOVES = 5
_MOVED = frozenset({301, 302, 303, 307, 308})


def fetched(cloud: Cloud, address: str) -> Received:
    """The file at one address, wherever it has moved to. Raises RefusalError."""
    for _ in range(MOST_MOVES):
        with _asked(address) as answer:
            if answer.status in _MOVED:
                address = urljoin(address, answer.headers.get("Location", ""))
                continue
            if answer.status != HTTP_OK:
                raise RefusalError(400, f"the address answered {answer.status}")
            name = _name(address, answer.headers.get_content_type())
            file = new_file(cloud.folder, name, cloud.knobs.max_upload_bytes)
            with closing(file):
                while block := answer.read(1 << 18):
                    file.write(block)
            return file
    raise RefusalError(400, "the address leads in circles")


@contextmanager
def _asked(address: str) -> Iterator[http.client.HTTPResponse]:
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme != "http" or not _loopback(host):
        raise RefusalError(400, "the stand-in fetches only from a loopback address")
    connection = http.client.HTTPConnection(host, parts.port or 80, timeout=FETCH_SECONDS)
    try:
        connection.request("GET", parts.path + (f"?{parts.query}" if parts.query else ""))
        yield connection.getresponse()
    except (OSError, http.client.HTTPException) as error:
        raise RefusalError(400, "the address did not answer") from error
    finally:
        connection.close()


def _name(address: str, content_type: str) -> str:
    """By the address; where that has no ending of a known kind, by what the server calls it."""
    name = unquote(urlsplit(address).path).rsplit("/", 1)[-1] or "download"
    if file_type(name):
        return name
    return name + (mimetypes.guess_extension(content_type) or "")


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
