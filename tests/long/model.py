"""The model of docs/decisions/0005 (tests/model), all cases, also the big ones.

`scripts/long model [--only WORD] [--table] [--trace]`. Prints one line a case and the sum; with
`--table` as a Markdown table.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "model"))

from cases import BIG, CLEAN, SINGLE, WITHOUT, Case
from explorer import Found


def walks() -> Iterator[tuple[str, Case, bool]]:
    """Each case; one with a clause taken out also with all clauses in."""
    for case in WITHOUT:
        yield case.name, case, False
        yield f"{case.name}: all in", case, True
    for case in (*SINGLE, *CLEAN, *BIG):
        yield case.name, case, False


def main() -> int:
    """Walk all; 1 when one is not as expected."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--trace", action="store_true", help="print the way to each violation")
    chosen = parser.parse_args()
    if chosen.table:
        print("| case | states | seconds | found |\n|---|---:|---:|---|")
    cases, states, seconds, unexpected = 0, 0, 0.0, 0
    for name, case, whole in walks():
        if chosen.only not in name:
            continue
        found = case.explored(whole=whole)
        fine = found.clean if whole else case.as_expected(found)
        said = found.said() if fine else f"UNEXPECTED: {found.said()}"
        print(row(name, found, said) if chosen.table else line(name, found, said), flush=True)
        if chosen.trace or not fine:
            print_traces(found)
        cases, states, seconds = cases + 1, states + found.states, seconds + found.seconds
        unexpected += not fine
    print(f"{cases} walks, {states:,} states, {seconds:.0f} s, {unexpected} not as expected")
    return 1 if unexpected else 0


def line(name: str, found: Found, said: str) -> str:
    """For a terminal."""
    return f"{name:62} {found.states:10,} {found.seconds:7.1f} s  {said}"


def row(name: str, found: Found, said: str) -> str:
    """For docs."""
    return f"| {name} | {found.states:,} | {found.seconds:.1f} | {said} |"


def print_traces(found: Found) -> None:
    """Each violation and the shortest way to it."""
    for violation in found.violations:
        print(f"    {violation.sentence}:")
        for step in violation.trace:
            print(f"        {step}")


if __name__ == "__main__":
    raise SystemExit(main())
