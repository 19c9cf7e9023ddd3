"""Is there room for what a step is about to write? Asked before, so that nothing is half."""

from __future__ import annotations

from pathlib import Path

from hotpress import files
from hotpress.errors import DiskFull
from hotpress.human import size_text
from hotpress.steps.tools import Tools
from hotpress.words import REASONS


def reserve(folder: Path, size_bytes: int, tools: Tools) -> None:
    """Raises DiskFull when `size_bytes` more would leave less than `limits.free_space` free."""
    with files.told(folder):
        free, whole = files.free_bytes(folder)
    kept = files.kept_free(whole, tools.settings.limits.free_space)
    if free - size_bytes < kept:
        where = tools.spool.parent if folder.is_relative_to(tools.spool) else folder
        raise DiskFull(
            f"the disk of {where} has {size_text(free)} free; {size_text(size_bytes)} are needed, "
            f"and {size_text(kept)} stay free (limits.free_space)",
            REASONS["disk_full"].next,
        )
