"""From the store and the folders: what there is to tell of the inboxes of one outbox."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path

from hotpress.human import one_line
from hotpress.reach import NoAnswer, within
from hotpress.store import Failed, Store, whole
from hotpress.telling.scene import Arriving, Scene


def gathered(
    store: Store, inboxes: Mapping[str, Path], failed: list[Failed], patience: float, now: float
) -> Scene:
    """The scene of these inboxes (name -> folder)."""
    names = list(inboxes)
    hung = json.loads(store.note("hung") or "{}")
    arriving: list[Arriving] = []
    troubles: list[str] = []
    for name, folder in inboxes.items():
        note = json.loads(store.note(f"inbox:{name}") or "{}")
        arriving += [_arriving(each, folder, now) for each in note.get("arriving", [])]
        why = hung.get(name) or note.get("why")
        if (why and note.get("watch") == "unreachable") or name in hung:
            troubles.append(f"The folder {folder} can't be looked at: {one_line(why)}")
    count, first_at = store.in_line(names)
    return Scene(
        waiting=tuple(store.glance_waiting(names)),
        failed=tuple(failed),
        arriving=tuple(arriving),
        in_line=count,
        in_line_seconds=0.0 if first_at is None else now - first_at,
        troubles=tuple(troubles),
        patience_seconds=patience,
        now=now,
    )


def _arriving(each: Mapping[str, object], folder: Path, now: float) -> Arriving:
    path = Path(str(each["path"]))
    since = datetime.fromisoformat(str(each["since"])).timestamp()
    name = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name
    return Arriving(name, int(str(each["bytes"])), now - since, str(each["why"]))


def sources_there(failed: Iterable[Failed]) -> list[Failed] | None:
    """Those whose very version is still there; None when a folder does not answer."""
    by_root: dict[str, list[Failed]] = {}
    for each in failed:
        by_root.setdefault(each.root, []).append(each)
    found: list[Failed] = []
    for root, theirs in by_root.items():
        try:
            found += within(Path(root), partial(_there, Path(root), theirs))
        except NoAnswer:
            return None
    return found


def _there(root: Path, failed: list[Failed]) -> list[Failed]:
    return [each for each in failed if _is_there(root / each.relative, each)]


def _is_there(path: Path, failed: Failed) -> bool:
    try:
        status = path.lstat()
    except OSError:
        return False
    return (status.st_size, whole(status.st_mtime_ns)) == (failed.size_bytes, failed.mtime_ns)
