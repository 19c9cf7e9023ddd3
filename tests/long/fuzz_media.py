"""Thousands of mutated videos: each is read or refused with a sentence, within its limits.

`scripts/long fuzz-media [--count N] [--seed N] [--first N] [--keep FOLDER]`. Prints how many ended
how, now and then and at the end; 1 when one raised anything else, or took longer than it may.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import fuzzing

SIDE_BY_SIDE = 2
AT_ONCE = 50
SAID_EVERY = 500


def some(seed: int, numbers: range) -> tuple[fuzzing.Figures, int, int]:
    """Look at these; and the most memory that this process and a child of it ever held."""
    with tempfile.TemporaryDirectory() as folder:
        figures = fuzzing.look_at(seed, numbers, Path(folder), fuzzing.Figures())
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    own, child = (fuzzing.memory_bytes(each) for each in who)
    return figures, own, child


def report(figures: fuzzing.Figures, own: int, child: int, seconds: float) -> None:
    """All that was seen."""
    print(f"{sum(figures.ended.values())} in {seconds:.0f} s, {len(figures.problems)} wrong")
    for how, count in figures.ended.most_common():
        print(f"{count:6d}  {how}")
    print(f"slowest: {figures.slowest_seconds:.1f} s ({figures.slowest})")
    print(f"most memory: {own / 1e6:.0f} MB here, {child / 1e6:.0f} MB in a child")
    for problem in figures.problems:
        print(f"WRONG {problem}")
    print(flush=True)


def main() -> int:
    """Look at all of them, and say what was seen."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="copy what went wrong to this folder")
    chosen = parser.parse_args()
    figures, own, child, began = fuzzing.Figures(), 0, 0, time.monotonic()
    end = chosen.first + chosen.count
    with ProcessPoolExecutor(SIDE_BY_SIDE) as pool:
        parts = [range(n, min(n + AT_ONCE, end)) for n in range(chosen.first, end, AT_ONCE)]
        runs = [pool.submit(some, chosen.seed, numbers) for numbers in parts]
        try:
            for run in as_completed(runs):
                more, *memory = run.result()
                figures.add(more)
                own, child = max(own, memory[0]), max(child, memory[1])
                if sum(figures.ended.values()) % SAID_EVERY == 0:
                    report(figures, own, child, time.monotonic() - began)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
    report(figures, own, child, time.monotonic() - began)
    for problem in figures.problems if chosen.keep else ():
        chosen.keep.mkdir(parents=True, exist_ok=True)
        number = int(problem.split()[0])
        (chosen.keep / f"{number}.mp4").write_bytes(fuzzing.mutant(chosen.seed, number)[1])
    return 1 if figures.problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
