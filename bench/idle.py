"""What waiting costs: CPU and memory of daemons that wait, beside others that do; and the start.

    python bench/idle.py [--jobs 10000] [--seconds 60] [--unmanic PROGRAM]

Real daemons, all at the same time on one machine: an inbox, an outbox, a cloud address that nobody
answers, with no job and with many that are held for approval, credits and a pause, their sources in
the inbox. Beside them a shell loop around inotifywait (Debian's inotify-tools) and Unmanic (from
PyPI, in an environment of its own), which watch an empty folder, or none. Then five starts.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from statistics import median

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
    """Print CPU, memory and start of each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--unmanic", default="", help="the unmanic program of another environment")
    options = parser.parse_args()
    shares = {}
    with tempfile.TemporaryDirectory() as name, ExitStack() as peers:
        folder = Path(name)
        running = {}
        for count in (0, options.jobs):
            made = folder / str(count)
            made.mkdir()
            fill(made, count)
            running[f"hotpress, {count} held"] = peers.enter_context(hotpress(made))
        for label, words in others(folder, options.unmanic).items():
            running[label] = peers.enter_context(started(words, folder))
        for found in running.values():
            settled(found.pid, _READY_SECONDS)
        shares = measured({label: tree(p.pid) for label, p in running.items()}, options.seconds)
        made = folder / "start"
        made.mkdir()
        fill(made, 1_000)
        wall, used = starts(made)
    print(
        f"exec to READY with 1000 known jobs: median {wall:.2f} s, {used:.2f} s of CPU (goal 1.0)"
    )
    cost = shares[f"hotpress, {options.jobs} held"] - shares["hotpress, 0 held"]
    print(f"{options.jobs} held cost {cost * 100:+.3f} % of a core (limit 0.05)")
    return 0


def others(folder: Path, unmanic: str) -> dict[str, list[str]]:
    """What is here of them: a shell loop around inotifywait, and Unmanic."""
    found = {}
    if shutil.which("inotifywait"):
        watched = folder / "watched"
        watched.mkdir()
        listen = f"inotifywait -qmr -e close_write,moved_to --format %w%f '{watched}'"
        loop = f"{listen} | while read -r f; do :; done"
        found["inotifywait loop"] = ["bash", "-c", loop]
    if unmanic:
        found["unmanic"] = [unmanic, "--port", "18888"]
    return found


def measured(pids: Mapping[str, Sequence[int]], seconds: float) -> dict[str, float]:
    """Share of a core of each over the same seconds; memory is printed beside it."""
    before = {label: sum(cpu(pid) for pid in each) for label, each in pids.items()}
    time.sleep(seconds)
    shares = {}
    for label, each in pids.items():
        shares[label] = (sum(cpu(pid) for pid in each) - before[label]) / seconds
        memory = sum(resident(pid) for pid in each)
        print(f"{label:24} {shares[label] * 100:7.3f} % of a core, {memory / 1e6:6.0f} MB resident")
    return shares


def tree(pid: int) -> list[int]:
    """A program and all that it has started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(found for child in children for found in tree(int(child)))]


def command(folder: Path) -> list[str]:
    """Hotpress on the folders that `fill` has made."""
    where = ["--config", str(folder / "config.yaml"), "--state-dir", str(folder / "state")]
    return [sys.executable, "-m", "hotpress", *where, "run"]


def hotpress(folder: Path) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """One daemon, until the block ends."""
    return started(command(folder), folder)


@contextmanager
def started(words: Sequence[str], home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program in a session of its own, which ends with the block."""
    env = {**os.environ, "HOME": str(home), "HOME_DIR": str(home)}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(words, env=env, start_new_session=True, **quiet) as program:
        try:
            yield program
        finally:
            os.killpg(program.pid, signal.SIGTERM)


def starts(folder: Path, times: int = 5) -> tuple[float, float]:
    """From exec to READY, as systemd hears it: the medians of wall clock and CPU."""
    found = []
    for number in range(times):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            address = f"{folder}/notify{number}"
            line.bind(address)
            line.settimeout(_READY_SECONDS)
            env = {**os.environ, "HOME": str(folder), "NOTIFY_SOCKET": address}
            begun = time.monotonic()
            with subprocess.Popen(command(folder), env=env) as daemon:
                line.recv(4096)
                found.append((time.monotonic() - begun, cpu(daemon.pid)))
                daemon.send_signal(signal.SIGTERM)
    return median(wall for wall, _ in found), median(used for _, used in found)


def fill(folder: Path, count: int) -> None:
    """A config, held jobs in a store, and their sources in the inbox."""
    (folder / "config.yaml").write_text(_CONFIG.format(folder=folder))
    state = folder / "state"
    state.mkdir()
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
