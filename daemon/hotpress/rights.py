"""What the system itself keeps hotpress from, beside rights: a unit's sandbox, a Mac's privacy."""

from __future__ import annotations

import errno
import os
import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Here:
    """What decides it: the system, what started hotpress (see installing), the interpreter."""

    platform: str
    unit: str
    python: str


# A Mac asks about the program behind links: a virtual environment's interpreter is one.
HERE = Here(
    sys.platform, os.environ.get("HOTPRESS_UNIT", ""), os.path.realpath(sys.executable or "")
)


def next_step(number: int | None, here: Here = HERE) -> str:
    """What helps against an OSError of this number here; "" where it is nothing special."""
    if number == errno.EROFS and here.unit == "system":
        return (
            "Its unit lets hotpress write the folders that the config had when it was installed: "
            "`sudo hotpress service install --system --now` takes those of today."
        )
    if number == errno.EPERM and here.platform == "darwin":
        return (
            f"In System Settings > Privacy & Security > Full Disk Access, add {here.python}, or "
            "allow it this folder under Files and Folders; then start hotpress again."
        )
    return ""
