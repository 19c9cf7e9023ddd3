"""What reaches the disk, in order: each call that syncs, names or removes, on its way through."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotpress import files

Inode = tuple[int, int]


class Effects:
    """Every call goes through to the real one; files are known by inode, whatever their name."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._seen: list[tuple[str, Inode]] = []
        self._gone: dict[Inode, str] = {}
        for name, what in (("fsync", "sync"), ("fdatasync", "sync"), ("write", "write")):
            patch.setattr(os, name, self._of_descriptor(what, getattr(os, name)))
        for name in ("link", "rename", "replace"):
            patch.setattr(os, name, self._of_path("place", getattr(os, name)))
        for name in ("unlink", "remove"):
            patch.setattr(os, name, self._of_path("unlink", getattr(os, name)))
        named = files._rename_noreplace
        patch.setattr(files, "_rename_noreplace", self._of_path("place", named))

    def said(self, root: Path) -> list[str]:
        """`sync out/clip.mp4` and so on, by the names that the files have in the end."""
        names = {_inode(path): str(path.relative_to(root)) for path in (root, *root.rglob("*"))}
        names = {**self._gone, **names}
        return [f"{what} {names.get(inode, '?')}" for what, inode in self._seen]

    def _of_descriptor(self, what: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def through(descriptor: int, *rest: Any) -> Any:
            status = os.fstat(descriptor)
            self._seen.append((what, (status.st_dev, status.st_ino)))
            return call(descriptor, *rest)

        return through

    def _of_path(self, what: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def through(path: Any, *rest: Any, **named: Any) -> Any:
            inode = _inode(path) if os.path.lexists(path) else None
            done = call(path, *rest, **named)
            if inode is not None and done is not False:
                self._seen.append((what, inode))
                if what == "unlink":
                    self._gone[inode] = Path(path).name
            return done

        return through


def in_order(said: list[str], *wanted: str) -> bool:
    """Does each of `wanted` come after the one before it?"""
    rest = iter(said)
    return all(each in rest for each in wanted)


def _inode(path: Any) -> Inode:
    status = os.lstat(path)
    return status.st_dev, status.st_ino
