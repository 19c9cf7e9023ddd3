"""`scripts/long sizes`: 12 real clips at 4 targets each; a table for docs/quality.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import clips
import landing


def main() -> int:
    """Print the table; 1 when a line of it is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", nargs="*", default=clips.TWELVE)
    chosen = parser.parse_args().clips
    rows = []
    print("| clip | target | delivered | of the target | encodes | s | said |")
    print("|---|---|---|---|---|---|---|")
    for clip in chosen:
        for share in landing.SHARES:
            with tempfile.TemporaryDirectory() as folder:
                row = landing.one(Path(folder), clip, share)
            rows.append(row)
            print(_line(row), flush=True)
    made = [row for row in rows if row.size_bytes is not None]
    wrong = [row for row in rows if not row.is_right]
    over = [row for row in made if (row.share or 0) > 1]
    most = max((row.encodes for row in made), default=0)
    print(
        f"\n{len(rows)} targets: {len(made)} delivered, {len(rows) - len(made)} refused with a "
        f"size that would do; over the target: {len(over)}, wrong: {len(wrong)}, "
        f"most encodes: {most}"
    )
    return 1 if wrong else 0


def _line(row: landing.Row) -> str:
    size = "-" if row.size_bytes is None else f"{row.size_bytes:,}"
    share = "-" if row.share is None else f"{row.share * 100:.1f} %"
    mark = "" if row.is_right else " WRONG"
    cells = (row.clip, f"{row.target_bytes:,}", size, share, row.encodes, f"{row.seconds:.0f}")
    return f"| {' | '.join(str(cell) for cell in cells)} | {row.words}{mark} |"


if __name__ == "__main__":
    sys.exit(main())
