"""What held jobs cost: CPU of a daemon that waits, with none and with many of them.

    python bench/idle.py [--jobs 10000] [--seconds 60]

One real daemon after the other on one machine: an inbox, an outbox, a cloud address that nobody
answers. The held jobs wait for approval, credits and a pause; their sources lie in the inbox.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from resting import cpu, resident, settled

from hotpress.model import Job, Reason, Rule, State
from hotpress.store import Store

_REASONS = (Reason.APPROVAL, Reason.CREDITS, Reason.PAUSED)
_READY_SECONDS = 120.0
_CONFIG = """\
cloud: {{api_url: "http://127.0.0.1:9"}}
inboxes: [{{name: Inbox, path: {folder}/Inbox, outbox: {folder}/out}}]
log: {{level: warning, format: json}}
"""


def main() -> int:
    """Print CPU and memory of both daemons, and the difference."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    shares = []
    for count in (0, options.jobs):
        share, memory = measured(count, options.seconds)
        shares.append(share)
        print(f"{count:6} held: {share * 100:.3f} % of a core, {memory / 1e6:.0f} MB resident")
    print(f"{options.jobs} held cost {(shares[1] - shares[0]) * 100:+.3f} % of a core (limit 0.05)")
    return 0


def measured(count: int, seconds: float) -> tuple[float, int]:
    """Share of a core over `seconds`, and resident bytes, once the daemon has seen everything."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        state = folder / "state"
        state.mkdir()
        fill(folder, state, count)
        config = folder / "config.yaml"
        config.write_text(_CONFIG.format(folder=folder))
        words = ["-m", "hotpress", "--config", str(config), "--state-dir", str(state), "run"]
        env = {**os.environ, "HOME": str(folder)}
        with subprocess.Popen([sys.executable, *words], env=env) as daemon:
            try:
                settled(daemon.pid, _READY_SECONDS)
                before = cpu(daemon.pid)
                time.sleep(seconds)
                return (cpu(daemon.pid) - before) / seconds, resident(daemon.pid)
            finally:
                daemon.send_signal(signal.SIGTERM)


def fill(folder: Path, state: Path, count: int) -> None:
    """Held jobs in a store, and their sources in the inbox."""
    inbox = folder / "Inbox"
    inbox.mkdir()
    store = Store(state / "hotpress.db")
    for number in range(count):
        path = inbox / f"{number:05}.mp4"
        path.write_bytes(b"x" * (1 + number % 100))
        status = path.stat()
        reason = _REASONS[number % len(_REASONS)]
        job = Job(
            id=f"job{number}",
            inbox="Inbox",
            root=str(inbox.resolve()),
            relative=path.name,
            outbox=str(folder / "out"),
            size_bytes=status.st_size,
            mtime_ns=status.st_mtime_ns,
            device=status.st_dev,
            inode=status.st_ino,
            rule=Rule(),
            created_at=time.time(),
            updated_at=time.time(),
            state=State.HELD,
            reason=reason,
            why="it waits",
            hint="for the bench",
        )
        store.add(job, "made")
    store.close()


if __name__ == "__main__":
    sys.exit(main())
