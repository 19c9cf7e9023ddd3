"""HTML as values: every text is escaped where it is put in, so that no name can become a tag."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

_EMPTY = frozenset({"br", "hr", "img", "input", "link", "meta"})


class Html(str):
    """Text that is HTML already. Only this module makes it."""

    __slots__ = ()


Child = str | int | float | None | Iterable["Child"]


def el(name: str, /, *children: Child, **attributes: str | float | bool | None) -> Html:
    """`el("a", "text", href="/")`; `class_`, `for_`, and `_` for a dash in a name.

    A value that is None or False leaves its attribute out, True gives its name alone.
    """
    shown = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _EMPTY:
        return Html(f"<{name}{shown}>")
    return Html(f"<{name}{shown}>{joined(children)}</{name}>")


def joined(children: Child) -> Html:
    """All of them, one after the other."""
    if children is None:
        return Html("")
    if isinstance(children, Html):
        return children
    if isinstance(children, str | int | float):
        return Html(escape(_whole(str(children))))
    return Html("".join(joined(child) for child in children))


def coded(text: str) -> Html:
    """A sentence for people, with what stands between back-ticks shown as something to type."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # one of them belongs to a name
        return joined(text)
    return joined(el("code", part) if at % 2 else part for at, part in enumerate(parts))


def _attribute(key: str, value: str | float | bool | None) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(_whole(str(value)))}"'


def _whole(text: str) -> str:
    """A name that is no text (other bytes than UTF-8) can be shown, too."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")
