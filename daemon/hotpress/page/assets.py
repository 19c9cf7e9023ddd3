"""The few files that never change while hotpress runs: style, script, picture."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "static"
_KINDS = {"page.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}


@cache
def read(name: str) -> tuple[bytes, str] | None:
    """Its bytes and what they are; None for a name that is none of ours."""
    kind = _KINDS.get(name)
    return ((_FOLDER / name).read_bytes(), kind) if kind else None


@cache
def address(name: str) -> str:
    """Where it is, another one when it is another: browsers may keep it."""
    found = read(name)
    sign = hashlib.sha256(found[0] if found else b"").hexdigest()[:12]
    return f"/static/{name}?v={sign}"
