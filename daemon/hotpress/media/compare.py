"""Does a result look like its original? Pure: decisions on small pictures and on what was heard.

A picture here is `WIDTH` x `HEIGHT` pixels of three bytes (red, green, blue), averaged from the
whole frame: so grain, blocks and the frame's size don't count. All figures of docs/quality.md.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

WIDTH, HEIGHT = 64, 36
PICTURE_BYTES = WIDTH * HEIGHT * 3
BLACK_SECONDS, FREEZE_SECONDS = 1.0, 2.0  # more that the original doesn't have is a fault
_SLACK_SECONDS = 0.3  # of each end of a stretch: both files may be off by some frames
NO_BLACK = 40.0  # mean light (0-255) of a picture that nobody takes for black
_MOVED = 3.0  # mean difference (0-255): a still camera has 0.6, people far away in a street 4
_STILL = 0.3  # of the original's movement: honest encodes have 0.7 at the least
_LEAST_SEEN, _MOST = 2, 0.7
# A pair is judged only where both show the same: an encode that fell to pieces is no question of
# colours, and two pictures beside a cut prove nothing.
_SAME = 0.95  # correlation of their light
_FLAT, _GREY = 8.0, 8.0  # less light and shade, or colour, than this can't be compared
# Honest encodes keep 0.93-1.16 of the contrast and 0.86-1.23 of the colour down to 40 kb/s, a
# washed-out one has 0.47-0.52 and 0.24-0.64.
_CONTRAST, _COLOUR = (0.72, 1.45), (0.6, 1.8)
_BRIGHTER = 30.0  # honest: 3, washed out: 46-76
_LEAST_PAIRS = 3


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, in seconds from the first picture."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.end - self.start

    def inside(self) -> Span:
        """Without its ends."""
        return Span(self.start + _SLACK_SECONDS, self.end - _SLACK_SECONDS)


@dataclass(slots=True)
class Marks:
    """Collects what a decode says of black and of pictures that stand still, line by line."""

    black: list[Span] = field(default_factory=list)
    still: list[Span] = field(default_factory=list)
    _open: dict[str, float] = field(default_factory=dict)

    def hear(self, line: str) -> None:
        """A line such as `lavfi.black_start=1.52`; others are none of its business."""
        name, _, value = line.partition("=")
        kind, _, edge = name.removeprefix("lavfi.").removeprefix("freezedetect.").rpartition("_")
        if not name.startswith("lavfi.") or kind not in ("black", "freeze"):
            return
        try:
            at = float(value)
        except ValueError:
            return
        if edge == "start":
            self._open[kind] = at
        elif edge == "end" and kind in self._open:
            self._close(kind, at)

    def finish(self, seconds: float) -> None:
        """The end of the file: what began and did not end goes on to there."""
        for kind in list(self._open):
            self._close(kind, seconds)

    def _close(self, kind: str, at: float) -> None:
        span = Span(self._open.pop(kind), at)
        least = BLACK_SECONDS if kind == "black" else FREEZE_SECONDS
        if span.seconds > least:
            (self.black if kind == "black" else self.still).append(span)


@dataclass(frozen=True, slots=True)
class Likeness:
    """A picture of the result beside that of its original.

    `alike`: correlation of their light. `contrast`, `colour`: what is left of it, 1.0 for all.
    `brighter`: of 255. `shade`, `hue`: how much of both the original has, 0-128.
    """

    alike: float
    contrast: float
    colour: float
    brighter: float
    shade: float
    hue: float


def light(picture: bytes) -> list[float]:
    """The luma of each pixel (ITU-R BT.709), 0-255."""
    rows = zip(picture[0::3], picture[1::3], picture[2::3], strict=True)
    return [0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in rows]


def likeness(original: bytes, result: bytes) -> Likeness:
    """Compare two pictures of the same moment."""
    before, after = light(original), light(result)
    mean_before, mean_after = statistics.fmean(before), statistics.fmean(after)
    shade_before, shade_after = statistics.pstdev(before), statistics.pstdev(after)
    together = statistics.fmean(
        (a - mean_before) * (b - mean_after) for a, b in zip(before, after, strict=True)
    )
    both = shade_before * shade_after
    hue_before, hue_after = _hue(original, before), _hue(result, after)
    return Likeness(
        alike=together / both if both else 0.0,
        contrast=shade_after / shade_before if shade_before else 1.0,
        colour=hue_after / hue_before if hue_before else 1.0,
        brighter=mean_after - mean_before,
        shade=shade_before,
        hue=hue_before,
    )


def _hue(picture: bytes, lights: list[float]) -> float:
    """How far its pixels are from grey: the root of the mean square of red and blue off luma."""
    off = (
        (red - y) ** 2 + (blue - y) ** 2
        for red, blue, y in zip(picture[0::3], picture[2::3], lights, strict=True)
    )
    return math.sqrt(statistics.fmean(off) / 2)


def other_colours(pairs: Sequence[Likeness]) -> str:
    """A sentence on colours that are not the original's, or "". Medians: one pair proves nothing.

    Dark, flat and grey originals are judged by what they have; where too few pairs can be
    compared, nothing is said.
    """
    flat = [pair for pair in pairs if pair.shade < _FLAT]
    same = [pair for pair in pairs if pair.shade >= _FLAT and pair.alike >= _SAME]
    contrast = _median([pair.contrast for pair in same])
    colour = _median([pair.colour for pair in same if pair.hue >= _GREY])
    brighter = _median([pair.brighter for pair in [*same, *flat]], 0.0)
    low, high = _CONTRAST
    if contrast < low:
        return f"it looks washed out: {contrast:.0%} of the original's contrast is left"
    if contrast > high:
        return f"its contrast is {contrast:.0%} of the original's"
    low, high = _COLOUR
    if colour < low:
        return f"its colours are pale: {colour:.0%} of the original's are left"
    if colour > high:
        return f"its colours are too strong: {colour:.0%} of the original's"
    if abs(brighter) > _BRIGHTER:
        word = "brighter" if brighter > 0 else "darker"
        return f"it is {abs(brighter) / 255:.0%} {word} than the original"
    return ""


def _median(values: Sequence[float], none: float = 1.0) -> float:
    return statistics.median(values) if len(values) >= _LEAST_PAIRS else none


def windows(span: Span, most_seconds: float) -> list[Span]:
    """Where to look at the original of a stretch: all of a short one, both ends of a long one."""
    inside = span.inside() if span.seconds > 4 * _SLACK_SECONDS else span
    if inside.seconds <= most_seconds:
        return [inside]
    half = most_seconds / 2
    return [Span(inside.start, inside.start + half), Span(inside.end - half, inside.end)]


def lit(
    seen: Sequence[tuple[float, bytes]], step: float, span: Span, *, most_dark: float = NO_BLACK
) -> str:
    """A sentence when the original is not black where the result is, or "".

    `seen`: the original's pictures with their times, one each `step` seconds, within `span`.
    """
    bright = [at for at, picture in seen if statistics.fmean(light(picture)) > most_dark]
    where = _whole(bright, step, span)
    if len(bright) < _LEAST_SEEN or where.seconds <= BLACK_SECONDS:
        return ""
    return f"it is black from {where.start:.1f} s to {where.end:.1f} s, the original is not"


def moved(
    original: Sequence[tuple[float, bytes]],
    result: Sequence[tuple[float, bytes]],
    step: float,
    span: Span,
) -> str:
    """A sentence when the original moves where the result stands still, or "".

    In both each picture is compared with the first one: slow movement counts; grain, which honest
    encodes take away, does not.
    """
    away = [
        at
        for (at, apart), (_, beside) in zip(
            apart_from_first(original), apart_from_first(result), strict=False
        )
        if apart > _MOVED and beside < apart * _STILL
    ]
    where = _whole(away, step, span)
    if len(away) < _LEAST_SEEN or where.seconds - step <= FREEZE_SECONDS:
        return ""
    return f"it stands still from {where.start:.1f} s to {where.end:.1f} s, the original moves"


def _whole(times: Sequence[float], step: float, span: Span) -> Span:
    """The stretch from the first to the last of these times, if most between them are there.

    The ends that nobody looked at are taken to be as what lies beside them.
    """
    if not times or len(times) * step < (times[-1] - times[0]) * _MOST:
        return Span(0.0, 0.0)
    start, end = times[0], times[-1] + step
    near = _SLACK_SECONDS + 1.5 * step  # the first picture is what the others are compared with
    return Span(
        span.start if start - span.start <= near else start,
        span.end if span.end - end <= near else end,
    )


def apart_from_first(seen: Sequence[tuple[float, bytes]]) -> Iterator[tuple[float, float]]:
    """How far each picture is from the first one: mean difference of light, 0-255."""
    first = light(seen[0][1]) if seen else []
    for at, picture in seen:
        pairs = zip(first, light(picture), strict=True)
        yield at, statistics.fmean(abs(a - b) for a, b in pairs)
