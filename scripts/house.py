"""House rules that a command can check: sizes of modules and functions, and no orphaned TODO."""

from __future__ import annotations

import ast
import re
import statistics
import sys
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "daemon/hotpress"
MODULE_LINES = 400
MEDIAN_LINES = 150
FUNCTION_LINES = 50


def problems() -> list[str]:
    """Every broken rule, with its place."""
    found: list[str] = []
    lengths: list[int] = []
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(PACKAGE)
        lines = text.count("\n")
        lengths.append(lines)
        if lines > MODULE_LINES:
            found.append(f"{name}: {lines} lines, at most {MODULE_LINES}")
        found += [
            f"{name}:{n}: a TODO needs its issue number"
            for n, line in enumerate(text.splitlines(), 1)
            if re.search(r"\b(TODO|FIXME)\b(?!.*#\d+)", line)
        ]
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                if length > FUNCTION_LINES:
                    found.append(
                        f"{name}: {node.name} has {length} lines, at most {FUNCTION_LINES}"
                    )
    median = statistics.median(lengths)
    if median > MEDIAN_LINES:
        found.append(f"the median module has {median} lines, at most {MEDIAN_LINES}")
    return found


if __name__ == "__main__":
    broken = problems()
    print("\n".join(broken), file=sys.stderr if broken else sys.stdout, end="\n" if broken else "")
    sys.exit(1 if broken else 0)
