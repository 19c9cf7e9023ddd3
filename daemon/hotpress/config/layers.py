"""The layers of a rule, and which of them each value comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hotpress.config.globs import matches
from hotpress.config.settings import BUILT_IN, Inbox, Settings
from hotpress.config.yaml_text import Keys

BUILT_IN_ORIGIN = "built-in"
Origin = Callable[[Keys], str]  # `config.yaml:23` of a key of the config


@dataclass(frozen=True, slots=True)
class Layer:
    """Some of a rule's values, each with its origin; a later layer wins, key by key."""

    values: Mapping[str, Any]
    origins: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """A value that won, and where it was written."""

    value: Any
    origin: str


def of_config(
    settings: Settings, inbox: Inbox, relative: str, origin: Origin = lambda _keys: ""
) -> list[Layer]:
    """Built-in, `defaults`, the inbox, and the first of its rules that matches the file."""
    number = next((n for n, other in enumerate(settings.inboxes) if other is inbox), 0)
    written: list[tuple[Keys, Mapping[str, Any]]] = [
        (("defaults",), settings.defaults.written()),
        (("inboxes", number), inbox.written()),
    ]
    for row, rule in enumerate(inbox.rules):
        if matches(rule.match, relative):
            written.append((("inboxes", number, "rules", row), rule.written()))
            break
    return [
        Layer(BUILT_IN, dict.fromkeys(BUILT_IN, BUILT_IN_ORIGIN)),
        *(Layer(v, {key: origin((*keys, key)) for key in v}) for keys, v in written),
    ]


def merged(layers: Iterable[Layer]) -> dict[str, Told]:
    """For each key the value of the last layer that has it."""
    return {key: Told(v, layer.origins[key]) for layer in layers for key, v in layer.values.items()}


def values_of(layers: Iterable[Layer]) -> dict[str, Any]:
    """The values that win."""
    return {key: told.value for key, told in merged(layers).items()}
