"""What systemd is told of hotpress: ready, alive, loading, stopping. sd_notify's protocol, alone.

The address comes in the environment and is taken out of it: no program that hotpress starts may
speak in its name. Without one nobody listens, and nothing is sent.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path

_ADDRESS, _USEC, _PID = "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"
_CREDENTIALS = ("NEMO_TOKEN",)
_STATUS_CHARS = 300  # one line in `systemctl status`
READY, STOPPING, ALIVE = "READY=1", "STOPPING=1", "WATCHDOG=1"


@dataclass(frozen=True, slots=True)
class Overseer:
    """`watchdog_seconds`: without a sign of life for so long, it ends us; None: it doesn't look."""

    address: str = ""
    watchdog_seconds: float | None = None

    def say(self, *lines: str) -> bool:
        """Send one message; False when nobody heard it. Never blocks, never raises."""
        if not self.address:
            return False
        # A name in the kernel alone begins with @ in the environment, with a zero on the line.
        where = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
                line.setblocking(False)
                line.sendto("\n".join(lines).encode(), where)
        except (OSError, ValueError, AttributeError):
            return False  # its queue is full, or it is gone: the next message may be heard
        return True


def from_environment(environ: MutableMapping[str, str], pid: int) -> Overseer:
    """Who started us and listens; its variables are taken out of `environ`."""
    address, usec, owner = (environ.pop(name, "") for name in (_ADDRESS, _USEC, _PID))
    if not address.startswith(("/", "@")) or len(address) < 2:
        return Overseer()
    mine = owner in ("", str(pid)) and usec.isascii() and usec.isdigit() and int(usec) > 0
    return Overseer(address, int(usec) / 1e6 if mine else None)


def take_credentials(environ: MutableMapping[str, str]) -> None:
    """A token that systemd shows as a file (LoadCredential) counts as if it stood in `environ`."""
    folder = environ.get("CREDENTIALS_DIRECTORY")
    for name in _CREDENTIALS if folder else ():
        with contextlib.suppress(OSError, UnicodeError):
            text = (Path(folder or "") / name).read_text("utf-8").strip()
            if text:
                environ.setdefault(name, text)


def reloading() -> tuple[str, str]:
    """That the config is read again; READY says that this is over."""
    return "RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}"


def status(text: str) -> str:
    """What it does now, in one line for people."""
    return "STATUS=" + " ".join(text.split())[:_STATUS_CHARS]
