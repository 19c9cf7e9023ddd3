"""All files below a folder, quickly: the truth that events only hint at."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from hotpress import names, takes
from hotpress.names import kind_of


class Found(NamedTuple):
    """One file, relative to the root, with its kind (names.kind_of). `entry`: to look closer."""

    relative: str
    kind: str
    entry: os.DirEntry[str]


class _Folder(NamedTuple):
    """A folder to be looked into; `prefix` ends with a slash."""

    prefix: str
    entry: os.DirEntry[str]


def is_outbox(folder: Path) -> bool:
    """Does somebody's hotpress deliver here? Then it is never an inbox, nor a part of one."""
    try:
        return any(e.name.startswith("receipts") for e in (folder / ".hotpress").iterdir())
    except OSError:
        return False


def walk(root: Path, entered: Callable[[], object] = lambda: None) -> Iterator[Found]:
    """All files below `root`; links, system folders, bundles and outboxes are not entered.

    `entered` is called for each folder. Raises OSError when the root itself can't be read. A
    subfolder that can't is found as `unreadable`, unless it is gone again.
    """
    base = str(root)
    files, folders = _sorted_out("", _listed(base))
    entered()
    yield from files
    while folders:
        prefix, folder = folders.pop()
        try:
            entries = _listed(f"{base}/{prefix}")
        except FileNotFoundError:
            continue
        except OSError:
            yield Found(prefix[:-1], takes.UNREADABLE, folder)
            continue
        if not _delivers(base, prefix, entries):
            entered()
            files, inner = _sorted_out(prefix, entries)
            folders += inner
            yield from files


def _listed(folder: str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as listing:
        return list(listing)


def _sorted_out(prefix: str, entries: list[os.DirEntry[str]]) -> tuple[list[Found], list[_Folder]]:
    """The files of one folder, and the folders in it that are to be entered."""
    files: list[Found] = []
    folders: list[_Folder] = []
    for entry in entries:
        name = entry.name
        if entry.is_file(follow_symlinks=False):  # nearly all are: each call counts here
            files.append(Found(prefix + name, kind_of(name), entry))
        elif not entry.is_dir(follow_symlinks=False):
            kind = takes.LINK if entry.is_symlink() else takes.OTHER
            files.append(Found(prefix + name, kind, entry))
        elif names.enters(name):
            folders.append(_Folder(f"{prefix}{name}/", entry))
        elif bundle := takes.of_folder(name):
            files.append(Found(prefix + name, bundle, entry))
    return files, folders


def _delivers(base: str, prefix: str, entries: list[os.DirEntry[str]]) -> bool:
    """Is it an outbox? Only a folder with `.hotpress` in it is asked closer."""
    return any(entry.name == ".hotpress" for entry in entries) and is_outbox(Path(base, prefix))
