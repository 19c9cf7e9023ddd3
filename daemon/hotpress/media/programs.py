"""The only place that starts programs: fixed environment, limits, and an end in every case."""

from __future__ import annotations

import contextlib
import math
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import IO

from hotpress.errors import DiskFull, MediaError, Stopping

GIB = 1 << 30
_LOOK_SECONDS = 0.1  # how often stop and limits are looked at
_NICE = 10
_TAIL_BYTES = 16 * 1024
_LAUNCH = str(Path(__file__).with_name("launch.py"))
_MODE = "exec" if sys.platform == "linux" else "keep"  # launch.py says what they are
# A hostile file may claim to last for ages. setrlimit takes no more bytes, and the kernel counts
# processor time in nanoseconds: a larger number of seconds wraps, and kills at once.
_MOST_BYTES = 1 << 62
_MOST_CPU_SECONDS = 1 << 31
_REAP_SECONDS = 5.0
_CANNOT_START = 127
_SIGXFSZ_CODES = (-25, 153)  # as a signal, and as a shell would tell it


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a program may use.

    `stall_seconds`: the longest time without a sign of life. A sign is output; with `alive`, only
    a line that starts with it and differs from the last such line (ffmpeg goes on reporting its
    progress while it makes none). `cpu_seconds` None: `seconds` on every core.
    `file_bytes`: the largest file it may write; 0 for none. `memory_bytes` counts address space.
    """

    seconds: float
    stall_seconds: float | None = None
    alive: str = ""
    cpu_seconds: float | None = None
    memory_bytes: int = 4 * GIB
    file_bytes: int = 0
    output_bytes: int = 8 << 20


@dataclass(frozen=True, slots=True)
class Finished:
    """How a program ended.

    `code` is negative for a signal. `cut` names the limit that ended it: "time", "stall",
    "output", or "" when it ended by itself. `stderr_tail` has its last 16 KiB.
    """

    code: int
    stdout_bytes: bytes
    stderr_tail: str
    cut: str = ""

    @property
    def ok(self) -> bool:
        """It ended by itself and said that all is well."""
        return self.code == 0 and not self.cut

    @property
    def over_size(self) -> bool:
        """It was ended because its file grew over `Limits.file_bytes`."""
        return self.code in _SIGXFSZ_CODES

    @property
    def last_words(self) -> str:
        """The last line of its error output, for a log or a sentence."""
        lines = [line.strip() for line in self.stderr_tail.splitlines() if line.strip()]
        return lines[-1] if lines else f"it ended with code {self.code}"


def run(
    argv: Sequence[str],
    *,
    limits: Limits,
    stop: Event | None,
    on_line: Callable[[str], None] | None = None,
    stdin: IO[bytes] | None = None,
) -> Finished:
    """Run a program to its end, in this thread. `stdin`: a real file that it reads.

    With `on_line`, its output goes there line by line and is not kept. The program runs in a
    session of its own, which is killed as a group when a limit is reached, `stop` is set, or
    anything is raised here; when the daemon dies, it dies too (launch.py says how).

    Raises:
        Stopping: `stop` was set; the program is dead. Within 0.3 s.
        DiskFull: it said that the disk is full.
        MediaError: it could not be started.
    """
    if stop is not None and stop.is_set():
        raise Stopping
    child = _start(argv, limits, stdin)
    running = _Running(child, limits, stop, on_line)
    try:
        cut = running.watch()
    finally:
        _kill(child)
    code = child.returncode if child.returncode is not None else -signal.SIGKILL
    done = Finished(code, bytes(running.kept), running.tail, cut)
    _raise_for(done, argv)
    return done


def _start(argv: Sequence[str], limits: Limits, stdin: IO[bytes] | None) -> subprocess.Popen[bytes]:
    cores = os.cpu_count() or 1
    cpu = limits.cpu_seconds if limits.cpu_seconds is not None else limits.seconds * cores
    most_cpu = math.ceil(min(cpu, _MOST_CPU_SECONDS))
    sizes = [min(size, _MOST_BYTES) for size in (limits.memory_bytes, limits.file_bytes)]
    words = [str(number) for number in (os.getpid(), _NICE, *sizes, most_cpu)]
    # -I -S -B: no environment, no site packages, no byte code written (file_bytes may be 0).
    start = [sys.executable, "-I", "-S", "-B", _LAUNCH, _MODE, *words]
    return subprocess.Popen(
        [*start, *argv],
        stdin=subprocess.DEVNULL if stdin is None else stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "TMPDIR": tempfile.gettempdir(),
        },
        cwd="/",
        close_fds=True,
        start_new_session=True,
    )


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End the whole group and reap its leader. A leader that is already reaped leads no more."""
    if child.poll() is None:
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):  # it has not made its session yet, or is gone
            child.kill()
    # A program that hangs in the kernel (a share that went away) dies when that call returns; there
    # is nothing more to do, and no reason to hang as well.
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(_REAP_SECONDS)
    for pipe in (child.stdout, child.stderr):
        if pipe is not None:
            pipe.close()


def _raise_for(done: Finished, argv: Sequence[str]) -> None:
    if done.code == _CANNOT_START and done.stderr_tail.startswith("launch: "):
        raise MediaError(
            f"{argv[0]} could not be started: {done.last_words.removeprefix('launch: ')}",
            "Run `hotpress check`: it says which encoder is used and where it is looked for.",
        )
    if done.code != 0 and "No space left on device" in done.stderr_tail:
        raise DiskFull(
            "the disk became full while the smaller video was written",
            "Make room; it goes on by itself.",
        )


class _Running:
    """A started program: what it has said so far, and whether it may go on."""

    def __init__(
        self,
        child: subprocess.Popen[bytes],
        limits: Limits,
        stop: Event | None,
        on_line: Callable[[str], None] | None,
    ) -> None:
        self._child = child
        self._limits = limits
        self._stop = stop
        self._on_line = on_line
        self._began = self._alive_at = time.monotonic()
        self._sign = ""
        self._half_line = b""
        self._stderr = b""
        self.kept = bytearray()

    @property
    def tail(self) -> str:
        """The end of its error output."""
        return self._stderr.decode("utf-8", "replace")

    def watch(self) -> str:
        """Wait for its end. Returns the limit that was reached, or ""."""
        with selectors.DefaultSelector() as pipes:
            self._register(pipes, self._child.stdout, self._take_output)
            self._register(pipes, self._child.stderr, self._take_error)
            while True:
                if self._stop is not None and self._stop.is_set():
                    raise Stopping
                if cut := self._limit_reached():
                    return cut
                # Asked before listening: what it said right before its end must not be missed.
                ended = self._child.poll() is not None
                if not self._listen(pipes) and ended:
                    return ""

    @staticmethod
    def _register(
        pipes: selectors.BaseSelector, pipe: IO[bytes] | None, take: Callable[[bytes], None]
    ) -> None:
        if pipe is not None:
            pipes.register(pipe, selectors.EVENT_READ, take)

    def _listen(self, pipes: selectors.BaseSelector) -> bool:
        """Take what it says now. False when it said nothing."""
        if not pipes.get_map():
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(_LOOK_SECONDS)
            return False
        heard = False
        for key, _ in pipes.select(_LOOK_SECONDS):
            data = os.read(key.fd, 1 << 16)
            if data:
                key.data(data)
            else:
                pipes.unregister(key.fileobj)
            heard = True
        return heard

    def _limit_reached(self) -> str:
        now = time.monotonic()
        if now - self._began > self._limits.seconds:
            return "time"
        stall = self._limits.stall_seconds
        if stall is not None and now - self._alive_at > stall:
            return "stall"
        if len(self.kept) > self._limits.output_bytes or len(self._half_line) > 1 << 20:
            return "output"
        return ""

    def _take_error(self, data: bytes) -> None:
        self._stderr = (self._stderr + data)[-_TAIL_BYTES:]
        if not self._limits.alive:
            self._alive_at = time.monotonic()

    def _take_output(self, data: bytes) -> None:
        if not self._limits.alive:
            self._alive_at = time.monotonic()
        if self._on_line is None:
            self.kept += data
            return
        *lines, self._half_line = (self._half_line + data).split(b"\n")
        for raw in lines:
            line = raw.decode("utf-8", "replace").strip()
            if self._limits.alive and line.startswith(self._limits.alive) and line != self._sign:
                self._sign, self._alive_at = line, time.monotonic()
            self._on_line(line)
