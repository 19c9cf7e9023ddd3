"""The layers of a rule, and which of them each value comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hotpress.config.globs import matches
from hotpress.config.settings import BUILT_IN, Inbox, RuleSettings, Settings
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
    parts = written(settings, inbox, relative)
    return [_built_in(), *(_layer(keys, part, origin) for keys, part in parts)]


def written(settings: Settings, inbox: Inbox, relative: str) -> list[tuple[Keys, RuleSettings]]:
    """What the config says of a file, and where: `defaults`, the inbox, its first rule for it."""
    number = next((n for n, other in enumerate(settings.inboxes) if other is inbox), 0)
    own = _own(settings, number, inbox)
    for row, rule in enumerate(inbox.rules):
        if matches(rule.match, relative):
            return [*own, (("inboxes", number, "rules", row), rule)]
    return own


def of_inbox(settings: Settings, number: int, origin: Origin) -> list[Layer]:
    """What holds in an inbox where none of its rules matches."""
    own = _own(settings, number, settings.inboxes[number])
    return [_built_in(), *(_layer(keys, part, origin) for keys, part in own)]


def _own(settings: Settings, number: int, inbox: Inbox) -> list[tuple[Keys, RuleSettings]]:
    return [(("defaults",), settings.defaults), (("inboxes", number), inbox)]


def _built_in() -> Layer:
    return Layer(BUILT_IN, dict.fromkeys(BUILT_IN, BUILT_IN_ORIGIN))


def _layer(keys: Keys, part: RuleSettings, origin: Origin) -> Layer:
    values = part.written()
    return Layer(values, {key: origin((*keys, key)) for key in values})


def merged(layers: Iterable[Layer]) -> dict[str, Told]:
    """For each key the value of the last layer that has it."""
    return {key: Told(v, layer.origins[key]) for layer in layers for key, v in layer.values.items()}


def values_of(layers: Iterable[Layer]) -> dict[str, Any]:
    """The values that win."""
    return {key: told.value for key, told in merged(layers).items()}
