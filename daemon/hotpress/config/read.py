"""YAML to settings, each value with its line. All problems at once, or none.

PyYAML's YAML 1.1 turns `off`, `22:00` and `1_000` into something else; here only the core scalars
of YAML 1.2 have a type, everything else stays the word that was written.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from hotpress.config.sense import nonsense
from hotpress.config.settings import Settings
from hotpress.errors import ConfigError

_SIZE_LIMIT_BYTES = 1_000_000
_DEPTH_LIMIT = 12
_NODE_LIMIT = 50_000
_TYPES = {"null": None, "~": None, "": None, "true": True, "false": False}
_INT = re.compile(r"[-+]?[0-9]{1,18}", re.ASCII)
_FLOAT = re.compile(r"[-+]?[0-9]{1,18}\.[0-9]{1,18}", re.ASCII)
_ENV = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
# The environment wins over the file, as in the service's other clients.
OVERRIDES = {
    "NEMO_API_URL": ("cloud", "api_url"),
    "NEMO_WEB_URL": ("cloud", "web_url"),
    "NEMO_TOKEN": ("cloud", "token"),
    "NEMO_CLIENT_ID": ("cloud", "client_id"),
    "SKILL_SOURCE": ("cloud", "platform"),
}

Keys = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Config:
    """Settings, and the line that each written value stands in."""

    path: Path
    settings: Settings
    lines: Mapping[Keys, int]

    def place(self, keys: Keys) -> str:
        """`config.yaml:14`: where a value is written, or the nearest key around it."""
        return f"{self.path.name}:{_line(self.lines, keys)}"


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
    if len(text) > _SIZE_LIMIT_BYTES:
        raise ConfigError([f"{path}: over 1 MB; a config is a page of text"])
    return read_text(text, path, os.environ if env is None else env)


def read_text(text: bytes | str, path: Path, env: Mapping[str, str]) -> Config:
    """The config in `text`; `path` is only for the messages."""
    reader = _Reader(path.name, env)
    data = reader.data(text)
    if reader.problems:
        raise ConfigError(reader.problems)
    for variable, (section, key) in OVERRIDES.items():
        if env.get(variable):
            data[section] = {**(data.get(section) or {}), key: env[variable]}
    try:
        settings = Settings.model_validate(data)
    except ValidationError as error:
        problems = [reader.problem(e["loc"], dict(e)) for e in error.errors(include_url=False)]
        raise ConfigError(problems) from None  # the original would show the values, tokens too
    problems = [reader.at(keys, sentence) for keys, sentence in nonsense(settings)]
    if problems:
        raise ConfigError(problems)
    return Config(path, settings, reader.lines)


class _Reader:
    """One reading of one file: its lines and its problems."""

    def __init__(self, name: str, env: Mapping[str, str]) -> None:
        self._name = name
        self._env = env
        self._nodes = 0
        self.lines: dict[Keys, int] = {}
        self.problems: list[str] = []

    def data(self, text: bytes | str) -> dict[str, Any]:
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            what = error.problem or error.context or "this is no YAML"
            hint = "; use spaces instead of tabs" if "\\t" in what else ""
            self.problems.append(f"{self._name}:{line}  {what}{hint}")
            return {}
        except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
            self.problems.append(f"{self._name}:1  this is no YAML text ({type(error).__name__})")
            return {}
        if node is None:
            return {}
        value = self._value(node, ())
        if not isinstance(value, dict):
            self.problems.append(f"{self._name}:1  a config is a list of `key: value` lines")
            return {}
        return value

    def at(self, keys: Keys, sentence: str) -> str:
        """A problem with its place: the line of the nearest key that is written."""
        line = _line(self.lines, keys)
        return f"{self._name}:{line}  {dotted(keys)}: {sentence}" if keys else sentence

    def problem(self, loc: Keys, error: dict[str, Any]) -> str:
        keys = tuple(k for k in loc if not str(k).startswith("function-"))
        if error["type"] == "extra_forbidden":
            return self.at(keys, _unknown(keys))
        if error["type"] == "missing":
            return self.at(keys, f"is missing; add `{keys[-1]}: ...`")
        ctx = error.get("ctx") or {}
        sentence = str(ctx.get("error") or error["msg"]).removeprefix("Value error, ")
        return self.at(keys, sentence[:1].lower() + sentence[1:])

    def _value(self, node: yaml.Node, keys: Keys) -> Any:  # noqa: ANN401 - YAML is anything
        self.lines[keys] = node.start_mark.line + 1
        self._nodes += 1
        if self._nodes > _NODE_LIMIT or len(keys) > _DEPTH_LIMIT:
            raise ConfigError([f"{self._name}: too long or too deeply nested for a config"])
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, keys)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(child, (*keys, n)) for n, child in enumerate(node.value)]
        return self._scalar(node, keys)

    def _mapping(self, node: yaml.MappingNode, keys: Keys) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in result:
                self.problems.append(
                    f"{self._name}:{key_node.start_mark.line + 1}  "
                    f"{dotted((*keys, key))}: is written twice; keep one"
                )
            result[key] = self._value(value_node, (*keys, key))
            self.lines[(*keys, key)] = key_node.start_mark.line + 1
        return result

    def _scalar(self, node: yaml.Node, keys: Keys) -> Any:  # noqa: ANN401
        text = str(node.value)
        if getattr(node, "style", None) is None:
            if text.lower() in _TYPES:
                return _TYPES[text.lower()]
            if _INT.fullmatch(text):
                return int(text)
            if _FLOAT.fullmatch(text):
                return float(text)
        return _ENV.sub(lambda match: self._environment(match[1], keys), text)

    def _environment(self, name: str, keys: Keys) -> str:
        if name in self._env:
            return self._env[name]
        if keys != ("cloud", "token"):
            self.problems.append(
                self.at(keys, f"${{{name}}} is not set; set it, or write the value itself")
            )
        return ""


def _line(lines: Mapping[Keys, int], keys: Keys) -> int:
    """Of the nearest key that is written."""
    return next((lines[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in lines), 1)


def dotted(keys: Keys) -> str:
    """`inboxes[1].target_size`."""
    return "".join(f"[{k}]" if isinstance(k, int) else f".{k}" for k in keys).removeprefix(".")


def _unknown(keys: Keys) -> str:
    """The sentence for a key that nobody knows, with the nearest known one."""
    known = _known_keys(Settings, keys[:-1])
    near = difflib.get_close_matches(str(keys[-1]), known, n=1, cutoff=0.6)
    hint = f"did you mean {near[0]}?" if near else f"known here: {', '.join(sorted(known))}"
    return f"is no key of hotpress; {hint}"


def _known_keys(section: type[BaseModel], keys: Keys) -> list[str]:
    for key in keys:
        if isinstance(key, int):
            continue
        found = section.model_fields.get(key)
        if found is None:
            return []
        kinds = (found.annotation, *get_args(found.annotation))
        section = next(
            (k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)), section
        )
    return list(section.model_fields)
