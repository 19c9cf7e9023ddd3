"""Does a sync client keep a folder in step? What goes there goes on every device."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

# What the clients leave in the root of what they keep in step. Syncthing, Dropbox, Resilio:
# documented; Nextcloud and ownCloud: their client's journal. (`~/.dropbox` and `~/.sync` are
# folders of settings, in a home folder that nobody keeps in step.)
_MARKERS = {
    ".stfolder": "Syncthing",
    ".dropbox.cache": "Dropbox",
    ".sync/ID": "Resilio Sync",
    ".nextcloudsync.log": "Nextcloud",
    ".owncloudsync.log": "ownCloud",
    ".tmp.drivedownload": "Google Drive",
}
_JOURNALS = {".sync_*.db": "Nextcloud", "._sync_*.db": "ownCloud"}
_NAMES = {  # of folders that a client itself makes
    "Mobile Documents": "iCloud",
    "com~apple~CloudDocs": "iCloud",
    "CloudStorage": "a cloud drive",
}


@dataclass(frozen=True, slots=True)
class Synced:
    """A folder that `client` keeps in step with other devices."""

    root: Path
    client: str


def of(folder: Path) -> Synced | None:
    """The synced folder that `folder` lies in, None when no client's mark is seen."""
    real = Path(folder).resolve(strict=False)
    for place in (real, *real.parents):
        if place.name in _NAMES:
            return Synced(place, _NAMES[place.name])
        client = _client(place)
        if client:
            return Synced(place, client)
    return None


def propagates(inbox: Path, policy: str, archive: Path | None) -> Synced | None:
    """Would this source policy take a source away on other devices, too? Where, by whom."""
    if policy == "keep":
        return None
    synced = of(inbox)
    if synced is None:
        return None
    if policy == "archive" and archive is not None:
        target = Path(archive).resolve(strict=False)
        if synced.root == target or synced.root in target.parents:
            return None  # it only moves inside what is kept in step
    return synced


def _client(folder: Path) -> str:
    for name, client in _MARKERS.items():
        if os.path.lexists(folder / name):
            return client
    if (folder / ".dropbox").is_file():
        return "Dropbox"
    try:
        hidden = [entry.name for entry in os.scandir(folder) if entry.name.startswith(".")]
    except OSError:
        return ""
    for pattern, client in _JOURNALS.items():
        if any(fnmatchcase(name, pattern) for name in hidden):
            return client
    return ""
