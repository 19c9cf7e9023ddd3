"""Rule files in a synced folder: found and read so that nothing outside the folder is touched.

Whoever shares the folder may put anything there under these names: links, pipes, huge files.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from hotpress import names
from hotpress.files import Key, key_of
from hotpress.names import FOLDER_RULES, SIDECAR_RULES, SIDECAR_WORDS

SIZE_LIMIT_BYTES = 16_000  # a page of text
SUM_LIMIT_BYTES = 64_000  # of all for one file: reading them takes its time, and they are many
FOLDERS_LIMIT = 100  # from the inbox down to a file
_IN_FOLDERS = (*FOLDER_RULES, *names.NEARLY_FOLDER_RULES)
_BESIDE = (SIDECAR_RULES, SIDECAR_WORDS, *names.NEARLY_SIDECAR_RULES)
if sys.platform != "win32":  # which the command line refuses: there this file is only read
    _FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    _FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_ABSENT = (errno.ENOENT, errno.ENAMETOOLONG, errno.ENOTDIR)
_REFUSED = (errno.EACCES, errno.EPERM)


@dataclass(frozen=True, slots=True)
class RuleFile:
    """One that is there. `name` is relative to the inbox; `problem`: why it was not read."""

    name: str
    key: Key
    text: bytes = b""
    problem: str = ""


def names_for(relative: str) -> list[str]:
    """Where rules for a file may lie, the farthest first."""
    path = PurePosixPath(relative)
    folders = [*reversed(path.parents)]
    places = [(folder / name).as_posix() for folder in folders for name in _IN_FOLDERS]
    return [*places, *(relative + ending for ending in _BESIDE)]


def keys(root: Path, relative: str) -> dict[str, Key]:
    """Which rule files there are for a file, and what changes when somebody writes them."""
    found = {}
    for folder, name, shown in _places(root, relative):
        status = _status(folder, name)
        if status is not None:
            found[shown] = key_of(status)
    return found


def read(root: Path, relative: str) -> list[RuleFile]:
    """The rule files for a file, the farthest first. Raises OSError when its folder is away."""
    found = (_read(folder, name, shown) for folder, name, shown in _places(root, relative))
    return [file for file in found if file is not None]


def _places(root: Path, relative: str) -> Iterator[tuple[int, str, str]]:
    """Each place: the folder's descriptor, the name in it, and the name for people.

    Each folder is opened from the one above it: none of them can be made a link meanwhile.
    """
    *folders, last = PurePosixPath(relative).parts
    with ExitStack() as opened:
        folder, prefix = os.open(root, _FOLDER), ""
        opened.callback(os.close, folder)
        for part in ("", *folders[:FOLDERS_LIMIT]):
            if part:
                folder, prefix = (
                    os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=folder),
                    f"{prefix}{part}/",
                )
                opened.callback(os.close, folder)
            for name in _IN_FOLDERS:
                yield folder, name, prefix + name
        if len(folders) <= FOLDERS_LIMIT:
            for ending in _BESIDE:
                yield folder, last + ending, prefix + last + ending


def _status(folder: int, name: str) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError as error:
        if error.errno in _ABSENT:
            return None
        raise


def _read(folder: int, name: str, shown: str) -> RuleFile | None:
    status = _status(folder, name)
    if status is None:
        return None
    found = RuleFile(shown, key_of(status))
    if right := names.meant_rule_file(shown):
        return RuleFile(shown, found.key, problem=f"is not read under this name; call it {right}")
    if not stat.S_ISREG(status.st_mode):  # a pipe would wait for ever, a link lead anywhere
        what = "a link" if stat.S_ISLNK(status.st_mode) else "no ordinary file"
        return RuleFile(shown, found.key, problem=f"is {what}; put a file of its own there")
    try:
        descriptor = os.open(name, _FILE, dir_fd=folder)
    except OSError as error:
        if error.errno in _ABSENT:
            return None
        if error.errno in (*_REFUSED, errno.ELOOP, errno.ENXIO):
            return RuleFile(shown, found.key, problem=f"can't be read; chmod u+r '{shown}'")
        raise
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        text = file.read(SIZE_LIMIT_BYTES + 1) if stat.S_ISREG(status.st_mode) else b""
    if len(text) > SIZE_LIMIT_BYTES:
        return RuleFile(shown, found.key, problem="is over 16 kB; rules are a page of text")
    return RuleFile(shown, key_of(status), text)
