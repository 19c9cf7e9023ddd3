"""Rules that lie in a synced folder: what they may say, and what they say. Pure.

Whoever shares the folder can write them. So they may change how large and how good a result is and
what the agent is told, and may keep a video at home; they can't send it anywhere, move a source,
name a path, or read a variable of this machine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from hotpress.config import fields
from hotpress.config.globs import matches
from hotpress.config.layers import Layer, values_of
from hotpress.config.sense import NEEDS_CLOUD
from hotpress.config.settings import Inbox, RuleSettings
from hotpress.config.yaml_text import Keys, Text
from hotpress.model import Route

ALLOWED = frozenset(
    {
        *("target_size", "max_rate", "resolution", "instructions", "quality_floor", "metadata"),
        *("oversize", "already_small", "min_saving", "include", "exclude", "route"),
    }
)
WORDS_LIMIT = 500  # characters
_VARIABLE = re.compile(r"\$\{")
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_AT_HOME = ("local", "refuse")  # of `oversize`: no copy of a large file ever goes to the cloud


@dataclass(frozen=True, slots=True)
class Understood:
    """Rule files as layers over the config's, or all that is wrong with them."""

    layers: tuple[Layer, ...] = ()
    problems: tuple[str, ...] = ()


def understood(files: Sequence[tuple[str, bytes]], before: Mapping[str, Any]) -> Understood:
    """Each file is its name and its text, the farthest first; `before`: what the config says."""
    layers: list[Layer] = []
    problems: list[str] = []
    names = [name for name, _ in files]
    for name, text in files:
        if name.endswith(".txt"):
            found, wrong = _words(name, text)
        else:
            found, wrong = _rules(name, text)
        other = _twin(name)
        if other in names and (other[-4:] == name[-4:] or "instructions" in layers[-1].values):
            wrong = [f"{name}:1  {other} lies beside it and says the same; keep one of the two"]
        layers.append(found)
        problems += wrong
    if not problems:
        problems = _refusals(before, layers)
    return Understood(problems=tuple(problems)) if problems else Understood(tuple(layers))


def left_out(layers: Sequence[Layer], relative: str) -> str:
    """Where a rule file leaves this video out; "" when all want it.

    Beside what the config leaves out, which is said already: a folder can only leave out more. A
    glob with a slash is for paths below the rule file's own folder.
    """
    for layer in layers:
        for key, wanted in (("exclude", False), ("include", True)):
            globs = layer.values.get(key, ())
            if not globs:
                continue
            folder = layer.origins[key].rpartition(":")[0].rpartition("/")[0]
            below = relative.removeprefix(f"{folder}/") if folder else relative
            if any(matches(glob, below) for glob in globs) is not wanted:
                return layer.origins[key]
    return ""


def _twin(name: str) -> str:
    """The other name for the same, which may not be there, too."""
    folder, _, last = name.rpartition("/")
    if last == "hotpress.yaml":
        return f"{folder}/.{last}" if folder else f".{last}"
    return name.removesuffix(".txt") + ".yaml" if name.endswith(".txt") else ""


def _rules(name: str, text: bytes) -> tuple[Layer, list[str]]:
    """A YAML file of rules."""
    unset: list[Keys] = []

    def expand(value: str, keys: Keys) -> str:
        if _VARIABLE.search(value):
            unset.append(keys)
        return value

    nothing = Layer({}, {})
    reader = Text(name, expand)
    if not text.strip():
        return nothing, [f"{name}:1  is empty so far; write rules into it, or delete it"]
    data = reader.read(text)
    sentence = "${...} stands for nothing in a synced folder; write the value itself"
    reader.problems += [reader.at(keys, sentence) for keys in unset]
    reader.problems += fields.filled(data, reader, RuleSettings)
    for key in data.keys() - _allowed():
        reader.problems.append(reader.at((key,), _not_allowed(key)))
    known = {key: value for key, value in data.items() if key in _allowed()}
    try:
        rule = RuleSettings.model_validate(known)
    except ValidationError as error:
        return nothing, [*reader.problems, *fields.problems(RuleSettings, reader, error)]
    values = rule.written()
    if values.get("route", Route.LOCAL) is not Route.LOCAL:
        said = "may only be local here; what goes to the cloud is for the config to say"
        reader.problems.append(reader.at(("route",), said))
    return Layer(values, {key: f"{name}:{reader.lines[key,]}" for key in values}), reader.problems


def _allowed() -> frozenset[str]:
    return ALLOWED & RuleSettings.model_fields.keys()


def _not_allowed(key: str) -> str:
    if key in Inbox.model_fields:
        return (
            "may not be set in a synced folder, where everybody who shares it could; "
            "set it in the config"
        )
    near = fields.nearest(key, _allowed())
    hint = f"did you mean {near}?" if near else f"known here: {', '.join(sorted(_allowed()))}"
    return f"is no key for a synced folder; {hint}"


def _words(name: str, data: bytes) -> tuple[Layer, list[str]]:
    """A text file with words for the agent, for one video."""
    try:
        text = " ".join(data.decode("utf-8-sig").split())
    except UnicodeDecodeError:
        return Layer({}, {}), [f"{name}:1  this is no UTF-8 text; save it as such"]
    wrong = ""
    if not text:
        wrong = "is empty so far; write words for the agent into it, or delete it"
    elif len(text) > WORDS_LIMIT:
        wrong = f"has {len(text)} characters; write at most {WORDS_LIMIT}"
    elif _UNSEEN.search(text):
        wrong = "has invisible characters; write plain text"
    layer = Layer({"instructions": text}, {"instructions": f"{name}:1"})
    return layer, [f"{name}:1  {wrong}"] if wrong else []


def _refusals(before: Mapping[str, Any], layers: list[Layer]) -> list[str]:
    """What would loosen what the config says, or can't be done together."""
    problems: list[str] = []
    values = {**before, **values_of(layers)}
    for layer in layers:
        for key, origin in layer.origins.items():
            sentence = _loosened(key, layer.values[key], before)
            if sentence:
                problems.append(f"{origin}  {key}: {sentence}")
    # Of several results one may be in the cloud: that is seen when their rules are known (ruling).
    one = not values["outputs"]
    if one and values["route"] is Route.LOCAL and values["instructions"]:
        origin = _last_origin(layers, ("route", "instructions"))
        problems += [f"{origin}: {NEEDS_CLOUD}"] if origin else []
    return problems


def _loosened(key: str, value: object, before: Mapping[str, Any]) -> str:
    """Why a value is refused here, though it is good elsewhere."""
    if key == "metadata" and value == "keep" and before[key] == "strip":
        return "the config strips it, and only the config can say otherwise; take this line out"
    if key == "oversize" and before[key] in _AT_HOME and value not in _AT_HOME:
        return f"the config says {before[key]}; write local or refuse, or take this line out"
    return ""


def _last_origin(layers: list[Layer], keys: tuple[str, ...]) -> str:
    """Where one of these keys was written last, with the key; "" where only the config has it."""
    for layer in reversed(layers):
        for key in keys:
            if key in layer.origins:
                return f"{layer.origins[key]}  {key}"
    return ""
