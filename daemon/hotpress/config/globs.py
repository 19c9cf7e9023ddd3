"""Globs for paths below an inbox: `*` and `?` stay inside a name, `**` goes over folders.

Case is ignored, and so is how an accent is written. Without a slash a glob matches names at any
depth; what no video can be called (`private`, without a star or an ending) is a folder, with all
that lies in it. A glob may come from a folder that others write to: none takes long, however it is
written.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import PurePosixPath

from hotpress.names import VIDEO_ENDINGS, same

MOST_LETTERS, MOST_DEEP = 300, 3  # of a glob; `**` in it
# A `**`: as a name of its own it stands for folders, or for none; in a name for anything.
_LAZY = {"folders": "(?:.*?/)??", "anything": ".*?"}
_GREEDY = {"folders": "(?:.*/)?", "anything": ".*"}


def matches(pattern: str, relative: str) -> bool:
    """Does the glob match the path below the inbox?"""
    text = relative.replace("\\", "/")
    glob = _of_a_folder(pattern)
    if "/" not in glob:
        text = text.rpartition("/")[2]
    return _compiled(glob).fullmatch(same(text)) is not None


@lru_cache(maxsize=1_000)
def _of_a_folder(pattern: str) -> str:
    """The glob for all that lies in the folder, where the last name can be no video's."""
    last = PurePosixPath(pattern.rpartition("/")[2])
    if "*" in last.name or "?" in last.name or last.suffix.lower() in VIDEO_ENDINGS:
        return pattern
    at_any_depth = "" if "/" in pattern else "**/"
    return pattern if pattern.endswith("/") else f"{at_any_depth}{pattern}/**"


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
    runs, gaps = _runs(parts)
    if not gaps:
        return re.compile(runs[0], re.DOTALL)
    first, *between, last = runs
    words = [f"(?>{first})"]
    # What lies between two gaps is taken where it comes first and never again: a later place could
    # only leave less for the rest, and trying them all takes for ever.
    words += [f"(?>{_LAZY[gap]}{run})" for gap, run in zip(gaps, between, strict=False)]
    return re.compile("".join(words) + _GREEDY[gaps[-1]] + last, re.DOTALL)


def _runs(parts: list[str]) -> tuple[list[str], list[str]]:
    """What is written between each two `**`, and what kind of gap each of these is."""
    runs, gaps = [""], []
    for number, part in enumerate(parts):
        is_last = number == len(parts) - 1
        if part == "**" and not is_last:
            gaps.append("folders")
            runs.append("")
            continue
        *open_, end = re.split(r"\*\*+", part)
        for piece in open_:
            runs[-1] += _inside(piece, first_place=True)
            gaps.append("anything")
            runs.append("")
        runs[-1] += _inside(end) + ("" if is_last else "/")
    return runs, gaps


def _inside(piece: str, *, first_place: bool = False) -> str:
    """A name, or what of it is written beside a `**`. The same of what lies between two stars.

    `first_place`: it ends where its last letters come first; else something holds its end.
    """
    first, *rest = (_letters(letters) for letters in piece.split("*"))
    if not rest:
        return first
    *between, last = rest
    ends = f"(?>[^/]*?{last})" if first_place else f"[^/]*{last}"
    return first + "".join(f"(?>[^/]*?{each})" for each in between) + ends


def _letters(letters: str) -> str:
    return "".join("[^/]" if letter == "?" else re.escape(letter) for letter in letters)
