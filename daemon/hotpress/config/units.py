"""What people write for sizes, rates and times, as numbers. Each parser says what it wanted."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from hotpress import opening
from hotpress.config import globs
from hotpress.model import FLOORS

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(B|[kKMGT]i?B)", re.ASCII)
_RATE = re.compile(r"(\d+(?:\.\d+)?)\s*([kKMG])?bit/s", re.ASCII)
_TIME = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|y)", re.ASCII)
_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*%", re.ASCII)
_FRAME = re.compile(r"(\d{2,5})x(\d{2,5})", re.ASCII)

_POWER = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "y": 31_557_600}
RESOLUTIONS = {"2160p": 2160, "1440p": 1440, "1080p": 1080, "720p": 720, "480p": 480}


def size(value: object) -> int:
    """`100 MB` = 100 * 1000^2 bytes, `100 MiB` = 100 * 1024^2."""
    match = _SIZE.fullmatch(str(value).strip())
    if match is None:
        raise ValueError(f"{value!r} is not a size; write for example 60 MB, 1.5 GB or 25 MiB")
    unit = match[2]
    base = 1024 if "i" in unit else 1000
    return int(float(match[1]) * base ** _POWER[unit.rstrip("B").rstrip("i").lower()])


def target(value: object) -> int | float | None:
    """A size in bytes (int), a share of the source (float below 1), or None for `none`."""
    text = str(value).strip()
    if value is None or text.lower() == "none":
        return None
    share = _SHARE.fullmatch(text)
    if share is None:
        if _SIZE.fullmatch(text) is None:
            raise ValueError(
                f"{value!r} is not a size; write for example 60 MB, 25 MiB, 40 %, none"
            )
        return size(text)
    if not 0 < float(share[1]) < 100:
        raise ValueError(f"{value!r} must lie between 0 % and 100 %")
    return float(share[1]) / 100


def rate(value: object) -> int | None:
    """`8 Mbit/s` in bits per second, None for `none`."""
    text = str(value).strip()
    if value is None or text.lower() == "none":
        return None
    match = _RATE.fullmatch(text)
    if match is None:
        raise ValueError(f"{value!r} is not a rate; write for example 8 Mbit/s, 500 kbit/s or none")
    return int(float(match[1]) * 1000 ** _POWER[(match[2] or "").lower()])


def duration(value: object) -> float:
    """`30s`, `15m`, `1h`, `7d` in seconds. A bare number is refused: nobody knows its unit."""
    match = _TIME.fullmatch(str(value).strip())
    if match is None:
        raise ValueError(f"{value!r} is not a time; write for example 500ms, 30s, 15m, 1h or 7d")
    return float(match[1]) * _SECONDS[match[2]]


def resolution(value: object) -> str:
    """One of the names, `WxH`, `source` or `auto`. A bare `1080` is what was meant: `1080p`."""
    text = str(value).strip().lower()
    if f"{text}p" in RESOLUTIONS:
        text = f"{text}p"
    if text in RESOLUTIONS or text in ("source", "auto") or _FRAME.fullmatch(text):
        return text
    names = " ".join(RESOLUTIONS)
    raise ValueError(f"{value!r} is not a resolution; write one of {names}, 1280x720, source, auto")


def share(value: object) -> float:
    """`10 %` as 0.1."""
    match = _SHARE.fullmatch(str(value).strip())
    if match is None or float(match[1]) >= 100:
        raise ValueError(f"{value!r} is no share; write for example 10 %, or 0 %")
    return float(match[1]) / 100


def floor(value: object) -> float | None:
    """`none`, `ok`, `good`, `best`, or a number from 1 to 99."""
    text = str(value).strip().lower()
    if value is None or text == "none":
        return None
    if text in FLOORS:
        return FLOORS[text]
    return _number(text, 99, f"{value!r} is no quality; write none, ok, good, best, or 1 to 99")


def frame_rate(value: object) -> float | None:
    """`30`, `29.97`, or None for `source`."""
    text = str(value).strip().lower()
    if value is None or text == "source":
        return None
    refusal = f"{value!r} is no frame rate; write for example 30, 25, or source"
    return _number(text, 240, refusal)


def _number(text: str, most: float, refusal: str) -> float:
    """From 1 to `most`."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 1 <= number <= most:
        raise ValueError(refusal)
    return number


def sound_rate(value: object) -> int | None:
    """`128 kbit/s` in bits per second, None for `auto`."""
    if value is None or str(value).strip().lower() == "auto":
        return None
    bits = rate(value)
    if bits is None or not 16_000 <= bits <= 640_000:
        raise ValueError(f"{value!r} is no rate for sound; write 16 to 640 kbit/s, or auto")
    return bits


def encoder_path(value: object) -> str:
    """`auto`, or the path of an ffmpeg, with `~` as the home folder."""
    text = str(value).strip()
    return "auto" if text.lower() == "auto" else str(Path(text).expanduser())


def hours(value: object) -> tuple[str, ...]:
    """`22:00-07:00`, `Mo-Fr 18:00-24:00, Sa-Su 00:00-24:00`, or a list of them; checked."""
    parts = value if isinstance(value, list | tuple) else str(value).split(",")
    found = tuple(str(part).strip() for part in parts if str(part).strip())
    for part in found:
        if opening.parsed(part) is None:
            raise ValueError(
                f"{part!r} is no time of day; write for example 22:00-07:00 or Sa-Su 00:00-24:00"
            )
    return found


def glob(value: object) -> str:
    """A glob for paths below an inbox, checked."""
    text = "" if isinstance(value, list | dict) else str(value)
    if refusal := globs.problem(text):
        raise ValueError(f"{text!r} {refusal}")
    return text


def several_globs(value: object) -> tuple[str, ...]:
    """One glob, or a list of them; none is `()`."""
    if value is None:
        return ()
    return tuple(glob(each) for each in (value if isinstance(value, list | tuple) else [value]))


Glob = Annotated[str, BeforeValidator(glob)]
Globs = Annotated[tuple[str, ...], BeforeValidator(several_globs), Field(max_length=200)]
Hours = Annotated[tuple[str, ...], BeforeValidator(hours)]
Size = Annotated[int, BeforeValidator(size), Field(json_schema_extra={"examples": ["60 MB"]})]
Target = Annotated[int | float | None, BeforeValidator(target)]
Rate = Annotated[int | None, BeforeValidator(rate)]
Duration = Annotated[float, BeforeValidator(duration)]
Share = Annotated[float, BeforeValidator(share)]
Floor = Annotated[float | None, BeforeValidator(floor)]
FrameRate = Annotated[float | None, BeforeValidator(frame_rate)]
SoundRate = Annotated[int | None, BeforeValidator(sound_rate)]
EncoderPath = Annotated[str, BeforeValidator(encoder_path)]
Resolution = Annotated[str, BeforeValidator(resolution)]
