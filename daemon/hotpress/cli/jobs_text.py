"""The lines of `jobs`. Pure."""

from __future__ import annotations

from datetime import datetime

from rich.text import Text

from hotpress import saying
from hotpress.cli.terminal import LOUD, QUIET, STATES, Line, line
from hotpress.human import one_line, saved_text, size_text
from hotpress.model import Job
from hotpress.store import Sums


def table(found: list[Job], sums: Sums, *, wide: bool) -> list[Line]:
    """A line a job, its name last; then the sum of all that match."""
    head = f"{'job':8}  {'since':{_when_width(wide)}}  {'state':9}  {'before':>7}  {'after':>7}"
    lines = [line(f"{head}  {'saved':>5}  ", "inbox/video", QUIET, QUIET)]
    lines += [_row(job, wide=wide) for job in found]
    more = sums.count - len(found)
    if more > 0:
        lines.append(line("and ", f"{more:,} more (--limit {sums.count})", QUIET, QUIET))
    return [
        *lines,
        line(
            "",
            saying.sums_text(sums.count, sums.delivered, sums.before, sums.after),
            rest_style=LOUD,
        ),
    ]


def _row(job: Job, *, wide: bool) -> Line:
    after = job.final.size_bytes if job.final and job.placed_at else None
    saved = saved_text(job.size_before, after).replace(" ", "")
    start = Text(f"{job.id}  ", style=QUIET)
    start.append(f"{_when(job.created_at, wide=wide)}  ")
    start.append(f"{job.state.value:9}", style=STATES.get(job.state, ""))
    start.append(f"  {size_text(job.size_before):>7}  {size_text(after):>7}  {saved:>5}  ")
    name = one_line(f"{job.inbox}/{job.relative}")
    if job.asked:
        name += f" ({one_line(job.rule.instructions or job.asked, 40)})"
    rest = Text(name, style=LOUD)
    if job.why:
        rest.append(f": {one_line(job.why, 120)}", style="not bold")
    return Line(start, rest)


def _when_width(wide: bool) -> int:
    return 16 if wide else 6


def _when(at: float, *, wide: bool) -> str:
    """`2026-11-28 14:05`, or where there is less room `Nov 28`."""
    moment = datetime.fromtimestamp(at).astimezone()
    return f"{moment:%Y-%m-%d %H:%M}" if wide else f"{moment:%b %d}"
