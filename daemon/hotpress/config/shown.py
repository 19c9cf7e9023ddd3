"""The config as it holds: every key with its value and where that was written; secrets masked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from hotpress.config import layers
from hotpress.config.read import Config
from hotpress.config.rules import inbox_names
from hotpress.config.settings import Inbox
from hotpress.config.spelling import spelled
from hotpress.config.yaml_text import Keys, dotted

_COLUMN = 44
_UNSET = frozenset({"token", "client_id", "platform", "archive_to"})  # better left out than null


@dataclass(frozen=True, slots=True)
class Row:
    """One key; `value` as it is written, None where it is better left out."""

    keys: Keys
    value: str | None
    origin: str


def rows(config: Config) -> Iterator[Row]:
    """All of them, in the order of the settings; the inboxes last."""
    yield from _section(config, (), config.settings)
    for number, inbox in enumerate(config.settings.inboxes):
        yield from _inbox(config, number, inbox)


def text(config: Config) -> str:
    """YAML that hotpress reads back as the same settings, but for the secrets."""
    lines: list[str] = []
    open_keys: Keys = ()
    for row in rows(config):
        *above, key = row.keys
        first = False  # of an item of a list
        for depth, part in enumerate(above):
            if open_keys[: depth + 1] == tuple(above[: depth + 1]):
                continue
            open_keys = tuple(above[: depth + 1])
            if isinstance(part, int):
                first = True
            else:
                lines.append(f"{'  ' * depth}{part}:")
        open_keys = tuple(above)
        indent = "  " * len(above)
        start = f"{indent[:-2]}- " if first else indent
        said = f"{key}: {row.value}" if row.value is not None else f"# {key}:"
        lines.append(f"{start + said:<{_COLUMN}}  # {row.origin}")
    return "\n".join(lines) + "\n"


def view(config: Config) -> dict[str, dict[str, str | None]]:
    """`limits.uploads` -> its value as it is written, and its origin; for programs."""
    return {dotted(row.keys): {"value": row.value, "origin": row.origin} for row in rows(config)}


def _section(config: Config, keys: Keys, section: BaseModel) -> Iterator[Row]:
    for name in type(section).model_fields:
        value, here = getattr(section, name), (*keys, name)
        if isinstance(value, BaseModel):
            yield from _section(config, here, value)
        elif not isinstance(value, list):
            yield _row(here, value, config.origin(here))


def _inbox(config: Config, number: int, inbox: Inbox) -> Iterator[Row]:
    """What holds for a file that none of its rules matches; then the rules."""
    keys: Keys = ("inboxes", number)
    yield _row(
        (*keys, "name"), inbox_names(config.settings)[number], config.origin((*keys, "name"))
    )
    told = layers.merged(layers.of_inbox(config.settings, number, config.origin))
    for key in type(inbox).model_fields:
        if key in told:
            yield _row((*keys, key), told[key].value, told[key].origin)
        elif key == "notify" and key not in inbox.model_fields_set:
            yield _row((*keys, key), config.settings.notify, config.origin((key,)))
        elif key not in ("name", "rules"):
            yield _row((*keys, key), getattr(inbox, key), config.origin((*keys, key)))
    for row, rule in enumerate(inbox.rules):
        here = (*keys, "rules", row)
        yield _row((*here, "match"), rule.match, config.origin((*here, "match")))
        for key, value in rule.written().items():
            yield _row((*here, key), value, config.origin((*here, key)))


def _row(keys: Keys, value: Any, origin: str) -> Row:  # noqa: ANN401 - of any key
    key = str(keys[-1])
    return Row(keys, None if value is None and key in _UNSET else spelled(key, value), origin)
