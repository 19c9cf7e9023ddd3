"""The page of one job: where it stands, what was made of it, its results, what happened."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby

from hotpress import saying
from hotpress.clock import iso
from hotpress.human import one_line, seconds_text
from hotpress.model import Job, Route, State
from hotpress.page import buttons
from hotpress.page.html import Child, Html, coded, el, joined
from hotpress.page.now import bar
from hotpress.page.scene import Scene, when
from hotpress.report import job_view, prospects
from hotpress.store import JournalLine
from hotpress.words import STEPS


def live(scene: Scene, job: Job) -> Html:
    """All of it that changes."""
    now = scene.clock.now()
    prospect = prospects(scene.store, [job], now)[job.id]
    view = {**job_view(job, prospect), "rate": None}
    lines: list[Child] = [
        el(
            "p",
            el("b", job.state.value, class_=f"state {job.state.value}"),
            " ",
            saying.sizes_text(job),
        )
    ]
    if saying.moves(view):
        lines.append(bar(prospect.progress, one_line(job.relative)))
    if job.live and job.state is not State.DELIVERED:
        lines.append(el("p", saying.doing(view, now)))
    if job.why and job.state is not State.RUNNING:
        lines.append(el("p", one_line(job.why), class_="why"))
        lines.append(el("p", coded(one_line(job.hint))) if job.hint else None)
    if job.note:
        lines.append(el("p", one_line(job.note)))
    state = el(
        "section",
        lines,
        buttons.of_job(
            scene.token(),
            job.id,
            one_line(job.relative),
            job.state.value,
            job.reason.value if job.reason else None,
        ),
        id="state",
        aria_label="State",
    )
    return joined([state, _facts(job), _results(scene, job), _journal(scene.store.journal(job.id))])


def asking(scene: Scene, job: Job) -> Html | None:
    """A further edit, in words: only where there is a project to ask in."""
    if not buttons.may_be_asked(job):
        return None
    words = el(
        "label",
        "In your own words, English or Chinese ",
        el("textarea", name="words", rows=2, maxlength=500, required=True, id="words"),
    )
    form = buttons.form(
        scene.token(),
        "ask",
        {"job": job.id},
        about=one_line(job.relative),
        label=f"Ask for it (about {scene.live.settings.cloud.estimate:g} credits)",
        more=words,
        id_="ask",
    )
    return el(
        "section",
        el("h2", "One more edit", id="ask-title"),
        el("p", "Its result is delivered beside the first one."),
        form,
        id="asking",
        aria_labelledby="ask-title",
    )


def _facts(job: Job) -> Html:
    rows = [("from", one_line(str(job.source), saying.LONG_TEXT_CHARS)), ("folder", job.inbox)]
    if job.output:
        rows.append(("to", one_line(str(job.output), saying.LONG_TEXT_CHARS)))
    if job.route_why:
        way = "on this machine" if job.route is Route.LOCAL else "in the cloud"
        spent = "" if job.credits_spent is None else f", {job.credits_spent:g} credits"
        rows.append(("made", f"{way} ({one_line(job.route_why)}){spent}"))
    rows.append(("since", when(job.created_at)))
    if job.finished_at:
        rows.append(("took", seconds_text(job.finished_at - job.created_at)))
    pairs = [[el("dt", name), el("dd", value)] for name, value in rows]
    return el("section", el("dl", pairs), id="facts", aria_label="Facts")


def _results(scene: Scene, job: Job) -> Html | None:
    """The other jobs of the same drop: one result each."""
    drop = scene.store.of_drop(job)
    if len(drop) < 2:
        return None
    rows = [
        el(
            "li",
            el(
                "a",
                one_line(each.rule.output_name),
                href=f"/jobs/{each.id}",
                aria_current="true" if each.id == job.id else None,
            ),
            " ",
            el("b", each.state.value, class_=f"state {each.state.value}"),
            " ",
            saying.sizes_text(each),
        )
        for each in drop
    ]
    return el(
        "section",
        el("h2", "All results of this video", id="results-title"),
        el("ul", rows),
        id="results",
        aria_labelledby="results-title",
    )


def _journal(journal: list[JournalLine]) -> Html:
    told = [entry for entry in journal if entry.what not in saying.UNTOLD]
    days: list[Child] = []
    for day, entries in groupby(told, key=lambda entry: f"{_moment(entry.at):%Y-%m-%d}"):
        days.append(el("h3", day))
        days.append(el("ol", [_line(entry) for entry in entries], class_="story"))
    return el(
        "section",
        el("h2", "What happened", id="story-title"),
        days,
        id="story",
        aria_labelledby="story-title",
    )


def _line(entry: JournalLine) -> Html:
    moment = _moment(entry.at)
    return el(
        "li",
        el("time", f"{moment:%H:%M:%S}", datetime=iso(entry.at)),
        " ",
        el("b", STEPS.get(entry.step, entry.step) or "new"),
        " ",
        el(
            "span",
            saying.story_text(entry.what, entry.text),
            class_=entry.what if entry.what in ("hold", "fail") else None,
        ),
    )


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at).astimezone()
