"""Link files: which web address a `.url` or `.webloc` file names, and whether it may be. Pure."""

from __future__ import annotations

import plistlib
import re
from urllib.parse import urlsplit

from hotpress.errors import BadLink

MOST_BYTES = 64_000  # of a link file; a real one has a few hundred
_MOST_CHARS = 2_000
_NEVER = re.compile(r"[\x00-\x20\x7f-\xa0\\\"<>^`{|}\u2028\u2029\ud800-\udfff]")
_ANEW = "Save the link again from your browser; it is taken by itself."
_PLAIN = "Put the plain https address of the video into it."
_TRAILER_BYTES = 32  # of a binary property list
_MARK = b"bplist"


def address_in(name: str, data: bytes) -> str:
    """The web address in a link file's bytes. Raises BadLink, with a sentence and a next step."""
    if len(data) > MOST_BYTES:
        raise BadLink(f"it is over {MOST_BYTES // 1000} kB, and no link is so large", _ANEW)
    found = _in_plist(data) if name.lower().endswith(".webloc") else _in_ini(data)
    return checked(found.strip())


def host_of(address: str) -> str:
    """Where it leads, for people: the rest may hold secrets."""
    return urlsplit(address).hostname or ""


def checked(address: str) -> str:
    """The same address, when its text is one that may be handed on. Raises BadLink."""
    if not address:
        raise BadLink("it names no address", _ANEW)
    if len(address) > _MOST_CHARS:
        raise BadLink(f"its address has over {_MOST_CHARS} characters", _PLAIN)
    if _NEVER.search(address):
        raise BadLink("its address has characters that no web address has", _PLAIN)
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise BadLink("its address can't be understood", _PLAIN) from None
    if parts.scheme not in ("http", "https"):
        kind = parts.scheme if re.fullmatch("[a-z0-9+.-]{1,20}", parts.scheme) else "no"
        raise BadLink(f"it leads to {kind}: and only http and https are fetched", _PLAIN)
    if "@" in parts.netloc:
        why = "its address holds a name or a password, which hotpress hands to nobody"
        raise BadLink(why, _PLAIN)
    if not host or host.strip(".") == "":
        raise BadLink("its address names no computer", _PLAIN)
    return address


def _in_ini(data: bytes) -> str:
    """`URL=` below `[InternetShortcut]`, as Windows and all browsers write it."""
    found: set[str] = set()
    inside = False
    for line in map(str.strip, _text(data).splitlines()):
        if line.startswith("["):
            inside = line.lower() == "[internetshortcut]"
        elif inside and line[:4].lower() == "url=":
            found.add(line[4:].strip())
    return _only(found)


def _text(data: bytes) -> str:
    for mark, code in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"", "utf-8-sig")):
        if data.startswith(mark):
            try:
                return data.decode(code)
            except UnicodeDecodeError:
                break
    return data.decode("latin-1")


def _only(found: set[str]) -> str:
    if len(found) > 1:
        raise BadLink("it names several addresses, and a link leads to one", _ANEW)
    if not found:
        raise BadLink("it holds no web address", _ANEW)
    return found.pop()


def _in_plist(data: bytes) -> str:
    """The `URL` of a property list, as text or in Apple's binary form."""
    broken = BadLink("it is no link file that can be read", _ANEW)
    if data.startswith(_MARK) and not _counts_fit(data):
        raise broken
    try:
        found = plistlib.loads(data)
    except Exception as error:
        # A reader for friendly files: of a hostile one it raises whatever comes up.
        raise broken from error
    value = found.get("URL") if isinstance(found, dict) else None
    if not isinstance(value, str):
        raise BadLink("it holds no web address", _ANEW)
    return value


def _counts_fit(data: bytes) -> bool:
    """Can so many objects be in it? The reader would first make room for all that it claims."""
    trailer = data[-_TRAILER_BYTES:]
    return len(trailer) == _TRAILER_BYTES and int.from_bytes(trailer[8:16]) <= len(data)
