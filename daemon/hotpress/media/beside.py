"""A result beside its original: in what do they differ that they may not?

Black and still pictures are compared, never judged alone: real films have both. Where nothing can
be seen of the original, nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hotpress import log
from hotpress.media import compare, shift
from hotpress.media.compare import Likeness, Marks, Span
from hotpress.media.look import Looker, Unseen

_LOGGER = log.get("media")
_PAIRS = 8  # of pictures, spread over the whole
_STEP = 0.25  # seconds between two pictures of a stretch
_SHORT_SECONDS = 30.0  # is read from beginning to end: jumping would take longer
_WINDOW_SECONDS = 20.0
# Slides stand still all the time. So many stretches are looked at, the longest first: twelve
# black ones and twelve still ones, so at most eight minutes of the original are decoded.
_MOST_SPANS = 12
_SOUND_SECONDS = 30.0
_HDR_DARK = 80.0  # of 255: unconverted, its shadows are lighter than they are shown


def difference(original: Looker, result: Looker, marks: Marks) -> str:
    """A sentence on the first fault found, or "". Raises what `programs.run` raises."""
    try:
        return (
            _black(original, marks)
            or _still(original, result, marks)
            or _sound(original, result)
            or _colours(original, result)
        )
    except Unseen as problem:
        _LOGGER.warning("original.unseen", why=str(problem))
        return ""


def _black(original: Looker, marks: Marks) -> str:
    dark = _HDR_DARK if original.facts.transfer else compare.NO_BLACK
    found = (
        compare.lit(original.pictures(window, _STEP), _STEP, stands_for, most_dark=dark)
        for window, stands_for in _windows(marks.black)
    )
    return next(filter(None, found), "")


def _still(original: Looker, result: Looker, marks: Marks) -> str:
    found = (
        compare.moved(
            original.pictures(window, _STEP), result.pictures(window, _STEP), _STEP, stands_for
        )
        for window, stands_for in _windows(marks.still)
    )
    return next(filter(None, found), "")


def _windows(spans: Sequence[Span]) -> Iterator[tuple[Span, Span]]:
    """Where to look, and the part of a stretch that it stands for; the longest stretch first."""
    longest = sorted(spans, key=lambda span: span.seconds, reverse=True)[:_MOST_SPANS]
    for span in longest:
        windows = compare.windows(span, _WINDOW_SECONDS)
        for window in windows:
            yield window, span if len(windows) == 1 else window


def _sound(original: Looker, result: Looker) -> str:
    """The first and the last half minute: sound that runs away shows at the end only."""
    if not (original.facts.sounds and result.facts.sounds):
        return ""
    found = [
        heard
        for span in _ends(original.facts.duration_seconds)
        if (heard := shift.shift(original.sound(span), result.sound(span))) is not None
    ]
    why = shift.late(found)
    if any(abs(heard.seconds) > shift.NOTED_SECONDS for heard in found):
        _LOGGER.info("sound.shifted", milliseconds=[round(h.seconds * 1000) for h in found])
    return why


def _ends(seconds: float) -> Iterator[Span]:
    yield Span(0.0, _SOUND_SECONDS)
    if seconds > _SOUND_SECONDS + shift.LEAST_SECONDS:
        yield Span(max(0.0, seconds - _SOUND_SECONDS), seconds)


def _colours(original: Looker, result: Looker) -> str:
    # HDR is turned into ordinary colours on the way: how, is a matter of taste, and what is shown
    # of it without that looks pale by itself.
    if original.facts.transfer:
        return ""
    return compare.other_colours(list(_pairs(original, result)))


def _pairs(original: Looker, result: Looker) -> Iterator[Likeness]:
    seconds = min(original.facts.duration_seconds, result.facts.duration_seconds)
    step = seconds / _PAIRS
    if seconds <= _SHORT_SECONDS:
        whole = Span(step / 2, seconds)
        both = zip(original.pictures(whole, step), result.pictures(whole, step), strict=False)
        yield from (compare.likeness(before, after) for (_, before), (_, after) in both)
        return
    for number in range(_PAIRS):
        at = step * (number + 0.5)
        before = original.picture(at)
        after = result.picture(at) if before is not None else None
        if before is not None and after is not None:
            yield compare.likeness(before, after)
