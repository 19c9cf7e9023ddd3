"""Values as a person writes them in a config: what is read back is the very same value."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from typing import Any

from pydantic import BaseModel, SecretStr

from hotpress.config.yaml_text import UNSEEN

SIZES = frozenset({"target_size", "max_upload", "free_space"})
RATES = frozenset({"max_rate", "audio_bitrate"})
# How "no value" is written, where that says more than leaving the key out.
NOTHING: Mapping[str, str] = {
    "target_size": "none",
    "max_rate": "none",
    "upload_rate": "none",
    "hours": "none",
    "fps": "source",
    "audio_bitrate": "auto",
    "quality_floor": "none",
    "per_day": "none",
    "per_month": "none",
    "include": "[]",
    "exclude": "[]",
    "outputs": "[]",
    "notify": "[]",
    "quiet": "none",
    "hosts": "[]",
}
MASK = "(hidden)"
_NUMBERS = frozenset(
    {"quality_floor", "fps", "estimate", "per_day", "per_month", "reserve"}
)  # and every other float that is no share is a time
_DECIMAL = (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3))
_BINARY = (("TiB", 2**40), ("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10))
_BITS = (("Gbit/s", 10**9), ("Mbit/s", 10**6), ("kbit/s", 10**3))
_SECONDS = (("y", 31_557_600), ("d", 86_400), ("h", 3_600), ("m", 60))
_PLAIN = re.compile(r"[A-Za-z0-9_/~.](?:[\w/.~%+ -]|:(?! ))*(?<![ :])", re.ASCII)
_NULLS = frozenset({"null", "Null", "NULL", "~"})


def spelled(key: str, value: Any) -> str:  # noqa: ANN401 - of any key
    """One line of YAML."""
    if value is None or value == ():
        return NOTHING.get(key, "null")
    if isinstance(value, SecretStr):
        return MASK
    if isinstance(value, BaseModel):
        fields = ((name, getattr(value, name)) for name in type(value).model_fields)
        rows = ((name, each) for name, each in fields if each is not None or name in NOTHING)
        return "{" + ", ".join(f"{name}: {spelled(name, each)}" for name, each in rows) + "}"
    if isinstance(value, tuple):
        return _several(key, value)
    if isinstance(value, int):
        return _whole(key, value)
    if isinstance(value, float):
        return _fraction(key, value)
    return _quoted(str(value.value if isinstance(value, Enum) else value))


def _several(key: str, value: tuple[Any, ...]) -> str:
    if key == "upload_rate":
        if len(value) == 1:
            return _rate(value[0][1])
        rows = (f"{_quoted(span or 'else')}: {_rate(bits)}" for span, bits in value)
        return "{" + ", ".join(rows) + "}"
    if key in ("hours", "quiet"):
        return ", ".join(value)
    if key in ("outputs", "notify"):
        return "[" + ", ".join(_result(each) for each in value) + "]"
    return _json(list(value))


def _result(output: BaseModel) -> str:
    """Only what was written: the rest is inherited."""
    names = [name for name in type(output).model_fields if name in output.model_fields_set]
    names.sort(key=lambda name: name != "name")
    rows = (f"{name}: {_in_braces(spelled(name, getattr(output, name)))}" for name in names)
    return "{" + ", ".join(rows) + "}"


def _in_braces(text: str) -> str:
    """A plain word would end at a comma or a bracket there."""
    safe = text.startswith(('"', "[")) or not set(",[]{}") & set(text)
    return text if safe else _json(text)


def _whole(key: str, value: int) -> str:
    if key in SIZES:
        return _size(value)
    return _rate(value) if key in RATES else str(value)


def _fraction(key: str, value: float) -> str:
    if key in ("min_saving", "target_size"):
        return f"{_digits(Decimal(repr(value)) * 100)} %"
    return _digits(Decimal(repr(value))) if key in _NUMBERS else _time(value)


def _size(value: int) -> str:
    """The shortest of the units that say it exactly."""
    known = [
        f"{_digits(Decimal(value) / size)} {unit}"
        for unit, size in (*_DECIMAL, *_BINARY)
        if value >= size and value * 1000 % size == 0
    ]
    return min([*known, f"{value} B"], key=len)


def _rate(value: int | None) -> str:
    if value is None:
        return "none"
    for unit, size in _BITS:
        if value >= size and value * 1000 % size == 0:
            return f"{_digits(Decimal(value) / size)} {unit}"
    return f"{value} bit/s"


def _time(seconds: float) -> str:
    for unit, size in _SECONDS:
        if seconds >= size and seconds % size == 0:
            return f"{_digits(Decimal(repr(seconds / size)))}{unit}"
    return f"{_digits(Decimal(repr(seconds)))}s"


def _digits(number: Decimal) -> str:
    """Without an exponent, and without zeros at the end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _quoted(text: str) -> str:
    """As YAML reads it back: plain words stay plain."""
    plain = _PLAIN.fullmatch(text) is not None and text not in _NULLS
    return text if plain else _json(text)


def _json(value: str | list[str]) -> str:
    """In quotes; what nobody sees as its number: else it would be refused when it is read."""
    text = json.dumps(value, ensure_ascii=False)
    return UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
