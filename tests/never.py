"""Words that people never read (glossary), and every sentence of the package to look for them.

The sentences are found in the code itself: each string of two words or more that is no comment, no
SQL and no line of the log, and the docstrings of the verbs, which `--help` prints. So a sentence
that is added is looked at without anybody's doing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import hotpress

PACKAGE = Path(hotpress.__file__).parent
NEVER = re.compile(
    r"\b(settle|settling|mezzanine|spool|draft|session|receipt|ingest|nudge|candidate|epoch"
    r"|decode|demux|mux\b|bitstream|traceback|VMAF)",
    re.IGNORECASE,
)
_SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|PRAGMA|DROP|BEGIN)\b|.*\bWHERE\b")
_LOGS = frozenset({"debug", "info", "warning", "error", "exception", "bind"})


@dataclass(frozen=True)
class Sentence:
    """Words that somebody may read; of an f-string its fixed parts, with … between them."""

    where: str
    line: int
    text: str


@cache
def trees() -> dict[str, ast.Module]:
    """Each module of the package, read once."""
    return {
        path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text("utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def sentences(below: str = "", but: tuple[str, ...] = ()) -> Iterator[Sentence]:
    """Of all modules below a folder of the package."""
    for name, tree in trees().items():
        if name.startswith(below) and not name.startswith(but or ("\0",)):
            yield from _of(name, tree)


def _of(name: str, tree: ast.Module) -> Iterator[Sentence]:
    silent = _silent(tree, verbs=name.startswith("cli/"))
    inside: set[ast.AST] = set()
    for node in ast.walk(tree):
        if node in silent:
            silent.update(ast.iter_child_nodes(node))
            continue
        if node in inside:
            continue
        text = ""
        if isinstance(node, ast.JoinedStr):
            inside.update(node.values)
            text = "…".join(
                str(part.value) if isinstance(part, ast.Constant) else "" for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        if len(text.split()) > 1 and not _SQL.match(text):
            yield Sentence(name, getattr(node, "lineno", 0), text)


def _silent(tree: ast.Module, *, verbs: bool) -> set[ast.AST]:
    """What nobody but a programmer reads: docstrings, and what is written into the log."""
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        is_verb = verbs and isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and not is_verb:
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                found.add(first.value)
        is_log = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if is_log and node.func.attr in _LOGS and "log" in ast.unparse(node.func.value).lower():
            found.add(node)
    return found
