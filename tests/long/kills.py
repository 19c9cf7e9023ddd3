"""200 kills -9 at seeded random moments over files in two inboxes, one kept and one archived.

`scripts/long kills [--seed N] [--kills N]`. Prints its figures in one line.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

import killing

FILES = 20


def main() -> int:
    """One run; 1 when anything was lost, doubled, orphaned or seen half."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=200)
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="kills-"))
    print(f"seed {chosen.seed}, in {folder}", flush=True)
    found = killing.run(folder / "run", chosen.seed, chosen.kills, FILES)
    print(found)
    shutil.rmtree(folder)  # after a failure it stays, to be looked at
    return 1 if found.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
