"""Two computers on one synced folder: a word of courtesy in the outbox, so that one of them works.

Each daemon keeps a small file beside the receipts and renews it. Who sees the file of another one
that is older (the lowest id wins) leaves the folder to it. Two that start within the time that a
sync client needs may both work, and pay: this is courtesy, not a lock.
"""

from __future__ import annotations

import json
import os
import random
from dataclasses import asdict, dataclass
from pathlib import Path

from hotpress.clock import fresh_id, iso
from hotpress.files import sync_folder
from hotpress.outbox import PRIVATE

RENEW_SECONDS = 3_600.0
STALE_SECONDS = 2.5 * RENEW_SECONDS  # two renewals missed: that computer is off
_SIZE_LIMIT_BYTES = 4_000
_ID_BITS = 40


@dataclass(frozen=True, slots=True)
class Peer:
    """One daemon, as it tells of itself. Times in seconds since 1970."""

    id: str
    host: str
    pid: int
    boot: str  # "" where the system has no name for its start
    at: float
    since: str = ""  # for people who look into the file


def new_id(now: float, chance: random.Random) -> str:
    """A daemon's id: the time of its state directory first, so that who was there first wins."""
    return f"{int(now):012d}-{fresh_id(chance, _ID_BITS)}"


def announce(outbox: Path, me: Peer) -> None:
    """Write (or renew) this daemon's own file, whole or not at all."""
    folder = outbox / PRIVATE
    temp = folder / f".daemon-{me.id}.part"
    text = json.dumps({**asdict(me), "since": me.since or iso(me.at)})
    temp.write_text(text + "\n", encoding="utf-8")
    temp.replace(_file(outbox, me.id))
    sync_folder(folder)


def withdraw(outbox: Path, me: Peer) -> None:
    """An orderly stop: others may go on at once."""
    _file(outbox, me.id).unlink(missing_ok=True)


def owner(outbox: Path, me: Peer, now: float) -> Peer | None:
    """The daemon that this folder is left to; None when it is this one. The lowest id wins."""
    first = min(_peers(outbox, me, now), key=lambda p: p.id, default=me)
    return None if first.id >= me.id else first


def living(outbox: Path, me: Peer, now: float) -> list[str]:
    """The hosts of all other daemons that deliver here and live."""
    return [peer.host for peer in _peers(outbox, me, now)]


def _peers(outbox: Path, me: Peer, now: float) -> list[Peer]:
    found = []
    for path in (outbox / PRIVATE).glob("daemon-*.json"):
        try:
            with path.open(encoding="utf-8") as file:
                peer = Peer(**json.loads(file.read(_SIZE_LIMIT_BYTES)))
            if peer.id != me.id and _is_alive(peer, me, now):
                found.append(peer)
        except (OSError, ValueError, TypeError):
            continue  # torn, or on its way: the next look sees it
    return found


def _is_alive(peer: Peer, me: Peer, now: float) -> bool:
    if abs(now - peer.at) > STALE_SECONDS:
        return False
    if peer.host != me.host or not me.boot:
        return True
    if peer.boot != me.boot:
        return False  # this very machine has restarted since
    try:
        os.kill(peer.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _file(outbox: Path, id_: str) -> Path:
    return outbox / PRIVATE / f"daemon-{id_}.json"
