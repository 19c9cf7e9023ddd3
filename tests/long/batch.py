"""`session: inbox` with five files, killed or robbed of its session at every request.

`scripts/long batch [--first K]`. Prints one line a request and the sum.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import batches

LAST = 100  # more requests than a batch has
SIDE_BY_SIDE = 3


def one(case: tuple[int, str]) -> tuple[int, str, str]:
    """One run; what came of it."""
    k, do = case
    folder = Path(tempfile.mkdtemp(prefix="batch-"))
    try:
        return k, do, "survived" if batches.run(folder / "run", k, do) else "no such request"
    except AssertionError as error:
        return k, do, f"WRONG: {str(error).splitlines()[0][:200] if str(error) else '?'}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """All requests, until there are no more; 1 when one was wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--first", type=int, default=1)
    first = parser.parse_args().first
    cases = [(k, do) for k in range(first, LAST) for do in ("swallow", "lose")]
    found = []
    with ProcessPoolExecutor(SIDE_BY_SIDE) as pool:
        for k, do, came in pool.map(one, cases):
            print(f"{k:3} {do:8} {came}", flush=True)
            found.append(came)
    wrong = sum(came.startswith("WRONG") for came in found)
    print(f"{found.count('survived')} faults survived, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
