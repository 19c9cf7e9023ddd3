"""One job's story, in lines. Pure."""

from __future__ import annotations

from datetime import datetime

from rich.text import Text

from hotpress import saying
from hotpress.cli.terminal import BAD, HELD, LOUD, QUIET, STATES, Line, line
from hotpress.human import one_line, seconds_text
from hotpress.model import Job, Route, State
from hotpress.report import Prospect
from hotpress.store import JournalLine
from hotpress.words import STEPS

_WIDTH = max(map(len, STEPS.values()))


def told(job: Job, prospect: Prospect, journal: list[JournalLine]) -> list[Line]:
    """What it is, where it stands, and what happened, line by line."""
    lines = _head(job, prospect)
    day = ""
    for entry in journal:
        if entry.what in saying.UNTOLD:
            continue
        moment = datetime.fromtimestamp(entry.at).astimezone()
        if f"{moment:%Y-%m-%d}" != day:
            day = f"{moment:%Y-%m-%d}"
            lines.append(line(day, style=QUIET))
        step = STEPS.get(entry.step, entry.step) or "new"
        start = Text(f"  {moment:%H:%M:%S}  ", style=QUIET).append(f"{step:{_WIDTH}}  ", "not dim")
        style = {"hold": HELD, "fail": BAD}.get(entry.what, "")
        lines.append(Line(start, Text(saying.story_text(entry.what, entry.text), style=style)))
    if job.finished_at:
        lines.append(line("in all ", seconds_text(job.finished_at - job.created_at)))
    return lines


def _head(job: Job, prospect: Prospect) -> list[Line]:
    """The job in a few lines: its files, its sizes, its way, and what stands in it."""
    state = Text(f"{job.state.value}", style=STATES.get(job.state, ""))
    lines = [Line(state.append(f"  {job.id}  ", style=QUIET), Text(one_line(job.relative), LOUD))]
    lines.append(line("  from   ", one_line(str(job.source), saying.LONG_TEXT_CHARS)))
    if job.output:
        lines.append(line("  to     ", one_line(str(job.output), saying.LONG_TEXT_CHARS)))
    lines.append(line("  size   ", saying.sizes_text(job)))
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
