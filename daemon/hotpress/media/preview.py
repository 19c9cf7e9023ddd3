"""Pictures of videos for people: asked of a child process (preview_child.py)."""

from __future__ import annotations

import json
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from hotpress import log
from hotpress.errors import NotAVideo
from hotpress.media import programs
from hotpress.media.command import FORMATS

_LOGGER = log.get("media")
_CHILD = str(Path(__file__).with_name("preview_child.py"))
# A tenth of a second is start-up; the rest is for what lies behind a long way from the last frame
# that one can jump to (measured 2026-11, 720p of ten minutes: a pair in 0.3 s).
_SECONDS = 10.0
_MEMORY_BYTES = 2 * programs.GIB
_MOST_BYTES = 400_000  # of one picture
_SINGLE, _LARGE, _TILE = (1280, 960), (960, 640), (400, 400)
_SHEET_SHARES = (0.15, 0.5, 0.85)
_HINT = "Play the video itself; nothing is wrong with it because of this."
_SENTENCES = {
    "none": "there is no picture in it at that place",
    "size": "its picture is too large to be shown",
    "gone": "it is not there any more, or may not be read",
    "limits": "no picture could be taken out of it within the limits of time and memory",
    "format": "no picture could be taken out of it",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """JPEGs, and at which seconds of the video they are."""

    pictures: tuple[bytes, ...]
    seconds: tuple[float, ...]


def poster(video: Path, *, stop: Event | None = None) -> Taken:
    """One picture, a third into it: the very beginning is often black. Raises as `pair`."""
    return _ask([video], (1 / 3,), shares=True, most=_SINGLE, stop=stop)


def poster_at(video: Path, at_seconds: float, *, stop: Event | None = None) -> Taken:
    """One picture, the one that is shown at `at_seconds`. Raises as `pair`."""
    return _ask([video], (at_seconds,), shares=False, most=_SINGLE, stop=stop)


def pair(
    source: Path, result: Path, *, at_seconds: float | None = None, stop: Event | None = None
) -> Taken:
    """The same frame of both, upright and of one size: the middle, or the one at `at_seconds`.

    Raises:
        NotAVideo: no picture, and why. Whatever the file holds.
        Stopping: `stop` was set.
    """
    whole = at_seconds is None
    moments = (0.5 if at_seconds is None else at_seconds,)
    return _ask([source, result], moments, shares=whole, most=_SINGLE, stop=stop)


def sheet(
    source: Path, result: Path, *, at_seconds: float | None = None, stop: Event | None = None
) -> Taken:
    """One picture: above the source, below the same frames of its result, three moments.

    With `at_seconds` that one moment, both halves large. Raises as `pair`.
    """
    whole = at_seconds is None
    moments, most = (_SHEET_SHARES, _TILE) if at_seconds is None else ((at_seconds,), _LARGE)
    return _ask([source, result], moments, shares=whole, most=most, as_sheet=True, stop=stop)


def _ask(
    videos: list[Path],
    moments: tuple[float, ...],
    *,
    shares: bool,
    most: tuple[int, int],
    as_sheet: bool = False,
    stop: Event | None,
) -> Taken:
    for video in videos:
        _must_be_a_file(video)  # a pipe or a device would hang a reader or never end
    asked = {
        "formats": FORMATS,
        "files": [str(video.absolute()) for video in videos],
        "moments": moments,
        "shares": shares,
        "most": most,
        "sheet": as_sheet,
        "most_bytes": _MOST_BYTES,
    }
    limits = programs.Limits(
        seconds=_SECONDS,
        cpu_seconds=_SECONDS,
        memory_bytes=_MEMORY_BYTES,
        output_bytes=3 * _MOST_BYTES,
    )
    start = [sys.executable, "-I", "-B", _CHILD, json.dumps(asked)]
    done = programs.run(start, limits=limits, stop=stop)
    head, _, body = done.stdout_bytes.partition(b"\n")
    try:
        told: dict[str, Any] = json.loads(head) if done.ok else {"failed": "limits"}
    except ValueError:
        told = {"failed": "limits"}
    if "failed" in told:
        _LOGGER.info("preview.none", why=told, words=done.last_words if not done.ok else "")
        raise NotAVideo(_SENTENCES.get(str(told["failed"]), _SENTENCES["format"]), _HINT)
    pictures = []
    for size in told["sizes"]:
        pictures.append(body[:size])
        body = body[size:]
    return Taken(tuple(pictures), tuple(told["seconds"]))


def _must_be_a_file(video: Path) -> None:
    try:
        found = video.stat()
    except OSError:
        raise NotAVideo(_SENTENCES["gone"], _HINT) from None
    if not stat.S_ISREG(found.st_mode):
        raise NotAVideo("it is no ordinary file", _HINT)
