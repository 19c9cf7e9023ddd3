"""A torn store is kept aside, never thrown away, and a new one begins."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from hotpress.errors import StateDamaged
from hotpress.store.sqlite import Store


def opened(path: Path, now: float) -> tuple[Store, Path | None]:
    """The store at `path`, read once; or a new one, and where the damaged one is kept.

    Only for whoever holds the state directory's lock. Raises StateUnusable.
    """
    if path.exists() and not path.stat().st_size:
        return _anew(path, now)  # a store that was emptied looks like one that never was
    store = None
    try:
        store = Store(path)
        store.check()
    except StateDamaged:
        if store is not None:
            store.close()
        return _anew(path, now)
    return store, None


def _anew(path: Path, now: float) -> tuple[Store, Path]:
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    kept = path.with_name(f"{path.name}.damaged-{stamp}")
    number = 1
    while kept.exists():
        number += 1
        kept = path.with_name(f"{path.name}.damaged-{stamp}-{number}")
    for ending in ("", "-wal", "-shm"):
        part = path.with_name(path.name + ending)
        if part.exists():
            part.rename(kept.with_name(kept.name + ending))
    return Store(path), kept
