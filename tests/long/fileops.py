"""The daemon dies at every file operation of delivery, receipts and release, under each policy.

`scripts/long fileops [--only WORD] [--keep]`. Prints one line a policy; 1 when one was wrong.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import file_kills
from file_kills import CASES, Kill, Run, Seen

SIDE_BY_SIDE = 2


def one(kill: Kill, library: Path, keep: bool) -> tuple[Kill, Seen, str]:
    """One run; what was seen, and what came otherwise than it should."""
    folder = Path(tempfile.mkdtemp(prefix="fileops-"))
    run = Run(folder / "run", CASES[kill.case], library)
    try:
        problem = run.go(kill.when, *kill.at).wrong()
    except AssertionError as error:
        problem = f"stuck: {error}"
    if not (problem and keep):
        shutil.rmtree(folder)
    return kill, run.seen, f"{problem} in {folder}" if problem and keep else problem


def main() -> int:
    """All kills of the chosen policies."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    parser.add_argument("--again", action="store_true", help="only those killed again and again")
    parser.add_argument("--keep", action="store_true", help="keep the folders of wrong runs")
    chosen = parser.parse_args()
    wrong = 0
    with (
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(SIDE_BY_SIDE) as pool,
    ):
        library = file_kills.build(Path(folder))
        for name, case in CASES.items():
            if chosen.only not in name:
                continue
            began = time.monotonic()
            operations = Run(Path(folder) / name, case, library).learn()
            kills = [] if chosen.again else file_kills.kills(name, operations)
            kills += file_kills.again_and_again(name, operations)
            runs = [pool.submit(one, kill, library, chosen.keep) for kill in kills]
            counts: Counter[str] = Counter()
            for run in runs:
                kill, seen, problem = run.result()
                counts.update(seen.counts())
                counts["stuck"] += problem.startswith("stuck")
                if problem:
                    wrong += 1
                    print(f"  {kill}: {problem}", flush=True)
            print(line(name, len(operations), counts, time.monotonic() - began), flush=True)
    return 1 if wrong else 0


def line(name: str, operations: int, counts: Counter[str], seconds: float) -> str:
    """What is said of a policy."""
    words = ("lost", "duplicated", "half files seen", "hidden", "left over", "stuck")
    rest = ", ".join(f"{word} {counts[word]}" for word in words)
    survived = f"{operations} operations, kills survived {counts['kills']}"
    return f"{name}: {survived}, {rest} ({seconds:.0f} s)"


if __name__ == "__main__":
    raise SystemExit(main())
