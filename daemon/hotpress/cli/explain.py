"""`hotpress explain REASON`: cause and remedy."""

from __future__ import annotations

from typing import Annotated

import typer

from hotpress.errors import ConfigError
from hotpress.words import REASONS


def verb(
    reason: Annotated[str, typer.Argument(help="As `status` shows it, for example credits.")] = "",
) -> None:
    """Say what a reason means and what to do."""
    if not reason:
        for name, each in REASONS.items():
            print(f"{name:15} {each.cause}")
        return
    words = REASONS.get(reason)
    if words is None:
        known = f"there is no reason {reason!r}; known: {', '.join(REASONS)}"
        raise ConfigError([known], "`hotpress explain` lists them with their meaning.")
    print(f"{words.cause}\n{words.means}\n{words.next}\n{words.cost}")
