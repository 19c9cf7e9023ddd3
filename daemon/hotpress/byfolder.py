"""Paths kept by folder: of a hundred thousand, those of one folder are looked up together."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping


class ByFolder(MutableMapping[str, int]):
    """Path -> number. `folders` has them by what stands before the name, with its last slash."""

    def __init__(self) -> None:
        self.folders: dict[str, dict[str, int]] = {}

    def __getitem__(self, path: str) -> int:
        folder, name = _parts(path)
        return self.folders[folder][name]

    def __setitem__(self, path: str, value: int) -> None:
        folder, name = _parts(path)
        self.folders.setdefault(folder, {})[name] = value

    def __delitem__(self, path: str) -> None:
        folder, name = _parts(path)
        names = self.folders[folder]
        del names[name]
        if not names:
            del self.folders[folder]

    def __iter__(self) -> Iterator[str]:
        for folder, names in self.folders.items():
            for name in names:
                yield folder + name

    def __len__(self) -> int:
        return sum(map(len, self.folders.values()))

    def without(self, others: ByFolder) -> list[str]:
        """The paths that are not among `others`, in order."""
        found: list[str] = []
        for folder, names in self.folders.items():
            there = others.folders.get(folder, {})
            if not names.keys() <= there.keys():
                found += [folder + name for name in names if name not in there]
        return sorted(found)


def _parts(path: str) -> tuple[str, str]:
    start = path.rfind("/") + 1
    return path[:start], path[start:]
