"""The first thing a child runs: it takes its limits, ties its life to the daemon's, and becomes it.

`python -I -S -B launch.py MODE PARENT NICE MEMORY FILE CPU program arguments...`; limits in bytes
and seconds, `-` for none. It imports nothing of hotpress and little else: it runs before every
program.

Why a launcher: `preexec_fn` runs Python between fork and exec, which may deadlock in a threaded
daemon; limits that the parent sets afterwards (`prlimit`) come too late for a quick program; and
the parent-death signal can only be asked for by the child itself. Cost, measured 2026-11 on two
cores: median 13 to 18 ms (`import signal` alone would add 6, hence the numbers below), while
ffmpeg itself needs 23 ms to start.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time

if sys.platform != "win32":  # which the command line refuses: there this file is only read
    import resource

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
# The same numbers on every system that hotpress supports (Linux on x86 and ARM, macOS).
_SIGKILL, _SIGPIPE, _SIGXFSZ = 9, 13, 25
_SIG_DFL = 0
_CANNOT_START = 127
_LOOK_SECONDS = 0.2  # how often the keeper looks whether the daemon lives


def _limit(which: int, value: str) -> None:
    """Lower one limit; a system that does not know it (macOS: memory) keeps its own."""
    if value == "-":
        return
    wanted = int(value)
    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    try:
        resource.setrlimit(which, (wanted, wanted))
    except (OSError, ValueError):
        if sys.platform == "linux":
            raise


def _die_with(parent: int, libc: ctypes.CDLL) -> None:
    """Linux: be killed when the thread that started us ends, which is also when its process dies.

    The kernel binds the signal to the *thread*, not to the process. That is safe here because
    `programs.run` blocks in that very thread until this program has ended and was reaped: the
    thread can't end first.
    """
    libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL)
    if os.getppid() != parent:  # it died before the line above: no signal will come any more
        os._exit(1)


def _keep(argv: list[str], parent: int) -> None:
    """Where no parent-death signal exists (macOS): start the program and watch over it."""
    child = os.fork()
    if child == 0:
        _become(argv)
    pause = 0.005
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            _end_like(status)
        if os.getppid() != parent:
            os.killpg(0, _SIGKILL)  # the group is ours: `run` starts us in a new session
        time.sleep(pause)
        pause = min(pause * 2, _LOOK_SECONDS)


def _end_like(status: int) -> None:
    if os.WIFSIGNALED(status):
        os.kill(os.getpid(), os.WTERMSIG(status))
        time.sleep(1)  # a signal that doesn't kill us: then by code, as a shell would tell it
        os._exit(128 + os.WTERMSIG(status))
    os._exit(os.waitstatus_to_exitcode(status))


def _become(argv: list[str]) -> None:
    try:
        os.execv(argv[0], argv)  # noqa: S606 - to be the program, without a shell, is the point
    except OSError as problem:
        os.write(2, f"launch: {problem.strerror}\n".encode())
        os._exit(_CANNOT_START)


def main(args: list[str]) -> None:
    """Set the limits, then be the program (`exec`) or watch over it (`keep`)."""
    mode, parent, nice, memory, file, cpu = args[:6]
    argv = args[6:]
    libc = ctypes.CDLL(None)
    os.nice(int(nice))
    _limit(resource.RLIMIT_CORE, "0")
    _limit(resource.RLIMIT_FSIZE, file)
    _limit(resource.RLIMIT_CPU, cpu)
    # Python ignores both, and an exec hands that down: a write over the limit would go unnoticed.
    libc.signal(_SIGPIPE, _SIG_DFL)
    libc.signal(_SIGXFSZ, _SIG_DFL)
    if mode == "exec":
        _die_with(int(parent), libc)
    _limit(resource.RLIMIT_AS, memory)
    if mode == "keep":
        _keep(argv, int(parent))
    _become(argv)


if __name__ == "__main__":
    main(sys.argv[1:])
