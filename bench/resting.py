"""What a process costs while it has nothing to do: for the benches that start a daemon."""

from __future__ import annotations

import os
import time
from pathlib import Path

_OF_A_PROCESS = 2  # CPUCLOCK_SCHED, linux/posix-timers.h: much finer than the ticks of `stat`


def settled(pid: int, at_most_seconds: float) -> None:
    """Wait until the start is over: three seconds in a row with next to no work."""
    end = time.monotonic() + at_most_seconds
    quiet = 0
    while quiet < 3 and time.monotonic() < end:
        before = cpu(pid)
        time.sleep(1)
        quiet = quiet + 1 if cpu(pid) - before < 0.02 else 0


def cpu(pid: int) -> float:
    """CPU seconds of a process so far, of all its threads, also of those that have ended."""
    return time.clock_gettime(~pid << 3 | _OF_A_PROCESS)


def resident(pid: int) -> int:
    """Bytes of memory that it has now."""
    fields = Path(f"/proc/{pid}/statm").read_text().split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")
