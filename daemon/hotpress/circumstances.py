"""What a daemon finds around it: time, chance, who it is to the cloud, who oversees it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hotpress import log, places
from hotpress.clock import Clock, SystemClock
from hotpress.overseer import Overseer


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a rehearsal or a test has otherwise than a real machine."""

    clock: Clock
    chance: random.Random
    identity_folder: Path
    say: Callable[[str], None] = lambda _line: None
    overseer: Overseer = field(default_factory=Overseer)


def real() -> Circumstances:
    """This machine."""
    return Circumstances(
        SystemClock(),
        random.SystemRandom(),
        places.client_id_file().parent,
        lambda line: log.get("daemon").info("cloud.told", line=line),
    )
