"""One job's story, in lines. Pure."""

from __future__ import annotations

from datetime import datetime

from rich.text import Text

from hotpress.cli.terminal import BAD, HELD, LOUD, QUIET, STATES, Line, line
from hotpress.human import change_text, one_line, seconds_text, size_text
from hotpress.model import Job, Route, State
from hotpress.report import Prospect
from hotpress.store import JournalLine
from hotpress.words import STEPS

_HIDDEN = ("begun",)
_LONG_TEXT_CHARS = 2_000  # a timeline of many tracks is told whole
_MARKS = {"back": "back: ", "wait": "waits: ", "hold": "held: ", "fail": "failed: "}
_WIDTH = max(map(len, STEPS.values()))


def told(job: Job, prospect: Prospect, journal: list[JournalLine]) -> list[Line]:
    """What it is, where it stands, and what happened, line by line."""
    lines = _head(job, prospect)
    day = ""
    for entry in journal:
        if entry.what in _HIDDEN:
            continue
        moment = datetime.fromtimestamp(entry.at).astimezone()
        if f"{moment:%Y-%m-%d}" != day:
            day = f"{moment:%Y-%m-%d}"
            lines.append(line(day, style=QUIET))
        said = one_line(entry.text, _LONG_TEXT_CHARS)
        said = said or {"stopped": "stopped with hotpress"}.get(entry.what, "done")
        step = STEPS.get(entry.step, entry.step) or "new"
        start = Text(f"  {moment:%H:%M:%S}  ", style=QUIET).append(f"{step:{_WIDTH}}  ", "not dim")
        style = {"hold": HELD, "fail": BAD}.get(entry.what, "")
        lines.append(Line(start, Text(_MARKS.get(entry.what, "") + said, style=style)))
    if job.finished_at:
        lines.append(line("in all ", seconds_text(job.finished_at - job.created_at)))
    return lines


def _head(job: Job, prospect: Prospect) -> list[Line]:
    """The job in a few lines: its files, its sizes, its way, and what stands in it."""
    state = Text(f"{job.state.value}", style=STATES.get(job.state, ""))
    lines = [Line(state.append(f"  {job.id}  ", style=QUIET), Text(one_line(job.relative), LOUD))]
    lines.append(line("  from   ", one_line(str(job.source), _LONG_TEXT_CHARS)))
    if job.output:
        lines.append(line("  to     ", one_line(str(job.output), _LONG_TEXT_CHARS)))
    sizes = size_text(job.size_before)
    if job.final and job.placed_at:
        sizes = change_text(job.size_before, job.final.size_bytes)
    if job.target_bytes is not None:
        sizes += f", to be at most {size_text(job.target_bytes)}"
    lines.append(line("  size   ", sizes))
    way = "on this machine" if job.route is Route.LOCAL else "in the cloud"
    spent = "" if job.credits_spent is None else f", {job.credits_spent:g} credits"
    if job.route_why:  # else nobody has decided where: nothing was made anywhere
        lines.append(line("  made   ", f"{way} ({one_line(job.route_why)}){spent}"))
    if job.live and job.state is not State.DELIVERED and prospect.progress is not None:
        left = prospect.eta_seconds
        rest = "" if left is None else f", about {seconds_text(max(1.0, round(left)))} left"
        lines.append(line("  now    ", f"{prospect.progress * 100:.0f} %, {STEPS[job.step]}{rest}"))
    if job.why:
        lines.append(line("  why    ", f"{one_line(job.why)}. {one_line(job.hint)}".strip()))
    if job.note:
        lines.append(line("  note   ", one_line(job.note)))
    return lines
