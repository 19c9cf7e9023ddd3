"""The CDN: another host. It serves renders and uploads by unguessable paths, and never asks who."""

from __future__ import annotations

import re
from pathlib import Path

from hotpress.standin.cloud import Cloud
from hotpress.standin.exchange import Exchange
from hotpress.standin.renders import Render
from hotpress.standin.shapes import Reply

PARTIAL, FORBIDDEN, NOT_FOUND, NOT_SATISFIABLE = 206, 403, 404, 416
RANGE = re.compile(r"bytes=(\d*)-(\d*)$")
HEX_KEY = re.compile(r"[0-9a-f]{16}$")
PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


def cdn(cloud: Cloud, x: Exchange) -> Reply:
    """GET on the CDN's host: /r/<link>/<id>.mp4 for renders, /u/<key>/<name> for uploads."""
    leaked = x.secret_headers()
    if leaked:
        cloud.ledger.fact("cdn_got_secret", x.n, headers=leaked)
    folder, key = x.ids if len(x.ids) == 2 else ("", "")
    if folder == "u" and HEX_KEY.match(key):
        return _upload(cloud, key)
    render = cloud.renders.by_link(key) if folder == "r" else None
    if render is None:
        return Reply(NOT_FOUND, b"no such file\n", dict(PLAIN))
    if x.actions.stale_link:
        render.link_stale = True
    if cloud.renders.stale(render):
        status = cloud.chance.alternate("stale", (FORBIDDEN, NOT_FOUND))
        return Reply(status, b"link expired\n", dict(PLAIN))
    return file_reply(x, render)


def _upload(cloud: Cloud, key: str) -> Reply:
    path = cloud.folder / key
    if not path.is_file():
        return Reply(NOT_FOUND, b"no such file\n", dict(PLAIN))
    headers = {"Content-Type": "application/octet-stream"}
    return Reply(headers=headers, file=path, length=path.stat().st_size)


def file_reply(x: Exchange, render: Render) -> Reply:
    """A finished render, whole or in the range asked for; the ETag is strong."""
    path = render.path or Path()
    size, etag = render.size_bytes, f'"{render.sha256[:32]}"'
    headers = {"Content-Type": render.content_type, "ETag": etag, "Accept-Ranges": "bytes"}
    whole = Reply(headers=headers, file=path, length=size, complete=(render.id, size))
    asked = RANGE.match(str(x.headers.get("Range", "")))
    condition = x.headers.get("If-Range")
    if asked is None or (condition is not None and condition != etag):
        return whole
    span = _span(asked[1], asked[2], size)
    if span is None:
        headers["Content-Range"] = f"bytes */{size}"
        return Reply(NOT_SATISFIABLE, headers=headers)
    start, end = span
    headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    complete = (render.id, size) if end == size - 1 else None
    return Reply(PARTIAL, b"", headers, path, start, end - start + 1, complete=complete)


def _span(first: str, last: str, size: int) -> tuple[int, int] | None:
    """The first and last byte of a range; None when the file has none of it."""
    if not first:
        length = min(int(last or 0), size)
        return (size - length, size - 1) if length else None
    start, end = int(first), min(int(last) if last else size - 1, size - 1)
    return (start, end) if start <= end else None
