"""Time as the stand-in knows it: every wait is divided by the speed and ends when it is stopped."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field


class StandinStoppedError(Exception):
    """Ends a request that was waiting when the stand-in was told to stop."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The two clocks and the one way to wait; `speed` 20 makes a minute last three seconds."""

    speed: float = 1.0
    stopping: threading.Event = field(default_factory=threading.Event)

    def now(self) -> float:
        """Unix time in seconds, for what people and clients see; never scaled."""
        return time.time()

    def tick(self) -> float:
        """Seconds that only go forward, for lags and deadlines; never scaled."""
        return time.monotonic()

    def scaled(self, seconds: float) -> float:
        """How many real seconds `seconds` of the stand-in's last."""
        return seconds / self.speed

    def wait(self, seconds: float) -> None:
        """Let `seconds` of the stand-in's pass, unless it is stopped meanwhile."""
        self.wait_real(self.scaled(seconds))

    def wait_real(self, seconds: float) -> None:
        """Let real seconds pass: a throttled answer keeps its rate at any speed."""
        if self.stopping.wait(max(0.0, seconds)):
            raise StandinStoppedError
