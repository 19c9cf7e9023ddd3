"""What of an inbox's videos is left alone, although its name is a video's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from hotpress import files, takes
from hotpress.config.selection import Selection
from hotpress.media.length import film_seconds
from hotpress.model import Delivery
from hotpress.names import kind_of
from hotpress.online import is_elsewhere
from hotpress.settle import Key
from hotpress.store import Store
from hotpress.watch.filesystems import file_system_of


@dataclass(slots=True)
class Leaves:
    """Of one inbox. `counts`: what the last rescan left alone by name, place or rule."""

    selection: Selection
    store: Store
    counts: Counter[str] = field(default_factory=Counter)
    _looked_at: dict[str, str] = field(default_factory=dict)  # what its content said: its kind
    _rules: int = 0  # which rule files there were at the last rescan

    def ignored(self) -> dict[str, int]:
        """Kind -> how many."""
        return dict(self.counts + Counter(self._looked_at.values()))

    def wants(self, relative: str) -> bool:
        """Do `include` and `exclude` let this video through?"""
        return self.selection.left_out(relative) is None

    def may_take(self, kind: str, relative: str) -> bool:
        """Is it one by its kind: a video, or a link file where the rules want those?"""
        return self.selection.may_take(kind, relative)

    def takes_by_name(self, relative: str) -> bool:
        """Is a file of this name one for hotpress?"""
        kind = kind_of(relative.rpartition("/")[2])
        return self.may_take(kind, relative) and self.wants(relative)

    def takes(self, root: Path, relative: str, key: Key) -> bool:
        """Is this settled video one for hotpress, by what lies beside it and by its content?"""
        kind = ""
        if is_live_photo(root / relative):
            kind = takes.LIVE_PHOTO
        elif result_at(self.store, root, relative, key) is not None:
            kind = takes.RESULT
        if kind:
            self._looked_at[relative] = kind
        return not kind

    def leave(self, relative: str) -> None:
        """A rule file leaves this video out."""
        self._looked_at[relative] = takes.EXCLUDED

    def rules_changed(self, now: int) -> list[str]:
        """After a rescan: rule files are others now, so what they left out is to be looked at."""
        if now == self._rules:
            return []
        self._rules = now
        found = [name for name, kind in self._looked_at.items() if kind == takes.EXCLUDED]
        for relative in found:
            self.changed(relative)
        return found

    def changed(self, relative: str) -> None:
        """A file is another one now, or gone: what its content said no longer holds."""
        self._looked_at.pop(relative, None)

    def again(self, root: Path, videos: Collection[str]) -> list[str]:
        """After a rescan: forget what is gone; films whose still is gone are to be looked at."""
        for relative in [each for each in self._looked_at if each not in videos]:
            self.changed(relative)
        films = [name for name, kind in self._looked_at.items() if kind == takes.LIVE_PHOTO]
        alone = [relative for relative in films if not _has_still(root / relative)]
        for relative in alone:
            self.changed(relative)
        return alone


def is_live_photo(path: Path) -> bool:
    """A short film beside a still of its name: a part of a picture."""
    if not takes.may_be_live_photo(path.name) or not _has_still(path):
        return False
    try:
        if is_online_only(path):  # to read it would fetch it
            return False
        return takes.is_live_photo(film_seconds(path))
    except OSError:
        return False


def is_online_only(path: Path) -> bool:
    """Do the bytes of the file at a path lie elsewhere? Raises OSError."""
    return is_elsewhere(path.lstat(), lambda: file_system_of(path.parent))


def _has_still(path: Path) -> bool:
    return any(files.is_there(path.with_name(name)) for name in takes.stills(path.name))


def result_at(store: Store, root: Path, relative: str, key: Key) -> Delivery | None:
    """Whose result lies at a path: by its bytes, whatever it is called. Raises FileError.

    It is read only where a result of its very size is known. What is known as somebody's source,
    too (delivered as it was), is a source.
    """
    device, _, size, mtime_ns, _ = key
    known = store.results_of_size(size)
    if not known:
        return None
    with files.open_source(files.Source(root, relative, size, mtime_ns, device)) as file:
        sha256 = files.sha256_of(file)
    if store.is_source(size, sha256):
        return None
    return next((each for each in known if each.output_sha256 == sha256), None)
