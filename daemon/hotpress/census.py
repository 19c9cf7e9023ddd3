"""All that lies in an inbox at one rescan: what is known, what is not, what is left alone."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from hotpress import takes
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

    videos: set[str] = field(default_factory=set)
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


def take(root: Path, archives: tuple[str, ...], known: Mapping[str, int], wanted: Wanted) -> Census:
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
        _files(listing, found, known, wanted)
    return found


def _files(listing: Listing, found: Census, known: Mapping[str, int], wanted: Wanted) -> None:
    """Of one folder. A video that is known costs one `lstat`, and nothing is asked of its name."""
    prefix = listing.prefix
    before, seen = known.get, found.videos.add  # a hundred thousand times each
    for entry in listing.files:
        relative = prefix + entry.name
        if (hash_before := before(relative)) is not None:
            try:
                same = hash(key_of(entry.stat(follow_symlinks=False))) == hash_before
            except OSError:
                same = False
            if same:
                seen(relative)
                continue
        kind = kind_of(entry.name)
        if kind != "video" and not wanted.may_take(kind, relative):
            found.count(relative, kind, entry)
        elif not wanted.wants(relative):
            found.ignored[takes.EXCLUDED] += 1
        else:
            seen(relative)
            found.changed.append(relative)


def hash_at(entry: os.DirEntry[str]) -> int:
    """Of the file's key; 0 when it is gone again: then a look sees."""
    try:
        return hash(key_of(entry.stat(follow_symlinks=False)))
    except OSError:
        return 0
