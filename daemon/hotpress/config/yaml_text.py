"""YAML to plain values, each with its line; what is unclear is a problem, never a guess.

PyYAML's YAML 1.1 turns `off`, `22:00` and `1_000` into something else; here every scalar stays the
text that was written, but for `null` and what was left blank. Whoever wants a number reads it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

_DEPTH_LIMIT = 12
_NODE_LIMIT = 10_000  # values and keys: as they are written, and again with what aliases stand for
_NULLS = frozenset({"null", "Null", "NULL", "~"})
_MERGE = "<<"
_CORE = "tag:yaml.org,2002:"
_TAGS = frozenset(_CORE + name for name in ("str", "int", "float", "bool", "null", "map", "seq"))
# What nobody sees: control characters, breaks that only YAML 1.1 takes for the end of a line, marks
# that turn the direction of writing, spaces without width. (Joiners are part of emoji and names.)
UNSEEN = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
    "|[\u200b\u2028-\u202e\u2060-\u2069\ufeff]"
)
_BREAK = re.compile("\r\n?|\n")
_CURLY = ("\u201c", "\u201d", "\u201e", "\u2018", "\u2019", "\u00ab")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What the two parsers of YAML say, in words that say what to do.
_MENDS = (
    ("cannot start any token", "put the value in quotes, and use spaces instead of tabs"),
    ("alphabetic or numeric", "a value that begins with * or & must stand in quotes"),
    (
        "mapping values are not allowed",
        "put the value in quotes, check how far it is indented, and the line above for its colon",
    ),
    ("expected ',' or", "a bracket that is opened here is never closed, or a comma is missing"),
    ("unexpected end of stream", "a quote is opened and never closed"),
    ("undefined alias", "a value that begins with * must stand in quotes"),
    ("another document", "a config is one document; take the --- out"),
    ("did not find expected", "check the indentation of this line and the one above it"),
    ("expected <block end>", "check the indentation of this line and the one above it"),
    ("sequence entries are not allowed", "begin the list in the next line"),
    ("nesting depth", "a config is never so deep"),
)

Keys = tuple[str | int, ...]


@dataclass(slots=True)
class _Node:
    line: int
    text: str | None = None  # of a scalar
    plain: bool = False  # written without quotes
    rows: list[tuple[_Node, _Node]] | None = None  # of a mapping
    items: list[_Node] | None = None  # of a list


class _Refused(Exception):
    """Reading can't go on behind this problem."""


@dataclass(slots=True)
class Text:
    """One reading of one file: `lines` of all that is written, `blanks` without any value.

    `expand` puts in what stands for `${NAME}`, and keeps its own list of problems.
    """

    name: str
    expand: Callable[[str, Keys], str] = lambda text, _keys: text
    lines: dict[Keys, int] = field(default_factory=dict)
    blanks: list[Keys] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    elsewhere: dict[Keys, str] = field(default_factory=dict)  # what is set by something else
    _count: int = 0
    _anchors: dict[str, _Node] = field(default_factory=dict)

    def read(self, text: bytes | str) -> dict[str, Any]:
        """The mapping in `text`; {} beside a problem."""
        try:
            events = _events(self._decoded(text))
            root = self._document(events)
            self._count = 0
            value = {} if root is None else self._value(root, ())
        except _Refused:
            return {}
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            # Where a quote or a bracket was opened helps more.
            if any(sign in (error.problem or "") for sign in ("end of stream", "expected ',' or")):
                mark = error.context_mark or mark
            self._say(mark.line + 1 if mark else 1, _sentence(error))
            return {}
        except (yaml.YAMLError, RecursionError) as error:
            self._say(1, f"this is no YAML text ({type(error).__name__})")
            return {}
        if not isinstance(value, dict):
            self._say(1, "this is no list of `key: value` lines; see config.example.yaml")
            return {}
        return value

    def at(self, keys: Keys, sentence: str) -> str:
        """A problem with its place: the line of the nearest key that is written."""
        if keys in self.elsewhere:
            return f"{self.elsewhere[keys]}  {dotted(keys)}: {sentence}"
        known = next((keys[:n] for n in range(len(keys), 0, -1) if keys[:n] in self.lines), ())
        line = self.lines.get(known, 1)
        where = f"{dotted(keys)}: " if keys else ""
        return f"{self.name}:{line}  {where}{sentence}"

    def _say(self, line: int, sentence: str) -> None:
        self.problems.append(f"{self.name}:{line}  {sentence}")

    def _decoded(self, text: bytes | str) -> str:
        text = (self._from_bytes(text) if isinstance(text, bytes) else text).removeprefix("\ufeff")
        found = UNSEEN.search(text)
        if found is not None:
            line = len(_BREAK.findall(text, 0, found.start())) + 1
            self._say(line, f"an invisible character (U+{ord(found[0]):04X}); take it out")
            raise _Refused
        return text

    def _from_bytes(self, data: bytes) -> str:
        wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        try:
            return data.decode("utf-16" if wide else "utf-8")
        except UnicodeDecodeError as error:
            self._say(
                data[: error.start].count(b"\n") + 1, "this is no UTF-8 text; save it as such"
            )
            raise _Refused from None

    def _document(self, events: Iterator[Any]) -> _Node | None:
        root = None
        for event in events:
            if isinstance(event, yaml.NodeEvent):
                if root is not None:
                    line = event.start_mark.line + 1 if event.start_mark else 1
                    self._say(line, "a config is one document; take the --- out")
                    raise _Refused
                root = self._node(event, events, 0)
        return root

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> _Node:  # noqa: ANN401
        line = event.start_mark.line + 1
        self._counted(line, depth)
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                self._say(line, f"*{event.anchor} stands for nothing here; put it in quotes")
                raise _Refused
            return self._anchors[event.anchor]
        if event.tag not in (None, "!") and event.tag not in _TAGS:
            self._say(line, f"{event.tag} means nothing here; take it out")
            raise _Refused
        anchor, node = event.anchor, _Node(line)
        if isinstance(event, yaml.ScalarEvent):
            node.text, node.plain = event.value, event.style in (None, "")
        elif isinstance(event, yaml.MappingStartEvent):
            node.rows = []
            while not isinstance(event := next(events), yaml.MappingEndEvent):
                key = self._node(event, events, depth + 1)
                node.rows.append((key, self._node(next(events), events, depth + 1)))
        else:
            node.items = []
            while not isinstance(event := next(events), yaml.SequenceEndEvent):
                node.items.append(self._node(event, events, depth + 1))
        if anchor is not None:  # only now: what stands inside itself stands for nothing
            self._anchors[anchor] = node
        return node

    def _counted(self, line: int, depth: int) -> None:
        self._count += 1
        if self._count > _NODE_LIMIT or depth > _DEPTH_LIMIT:
            self._say(line, "too long or too deeply nested for a config")
            raise _Refused

    def _value(self, node: _Node, keys: Keys) -> Any:  # noqa: ANN401 - YAML is anything
        self._counted(node.line, len(keys))  # an alias is counted as often as it is used
        self.lines[keys] = node.line
        if node.rows is not None:
            return self._mapping(node.rows, keys)
        if node.items is not None:
            return [self._value(child, (*keys, n)) for n, child in enumerate(node.items)]
        return self._scalar(node, keys)

    def _mapping(self, rows: list[tuple[_Node, _Node]], keys: Keys) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, value in rows:
            if key.plain and key.text == _MERGE:
                continue
            if not key.text:
                self._say(key.line, "a key is one word; write `key: value`")
            elif key.text in result:
                where = dotted((*keys, key.text))
                self._say(key.line, f"{where}: is written twice; keep one")
            else:
                result[key.text] = self._value(value, (*keys, key.text))
                self.lines[*keys, key.text] = key.line
        for key, value in rows:
            if key.plain and key.text == _MERGE:
                self._merged(result, key, value, keys)
        return result

    def _merged(self, result: dict[str, Any], key: _Node, value: _Node, keys: Keys) -> None:
        """`<<: *other`: what `other` says, where this mapping says nothing itself."""
        for other in value.items if value.items is not None else [value]:
            if other.rows is None:
                self._say(
                    key.line,
                    f"{dotted((*keys, _MERGE))}: merges another mapping alone; write <<: *name",
                )
                return
            for row_key, row in other.rows:
                self._counted(key.line, len(keys))  # also what gives way: looking costs, too
                if row_key.text and row_key.text not in result and row_key.text != _MERGE:
                    result[row_key.text] = self._value(row, (*keys, row_key.text))
                    self.lines[*keys, row_key.text] = row_key.line

    def _scalar(self, node: _Node, keys: Keys) -> str | None:
        text = node.text or ""
        if node.plain and not text:
            self.blanks.append(keys)
            return None
        if node.plain and text in _NULLS:
            return None
        if node.plain and text.startswith(_CURLY):
            self.problems.append(
                self.at(keys, f'{text[0]} is no quote in YAML but a part of the value; write "')
            )
        return self.expand(text, keys)


def _events(text: str) -> Iterator[Any]:
    found: Iterator[Any] = yaml.parse(text, Loader=_LOADER)
    return found


def _sentence(error: yaml.MarkedYAMLError) -> str:
    what = error.problem or error.context or "this is no YAML"
    mend = next((mend for sign, mend in _MENDS if sign in what), "")
    return f"{what}; {mend}" if mend else what


def dotted(keys: Keys) -> str:
    """`inboxes[1].target_size`."""
    return "".join(f"[{k}]" if isinstance(k, int) else f".{k}" for k in keys).removeprefix(".")
