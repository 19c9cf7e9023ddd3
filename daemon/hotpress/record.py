"""From the receipts in an outbox into the store, where they can be asked quickly."""

from __future__ import annotations

import json
from pathlib import Path

from hotpress import receipts
from hotpress.store import Store


def learn(store: Store, outbox: Path) -> None:
    """Take in what is new since the last time. Raises OSError.

    Cheap when nothing is new: the receipts' files are only opened.
    """
    key = f"receipts:{outbox}"
    mark = json.loads(store.note(key) or "{}")
    found, seen = receipts.news(outbox, mark)
    if found or seen != mark:
        store.learn(found, (key, json.dumps(seen)))
