"""Which encoder is used, and what it can do."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from hotpress.errors import MediaError
from hotpress.media import programs

# The oldest that is taken from the PATH unasked: Debian 12's 5.1 has no libvmaf and no
# -display_rotation (measured 2026-11, docs/quality.md).
OLDEST_UNASKED = (6, 0)
_ASK = programs.Limits(seconds=20, memory_bytes=4 * programs.GIB)
_HINT = "Set `encoder: auto`, or install an ffmpeg with x264; `hotpress check` shows what is found."


@dataclass(frozen=True, slots=True)
class Encoder:
    """An ffmpeg that was asked what it can. `version` as it names itself, such as `n9.0.2-17`."""

    path: str
    version: str
    encoders: frozenset[str]
    filters: frozenset[str]

    @property
    def number(self) -> tuple[int, int]:
        """The version as numbers; a build without a number is (0, 0)."""
        found = re.match(r"n?(\d+)\.(\d+)", self.version)
        return (int(found[1]), int(found[2])) if found else (0, 0)


_known: dict[tuple[str, int], Encoder] = {}
_asking = Lock()  # so that several workers that start at once ask only once


def find(setting: str = "auto") -> Encoder:
    """The encoder to use: `HOTPRESS_FFMPEG`, `setting` (a path), the PATH's, the bundled one.

    The PATH's is taken only from version 6 on, with libx264 and libvmaf.

    Raises:
        MediaError: none can be used; it says what is wrong with the one that was asked for.
    """
    asked_for = os.environ.get("HOTPRESS_FFMPEG") or ("" if setting == "auto" else setting)
    if asked_for:
        return _asked_for(asked_for)
    found = _on_path()
    return found if found is not None else _bundled()


def _asked_for(name: str) -> Encoder:
    path = shutil.which(os.path.expanduser(name))  # noqa: PTH111 - "ffmpeg6" is a name, no path
    if path is None:
        raise MediaError(f"the encoder {name} is not there, or is no program", _HINT)
    encoder = _ask(str(Path(path).resolve()))
    _must_have_x264(encoder)
    return encoder


def _on_path() -> Encoder | None:
    path = shutil.which("ffmpeg")
    if path is None:
        return None
    try:
        encoder = _ask(str(Path(path).resolve()))
    except MediaError:
        return None  # broken: the bundled one serves
    whole = "libx264" in encoder.encoders and "libvmaf" in encoder.filters
    return encoder if whole and encoder.number >= OLDEST_UNASKED else None


def _bundled() -> Encoder:
    import imageio_ffmpeg  # noqa: PLC0415 - only where it is needed

    try:
        # The environment variable of imageio-ffmpeg is not ours: only what lies in its package.
        folder = Path(imageio_ffmpeg.__file__).parent / "binaries"
        path = next(iter(sorted(folder.glob("ffmpeg-*"))), None)
    except OSError:
        path = None
    if path is None:
        raise MediaError(
            "there is no encoder: no ffmpeg from version 6 on the PATH, and none came along", _HINT
        )
    encoder = _ask(str(path))
    _must_have_x264(encoder)
    return encoder


def _must_have_x264(encoder: Encoder) -> None:
    missing = {"libx264", "aac"} - encoder.encoders
    if missing:
        raise MediaError(f"{encoder.path} can't encode {' or '.join(sorted(missing))}", _HINT)


def _ask(path: str) -> Encoder:
    try:
        key = (path, Path(path).stat().st_mtime_ns)
    except OSError as problem:
        raise MediaError(f"the encoder {path} can't be read: {problem.strerror}", _HINT) from None
    with _asking:
        if key not in _known:
            _known[key] = _read_abilities(path)
        return _known[key]


def _read_abilities(path: str) -> Encoder:
    first = _say(path, "-version").split("\n", 1)[0]
    named = re.match(r"ffmpeg version (\S+)", first)
    if named is None:
        raise MediaError(f"{path} is no ffmpeg: it says {first[:60]!r}", _HINT)
    # "Flags name description": one flag column of dots and letters, then the name.
    names = re.compile(r"^ [A-Z.]{2,6}\s+([a-z0-9_]+)\s", re.MULTILINE)
    return Encoder(
        path=path,
        version=named[1],
        encoders=frozenset(names.findall(_say(path, "-encoders"))),
        filters=frozenset(names.findall(_say(path, "-filters"))),
    )


def _say(path: str, question: str) -> str:
    done = programs.run([path, "-hide_banner", question], limits=_ASK, stop=None)
    if not done.ok:
        raise MediaError(f"{path} does not work: {done.last_words}", _HINT)
    return done.stdout_bytes.decode("utf-8", "replace")
