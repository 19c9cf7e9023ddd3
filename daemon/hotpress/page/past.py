"""The page `History`: jobs by what a person looks for, their sum, and what was saved over time."""

from __future__ import annotations

from urllib.parse import urlencode

from hotpress import saying
from hotpress.human import one_line, saved_text, size_text
from hotpress.model import Job, State
from hotpress.page import picture
from hotpress.page.html import Child, Html, el, joined
from hotpress.page.scene import Scene, when
from hotpress.store.history import Wanted

_A_PAGE = 50
_MOST_PAGES = 200
_SINCE = {"": "ever", "1": "a day", "7": "a week", "30": "a month", "365": "a year"}
_DAY_SECONDS = 86_400.0


def content(scene: Scene, asked: dict[str, str]) -> Html:
    """What was asked for, by the names of the form's fields."""
    state = asked.get("state", "") if asked.get("state") in set(State) else ""
    inbox, text = asked.get("inbox", "")[:200], asked.get("text", "").strip()[:200]
    days = asked.get("since", "") if asked.get("since") in _SINCE else ""
    since = scene.clock.now() - float(days) * _DAY_SECONDS if days else None
    wanted = Wanted(state=state, inbox=inbox, since=since, text=text)
    number = _number(asked.get("page", ""))
    jobs = scene.store.listed(wanted, number * _A_PAGE + 1)
    here = jobs[(number - 1) * _A_PAGE : number * _A_PAGE]
    sums = scene.store.sums(wanted)
    fields = {"text": text, "state": state, "inbox": inbox, "since": days}
    return joined(
        [
            _form(scene, fields),
            el(
                "p",
                saying.sums_text(sums.count, sums.delivered, sums.before, sums.after, "→"),
                id="sum",
            ),
            picture.savings(scene.store, scene.clock.now()) if not any(fields.values()) else None,
            _table(here) if here else el("p", "No job is like that.", class_="none"),
            _pages(fields, number, more=len(jobs) > number * _A_PAGE),
        ]
    )


def _number(text: str) -> int:
    return max(1, min(int(text), _MOST_PAGES)) if text.isdecimal() and len(text) < 6 else 1


def _form(scene: Scene, fields: dict[str, str]) -> Html:
    names = scene.served().names
    return el(
        "form",
        el(
            "label",
            "Name ",
            el("input", type="search", name="text", value=fields["text"], maxlength=200),
        ),
        _choice(
            "State", "state", {"": "any", **{s.value: s.value for s in State}}, fields["state"]
        ),
        _choice("Folder", "inbox", {"": "any", **{name: name for name in names}}, fields["inbox"]),
        _choice("Of the last", "since", _SINCE, fields["since"]),
        el("button", "Search", type="submit"),
        method="get",
        action="/history",
        role="search",
        class_="search",
    )


def _choice(label: str, name: str, options: dict[str, str], chosen: str) -> Html:
    rows = [el("option", text, value=key, selected=key == chosen) for key, text in options.items()]
    return el("label", f"{label} ", el("select", rows, name=name))


def _table(jobs: list[Job]) -> Html:
    heads = ("video", "state", "before", "after", "saved", "since")
    row = [el("th", name, scope="col") for name in heads]
    return el(
        "div",
        el("table", el("thead", el("tr", row)), el("tbody", [_row(job) for job in jobs])),
        class_="wide",
        role="region",
        aria_label="Jobs",
        tabindex=0,
    )


def _row(job: Job) -> Html:
    after = job.final.size_bytes if job.final and job.placed_at else None
    wish = "" if job.rule.output_name == "main" else f" ({job.rule.output_name})"
    name: list[Child] = [
        el("a", one_line(job.relative), href=f"/jobs/{job.id}"),
        el("small", f" {one_line(job.inbox)}{wish}"),
    ]
    if job.why and after is None:
        name.append(el("small", f" {one_line(job.why, 120)}", class_="line"))
    return el(
        "tr",
        el("th", name, scope="row"),
        el("td", el("b", job.state.value, class_=f"state {job.state.value}")),
        el("td", size_text(job.size_before), class_="number"),
        el("td", size_text(after), class_="number"),
        el("td", saved_text(job.size_before, after), class_="number"),
        el("td", when(job.created_at)),
    )


def _pages(fields: dict[str, str], number: int, *, more: bool) -> Html | None:
    ways = []
    for n, words, there in ((number - 1, "Newer", number > 1), (number + 1, "Older", more)):
        if there:
            query = urlencode({**{k: v for k, v in fields.items() if v}, "page": n})
            ways.append(el("li", el("a", words, href=f"/history?{query}")))
    return el("nav", el("ul", ways), aria_label="More jobs", class_="pages") if ways else None
