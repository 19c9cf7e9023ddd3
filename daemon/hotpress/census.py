"""All that lies in an inbox at one rescan: what is known, what is not, what is left alone."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from hotpress import takes
from hotpress.byfolder import ByFolder
from hotpress.files import key_of
from hotpress.names import kind_of
from hotpress.watch.walk import Listing, listings


class Wanted(Protocol):
    """Which files are for hotpress, by what its rules say."""

    def may_take(self, kind: str, relative: str) -> bool:
        """Is it one by its kind?"""
        ...

    def wants(self, relative: str) -> bool:
        """Is it left out by no rule?"""
        ...


@dataclass(slots=True)
class Census:
    """Of one rescan. `rules` is another number when a rule file is another one."""

    videos: ByFolder = field(default_factory=ByFolder)
    changed: list[str] = field(default_factory=list)  # videos that are not known as they are
    ignored: Counter[str] = field(default_factory=Counter)
    unreadable: list[str] = field(default_factory=list)
    folders: int = 0
    rules: int = 0

    def count(self, relative: str, kind: str, entry: os.DirEntry[str]) -> None:
        """What is no video."""
        if kind == takes.UNREADABLE:
            self.unreadable.append(relative)
        elif kind == "rules":
            self.rules ^= hash((relative, hash_at(entry)))
        else:
            self.ignored[kind] += 1


def take(root: Path, archives: tuple[str, ...], known: ByFolder, wanted: Wanted) -> Census:
    """Look at everything below `root` but `archives`. Raises OSError when it can't be read.

    `known` has the hash of the key of each wanted video that needs no look while it is the same.
    """
    found = Census()
    for listing in listings(root):
        found.folders += listing.entered
        if archives and listing.prefix.startswith(archives):
            continue
        for relative, kind, entry in listing.others:
            found.count(relative, kind, entry)
        names, others = _known(listing, known.folders.get(listing.prefix, {}))
        for entry in others:
            if _is_video(listing.prefix, entry, found, wanted):
                names[entry.name] = 0
        if names:
            found.videos.folders[listing.prefix] = names
    return found


def _known(
    listing: Listing, before: dict[str, int]
) -> tuple[dict[str, int], list[os.DirEntry[str]]]:
    """Videos of one folder that are as they were, and all else in it.

    One that is known costs one `lstat`, and nothing is asked of its name.
    """
    same = 0
    others: list[os.DirEntry[str]] = []
    for entry in listing.files:  # a hundred thousand times in all
        if (hash_before := before.get(entry.name)) is not None:
            try:
                if hash(key_of(entry.stat(follow_symlinks=False))) == hash_before:
                    same += 1
                    continue
            except OSError:
                pass  # it is gone again: a look sees
        others.append(entry)
    if same == len(before):
        return before.copy(), others
    left = {entry.name for entry in others}
    return {e.name: before[e.name] for e in listing.files if e.name not in left}, others


def _is_video(prefix: str, entry: os.DirEntry[str], found: Census, wanted: Wanted) -> bool:
    """Is it a video that is wanted? Then it is to be looked at; what else it is, is counted."""
    relative, kind = prefix + entry.name, kind_of(entry.name)
    if kind != "video" and not wanted.may_take(kind, relative):
        found.count(relative, kind, entry)
    elif not wanted.wants(relative):
        found.ignored[takes.EXCLUDED] += 1
    else:
        found.changed.append(relative)
        return True
    return False


def hash_at(entry: os.DirEntry[str]) -> int:
    """Of the file's key; 0 when it is gone again: then a look sees."""
    try:
        return hash(key_of(entry.stat(follow_symlinks=False)))
    except OSError:
        return 0
