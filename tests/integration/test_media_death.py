"""When the daemon is killed, what it has started ends, too. A real SIGKILL."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hotpress.media import encoder

pytestmark = pytest.mark.slow

# As in the daemon: a worker thread starts the program, the main thread waits.
DAEMON = """
import sys, threading
from hotpress.media import programs
programs._MODE = sys.argv[1]
limits = programs.Limits(seconds=60)
def hear(line):
    print(line, flush=True)
def work():
    programs.run(sys.argv[2:], limits=limits, stop=None, on_line=hear)
threading.Thread(target=lambda: None).start()  # a thread that ends ends nothing
worker = threading.Thread(target=work)
worker.start()
worker.join()
"""


def state(pid: int) -> str:
    """The letter of a process; "" when it is gone. Z: dead, and not yet collected by init."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return ""


def children(pid: int) -> list[int]:
    """All that descend from it."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            parents[int(entry.name)] = int(fields[1])
    found = [child for child, parent in parents.items() if parent == pid]
    return found + [deeper for child in found for deeper in children(child)]


def lives(pid: int) -> bool:
    """It runs, sleeps or waits."""
    return state(pid) not in ("", "Z", "X")


@pytest.mark.parametrize("mode", ["exec", "keep"])
def test_killed_daemon_leaves_no_encoder(mode: str) -> None:
    """`exec` is Linux's way (a signal from the kernel), `keep` the one of systems without it."""
    ffmpeg = [encoder.find().path, "-nostdin", "-loglevel", "error", "-progress", "pipe:1", "-re"]
    source = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25", "-f", "null", "-"]
    daemon = subprocess.Popen(
        [sys.executable, "-c", DAEMON, mode, *ffmpeg, *source], stdout=subprocess.PIPE
    )
    assert daemon.stdout is not None
    with daemon.stdout:
        assert daemon.stdout.readline()  # it encodes
        started = children(daemon.pid)
        assert len(started) == (1 if mode == "exec" else 2)
        assert all(lives(pid) for pid in started)
        os.kill(daemon.pid, signal.SIGKILL)
        began = time.monotonic()
        daemon.wait()
        while any(lives(pid) for pid in started):
            assert time.monotonic() - began < 2
            time.sleep(0.01)
    print(f"{mode}: ended {time.monotonic() - began:.2f} s after the daemon")
