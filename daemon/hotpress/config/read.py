"""The config file to settings, each value with its origin. All problems at once, or none."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from hotpress.config import fields
from hotpress.config.sense import nonsense
from hotpress.config.settings import Settings
from hotpress.config.yaml_text import Keys, Text
from hotpress.errors import ConfigError

_SIZE_LIMIT_BYTES = 1_000_000
_ENV = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_TOKEN = ("cloud", "token")
# The environment wins over the file, as in the service's other clients.
OVERRIDES: dict[str, tuple[str, str]] = {
    "NEMO_API_URL": ("cloud", "api_url"),
    "NEMO_WEB_URL": ("cloud", "web_url"),
    "NEMO_TOKEN": _TOKEN,
    "NEMO_CLIENT_ID": ("cloud", "client_id"),
    "SKILL_SOURCE": ("cloud", "platform"),
}


@dataclass(frozen=True, slots=True)
class Config:
    """Settings, the line that each written value stands in, and what the environment set."""

    path: Path
    settings: Settings
    lines: Mapping[Keys, int]
    overrides: Mapping[Keys, str] = field(default_factory=dict)
    secret_in_file: bool = False  # the token itself stands there, not a ${NAME}

    def origin(self, keys: Keys) -> str:
        """`config.yaml:23`, the name of a variable, or `built-in`."""
        if keys in self.overrides:
            return self.overrides[keys]
        line = self.lines.get(keys)
        return "built-in" if line is None else f"{self.path.name}:{line}"

    def place(self, keys: Keys) -> str:
        """`config.yaml:14`: where a value is written, or the nearest key around it."""
        known = (keys[:n] for n in range(len(keys), 0, -1) if keys[:n] in self.lines)
        return f"{self.path.name}:{self.lines.get(next(known, ()), 1)}"


def read_file(path: Path, env: Mapping[str, str] | None = None) -> Config:
    """The config at `path`. Raises ConfigError with all its problems."""
    try:
        with path.open("rb") as file:
            text = file.read(_SIZE_LIMIT_BYTES + 1)
    except FileNotFoundError as error:
        raise ConfigError([f"{path}: there is no config yet"], "`hotpress init` makes one.") from (
            error
        )
    except OSError as error:
        raise ConfigError([f"{path}: can't be read: {error.strerror}"]) from error
    return read_text(text, path, os.environ if env is None else env)


def read_text(text: bytes | str, path: Path, env: Mapping[str, str]) -> Config:
    """The config in `text`; `path` is only for the messages."""
    if len(text) > _SIZE_LIMIT_BYTES:
        raise ConfigError([f"{path.name}:1  over 1 MB; a config is a page of text"])
    variables = _Variables(env)
    reader = Text(path.name, variables.expanded)
    data = reader.read(text)
    reader.problems += [reader.at(keys, sentence) for keys, sentence in variables.problems]
    reader.problems += fields.filled(data, reader)
    if reader.problems and not data:
        raise ConfigError(reader.problems)
    reader.elsewhere = overrides = _overridden(data, env)
    settings = _validated(data, reader)
    reader.problems += [reader.at(keys, sentence) for keys, sentence in nonsense(settings)]
    if reader.problems:
        raise ConfigError(reader.problems)
    written = _TOKEN in reader.lines and _TOKEN not in overrides
    secret = written and bool(settings.bearer()) and not variables.used_for(_TOKEN)
    return Config(path, settings, reader.lines, overrides, secret)


def _overridden(data: dict[str, Any], env: Mapping[str, str]) -> dict[Keys, str]:
    """Put the environment's values over the file's; which keys, by which variables."""
    found: dict[Keys, str] = {}
    for variable, (section, key) in OVERRIDES.items():
        before = data.get(section) or {}
        if env.get(variable) and isinstance(before, dict):
            data[section] = {**before, key: env[variable]}
            found[section, key] = variable
    return found


def _validated(data: dict[str, Any], reader: Text) -> Settings:
    """Raises ConfigError with every problem, those of the reader first."""
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        told = fields.problems(Settings, reader, error)
        # The original would show the values, tokens too.
        raise ConfigError([*reader.problems, *told]) from None


class _Variables:
    """`${NAME}` in values. An unset one is a problem; only in `cloud.token` it means none."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self._used: set[Keys] = set()
        self.problems: list[tuple[Keys, str]] = []

    def expanded(self, text: str, keys: Keys) -> str:
        return _ENV.sub(self._of(keys), text)

    def used_for(self, keys: Keys) -> bool:
        return keys in self._used

    def _of(self, keys: Keys) -> Callable[[re.Match[str]], str]:
        def value(match: re.Match[str]) -> str:
            self._used.add(keys)
            name = match[1]
            if name not in self._env and keys != _TOKEN:
                sentence = f"${{{name}}} is not set; set it, or write the value itself"
                self.problems.append((keys, sentence))
            return self._env.get(name, "")

        return value
