"""What stands against watching a folder by its events, or looking into it, and what helps."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from hotpress import rights
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


def away(root: Path, error: OSError, here: rights.Here = rights.HERE) -> str:
    """Why the whole folder can't be looked into."""
    if error.errno in (errno.EACCES, errno.EPERM):
        special = rights.next_step(error.errno, here)
        return f"{root} may not be looked into: {special or f'chmod u+rx {quote(str(root))}'}"
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return f"{root} is not there; its videos wait until it is"
    return f"{root} can't be read: {error.strerror}; its videos wait until it can"


def closed(root: Path, folders: Sequence[str]) -> str:
    """Subfolders that nobody may look into are said, not passed over."""
    if not folders:
        return ""
    first, more = root / folders[0], len(folders) - 1
    others = f" and {count_text(more, 'other folder')}" if more else ""
    return f"{first}{others} may not be looked into: chmod u+rx {quote(str(first))}"


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
