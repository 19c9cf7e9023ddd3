"""A Mac that has work does not fall asleep over it: `caffeinate` runs while a job does.

Only there: a Mac sleeps on its own even on mains, which stops an encode, and cuts an upload or a
paid render's download. It still sleeps when its lid is closed. Linux desktops ask before a user's
unit may keep them awake, and servers don't sleep: hotpress goes on after any sleep by itself.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, field

from hotpress import log
from hotpress.clock import Clock

# -i: no idle sleep; the screen may go dark. -w: it ends when hotpress does, however that ends.
_PROGRAM, _OPTIONS = "caffeinate", ("-i", "-w")
_PATH = "/usr/bin:/bin"
_LINGER_SECONDS = 60.0  # after the last step: a render is asked after each half minute
_END_SECONDS = 2.0  # until it is killed instead
_LOGGER = log.get("awake")


def wanted(platform: str, *, works: bool, idle_seconds: float) -> bool:
    """Should this machine stay awake now? `idle_seconds`: since a step ran last."""
    return platform == "darwin" and (works or idle_seconds < _LINGER_SECONDS)


@dataclass(slots=True)
class Awake:
    """Keeps the machine awake, or no longer; one thread calls `look` and `rest`."""

    platform: str
    pid: int  # whose end is its end
    clock: Clock
    path: str = _PATH  # where the program lies
    _child: subprocess.Popen[bytes] | None = None
    _worked_at: float = field(default=float("-inf"))

    def look(self, *, works: bool) -> bool:
        """Start or end it as it is time to; is the machine kept awake? Never raises."""
        now = self.clock.steady()
        if works:
            self._worked_at = now
        if not wanted(self.platform, works=works, idle_seconds=now - self._worked_at):
            self.rest()
        elif self._child is None or self._child.poll() is not None:
            self._child = self._started()
        return self._child is not None

    def rest(self) -> None:
        """The machine may sleep."""
        child, self._child = self._child, None
        if child is None:
            return
        child.terminate()
        try:
            child.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def _started(self) -> subprocess.Popen[bytes] | None:
        program = shutil.which(_PROGRAM, path=self.path)
        if program is None:
            return None
        try:
            return subprocess.Popen(
                [program, *_OPTIONS, str(self.pid)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={"PATH": _PATH},
            )
        except OSError as error:
            _LOGGER.warning("sleep.not_prevented", why=str(error))
            return None
