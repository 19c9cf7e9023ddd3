"""What is around every page: its head, the ways to the others, an answer to what was just asked."""

from __future__ import annotations

from hotpress import __version__
from hotpress.page import assets
from hotpress.page.html import Child, Html, el, joined

_WAYS = (("/", "Now"), ("/history", "History"), ("/folders", "Folders"))


def whole(
    title: str,
    content: Child,
    *,
    here: str = "",
    live: str = "",
    told: tuple[str, bool] | None = None,
    leave: Child = None,
) -> str:
    """A whole document. `live`: what of it goes on being told; `told`: an answer, and was it done?

    `leave`: the way out, for who has signed in.
    """
    ways = [
        el("li", el("a", name, href=path, aria_current="page" if path == here else None))
        for path, name in _WAYS
    ]
    body = el(
        "body",
        el("a", "To the content", href="#content", class_="skip"),
        el(
            "header",
            el("p", el("a", "hotpress", href="/"), class_="brand"),
            el("nav", el("ul", ways), aria_label="Pages"),
            leave,
        ),
        el(
            "main",
            el("h1", title),
            el("div", answer(told), id="told", role="status", aria_live="polite"),
            content,
            id="content",
            tabindex="-1",
        ),
        el(
            "footer",
            el("p", f"hotpress {__version__} on this machine. ", el("span", id="line")),
        ),
        data_live=live or None,
    )
    return "<!doctype html>" + el("html", _head(title), body, lang="en")


def answer(told: tuple[str, bool] | None) -> Html:
    """What came of what was asked."""
    if told is None:
        return joined(None)
    text, done = told
    return el("p", text, class_="told" if done else "told refused")


def _head(title: str) -> Html:
    return el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("title", f"{title} - hotpress"),
        el("link", rel="icon", href=assets.address("icon.svg"), type="image/svg+xml"),
        el("link", rel="stylesheet", href=assets.address("page.css")),
        el("script", src=assets.address("page.js"), defer=True),
    )
