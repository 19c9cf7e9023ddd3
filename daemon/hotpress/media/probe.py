"""What a video is, and whether it is damaged: asked of a child process (probe_child.py)."""

from __future__ import annotations

import errno
import json
import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from hotpress import log
from hotpress.errors import MediaError, NotAVideo
from hotpress.media import guise, programs
from hotpress.media.command import FORMATS
from hotpress.media.container import Completeness, completeness
from hotpress.model import Facts, Sound

_LOGGER = log.get("media")
_CHILD = str(Path(__file__).with_name("probe_child.py"))
# A walk reads the whole file, perhaps from a slow share: 5 MB/s, and a minute for the rest.
_SLOWEST_BYTES_PER_SECOND = 5_000_000
_WALK_SECONDS = 60.0
_HINT = "Play it on this computer; if it plays, make a new copy or export it again as MP4."
_NO_VIDEO = "Take it away, or put the video itself here."
_COPY_AGAIN = "Copy it here again from where it came; a whole file is taken by itself."
_REINSTALL = "Install hotpress again: `pip install --force-reinstall hotpress`."
_SENTENCES = {
    "format": "it is not in a video format that can be read here",
    "no_video": "it holds no moving pictures",
    "sound_only": "it holds sound only: there are no moving pictures in it",
    "size": "its pictures claim a size that no video has",
    "no_file": "it is no ordinary file",
    "codec": "its pictures are in a format that can't be read here",
    "limits": "it could not be read within its limits of time and memory",
    "no_length": "it has no length: there is nothing to play in it",
}


@dataclass(frozen=True, slots=True)
class Walk:
    """What lies in a file, by its packets, undecoded.

    `last_pts_seconds` is where the pictures end, counted from where the first one begins;
    `duration_seconds` where the file's own table says that they end (None: it doesn't). The two
    `sound_` values are the same of the longest sound track. `broke`: reading stopped on an error.
    """

    packets: int
    last_pts_seconds: float
    corrupt: int
    duration_seconds: float | None = None
    sound_seconds: float | None = None
    sound_duration_seconds: float | None = None
    broke: bool = False


def probe(path: Path, *, stop: Event | None = None, time_limit_seconds: float = 30) -> Facts:
    """Open it, decode one picture, and tell what it is.

    Median 0.12 s, nearly all of it start-up (measured 2026-11).

    Raises:
        NotAVideo: nothing that can be played, or not readable within its limits; says what it is
            instead, where its first bytes tell.
        FileNotFoundError: it is gone.
        PermissionError: it may not be read.
        Stopping: `stop` was set.
    """
    size = _looked_at(path)
    told = _ask("facts", path, stop, time_limit_seconds)
    sounds = tuple(Sound(**sound) for sound in told.pop("sounds"))
    facts = Facts(**told, sounds=sounds, size_bytes=size)
    if facts.duration_seconds <= 0:
        raise NotAVideo(_SENTENCES["no_length"], _HINT)
    return facts


def walk(path: Path, *, stop: Event | None = None) -> Walk:
    """Read every packet of it, undecoded (measured 2026-11: 50 MB in 0.7 s).

    Raises: as `probe`.
    """
    limit = _WALK_SECONDS + _looked_at(path) / _SLOWEST_BYTES_PER_SECOND
    told = _ask("walk", path, stop, limit)
    picture, sounds = told["picture"], told["sounds"]
    first = picture["first_seconds"] or 0.0
    longest = max(sounds, key=lambda sound: sound["duration_seconds"] or 0.0, default=None)
    return Walk(
        packets=picture["packets"],
        last_pts_seconds=max(0.0, picture["end_seconds"] - first),
        corrupt=told["corrupt"],
        duration_seconds=picture["duration_seconds"],
        sound_seconds=longest and longest["end_seconds"] - (longest["first_seconds"] or 0.0),
        sound_duration_seconds=longest and longest["duration_seconds"],
        broke=bool(told["broke"]),
    )


def damage(path: Path, facts: Facts, *, stop: Event | None = None) -> str | None:
    """A sentence on what is missing or broken in a source, or None.

    Cheap on purpose: it finds what is cut off, not a flipped bit. A strict decode would refuse
    whole files: 2 of 22 real ones have errors that every player forgives (measured 2026-11).

    Raises: as `probe`.
    """
    whole = completeness(path)
    found = walk(path, stop=stop)
    if found.packets == 0 and whole.state == "incomplete":
        return _not_whole(whole)
    cut = cut_off(found, facts)
    return cut or (f"it is damaged: {whole.why}" if whole.state == "incomplete" else None)


def cut_off(found: Walk, facts: Facts) -> str | None:
    """Decide from a walk: a sentence, or None. Tolerance: 0.5 s or 1 %, the larger."""
    if found.packets == 0:
        return "there are no pictures in it"
    pairs = (
        # A track of its own length is judged by that: sound is often longer than the pictures.
        (found.last_pts_seconds, found.duration_seconds or _without_sound(found, facts)),
        (found.sound_seconds, found.sound_duration_seconds),
    )
    for have, need in pairs:
        if have is not None and need is not None and need - have > max(0.5, need / 100):
            share = _percent(have, need)
            return f"it is cut off at {share} %: {have:.1f} of {need:.1f} s are there"
    if found.broke:
        return f"it can't be read beyond {found.last_pts_seconds:.1f} s"
    return None


def _without_sound(found: Walk, facts: Facts) -> float:
    """Where only the whole file has a length (Matroska): that, unless sound accounts for it."""
    if found.sound_seconds is not None and found.sound_seconds >= facts.duration_seconds - 0.5:
        return 0.0
    return facts.duration_seconds


def _not_whole(found: Completeness) -> str:
    if not found.need_bytes:
        return f"it is not whole: {found.why}"
    return f"it is cut off at {_percent(found.have_bytes, found.need_bytes)} %: {found.why}"


def _percent(have: float, need: float) -> int:
    """Rounded, but never 100 for what is not whole."""
    return min(99, round(100 * have / need))


def _looked_at(path: Path) -> int:
    """Its size. A pipe or a device would hang a reader or never end: it is refused here.

    Raises: as `probe`.
    """
    found = path.stat()
    if stat.S_ISDIR(found.st_mode):
        raise NotAVideo("it is a folder, not a video", _NO_VIDEO)
    if not stat.S_ISREG(found.st_mode):
        raise NotAVideo(_SENTENCES["no_file"], _NO_VIDEO)
    head = _head(path)
    if head is not None and guise.is_photo(head):  # some of them open as a video of one picture
        raise NotAVideo(guise.of(head), _NO_VIDEO)
    return found.st_size


def _head(path: Path) -> bytes | None:
    """Its first bytes; None when they can't be read, which the child then says.

    Raises: FileNotFoundError, PermissionError.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except PermissionError:
        raise PermissionError(errno.EACCES, "it may not be read", str(path)) from None
    except FileNotFoundError:
        raise
    except OSError:
        return None
    try:
        return os.read(descriptor, guise.HEAD_BYTES)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _refused(path: Path, failed: str) -> NotAVideo:
    """Why it can't be read: what it is instead, what is missing of it, or at least at what."""
    if failed in ("format", "no_video"):
        head = _head(path)
        instead = guise.of(head) if head is not None else ""
        if instead:
            return NotAVideo(instead, _NO_VIDEO)
        whole = completeness(path)
        if whole.state == "incomplete":
            return NotAVideo(_not_whole(whole), _COPY_AGAIN)
    return NotAVideo(_SENTENCES[failed], _HINT)


def _ask(verb: str, path: Path, stop: Event | None, seconds: float) -> dict[str, Any]:
    limits = programs.Limits(seconds=seconds, cpu_seconds=seconds)
    # -B: it may write no file, not even byte code. The path is absolute, so that no name is an
    # option, a protocol or a pattern.
    start = [sys.executable, "-I", "-B", _CHILD, verb, str(path.absolute()), FORMATS]
    done = programs.run(start, limits=limits, stop=stop)
    if not done.ok:
        if done.code == 1 and done.last_words.startswith(("ImportError", "ModuleNotFoundError")):
            # Our own fault, and no reason to call every video broken.
            raise MediaError("the part of hotpress that reads videos is missing", _REINSTALL)
        _LOGGER.warning("probe.cut", code=done.code, cut=done.cut, words=done.last_words)
        raise NotAVideo(_SENTENCES["limits"], _HINT)
    try:
        told: dict[str, Any] = json.loads(done.stdout_bytes)
    except ValueError:
        _LOGGER.warning("probe.said_nothing", said=len(done.stdout_bytes), words=done.last_words)
        raise NotAVideo(_SENTENCES["limits"], _HINT) from None
    failed = told.get("failed")
    if failed == "gone":
        raise FileNotFoundError(errno.ENOENT, "it is gone", str(path))
    if failed == "denied":
        raise PermissionError(errno.EACCES, "it may not be read", str(path))
    if failed is not None:
        raise _refused(path, failed)
    return told
