"""The page over a real store, without a daemon: what its tests and the browser's start from."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from hotpress.clock import Clock, SystemClock
from hotpress.config.live import Live
from hotpress.config.read import read_text
from hotpress.page.door import Door
from hotpress.places import Places
from hotpress.store import Store


@dataclass(frozen=True)
class Served:
    """A page that is open: `url` ends without a slash."""

    folder: Path
    store: Store
    live: Live
    door: Door
    url: str

    def client(self, **options) -> httpx.Client:
        """Somebody's browser, without a script."""
        return httpx.Client(base_url=self.url, trust_env=False, **options)

    @property
    def inbox(self) -> Path:
        return self.folder / "in"

    @property
    def outbox(self) -> Path:
        return self.folder / "out"


@contextmanager
def served(folder: Path, page: str = "", clock: Clock | None = None) -> Iterator[Served]:
    """The page at a free port, over a store in `folder` with one inbox, `travel`, in `in`.

    `page`: more of that section of the config.
    """
    for name in ("in", "out"):
        (folder / name).mkdir(exist_ok=True)
    path = folder / "config.yaml"
    path.write_text(
        f"inboxes:\n  - {{name: travel, path: {folder}/in, outbox: {folder}/out,"
        f" target_size: 60 MB}}\npage: {{listen: '127.0.0.1:0'{', ' if page else ''}{page}}}\n"
    )
    store = Store(folder / "hotpress.db")
    live = Live(read_text(path.read_text(), path, {}))
    door = Door(Places(path, folder), store, live, clock or SystemClock(), random.SystemRandom())
    door.open()
    try:
        url = json.loads(store.note("page") or "{}")["url"].rstrip("/")
        yield Served(folder, store, live, door, url)
    finally:
        door.close()
        store.close()
