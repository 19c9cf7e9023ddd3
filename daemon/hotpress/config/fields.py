"""What the settings' classes say of a key: is it known, may it be blank, what is wrong with it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from hotpress.config.settings import Settings
from hotpress.config.yaml_text import Keys, Text

MOST = 100  # problems that are told of one file: nobody mends more at once
_FEW = 5  # keys that a sentence may list
_SECTION = "{shown} stands where `key: value` lines belong; indent them below it"
_GLUED = re.compile(r"[a-z_]+:\S")
_NO_SECTION = ("model_type", "model_attributes_type", "dict_type")
_SENTENCES = {  # by pydantic's names
    "greater_than_equal": "{shown} is too small; write at least {ge:g}",
    "less_than_equal": "{shown} is too large; write at most {le:g}",
    "string_type": "{shown} is no text; write it in one line, in quotes",
    "string_too_long": "is too long; write at most {max_length} characters",
    "too_long": "are too many; write at most {max_length}",
    "tuple_type": "is no list; write each item in a line of its own that begins with -",
    "string_pattern_mismatch": "{shown} is no name for it; write letters, digits, - and _ only",
    "list_type": "is no list; write each item in a line of its own that begins with -",
    "model_type": _SECTION,
    "model_attributes_type": _SECTION,
    "dict_type": _SECTION,
    "int": "{shown} is no whole number; write for example 2",
    "float": "{shown} is no number; write for example 50",
    "finite": "{shown} is no number; write for example 50",
}


def filled(data: dict[str, Any], reader: Text, model: type[BaseModel] = Settings) -> list[str]:
    """Blank keys as what they mean: nothing in this section, or a problem."""
    told = []
    for keys in filter(None, reader.blanks):  # a document without anything is told of as such
        info = _field(model, keys)
        holder = _holder(data, keys)
        if holder is None or (info is None and not isinstance(keys[-1], int)):
            continue  # an unknown key is told of as such
        if info is not None and section_of(info) is not None:
            holder[keys[-1]] = [] if get_origin(info.annotation) in (list, tuple) else {}
        elif keys != ("cloud", "token"):
            told.append(reader.at(keys, "has no value; write one, or take the line out"))
    return told


def problems(model: type[BaseModel], reader: Text, found: ValidationError) -> list[str]:
    """What pydantic found, as located sentences that say what to write instead."""
    told = []
    for error in found.errors(include_url=False)[: MOST + 1]:  # one more: then it is said so
        keys = place_of(error["loc"])
        if error["type"] == "extra_forbidden":
            told.append(reader.at(keys, unknown(str(keys[-1]), known_keys(model, keys[:-1]))))
        elif error["type"] == "missing":
            told.append(reader.at(keys, f"is missing; add `{keys[-1]}: ...`"))
        elif keys not in reader.blanks:  # of those it is said that they have no value
            if keys == ("cloud",):  # whatever stands there instead may be the token
                error["input"] = "a value"
            if error["type"] in _NO_SECTION and isinstance(keys[-1], int):
                first = _first_key(model, keys)
                told.append(reader.at(keys, f"needs its keys; write {{{first}: ...}}"))
                continue
            told.append(reader.at(keys, _for_its_key(model, keys, error) or _sentence(dict(error))))
    return told


def place_of(loc: Keys) -> Keys:
    """Where pydantic found something, without its own steps."""
    return tuple(k for k in loc if not str(k).startswith("function-"))


def unknown(key: str, known: Iterable[str]) -> str:
    """The sentence for a key that nobody knows, with the nearest known one."""
    names = sorted(known)
    if key in Settings.model_fields:
        return "has no place here; write it at the start of a line, as a section of its own"
    places = [name for name in Settings.model_fields if key in known_keys(Settings, (name,))]
    if places:
        return f"has no place here; write it below {' or '.join(places)}"
    if key in known_keys(Settings, ("inboxes", "rules")):
        return "has no place here; write it below the rules of an inbox"
    near = nearest(key, names)
    if near:
        return f"is no key of hotpress; did you mean {near}?"
    hint = f"known here: {', '.join(names)}" if len(names) <= _FEW else "see config.example.yaml"
    return f"is no key of hotpress; {hint}"


def nearest(key: str, known: Iterable[str]) -> str:
    """The known key that was meant; "" when none is near."""
    found = difflib.get_close_matches(key.strip().lower(), sorted(known), n=1, cutoff=0.6)
    return found[0] if found else ""


def known_keys(model: type[BaseModel], keys: Keys) -> list[str]:
    """The keys that a section knows."""
    for key in keys:
        if isinstance(key, int):
            continue
        info = model.model_fields.get(key)
        found = section_of(info) if info else None
        if found is None:
            return []
        model = found
    return list(model.model_fields)


def _sentence(error: dict[str, Any]) -> str:
    ctx, kind = error.get("ctx") or {}, str(error["type"])
    shown = _shown(error.get("input"))
    if kind in _NO_SECTION and _GLUED.match(shown):
        return f"{shown} has no space behind its colon; write it as `key: value`"
    if kind in ("literal_error", "enum"):
        return _choice(shown, str(ctx["expected"]))
    if "error" in ctx:
        return str(ctx["error"])
    kind = kind if kind in _SENTENCES else kind.partition("_")[0]
    if kind in _SENTENCES:
        return _SENTENCES[kind].format(shown=shown, **ctx)
    said = str(error["msg"])
    return said[:1].lower() + said[1:]


def _first_key(model: type[BaseModel], keys: Keys) -> str:
    """What an item of this list can't do without: the name of a result, the glob of a rule."""
    info = _field(model, keys[:-1])
    section = section_of(info) if info else None
    fields = section.model_fields.items() if section else ()
    return next((name for name, each in fields if each.is_required()), "key")


def _for_its_key(model: type[BaseModel], keys: Keys, error: Mapping[str, Any]) -> str:
    """`watch: polling` is meant for a key of that section; "" when nobody can tell which."""
    info, value = _field(model, keys), error.get("input")
    section = section_of(info) if info else None
    if error["type"] not in _NO_SECTION or section is None or not isinstance(value, str):
        return ""
    for name, each in section.model_fields.items():
        words = (
            word
            for kind in (each.annotation, *get_args(each.annotation))
            for word in get_args(kind)
        )
        if value in words:
            return f"{value} is a value of {name}; write {{{name}: {value}}}"
    return ""


def _choice(shown: str, expected: str) -> str:
    words = expected.replace("'", "").replace(" or ", ", ").split(", ")
    near = difflib.get_close_matches(shown.lower(), words, n=1, cutoff=0.65)
    hint = f"did you mean {near[0]}?" if near else f"write one of {', '.join(words)}"
    return f"{shown} is none of them; {hint}"


def _shown(value: object) -> str:
    """What was written, as far as it fits into a sentence."""
    if value is None:
        return "null"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = " ".join(str(value).split())
    return text if len(text) <= 40 else text[:39] + "…"


def _field(model: type[BaseModel], keys: Keys) -> FieldInfo | None:
    """The field at `keys`; None for one that nobody knows, and for an item of a list."""
    info: FieldInfo | None = None
    for key in keys:
        if isinstance(key, int):
            info = None
            continue
        info = model.model_fields.get(key)
        section = section_of(info) if info else None
        if section is not None:
            model = section
    return info


def section_of(info: FieldInfo) -> type[BaseModel] | None:
    """The section that a field holds, or a list of."""
    kinds = (info.annotation, *get_args(info.annotation))
    return next((k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)), None)


def _holder(data: Any, keys: Keys) -> Any:  # noqa: ANN401 - YAML is anything
    """What holds the value at `keys`; None when that is no mapping or list."""
    for key in keys[:-1]:
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            return None
    return data if isinstance(data, dict | list) else None
