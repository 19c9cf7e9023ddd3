"""Names of files that are not whole yet, by whose they are. Pure.

An example of each stands in tests/unit/test_names.py. A pattern is as narrow as the program's own
habit: a person's `clip.part1.mp4` or `my.download.mp4` must never be taken for a half file. Case is
ignored.
"""

from __future__ import annotations

import re

# By the program that makes them: a pattern for the whole name. The first that fits says whose.
_HALVES = {
    "Syncthing": r"[.~]syncthing[.~].*\.tmp",
    "iCloud": r"\..*\.icloud",
    "yt-dlp": r".*\.(ytdl|part-frag[0-9]+(\.part)?|(temp|f[0-9]{3})\.(mp4|mkv|webm))",
    "Nextcloud": r"\.(~.*|.*\.~[0-9a-f]+)",
    "rsync": r"\..+\.[a-z0-9]{6}",
    "aria2": r".*\.aria2(__temp)?",
    "Resilio Sync": r".*\.(!sync|syncpart|synctemp|syncold)",
    "a browser": r".*\.(crdownload|part|partial|download|opdownload)",
    "WinSCP": r".*\.filepart",
    "Google Drive": r".*\.tmp\.drive(down|up)load",
    "Unison": r"(\.unison\..*|.*\.unison\.tmp)",
    "Office": r"~\$.*",
    "a torrent program": r".*\.(!qb|!ut|bc!)",
    "an editor": r"(.*~|.*\.~[^.]*|\..*\.sw[a-z])",
    "the file system": r"\.(fuse_hidden|nfs)[0-9a-f]+",
    "a program": r".*\.(tmp|temp)",
}
_WHOSE = [(whose, re.compile(rule, re.IGNORECASE | re.DOTALL)) for whose, rule in _HALVES.items()]
# For the many names that are no half: one look instead of sixteen.
_ANY = re.compile("|".join(f"(?:{rule})" for rule in _HALVES.values()), re.IGNORECASE | re.DOTALL)

# Beside a file that is still being fetched, under its own name or under an empty one.
_SIDE_ENDINGS = (".aria2", ".part", ".crdownload", ".partial")
# Premiere and Media Encoder put a film together from `clip.mp4.m4v` and `clip.mp4.aac`.
_PICTURES, _SOUND = ".m4v", ".aac"
_PUT_TOGETHER = re.compile(r".*\.(mp4|mov|m4v|3gp)\.m4v", re.IGNORECASE | re.DOTALL)


def is_half(name: str) -> bool:
    """Is it the name of a file that some program has not finished?"""
    return _ANY.fullmatch(name) is not None


def whose(name: str) -> str:
    """Which program gives half files such a name, "" when none does."""
    return next((by for by, rule in _WHOSE if rule.fullmatch(name)), "")


def side_files(name: str) -> tuple[str, ...]:
    """Names that, lying beside `name`, say that it is not finished."""
    beside = tuple(name + ending for ending in _SIDE_ENDINGS)
    if _PUT_TOGETHER.fullmatch(name):
        return (*beside, name[: -len(_PICTURES)] + _SOUND)
    return (*beside, name + _PICTURES)
