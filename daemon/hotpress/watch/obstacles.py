"""What stands against watching a folder by its events, and what helps."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from hotpress.human import count_text
from hotpress.watch.filesystems import watches_allowed

_OUR_SHARE = 0.75  # of all watches that the user may have: other programs need some, too
_RAISE = "raise fs.inotify.max_user_watches, then start hotpress again"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """In words for people."""

    why: str
    helps: str = ""


BY_CONFIG = Obstacle("watch.mode is polling")
GONE = Obstacle("the folder is not there")
SILENT = Obstacle("the system gives no word of changes here")


def most_folders(cap: int) -> tuple[int, Obstacle]:
    """How many folders may be watched here at most, and what is said where there are more."""
    allowed = watches_allowed()
    if allowed is not None and (ours := int(allowed * _OUR_SHARE)) < cap:
        why = f"it has more than {ours:,} folders, and this system allows {allowed:,} watches"
        return ours, Obstacle(why, _RAISE)
    helps = "inboxes with fewer folders each are told of changes at once"
    return cap, Obstacle(f"it has more than {cap:,} folders", helps)


def unwatched(count: int) -> Obstacle:
    """So many folders were refused: other programs have taken the watches."""
    return Obstacle(f"{count_text(count, 'folder')} can't be watched", _RAISE)


def unreliable(misses: int) -> Obstacle:
    """Only looking at everything found these files."""
    return Obstacle(f"{count_text(misses, 'file')} came here without a word of it")


def is_more_than(root: Path, limit: int) -> bool:
    """Has it more folders than `limit`, itself included? Looks no further than it must."""
    stack, count = [str(root)], 1
    while stack and count <= limit:
        try:
            with os.scandir(stack.pop()) as entries:
                inner = [e.path for e in entries if e.is_dir(follow_symlinks=False)]
        except OSError:
            continue
        count += len(inner)
        stack += inner
    return count > limit
