"""Two files of JSON Lines: what was asked (log), and what became true in the cloud (ledger).

Both are complete before the answer leaves, so that a test whose client was killed by that very
answer finds the whole truth in them.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from pathlib import Path
from typing import Any


class JsonLines:
    """An append-only file, one object a line, flushed line by line; without a path it is mute."""

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.Lock()
        self._file = None if path is None else path.open("a", encoding="utf-8", buffering=1)

    def write(self, record: dict[str, Any]) -> None:
        """Append one object."""
        line = json.dumps(record, ensure_ascii=False) + "\n"
        with self._lock:
            if self._file is not None:
                self._file.write(line)

    def close(self) -> None:
        """Close the file; what requests still under way would write is lost."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None


class Ledger:
    """The facts of the cloud. `n` is the number of the request that caused the fact."""

    def __init__(self, path: Path | None) -> None:
        self._lines = JsonLines(path)

    def fact(self, fact: str, n: int = 0, **details: Any) -> None:  # noqa: ANN401 - JSON values
        """Write one fact; n = 0 means that no request caused it."""
        self._lines.write({"fact": fact, "n": n, "at": round(time.time(), 6), **details})

    def close(self) -> None:
        """Close the file."""
        self._lines.close()


def fingerprint(secret: str) -> str:
    """Eight hex digits that tell two secrets apart without telling either."""
    return hashlib.sha256(secret.encode()).hexdigest()[:8]


def draft_sha256(draft: object) -> str:
    """Hash a draft by its canonical JSON (sorted keys, no spaces, UTF-8)."""
    text = json.dumps(draft, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
