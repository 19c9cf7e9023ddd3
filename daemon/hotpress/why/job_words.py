"""Where a job stands, in one sentence, and what a person can do next. Pure."""

from __future__ import annotations

from datetime import datetime

from hotpress.human import change_text, one_line
from hotpress.model import Job, State

_NOTHING = "Nothing to do."
_BY_ITSELF = "Nothing to do: hotpress goes on by itself."


def sentence(job: Job, now: str, *, output_there: bool) -> tuple[str, str]:
    """`now`: what it does or waits for at this moment, "" when that is not known."""
    name = one_line(job.source.name)
    if job.state is State.DELIVERED:
        return _delivered(job, name, output_there=output_there)
    why = one_line(job.why)
    because = f": {why}" if why else ""
    retry = f"`hotpress retry {job.id}` takes it up again."
    name_of_it = job.reason if job.state is State.HELD else job.cause
    more = f" `hotpress explain {name_of_it}` says more." if name_of_it else ""
    words = {
        State.QUEUED: (f"{name} waits{_colon(now or why)}.", _BY_ITSELF),
        State.RUNNING: (f"{name} is being made{_colon(now)}.", _BY_ITSELF),
        State.WAITING: (f"{name} waits{_until(job)}{because}.", _BY_ITSELF),
        State.HELD: (f"{name} is held{because}.", ""),
        State.SKIPPED: (f"{name} was left alone{because}.", _NOTHING),
        State.FAILED: (f"{name} failed{because}.", retry),
        State.CANCELLED: (f"{name} was {_cancelled(why)}.", retry),
    }
    said, then = words[job.state]
    return said, f"{job.hint or then}{more}".strip()


def _delivered(job: Job, name: str, *, output_there: bool) -> tuple[str, str]:
    output = one_line(str(job.output))
    if not output_there:
        again = f"`hotpress retry --new-rule {job.id}` makes it again by today's rule."
        return f"{name} was delivered as {output}, which is no longer there.", again
    after = job.final.size_bytes if job.final else 0
    sizes = change_text(job.size_before, after).replace(" (", ", ").rstrip(")")
    said = f"{name} was delivered as {output} ({sizes})"
    if job.final and job.final.made_by == "same" and job.route_why:
        said += f"; {one_line(job.route_why)}"
    if job.note:
        said += f"; {one_line(job.note)}"
    return f"{said}.", _NOTHING


def _cancelled(why: str) -> str:
    return why if why.startswith("cancelled") else f"cancelled{_colon(why)}"


def _colon(words: str) -> str:
    return f": {one_line(words)}" if words else ""


def _until(job: Job) -> str:
    """As the wall clock of this machine says it."""
    if job.wake_at is None:
        return ""
    return f" until {datetime.fromtimestamp(job.wake_at).astimezone().strftime('%H:%M')}"
