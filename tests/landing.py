"""Does every encode made here land? For `scripts/long sizes`, and its slice in the tests."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import clips
from onejob import OneJob

from hotpress.model import Fail, Route
from hotpress.steps import probe

# Of the original's size. The last is more than most clips can bear: they say what would do.
SHARES = (0.7, 0.4, 0.2, 0.08)
SLICE = (("bikes.mp4", 0.4), ("sample.mkv", 0.2), ("carphone_pristine.mp4", 0.7))
RESOLUTION = "720p"


@dataclass(frozen=True)
class Row:
    """One clip at one target. `share`: of the target, None where it was refused."""

    clip: str
    target_bytes: int
    size_bytes: int | None
    encodes: int
    seconds: float
    words: str

    @property
    def share(self) -> float | None:
        """Of the target that was filled."""
        return None if self.size_bytes is None else self.size_bytes / self.target_bytes

    @property
    def is_right(self) -> bool:
        """Refused with a sentence, landed, or smaller because more would not be seen."""
        if self.share is None:
            return "would do" in self.words
        landed = 0.97 <= self.share <= 1 or ("are enough" in self.words and self.share <= 1)
        return landed and self.encodes <= 4


def one(folder: Path, clip: str, share: float) -> Row:
    """Encode it here, as the finish step does, and look at what lies there."""
    path = clips.real(clip)
    target = int(path.stat().st_size * share)
    rule = {"route": Route.LOCAL, "target_bytes": target, "resolution": RESOLUTION}
    job = OneJob(folder, path, **rule)
    began = time.monotonic()
    found = probe.run(job.job, job.tools)
    if isinstance(found, Fail):
        return Row(clip, target, None, 0, time.monotonic() - began, f"{found.why}. {found.hint}")
    done = job.finished(found.job)
    size = Path(done.final.temp).stat().st_size
    seconds = time.monotonic() - began
    return Row(clip, target, size, done.final.encodes, seconds, done.final.note)
