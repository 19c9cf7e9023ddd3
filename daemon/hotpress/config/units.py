"""What people write for sizes, rates and times, as numbers. Each parser says what it wanted."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, WithJsonSchema

from hotpress import opening
from hotpress.config import globs
from hotpress.model import FLOORS

_NUMBER = r"(\d{1,15}(?:\.\d{1,15})?)"
_SIZE = re.compile(_NUMBER + r"\s*(B|[kKMGT]i?B)", re.ASCII)
_RATE = re.compile(_NUMBER + r"\s*([kKMG])?bit/s", re.ASCII)
_TIME = re.compile(_NUMBER + r"\s*(ms|s|m|h|d|y)", re.ASCII)
_TIMES = re.compile(r"(\d{1,6})([smhdy])", re.ASCII)
_SHARE = re.compile(_NUMBER + r"\s*%", re.ASCII)
_FRAME = re.compile(r"([1-9]\d{1,4})x([1-9]\d{1,4})", re.ASCII)
# What people write instead: 60M, 60 mb, 1,5 GB; 8 Mbps, 20Mbit.
_NEARLY_SIZE = re.compile(r"(\d+(?:[.,]\d+)?)\s*([kmgt])(i)?b?", re.ASCII | re.IGNORECASE)
_NEARLY_RATE = re.compile(
    r"(\d+(?:[.,]\d+)?)\s*([kmg])b(?:it)?(?:/s|ps)?", re.ASCII | re.IGNORECASE
)
_BYTES_RATE = re.compile(r"(\d+(?:[.,]\d+)?)\s*([kmg])B(?:/s|ps)", re.ASCII | re.IGNORECASE)

_NEARLY_TIME = re.compile(
    r"(\d+)\s*(ms|s(?=ec)|m(?=in)|h(?=r|our)|d(?=ay)|y(?=ear))[a-z]*", re.ASCII | re.IGNORECASE
)

_POWER = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "y": 31_557_600}
_SIZE_LIMIT_BYTES = 10**18  # far more than any disk, and still a number that every store can hold
_RATE_LIMIT_BITS = 10**15
_TIME_LIMIT_SECONDS = 100 * _SECONDS["y"]
RESOLUTIONS = {"2160p": 2160, "1440p": 1440, "1080p": 1080, "720p": 720, "480p": 480}


def _text(value: object) -> str:
    """As it was written; a space that must not break a line is a space, too."""
    return str(value).replace("\u00a0", " ").replace("\u202f", " ").strip()


def _is_none(value: object) -> bool:
    return value is None or _text(value).lower() == "none"


def size(value: object) -> int:
    """`100 MB` = 100 * 1000^2 bytes, `100 MiB` = 100 * 1024^2."""
    text = _text(value)
    match = _SIZE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text} is not a size; write {_meant_size(text)}")
    unit = match[2]
    base = 1024 if "i" in unit else 1000
    # Exact: 4.1 TB in floating point is a byte short.
    found = Fraction(match[1]) * base ** _POWER[unit.rstrip("B").rstrip("i").lower()]
    if found > _SIZE_LIMIT_BYTES:
        raise ValueError(f"{text} is more than any disk holds; write for example 60 MB")
    return int(found)


def _meant_size(text: str) -> str:
    text = text.replace("_", "")
    match = _NEARLY_SIZE.fullmatch(text)
    if match is not None:
        prefix = "k" if match[2].lower() == "k" else match[2].upper()
        return f"{match[1].replace(',', '.')} {prefix}{match[3] or ''}B"
    if text.isdecimal():
        return f"its unit, too: {text} MB"
    return "for example 60 MB, 1.5 GB or 25 MiB"


def target(value: object) -> int | float | None:
    """A size in bytes (int), a share of the source (float below 1), or None for `none`."""
    if _is_none(value):
        return None
    text = _text(value)
    share = _SHARE.fullmatch(text)
    if share is not None:
        if not 0 < Fraction(share[1]) < 100:
            raise ValueError(f"{text} must lie between 0 % and 100 %; write for example 40 %")
        return float(Fraction(share[1]) / 100)
    if _SIZE.fullmatch(text) is None:
        meant = _meant_size(text).replace(" or 25 MiB", ", 25 MiB, 40 %, none")
        raise ValueError(f"{text} is not a size; write {meant}")
    found = size(text)
    if not found:
        raise ValueError(f"{text} leaves nothing; write for example 60 MB, or none for no limit")
    return found


def rate(value: object) -> int | None:
    """`8 Mbit/s` in bits per second, None for `none`."""
    if _is_none(value):
        return None
    text = _text(value)
    match = _RATE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text} is not a rate; write {_meant_rate(text)}")
    bits = Fraction(match[1]) * 1000 ** _POWER[(match[2] or "").lower()]
    if not 1 <= bits <= _RATE_LIMIT_BITS:
        raise ValueError(f"{text} is no rate for a line; write for example 8 Mbit/s, or none")
    return int(bits)


def _meant_rate(text: str) -> str:
    of_bytes = _BYTES_RATE.fullmatch(text)
    nearly = _NEARLY_RATE.fullmatch(text)
    if of_bytes is not None and "B" in text:
        bits = Fraction(of_bytes[1].replace(",", ".")) * 8
        return f"it in bits: {float(bits):g} {_prefix(of_bytes[2])}bit/s"
    if nearly is not None:
        return f"{nearly[1].replace(',', '.')} {_prefix(nearly[2])}bit/s"
    return "for example 8 Mbit/s, 500 kbit/s or none"


def _prefix(letter: str) -> str:
    return "k" if letter.lower() == "k" else letter.upper()


def duration(value: object) -> float:
    """`30s`, `15m`, `1h`, `7d` in seconds. A bare number is refused: nobody knows its unit."""
    text = _text(value)
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(f"{text} is not a time; write {_meant_time(text)}")
    number = Fraction(match[1])
    seconds = number / 1000 if match[2] == "ms" else number * _SECONDS[match[2]]
    if seconds > _TIME_LIMIT_SECONDS:
        raise ValueError(f"{text} is longer than a life; write for example 1h or 7d")
    return float(seconds)


def _meant_time(text: str) -> str:
    nearly = _NEARLY_TIME.fullmatch(text)
    if nearly is not None:
        return f"{nearly[1]}{nearly[2].lower()}"
    parts = _TIMES.findall(text.replace(" ", ""))
    if len(parts) > 1 and "".join(n + unit for n, unit in parts) == text.replace(" ", ""):
        return f"it in one unit: {sum(int(n) * _SECONDS[u] for n, u in parts)}s"
    return "for example 500ms, 30s, 15m, 1h or 7d"


def pause(value: object) -> float:
    """A time that something waits between two looks: without any, it would never rest."""
    seconds = duration(value)
    if seconds < 0.01:
        raise ValueError(f"{_text(value)} is too short; write at least 10ms")
    return seconds


def resolution(value: object) -> str:
    """One of the names, `WxH`, `source` or `auto`. A bare `1080` is what was meant: `1080p`."""
    text = _text(value).lower()
    if f"{text}p" in RESOLUTIONS:
        text = f"{text}p"
    text = "2160p" if text == "4k" else text
    if text in RESOLUTIONS or text in ("source", "auto") or _FRAME.fullmatch(text):
        return text
    names = " ".join(RESOLUTIONS)
    meant = re.sub(r"[*\u00d7]", "x", "".join(text.split()))
    if meant != text and (meant in RESOLUTIONS or _FRAME.fullmatch(meant)):
        raise ValueError(f"{_text(value)} is not a resolution; write {meant}")
    raise ValueError(
        f"{_text(value)} is not a resolution; write one of {names}, 1280x720, source, auto"
    )


def share(value: object) -> float:
    """`10 %` as 0.1."""
    match = _SHARE.fullmatch(_text(value))
    if match is None or Fraction(match[1]) >= 100:
        raise ValueError(f"{_text(value)} is no share; write for example 10 %, or 0 %")
    return float(Fraction(match[1]) / 100)


def floor(value: object) -> float | None:
    """`none`, `ok`, `good`, `best`, or a number from 1 to 99."""
    if _is_none(value):
        return None
    text = _text(value).lower()
    if text in FLOORS:
        return FLOORS[text]
    return _number(text, 99, f"{text} is no quality; write none, ok, good, best, or 1 to 99")


def frame_rate(value: object) -> float | None:
    """`30`, `29.97`, or None for `source`."""
    text = _text(value).lower()
    if value is None or text == "source":
        return None
    return _number(text, 240, f"{text} is no frame rate; write for example 30, 25, or source")


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
    text = _text(value)
    if value is None or text.lower() == "auto":
        return None
    bits = rate(value) if _RATE.fullmatch(text) else None
    if bits is None or not 16_000 <= bits <= 640_000:
        raise ValueError(f"{text} is no rate for sound; write for example 128 kbit/s, or auto")
    return bits


def encoder_path(value: object) -> str:
    """`auto`, or the path of an ffmpeg, with `~` as the home folder."""
    text = str(value).strip()
    try:
        return "auto" if text.lower() == "auto" else str(Path(text).expanduser())
    except RuntimeError:
        raise ValueError(f"{text} names nobody on this machine; write the whole path") from None


def hours(value: object) -> tuple[str, ...]:
    """`22:00-07:00`, `Mo-Fr 18:00-24:00, Sa-Su 00:00-24:00`, a list of them, or `none`; checked."""
    if _is_none(value):
        return ()
    if isinstance(value, dict):
        raise ValueError(  # noqa: TRY004 - pydantic takes no other
            "a mapping is no time of day; write for example 22:00-07:00"
        )
    parts = value if isinstance(value, list | tuple) else _text(value).split(",")
    return tuple(_span(part) for part in parts)


def _span(value: object) -> str:
    text = _text(value)
    if opening.parsed(text) is None:
        raise ValueError(
            f"{text!r} is no time of day; write for example 22:00-07:00, or Sa-Su 00:00-24:00"
        )
    return text


def rates(value: object) -> opening.Rates:
    """One rate, or `{"08:00-18:00": 5 Mbit/s, else: none}`: the first span that holds counts."""
    if not isinstance(value, dict):
        return () if (bits := rate(value)) is None else (("", bits),)
    spans = [(_span(key), rate(bits)) for key, bits in value.items() if key != "else"]
    return (*spans, ("", rate(value.get("else"))))


def timezone(value: object) -> str:
    """A name of the tz database, or `local`: that of this machine."""
    text = _text(value)
    if text.lower() == "local":
        return "local"
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"{text} is no time zone; write for example Europe/Berlin, or local"
        ) from None
    return text


def _as_text(example: str, *others: str) -> WithJsonSchema:
    """What an editor is told: what people write, not what becomes of it."""
    return WithJsonSchema({"type": ["string", "number", "null"], "examples": [example, *others]})


def glob(value: object) -> str:
    """A glob for paths below an inbox, checked."""
    if isinstance(value, list | dict):
        what = "a list" if isinstance(value, list) else "a mapping"
        raise ValueError(  # noqa: TRY004 - pydantic takes no other
            f"{what} is no glob; write for example *.mov"
        )
    text = str(value)
    if refusal := globs.problem(text):
        raise ValueError(f"{text!r} {refusal}")
    return text


def several_globs(value: object) -> tuple[str, ...]:
    """One glob, or a list of them; none is `()`."""
    if value is None:
        return ()
    return tuple(glob(each) for each in (value if isinstance(value, list | tuple) else [value]))


Glob = Annotated[str, BeforeValidator(glob)]
Globs = Annotated[
    tuple[str, ...],
    BeforeValidator(several_globs),
    Field(max_length=200),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
Hours = Annotated[
    tuple[str, ...],
    BeforeValidator(hours),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
            "examples": ["22:00-07:00", "Mo-Fr 18:00-24:00, Sa-Su 00:00-24:00"],
        }
    ),
]
Rates = Annotated[
    opening.Rates,
    BeforeValidator(rates),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "object", "additionalProperties": {"type": "string"}},
            ],
            "examples": ["20 Mbit/s", {"08:00-18:00": "5 Mbit/s", "else": "none"}],
        }
    ),
]
Size = Annotated[int, BeforeValidator(size), _as_text("60 MB")]
Target = Annotated[int | float | None, BeforeValidator(target), _as_text("60 MB", "40 %", "none")]
Rate = Annotated[int | None, BeforeValidator(rate), _as_text("8 Mbit/s", "none")]
Duration = Annotated[float, BeforeValidator(duration), _as_text("30s", "1h")]
Pause = Annotated[float, BeforeValidator(pause), _as_text("1s", "5m")]
Share = Annotated[float, BeforeValidator(share), _as_text("10 %")]
Floor = Annotated[float | None, BeforeValidator(floor), _as_text("none", *FLOORS)]
FrameRate = Annotated[float | None, BeforeValidator(frame_rate), _as_text("source", "30")]
SoundRate = Annotated[int | None, BeforeValidator(sound_rate), _as_text("auto", "128 kbit/s")]
EncoderPath = Annotated[str, BeforeValidator(encoder_path)]
Resolution = Annotated[str, BeforeValidator(resolution), _as_text("1080p", "1280x720", "source")]
TimeZone = Annotated[str, BeforeValidator(timezone)]
