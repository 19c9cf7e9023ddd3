"""The config file to settings, each value with its origin. All problems at once, or none."""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from hotpress.config import fields
from hotpress.config.notify import Notify
from hotpress.config.sense import Problem, nonsense
from hotpress.config.settings import Settings
from hotpress.config.yaml_text import Keys, Text
from hotpress.errors import ConfigError

_SIZE_LIMIT_BYTES = 256_000  # also of what stands for its variables
_AT_LINE = re.compile(r"\S+:(\d+)  ")
_MOST_VARIABLES = 2_000
_FEW_SLIPS = 20
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
    secrets: tuple[Keys, ...] = ()  # tokens and addresses that stand there themselves

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
        raise ConfigError([f"{path.name}:1  over 256 kB; a config is a page of text"])
    variables = _Variables(env)
    reader = Text(path.name, variables.expanded)
    data = reader.read(text)
    reader.problems += [reader.at(keys, sentence) for keys, sentence in variables.problems]
    reader.problems += fields.filled(data, reader)
    reader.blanks += [keys for keys, _ in variables.problems]  # no more need be said of those
    if reader.problems and not data:
        raise ConfigError(_few(reader.problems, path))
    reader.elsewhere = overrides = _overridden(data, env)
    settings = _validated(data, reader)
    reader.problems += [reader.at(keys, sentence) for keys, sentence in nonsense(settings)]
    if reader.problems:
        raise ConfigError(_few(reader.problems, path))
    token = [] if _TOKEN in overrides or not settings.bearer() else [_TOKEN]
    secrets = [
        keys
        for keys in (*token, *_addresses(settings, reader.lines))
        if keys in reader.lines and not variables.used_for(keys)
    ]
    return Config(path, settings, reader.lines, overrides, tuple(secrets))


def _addresses(settings: Settings, lines: Mapping[Keys, int]) -> Iterator[Keys]:
    """Where the addresses of notices stand, in their short or long form."""
    lists: list[tuple[Keys, tuple[Notify, ...]]] = [(("notify",), settings.notify)]
    lists += [
        (("inboxes", number, "notify"), inbox.notify)
        for number, inbox in enumerate(settings.inboxes)
    ]
    for keys, several in lists:
        for number, each in enumerate(several):
            if each.url:
                long = (*keys, number, "url")
                yield long if long in lines else (*keys, number)


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
        told += [reader.at(keys, sentence) for keys, sentence in _sense_of_the_rest(data, error)]
        # The original would show the values, tokens too.
        raise ConfigError(_few([*reader.problems, *told], Path(reader.name))) from None


def _sense_of_the_rest(data: dict[str, Any], error: ValidationError) -> list[Problem]:
    """What makes no sense whatever the slips were meant to be: nobody should find it only then.

    Said of inboxes without a slip alone, and with one in `defaults` of their folders alone.
    """
    slips = [fields.place_of(each["loc"]) for each in error.errors(include_url=False)]
    rest = copy.deepcopy(data) if len(slips) <= _FEW_SLIPS else {}
    try:
        for keys in slips:
            holder: Any = rest
            for key in keys[:-1]:
                holder = holder[key]
            del holder[str(keys[-1])]  # an item of a list stays: the others would move up
        found = nonsense(Settings.model_validate(rest))
    except (ValidationError, LookupError, TypeError):
        return []
    inherited = any(keys[0] == "defaults" for keys in slips)
    touched = {keys[:2] for keys in slips}
    return [
        (keys, sentence)
        for keys, sentence in found
        if keys[:2] not in touched and (not inherited or keys[-1] in ("path", "outbox", "name"))
    ]


def _few(problems: list[str], path: Path) -> list[str]:
    """Those that are told, from the top: a program's nonsense has thousands, and all are kept."""
    problems = sorted(problems, key=_line)
    more = len(problems) - fields.MOST
    rest = [f"{path.name}:1  and {more} more; mend these first"] if more > 0 else []
    return [*problems[: fields.MOST], *rest]


def _line(problem: str) -> int:
    found = _AT_LINE.match(problem)
    return int(found[1]) if found else 0


class _Variables:
    """`${NAME}` in values. An unset one is a problem; only in `cloud.token` it means none."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self._used: set[Keys] = set()
        self._left = _MOST_VARIABLES
        self._room = _SIZE_LIMIT_BYTES  # a short text may stand for a very long one
        self.problems: list[tuple[Keys, str]] = []

    def expanded(self, text: str, keys: Keys) -> str:
        if "${" not in text:
            return text
        self._left -= len(_ENV.findall(text))
        if self._left < 0:
            sentence = f"more than {_MOST_VARIABLES} variables; write the value itself"
            self.problems.append((keys, sentence))
            return text
        return _ENV.sub(self._of(keys), text)

    def used_for(self, keys: Keys) -> bool:
        return keys in self._used

    def _of(self, keys: Keys) -> Callable[[re.Match[str]], str]:
        missing: set[str] = set()

        def value(match: re.Match[str]) -> str:
            self._used.add(keys)
            name = match[1]
            found = self._env.get(name, "")
            if name not in self._env and keys != _TOKEN and name not in missing:
                missing.add(name)  # said once of each value
                sentence = f"${{{name}}} is not set; set it, or write the value itself"
                self.problems.append((keys, sentence))
            if len(found) > self._room >= 0:
                sentence = f"with ${{{name}}} the config is over 256 kB; write a shorter value"
                self.problems.append((keys, sentence))
                self._room = -1
            if self._room < 0:
                return ""
            self._room -= len(found)
            return found

        return value
