"""The page `Now`: what runs and how far it is, what is held and what frees it, what arrives."""

from __future__ import annotations

from typing import Any

from hotpress import saying, takes
from hotpress.human import change_text, count_text, one_line, size_text
from hotpress.model import Reason, State
from hotpress.overview import overview
from hotpress.page import buttons
from hotpress.page.html import Child, Html, coded, el, joined
from hotpress.page.scene import Scene

_SHOWN = {State.RUNNING: 30, State.WAITING: 20, State.QUEUED: 5}
_NAMED = 5
_ARRIVING = 20


def live(scene: Scene) -> Html:
    """All of it that changes."""
    now = scene.clock.now()
    view = overview(scene.where, scene.served(), scene.store, now, _SHOWN)
    token = scene.token()
    return joined(
        [
            _troubles(view),
            _section("work", "At work", _work(view, token, now)),
            _section("held", "Held", [_held(one, token, now) for one in view["held"]]),
            _section("arriving", "Arriving", _arriving(view, now)),
            _section("lately", "Just done", [_ended(job) for job in view["lately"]]),
            _section("inboxes", "Folders", [_inbox(one, token) for one in view["inboxes"]]),
            _account(view, now),
        ]
    )


def state_line(view: dict[str, Any]) -> str:
    """What goes on, for the title of a window: `2 at work, 1 held`."""
    counts = view["counts"]
    at_work = counts.get("running", 0) + counts.get("waiting", 0)
    parts = [
        (at_work, "at work"),
        (counts.get("queued", 0), "in line"),
        (counts.get("held", 0), "held"),
    ]
    return ", ".join(f"{n:,} {words}" for n, words in parts if n) or "nothing to do"


def _section(id_: str, title: str, content: list[Html]) -> Html | None:
    """With its heading; nothing where there is nothing to tell."""
    if not content:
        return el("section", id=id_, hidden=True)
    heading = el("h2", title, id=f"{id_}-title")
    return el(
        "section",
        heading,
        el("ul", content, class_="cards"),
        id=id_,
        aria_labelledby=f"{id_}-title",
    )


def _troubles(view: dict[str, Any]) -> Html:
    said: list[Child] = [el("p", note) for note in view["notes"]]
    if not view["daemon"]["running"]:
        said.append(el("p", "hotpress does not run; nothing goes on until it does."))
    if view["config"]["problems"]:
        problems = [el("li", each) for each in view["config"]["problems"]]
        said.append(el("p", "The config can't be taken as it is; the last good one counts:"))
        said.append(el("ul", problems))
    return el(
        "section", said, id="troubles", class_="trouble", hidden=not said, aria_label="Troubles"
    )


def _work(view: dict[str, Any], token: str, now: float) -> list[Html]:
    found = [_job(job, token, now) for job in view["jobs"]]
    shown: dict[str, int] = {}
    for job in view["jobs"]:
        shown[job["state"]] = shown.get(job["state"], 0) + 1
    for state, words in (("running", "run"), ("waiting", "wait"), ("queued", "are in line")):
        more = view["counts"].get(state, 0) - shown.get(state, 0)
        if more > 0:
            link = el("a", f"and {more:,} more {words}", href=f"/history?state={state}")
            found.append(el("li", link, id=f"more-{state}"))
    if not found:
        found = [el("li", state_line(view).capitalize() + ".", class_="none", id="no-work")]
    return found


def _job(job: dict[str, Any], token: str, now: float) -> Html:
    name = one_line(job["relative"])
    lines: list[Child] = [title(job)]
    if saying.moves(job):
        share = job["progress"]
        percent = None if share is None else f"{share * 100:.0f} %"
        lines.append(bar(share, name))
        lines.append(el("p", el("b", percent), " " if percent else None, saying.doing(job, now)))
    else:
        lines.append(el("p", saying.doing(job, now)))
    if job["state"] == "delivered" and job["hint"]:  # its source could not be moved yet
        lines.append(el("p", coded(job["hint"])))
    lines.append(buttons.of_job(token, job["id"], name, job["state"], job["reason"]))
    return el("li", lines, id=f"job-{job['id']}")


def bar(share: float | None, name: str) -> Html:
    """How far it is; None: nobody can tell."""
    value = None if share is None else f"{share:.3f}"
    return el("progress", value=value, max=1, aria_label=f"progress of {name}")


def title(job: dict[str, Any]) -> Html:
    """Its name, which leads to its story, and its folder."""
    link = el("a", one_line(job["relative"]), href=f"/jobs/{job['id']}")
    wish = "" if job["output_name"] == "main" else f", {job['output_name']}"
    return el("h3", link, el("small", f" {job['inbox']}{wish}"))


def _held(group: dict[str, Any], token: str, now: float) -> Html:
    count = count_text(group["count"], "video")
    key = f"{group['inbox']}-{group['reason']}"
    names = [
        el("li", el("a", one_line(job["relative"]), href=f"/jobs/{job['id']}"))
        for job in group["jobs"][:_NAMED]
    ]
    more = group["count"] - len(names)
    if more > 0:
        rest = f"/history?state=held&inbox={group['inbox']}"
        names.append(el("li", el("a", f"and {more:,} more", href=rest)))
    return el(
        "li",
        el("h3", f"{count} of {group['inbox']}"),
        el("p", one_line(group["why"]), f" (for {saying.age(group['since'], now)})", class_="why"),
        el("p", coded(saying.freed_text(group))),
        el("ul", names, class_="names"),
        el("div", _free(group, token, key), class_="buttons"),
        id=f"held-{key}",
        class_="held",
    )


def _free(group: dict[str, Any], token: str, key: str) -> list[Html]:
    """What a person can do for all of these at once."""
    where, about = {"inbox": group["inbox"]}, f"the videos of {group['inbox']}"
    if group["reason"] == Reason.APPROVAL.value:
        newest = el(
            "label",
            "the newest ",
            el(
                "input",
                type="number",
                name="newest",
                min=1,
                max=group["count"],
                inputmode="numeric",
                placeholder="all",
                id=f"newest-{key}",
            ),
        )
        return [
            buttons.form(token, "approve", where, about=about, more=newest, id_=f"approve-{key}"),
            buttons.form(token, "decline", where, about=about, id_=f"decline-{key}"),
        ]
    if group["reason"] == Reason.PAUSED.value:
        return [
            buttons.form(
                token,
                "resume",
                {"job": job["id"]},
                about=one_line(job["relative"]),
                label="Resume"
                if n == 0 and group["count"] == 1
                else f"Resume {one_line(job['relative'], 40)}",
                id_=f"resume-{job['id']}",
            )
            for n, job in enumerate(group["jobs"][:_NAMED])
        ]
    return [
        buttons.form(
            token,
            "retry",
            {"job": job["id"]},
            about=one_line(job["relative"]),
            label="Try now" if group["count"] == 1 else f"Try {one_line(job['relative'], 40)} now",
            id_=f"retry-{job['id']}",
        )
        for job in group["jobs"][:1]
    ]


def _arriving(view: dict[str, Any], now: float) -> list[Html]:
    found: list[Html] = []
    for inbox in view["inboxes"]:
        for one in inbox["arriving"][:_ARRIVING]:
            text = saying.arriving_text(one, now)
            found.append(
                el(
                    "li",
                    text,
                    el("small", f" {inbox['name']}"),
                    id=f"arriving-{inbox['name']}-{one['path']}",
                )
            )
        more = len(inbox["arriving"]) - _ARRIVING
        if more > 0:
            found.append(
                el("li", f"and {more:,} more in {inbox['name']}", id=f"arriving-{inbox['name']}")
            )
    return found


def _ended(job: dict[str, Any]) -> Html:
    return el("li", title(job), el("p", outcome(job)), id=f"ended-{job['id']}", class_=job["state"])


def outcome(job: dict[str, Any]) -> Child:
    """What became of it: `delivered 12 MB -> 3 MB (-75 %)`, or why not."""
    state = el("b", job["state"], class_=f"state {job['state']}")
    if job["size_after"] is not None:
        return [state, " ", change_text(job["size_before"], job["size_after"])]
    return [
        state,
        f" {one_line(job['why'])}" if job["why"] else f" {size_text(job['size_before'])}",
    ]


def _inbox(inbox: dict[str, Any], token: str) -> Html:
    counts = ", ".join(f"{n:,} {state}" for state, n in sorted(inbox["counts"].items()))
    name = one_line(inbox["name"])
    said = [inbox[key] for key in ("why", "watch_why") if inbox[key]]
    if inbox["ignored"]:
        said.append(f"left alone: {takes.told(inbox['ignored'])}")
    if inbox["paused"]:
        said.insert(0, "paused")
    verb = "resume" if inbox["paused"] else "pause"
    bad = inbox["watch"] == "unreachable"
    return el(
        "li",
        el("h3", el("a", name, href=f"/folders#{name}")),
        el(
            "p",
            counts or "nothing yet",
            el(
                "small", f" {saying.WATCHED.get(inbox['watch'], '')}", class_="bad" if bad else None
            ),
        ),
        [el("p", one_line(text)) for text in said],
        el(
            "div",
            buttons.form(
                token, verb, {"inbox": inbox["name"]}, about=name, id_=f"{verb}-in-{name}"
            ),
            class_="buttons",
        ),
        id=f"inbox-{name}",
    )


def _account(view: dict[str, Any], now: float) -> Html:
    kind, text = saying.account_text(view["account"], now)
    return el(
        "section",
        el("h2", "Account", id="account-title"),
        el("p", kind, text),
        id="account",
        aria_labelledby="account-title",
    )
