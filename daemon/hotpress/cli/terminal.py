"""How lines get onto a terminal, or plain into a pipe. Names stand last, so nothing can shift them.

Colours are the terminal's own, and only those that can be read on dark and on light: green, red,
magenta, bold and dim. With `NO_COLOR`, in a pipe and on a dumb terminal there are none.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from hotpress.model import State

GOOD, BAD, HELD, QUIET, LOUD = "green", "red", "magenta", "dim", "bold"
STATES = {State.DELIVERED: GOOD, State.FAILED: BAD, State.HELD: HELD, State.WAITING: HELD}
_WIDE_COLUMNS = 120
_PIPE_COLUMNS = 100_000


@dataclass(frozen=True, slots=True)
class Line:
    """`rest` may be long: it goes on below itself, to the right of `start`."""

    start: Text
    rest: Text


def line(start: str = "", rest: str = "", style: str = "", rest_style: str = "") -> Line:
    """A line of two plain texts."""
    return Line(Text(start, style=style), Text(rest, style=rest_style))


def console() -> Console:
    """For standard output: coloured on a terminal, else plain and never cut."""
    stdout = sys.stdout
    if hasattr(stdout, "reconfigure"):
        stdout.reconfigure(errors="replace")  # a name must not be what ends a list
    if not stdout.isatty():
        return Console(color_system=None, force_terminal=False, width=_PIPE_COLUMNS)
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return Console(color_system=None, highlight=False)
    return Console(highlight=False)


def is_wide(out: Console) -> bool:
    """Is there room for all of a job in one line?"""
    return out.width >= _WIDE_COLUMNS


def show(out: Console, lines: Iterable[Line]) -> None:
    """Print them."""
    if out.is_terminal:
        out.print(drawn(lines))
    else:
        print("\n".join((one.start.plain + one.rest.plain).rstrip() for one in lines))


def drawn(lines: Iterable[Line]) -> Group:
    """The lines, as wide as the terminal is at that moment."""
    return Group(*(_hanging(one) for one in lines))


def fitting(out: Console, lines: Iterable[Line]) -> Group:
    """The same for a screen of its own: where it is too low, the last row says what is missing."""
    all_lines = list(lines)
    heights = [len(out.render_lines(_hanging(one), pad=False)) for one in all_lines]
    if sum(heights) <= out.height:
        return drawn(all_lines)
    kept, used = [], 0
    for one, height in zip(all_lines, heights, strict=True):
        if used + height > out.height - 1:
            break
        kept.append(one)
        used += height
    missing = sum(heights) - used
    return drawn([*kept, line(f"... {missing} more lines: make the window higher", style=QUIET)])


def _hanging(one: Line) -> Table | Text:
    if not one.rest.plain or not one.start.plain:
        return one.start if one.start.plain else one.rest
    grid = Table.grid()
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(one.start, one.rest)
    return grid


def bar(share: float | None, width: int) -> Text:
    """`━━━━━━╸─────`: nothing where nobody knows."""
    if share is None or width <= 0:
        return Text(" " * max(0, width))
    halves = int(share * width * 2)
    full = "━" * (halves // 2) + ("╸" if halves % 2 else "")
    return Text(full, style=GOOD).append("─" * (width - len(full)), style=QUIET)
