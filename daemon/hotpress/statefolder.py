"""Where the state directory may lie."""

from __future__ import annotations

from hotpress import synced
from hotpress.config.sense import overlap
from hotpress.config.sense import real as real_path
from hotpress.config.settings import Settings
from hotpress.errors import ConfigError, StateUnusable
from hotpress.places import Places
from hotpress.watch.filesystems import NETWORK_TYPES, file_system_of


def check(where: Places, settings: Settings) -> None:
    """Files under way in an inbox would be taken as new videos. Raises ConfigError.

    On a network or synced file system the store could be torn, or brought back in an older state:
    StateUnusable.
    """
    kind, client = file_system_of(where.state), synced.of(where.state)
    if kind in NETWORK_TYPES or kind.startswith("fuse.") or client is not None:
        on = f"kept in step by {client.client}" if client else f"on a network file system ({kind})"
        raise StateUnusable(
            f"the state directory {where.state} is {on}: the store could be torn there",
            "Name a folder on this machine's own disk: hotpress --state-dir DIR",
        )
    for inbox in settings.inboxes:
        if overlap(real_path(where.state), real_path(inbox.path)):
            sentence = f"the state directory {where.state} and the inbox {inbox.path} lie inside"
            raise ConfigError([f"{sentence} each other; choose another --state-dir"])
