"""What a target will look like, in figures and in words: pure. Sizes in bytes, VMAF 0-100."""

from __future__ import annotations

import math
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from hotpress.human import seconds_text, size_text
from hotpress.media.samples import Probe
from hotpress.model import FLOORS

LOOKS_THE_SAME, HARDLY_DIFFERENT, SOFT = FLOORS["best"], FLOORS["good"], FLOORS["ok"]
VISIBLY_SOFT = 60.0
_TIE = 0.5  # points: less is no difference, and the larger frame wins


def best_of(probes: Sequence[Probe]) -> Probe | None:
    """The best one; of those within half a point of it the one with the largest frame."""
    top = max((probe.quality.mean for probe in probes), default=0.0)
    near = [probe for probe in probes if probe.quality.mean > top - _TIE]
    return max(near, key=lambda probe: probe.frame[0] * probe.frame[1], default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a video would look like at a target.

    `probes` has one of each frame that was tried at the target's rate, the largest first; none
    when the target leaves too little for any picture. Frames below one that is clearly worse than
    the best were not tried. `enough_bytes` is the size at which `floor` is reached, in
    `enough_frame`: None when it is reached at the target, no floor was given, or no size below
    `most_bytes` (the original's) would do.
    """

    target_bytes: int
    seconds: float
    frame: tuple[int, int]
    probes: tuple[Probe, ...] = ()
    floor: float | None = None
    enough_bytes: int | None = None
    enough_frame: tuple[int, int] | None = None
    most_bytes: int = 0

    @property
    def best(self) -> Probe | None:
        """The frame to take at this target, and how it looks."""
        return best_of(self.probes)

    @property
    def vmaf(self) -> float:
        """What the best frame reaches; 0 when nothing can be made."""
        return self.best.quality.mean if self.best else 0.0

    def reaches(self, floor: float) -> bool:
        """Is it as good as that, within what is measured (half a point)?"""
        return self.vmaf >= floor - _TIE


def written_bytes(size: float) -> int:
    """Rounded up to two digits, as people write sizes: 640 MB, 1.3 GB."""
    if size <= 99:
        return max(1, math.ceil(size))
    step = int(10 ** (math.floor(math.log10(size)) - 1))
    return math.ceil(size / step - 1e-9) * step


def look(vmaf: float, other: str = "the original") -> str:
    """What follows "would": `look like the original`, `be visibly soft`."""
    if vmaf >= LOOKS_THE_SAME:
        return f"look like {other}"
    if vmaf >= HARDLY_DIFFERENT:
        return f"be hardly different from {other}"
    if vmaf >= SOFT:
        return "be soft"
    return "be visibly soft" if vmaf >= VISIBLY_SOFT else "be blurred and blocky"


def sentence(forecast: Forecast, name: str) -> str:
    """What the target would look like, which size would do, and what to type.

    `name` is the job or path as `hotpress retry` takes it.
    """
    length, size = seconds_text(forecast.seconds), size_text(forecast.target_bytes)
    return f"{length} in {size} {_at_target(forecast)}{_what_would(forecast, name)}"


def _at_target(forecast: Forecast) -> str:
    best = forecast.best
    if best is None:
        return "can't be made: too little is left for the pictures"
    looks = look(best.quality.mean)
    if best.frame == forecast.frame:
        return f"would {looks}"
    side = f"{min(best.frame)}p"
    return f"would be {side} and {looks.removeprefix('be ')}"


def _what_would(forecast: Forecast, name: str) -> str:
    if forecast.floor is None or forecast.reaches(forecast.floor):
        return "."
    if forecast.enough_bytes is None:
        return (
            f"; no size below {size_text(forecast.most_bytes)} would reach what the rule asks for. "
            "Set a smaller `resolution`, a lower `quality_floor`, or leave the video as it is."
        )
    size = size_text(forecast.enough_bytes)
    typed = f"hotpress retry {shlex.quote(name)} --target {size.replace(' ', '')}"
    return f"; about {size} would {_enough(forecast.floor)}: `{typed}`"


def _enough(floor: float) -> str:
    if floor >= HARDLY_DIFFERENT:
        return look(floor, "the original" if floor >= LOOKS_THE_SAME else "it")
    return "be only a little soft" if floor >= SOFT else "be as good as the rule asks for"
