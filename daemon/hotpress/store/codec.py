"""A job as JSON, and back. By hand, because what a person types must answer at once.

pydantic would do it, too, but takes a fifth of a second to be loaded and to learn the shapes.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable
from dataclasses import asdict, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
_Reader = Callable[[Any], Any]


def written(value: Any) -> str:  # noqa: ANN401 - any dataclass
    """A dataclass as JSON."""
    return json.dumps(asdict(value), ensure_ascii=False, separators=(",", ":"))


def read(shape: type[T], document: str) -> T:
    """A dataclass from its JSON; unknown keys of a newer version are ignored.

    Raises ValueError for what `written` never wrote.
    """
    found: T = _from(shape, json.loads(document))
    return found


def _from(shape: type[T], raw: Any) -> T:  # noqa: ANN401 - whatever the JSON holds
    if not isinstance(raw, dict):
        raise ValueError(f"{shape.__name__} must be an object")  # noqa: TRY004 - bad data
    known, readers = _shape(shape)  # type: ignore[arg-type]
    for name in raw.keys() - known:
        del raw[name]
    try:
        for name, reader in readers:
            value = raw.get(name)
            if value is not None:
                raw[name] = reader(value)
        return shape(**raw)
    except (TypeError, KeyError) as error:  # something is missing, or a word that nobody knows
        raise ValueError(f"no {shape.__name__}: {error}") from error


@cache
def _shape(shape: type[Any]) -> tuple[frozenset[str], tuple[tuple[str, _Reader], ...]]:
    """The names that it knows, and how to read those that JSON has otherwise."""
    hints = get_type_hints(shape)
    own = [each.name for each in fields(shape) if each.init]
    found = ((name, _reader(hints[name])) for name in own)
    return frozenset(own), tuple((name, each) for name, each in found if each is not None)


def _reader(hint: Any) -> _Reader | None:  # noqa: ANN401 - an annotation
    """How to read a value of this type; None when JSON has it as it is."""
    origin, inside = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return next((r for each in inside if (r := _reader(each)) is not None), None)
    if origin is tuple:
        element = _reader(inside[0])
        return tuple if element is None else lambda value: tuple(map(element, value))
    if is_dataclass(hint):
        return lambda value: _from(hint, value)  # type: ignore[arg-type]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {each.value: each for each in hint}.__getitem__  # calling it costs five times that
    return None
