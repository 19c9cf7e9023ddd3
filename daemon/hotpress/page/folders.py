"""The page `Folders`: where a video can be dropped, and each folder's rule with its origins."""

from __future__ import annotations

from hotpress import ruling
from hotpress.config import layers
from hotpress.config.infolder import Understood
from hotpress.config.layers import Told
from hotpress.config.rules import named_inboxes
from hotpress.config.settings import Inbox
from hotpress.config.spelling import spelled
from hotpress.human import one_line, size_text
from hotpress.page import arrival
from hotpress.page.html import Child, Html, el, joined
from hotpress.page.scene import Scene
from hotpress.reach import NoAnswer, within

_ANY = "any video"  # that no file of words or rules lies beside
_FIRST = ("target_size", "resolution", "instructions", "route", "source")  # what most people set


def content(scene: Scene) -> Html:
    """Every folder of the config."""
    named = named_inboxes(scene.live.settings)
    if not named:
        return el(
            "p", "The config names no folder yet: hotpress init DIR makes one.", class_="none"
        )
    return joined([_folder(scene, n, name, inbox) for n, (name, inbox) in enumerate(named.items())])


def drop(scene: Scene) -> Html | None:
    """A video into a folder from here: by a form, and by dragging where there is a script."""
    names = list(named_inboxes(scene.live.settings))
    if not names:
        return None
    options = [el("option", one_line(name), value=name) for name in names]
    return el(
        "section",
        el("h2", "Drop a video", id="drop-title"),
        el(
            "form",
            el("input", type="hidden", name="token", value=scene.token()),
            el("label", "Folder ", el("select", options, name="inbox", id="drop-inbox")),
            el(
                "label",
                "Video ",
                el("input", type="file", name="file", required=True, id="drop-file"),
            ),
            el("button", "Drop it", type="submit", id="drop-button"),
            el("progress", id="drop-progress", max=1, value=0, hidden=True, aria_label="upload"),
            method="post",
            action="/drop",
            enctype="multipart/form-data",
            id="drop-form",
        ),
        el(
            "p",
            "It is as if the file were copied into that folder on this machine.",
            id="drop-hint",
        ),
        id="drop",
        aria_labelledby="drop-title",
    )


def _folder(scene: Scene, number: int, name: str, inbox: Inbox) -> Html:
    config = scene.live.config
    there = _there(scene, inbox)
    own = layers.of_inbox(config.settings, number, config.origin)
    told = layers.merged([*own, *(there.layers if there else ())])
    first = [_row(key, told[key]) for key in _FIRST]
    rest = [_row(key, told[key]) for key in sorted(told.keys() - set(_FIRST))]
    rules: list[Child] = []
    for row, rule in enumerate(inbox.rules):
        keys = ("inboxes", number, "rules", row)
        rows = [
            _row(key, Told(value, config.origin((*keys, key))))
            for key, value in rule.written().items()
        ]
        rules.append(
            el(
                "h4",
                f"for {one_line(rule.match)}",
                el("small", f" {config.origin((*keys, 'match'))}"),
            )
        )
        rules.append(_table(rows, f"rule for {one_line(rule.match)}"))
    free = arrival.room(inbox.path, scene.live.settings.limits.free_space)
    return el(
        "section",
        el("h2", one_line(name), id=f"{name}-title"),
        el("p", f"{inbox.path} → {inbox.outbox}", class_="paths"),
        el("p", f"room for {size_text(free)} more here")
        if free is not None
        else el("p", "it can't be reached now", class_="bad"),
        el("h3", "The rule in force"),
        [el("p", one_line(problem), class_="bad") for problem in (there.problems if there else ())],
        _table(first, f"rule of {name}"),
        el(
            "details",
            el("summary", f"{len(rest)} more values"),
            _table(rest, f"more of the rule of {name}"),
        ),
        rules,
        id=name,
        aria_labelledby=f"{name}-title",
    )


def _there(scene: Scene, inbox: Inbox) -> Understood | None:
    """What a rule file in the folder itself says of its videos; None where it can't be reached."""
    try:
        return within(
            inbox.path,
            lambda: ruling.in_folder(inbox.path, _ANY, scene.live.settings, inbox),
        )
    except (OSError, NoAnswer):
        return None


def _table(rows: list[Html], label: str) -> Html:
    heads = [el("th", text, scope="col") for text in ("key", "value", "written at")]
    return el(
        "div",
        el("table", el("thead", el("tr", heads)), el("tbody", rows)),
        class_="wide",
        role="region",
        aria_label=label,
        tabindex=0,
    )


def _row(key: str, told: Told) -> Html:
    value = spelled(key, told.value) if told.value or key != "instructions" else '""'
    return el(
        "tr", el("th", key, scope="row"), el("td", one_line(value, 500)), el("td", told.origin)
    )
