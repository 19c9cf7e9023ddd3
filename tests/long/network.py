"""The network away in every step, both ways, and a fifth of all connections reset with many seeds.

`scripts/long network [--seeds N]`. Prints its figures, one line a scenario.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import outages

SIDE_BY_SIDE = 4


def one(run: Callable[..., Any], *case: object) -> object:
    """What came of one run, or what was wrong."""
    folder = Path(tempfile.mkdtemp(prefix="network-"))
    try:
        found = run(folder / "run", *case)
    except AssertionError as error:
        return f"WRONG: {str(error).splitlines()[0][:200] if str(error) else '?'} ({folder})"
    shutil.rmtree(folder)  # after a failure it stays, to be looked at
    return found


def main() -> int:
    """All of it; 1 when a run was wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=30)
    seeds = range(1, parser.parse_args().seeds + 1)
    steps = [(step, when) for when in outages.WHENS for step in outages.STEPS]
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        away = list(pool.map(lambda case: one(outages.cut_off, *case), steps))
        reset = list(pool.map(lambda seed: one(outages.reset_line, seed), seeds))
    for case, found in [*zip(steps, away, strict=True), *zip(seeds, reset, strict=True)]:
        print(case, found)
    good = [found for found in reset if isinstance(found, tuple)]
    resets, delivered, held = (sum(column) for column in zip(*good, strict=True))
    wrong = sum(str(found).startswith("WRONG") for found in (*away, *reset))
    lasted = sum(not str(found).startswith("WRONG") for found in away)
    print(f"offline survived {lasted} of {len(away)}")
    print(f"resets {resets} over {len(reset)} seeds: delivered {delivered}, held {held}")
    print(f"wrong {wrong}")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
