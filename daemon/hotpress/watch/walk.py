"""All files below a folder, quickly: the truth that events only hint at."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from hotpress import names, takes
from hotpress.names import kind_of


class Found(NamedTuple):
    """One file, relative to the root, with its kind (names.kind_of). `entry`: to look closer."""

    relative: str
    kind: str
    entry: os.DirEntry[str]


class Listing(NamedTuple):
    """One folder: its plain files, and what else is in it. `prefix` is "", or ends with "/"."""

    prefix: str
    files: list[os.DirEntry[str]]
    others: list[Found]
    entered: bool = True  # False: it can't be read


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


def walk(root: Path) -> Iterator[Found]:
    """All files below `root`; links, system folders, bundles and outboxes are not entered.

    Raises OSError when the root itself can't be read. A subfolder that can't is found as
    `unreadable`, unless it is gone again.
    """
    for prefix, files, others, _ in listings(root):
        yield from others
        yield from (Found(prefix + entry.name, kind_of(entry.name), entry) for entry in files)


def listings(root: Path) -> Iterator[Listing]:
    """The same by folders, for who looks at a hundred thousand files: each call counts there."""
    base = str(root)
    listing, folders, _ = _sorted_out("", _listed(base))
    yield listing
    while folders:
        prefix, folder = folders.pop()
        try:
            entries = _listed(f"{base}/{prefix}")
        except FileNotFoundError:
            continue
        except OSError:
            found = [Found(prefix[:-1], takes.UNREADABLE, folder)]
            yield Listing(prefix, [], found, entered=False)
            continue
        listing, inner, may_deliver = _sorted_out(prefix, entries)
        if may_deliver and is_outbox(Path(base, prefix)):
            continue
        folders += inner
        yield listing


def _listed(folder: str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as listing:
        return list(listing)


def _sorted_out(
    prefix: str, entries: list[os.DirEntry[str]]
) -> tuple[Listing, list[_Folder], bool]:
    """One folder's listing, the folders in it that are to be entered, and may it be an outbox?"""
    files: list[os.DirEntry[str]] = []
    others: list[Found] = []
    folders: list[_Folder] = []
    may_deliver = False
    for entry in entries:
        if entry.is_file(follow_symlinks=False):  # nearly all are
            files.append(entry)
            continue
        name = entry.name
        may_deliver |= name == ".hotpress"
        if not entry.is_dir(follow_symlinks=False):
            kind = takes.LINK if entry.is_symlink() else takes.OTHER
            others.append(Found(prefix + name, kind, entry))
        elif names.enters(name):
            folders.append(_Folder(f"{prefix}{name}/", entry))
        elif bundle := takes.of_folder(name):
            others.append(Found(prefix + name, bundle, entry))
    return Listing(prefix, files, others), folders, may_deliver
