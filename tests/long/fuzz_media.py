"""Thousands of mutated videos: each is read or refused with a sentence, within its limits.

`scripts/long fuzz-media [--count N] [--seed N] [--keep FOLDER]`. Prints how many ended how; 1 when
one raised anything else, or took longer than it may.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import fuzzing


def main() -> int:
    """Look at all of them, and say what was seen."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="copy what went wrong to this folder")
    chosen = parser.parse_args()
    figures = fuzzing.Figures()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for start in range(0, chosen.count, 100):
            numbers = range(start, min(start + 100, chosen.count))
            fuzzing.look_at(chosen.seed, numbers, Path(folder), figures)
            seconds = time.monotonic() - began
            print(f"{numbers.stop} in {seconds:.0f} s, {len(figures.problems)} wrong", flush=True)
    for how, count in figures.ended.most_common():
        print(f"{count:6d}  {how}")
    print(f"slowest: {figures.slowest_seconds:.1f} s ({figures.slowest})")
    own, child = (
        fuzzing.memory_bytes(who) / 1e6 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(f"most memory: {own:.0f} MB here, {child:.0f} MB in a child")
    for problem in figures.problems:
        print(f"WRONG {problem}")
        if chosen.keep:
            chosen.keep.mkdir(parents=True, exist_ok=True)
            number = int(problem.split()[0])
            (chosen.keep / f"{number}.mp4").write_bytes(fuzzing.mutant(chosen.seed, number)[1])
    return 1 if figures.problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
