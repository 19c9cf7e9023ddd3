"""Each fault of the stand-in, alone, at its first and second occurrence: a table of what came.

`scripts/long faults [--only WORD]`. Writes docs/faults.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import shutil
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import test_faults

DOC = Path(__file__).parents[2] / "docs/faults.md"
SIDE_BY_SIDE = 3


def one(case: tuple[str, int]) -> tuple[str, int, str]:
    """Run one fault; how it ended, or what was wrong."""
    name, occurrence = case
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    try:
        return name, occurrence, test_faults.run(folder / "run", name, occurrence)
    except AssertionError as error:
        return name, occurrence, f"WRONG: {str(error).splitlines()[0][:160] if str(error) else '?'}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """Run all, print and write the table; 1 when a row is wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    chosen = parser.parse_args()
    cases = [(n, k) for n in test_faults.ROWS if chosen.only in n for k in (1, 2)]
    found: dict[str, dict[int, str]] = {}
    with ProcessPoolExecutor(SIDE_BY_SIDE) as pool:
        for name, occurrence, ended in pool.map(one, cases):
            found.setdefault(name, {})[occurrence] = ended
            print(f"{name:45} {occurrence}  {ended}", flush=True)
    wrong = [
        n
        for n, row in found.items()
        for ended in row.values()
        if ended not in (*test_faults.ROWS[n][1], "delivered")
    ]
    if not chosen.only:
        _, mark, rest = DOC.read_text(encoding="utf-8").partition("\n## ")
        DOC.write_text(table(found, len(wrong)) + mark + rest, encoding="utf-8")
    print(f"{len(cases)} runs, {len(wrong)} wrong")
    return 1 if wrong else 0


def table(found: dict[str, dict[int, str]], wrong: int) -> str:
    """The page."""
    lines = [
        "# Faults",
        "",
        "Each fault of the stand-in alone, at its first and second occurrence, `route: cloud`. In",
        "every run the source was unchanged, one result or none was there, and by the stand-in's",
        "ledger nothing was asked or rendered twice, reused or orphaned (`scripts/long faults`).",
        "",
        f"{dt.date.today().isoformat()}: {2 * len(found)} runs, {wrong} wrong.",
        "",
        "| fault | first | second |",
        "|---|---|---|",
    ]
    lines += [f"| {n} | {row.get(1, '')} | {row.get(2, '')} |" for n, row in found.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
