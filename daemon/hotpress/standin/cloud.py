"""The whole cloud in one place: built once, handed to every route."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from dataclasses import dataclass
from pathlib import Path

from hotpress.standin.accounts import Accounts
from hotpress.standin.chance import Chance
from hotpress.standin.faults import Book
from hotpress.standin.ledger import JsonLines, Ledger
from hotpress.standin.pace import Pace
from hotpress.standin.renderer import Renderer
from hotpress.standin.renders import Renders
from hotpress.standin.scenario import Knobs, Scenario
from hotpress.standin.sessions import Sessions
from hotpress.standin.shapes import Shapes


@dataclass(slots=True)
class Cloud:
    """Everything that requests share. All of its state changes under `lock`."""

    knobs: Knobs
    pace: Pace
    chance: Chance
    book: Book
    log: JsonLines
    ledger: Ledger
    lock: threading.RLock
    accounts: Accounts
    sessions: Sessions
    renders: Renders
    renderer: Renderer
    shapes: Shapes
    folder: Path
    cdn_url: str = ""

    def kill_client(self, when: str, n: int) -> None:
        """SIGKILL the process whose id is in the scenario's file at this very moment."""
        try:
            words = Path(self.knobs.kill_pid_file).read_text("utf-8").split()
            pid = int(words[0])
        except (OSError, ValueError, IndexError):
            pid = 0
        if pid <= 1 or pid == os.getpid():
            self.ledger.fact("kill_missed", n, when=when)
            return
        # The fact first: the killed client's restarter may look at once.
        self.ledger.fact("killed", n, when=when, pid=pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        """Wake all that waits, stop the encoder, close the files."""
        self.pace.stopping.set()
        self.renderer.stop()
        self.log.close()
        self.ledger.close()


def build(
    scenario: Scenario,
    *,
    seed: int,
    speed: float,
    log: Path | None,
    ledger: Path | None,
    folder: Path,
) -> Cloud:
    """Put a cloud together."""
    knobs, lock = scenario.knobs, threading.RLock()
    pace, chance, facts = Pace(speed), Chance(seed), Ledger(ledger)
    accounts = Accounts(knobs, chance, facts, lock)
    for entry in knobs.tokens:
        accounts.add_configured(entry, pace.now())
    renders = Renders(knobs, facts, pace, lock)
    return Cloud(
        knobs=knobs,
        pace=pace,
        chance=chance,
        book=Book(scenario.faults),
        log=JsonLines(log),
        ledger=facts,
        lock=lock,
        accounts=accounts,
        sessions=Sessions(knobs, chance, facts, pace, lock),
        renders=renders,
        renderer=Renderer(renders, facts, pace, folder),
        shapes=Shapes(knobs, chance),
        folder=folder,
    )
