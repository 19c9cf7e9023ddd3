"""Globs for paths below an inbox: `*` and `?` stay inside a name, `**` goes over folders.

Case is ignored, and so is how an accent is written. Without a slash a glob matches names at any
depth. A glob may come from a folder that others write to: none takes long, however it is written.
"""

from __future__ import annotations

import re
from functools import lru_cache

from hotpress.names import same

MOST_LETTERS, MOST_DEEP = 300, 3  # of a glob; `**` in it


def matches(pattern: str, relative: str) -> bool:
    """Does the glob match the path below the inbox?"""
    text = relative.replace("\\", "/")
    if "/" not in pattern:
        text = text.rpartition("/")[2]
    return _compiled(pattern).fullmatch(same(text)) is not None


def problem(pattern: str) -> str:
    """Why it is no glob, "" when it is one."""
    if not pattern.strip("/ "):
        return "is empty; write for example *.mov"
    if len(pattern) > MOST_LETTERS or len(re.findall(r"\*\*+", pattern)) > MOST_DEEP:
        return f"is too long; at most {MOST_LETTERS} letters, and ** {MOST_DEEP} times"
    return ""


@lru_cache(maxsize=1_000)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = same(pattern).strip("/").split("/")
    if pattern.endswith("/"):  # a folder: all that lies in it
        parts.append("**")
    words = [_over_folders(part) for part in parts[:-1]]
    last = ".*" if parts[-1] == "**" else _part(parts[-1])
    return re.compile("".join(words) + last, re.DOTALL)


def _over_folders(part: str) -> str:
    return "(?:.*/)?" if part == "**" else _part(part) + "/"


def _part(part: str) -> str:
    """One name of the path."""
    return ".*".join(_inside(piece) for piece in re.split(r"\*\*+", part))


def _inside(piece: str) -> str:
    """Up to the next `**`.

    What lies between two stars is taken where it comes first and never again: a later place could
    only leave less for the rest, and trying them all takes for ever.
    """
    first, *rest = (_letters(letters) for letters in piece.split("*"))
    if not rest:
        return first
    *between, last = rest
    return first + "".join(f"(?>[^/]*?{each})" for each in between) + "[^/]*" + last


def _letters(letters: str) -> str:
    return "".join("[^/]" if letter == "?" else re.escape(letter) for letter in letters)
