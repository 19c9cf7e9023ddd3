"""Follows one folder as the daemon does, in a process of its own, and prints what it sees.

    python follower.py ROOT [MOST_FOLDERS]

Lines: `rescan COUNT WATCHING WHY`, `hint PATH`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from hotpress.clock import SystemClock
from hotpress.config.settings import Watch
from hotpress.watch.following import MOST_FOLDERS, Following
from hotpress.watch.walk import walk

_WAIT_SECONDS = 0.5


def main() -> None:
    """Until it is killed."""
    root = Path(sys.argv[1])
    most = int(sys.argv[2]) if len(sys.argv) > 2 else MOST_FOLDERS
    following = Following(Watch(rescan="1h", poll="1h"), SystemClock(), most_folders=most)
    while True:
        if following.is_due():
            following.before(root)
            count = sum(1 for _ in walk(root))
            following.after(root, fresh=(), at_most_seconds=3_600)
            print("rescan", count, following.watching, following.told(), flush=True)
        for path in following.take(_WAIT_SECONDS):
            print("hint", path, flush=True)


if __name__ == "__main__":
    main()
