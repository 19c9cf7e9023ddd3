"""`hotpress demo [FILE]`: the main job with nothing set up, against the stand-in cloud."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from hotpress import log
from hotpress.circumstances import Circumstances
from hotpress.clock import SystemClock
from hotpress.config.read import read_text
from hotpress.daemon import Daemon
from hotpress.errors import HotpressError, Stopping
from hotpress.human import saved_text, seconds_text, size_text
from hotpress.media import Media
from hotpress.model import Job, State, Step
from hotpress.places import Places
from hotpress.store import JournalLine
from hotpress.words import STEPS

_CLIP_SECONDS = 12
_LOOK_SECONDS = 0.2
_LIMIT_SECONDS = 600.0
_SPEED = 20.0  # the stand-in's waits, divided


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the rehearsal takes place."""

    folder: Path

    @property
    def inbox(self) -> Path:
        """The hot folder."""
        return self.folder / "Inbox"

    @property
    def outbox(self) -> Path:
        """Where the smaller one appears."""
        return self.folder / "Compressed"


def verb(
    file: Annotated[Path | None, typer.Argument(help="A video of yours; else one is made.")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the folder afterwards.")] = False,
) -> None:
    """Rehearse the main job: drop a video, get a smaller one. Nothing is uploaded."""
    log.setup("error")
    console = Console()
    # A flag, not an exception: one that strikes while a process is being started would lose it.
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    stage = Stage(Path(tempfile.mkdtemp(prefix="hotpress-demo-")))
    try:
        job, journal = _rehearse(stage, file, console, stop)
        console.print(_table(job, journal))
        code = 0 if job.state is State.DELIVERED else 1
        if job.why:
            console.print(f"{job.why}. {job.hint}")
        if job.output:
            gone = "" if keep else "  (with --keep they stay there)"
            console.print(Text(f"before: {job.source}\nafter:  {job.output}{gone}"))
        console.print(
            "This was a rehearsal on this machine: nothing was uploaded, no credits used."
        )
    except Stopping:
        console.print("Stopped. Nothing is left running.")
        code = 130
    finally:
        if not keep:
            shutil.rmtree(stage.folder, ignore_errors=True)
    sys.stdout.flush()
    raise typer.Exit(code)


def _rehearse(
    stage: Stage, file: Path | None, console: Console, stop: threading.Event
) -> tuple[Job, list[JournalLine]]:
    stage.inbox.mkdir()
    stage.outbox.mkdir()
    with console.status("Getting a clip ready ..."):
        source = _clip(stage, file, stop)
    target = max(100_000, source.stat().st_size // 5)
    console.print(
        f"{source.name}: {size_text(source.stat().st_size)}, to be at most {size_text(target)}"
    )
    with _standin(stage) as api_url, _daemon(stage, api_url, target) as daemon:
        shutil.copy2(source, stage.inbox / source.name)
        with Live(console=console, refresh_per_second=8, transient=True) as live:
            return _followed(daemon, live, stop)


def _clip(stage: Stage, file: Path | None, stop: threading.Event) -> Path:
    if file is not None:
        if not file.is_file():
            raise HotpressError(f"{file} is no file", "Name a video, or none: one is made then.")
        return file
    clip = stage.folder / "holiday.mp4"
    Media(stop=stop).make_clip(clip, seconds=_CLIP_SECONDS, width=1920, height=1080, fps=30)
    return clip


@contextmanager
def _standin(stage: Stage) -> Iterator[str]:
    """The stand-in cloud as a process of its own, ended with this one."""
    command = [sys.executable, "-m", "hotpress.standin", "--kind", "--speed", str(_SPEED)]
    command += ["--port", "0", "--cdn-port", "0", "--log", str(stage.folder / "cloud.jsonl")]
    command += ["--state", str(stage.folder / "cloud")]
    env = {key: os.environ[key] for key in ("PATH", "LANG", "TMPDIR") if key in os.environ}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as process:
        try:
            first = process.stdout.readline() if process.stdout else ""
            if not first:
                raise HotpressError("the stand-in cloud did not start", "Run `hotpress sandbox`.")
            yield json.loads(first)["api_url"]
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()


@contextmanager
def _daemon(stage: Stage, api_url: str, target: int) -> Iterator[Daemon]:
    text = json.dumps(
        {
            "cloud": {"api_url": api_url, "timing": {"render_poll": "1s", "after_break": "1s"}},
            "inboxes": [
                {
                    "path": str(stage.inbox),
                    "outbox": str(stage.outbox),
                    "target_size": f"{target} B",
                    "resolution": "720p",
                }
            ],
        }
    )
    config = read_text(text, stage.folder / "demo.yaml", {})
    around = Circumstances(SystemClock(), random.SystemRandom(), stage.folder / "identity")
    daemon = Daemon(Places(config.path, stage.folder / "state"), config, around)
    try:
        daemon.start()
        yield daemon
    finally:
        if not daemon.stop():
            sys.stdout.flush()


def _followed(daemon: Daemon, live: Live, stop: threading.Event) -> tuple[Job, list[JournalLine]]:
    """Show the job's progress until its end."""
    started = time.monotonic()
    while time.monotonic() - started < _LIMIT_SECONDS and not stop.is_set():
        jobs = daemon.store.jobs()
        if jobs:
            job = jobs[0]
            journal = daemon.store.journal(job.id)
            if not job.live or job.state is State.HELD:
                return job, journal
            seen = daemon.store.progress().get(job.id)
            inside = seen.fraction if seen and seen.step == job.step.value else None
            note = seen.note if seen and seen.step == job.step.value else ""
            live.update(_progress(job, journal, inside, note))
        time.sleep(_LOOK_SECONDS)
    raise Stopping


def _progress(job: Job, journal: list[JournalLine], inside: float | None, note: str) -> Table:
    """One line a step: done with its seconds, running with its share, or still to come."""
    spent = step_seconds(journal)
    grid = Table.grid(padding=(0, 2))
    order = list(job.steps)
    for step in order:
        done = step in order and order.index(step) < order.index(job.step)
        if done:
            grid.add_row("✓", STEPS[step], f"{spent.get(step, 0.0):.1f} s")
        elif step is job.step:
            share = "" if inside is None else f"{inside * 100:3.0f} %"
            grid.add_row("▸", Text(STEPS[step], style="bold"), f"{share} {note}")
        else:
            grid.add_row(" ", Text(STEPS[step], style="dim"), "")
    return grid


def step_seconds(journal: list[JournalLine]) -> dict[Step, float]:
    """Seconds that each step took, waiting included, from the job's journal."""
    spent: dict[Step, float] = {}
    last = journal[0].at if journal else 0.0
    for line in journal:
        if line.what in ("next", "back", "fail", "end") and line.step:
            step = Step(line.step)
            spent[step] = spent.get(step, 0.0) + line.at - last
            last = line.at
    return spent


def _table(job: Job, journal: list[JournalLine]) -> Table:
    """Before, after, target, saved, seconds a step, credits that the service would have used."""
    after = job.final.size_bytes if job.final and job.placed_at else None
    table = Table(title=f"{job.relative}: {job.state.value}", show_header=False)
    table.add_row("before", size_text(job.size_bytes))
    table.add_row("after", size_text(after))
    table.add_row("target", f"at most {size_text(job.target_bytes)}")
    table.add_row("saved", saved_text(job.size_bytes, after))
    for step, seconds in step_seconds(journal).items():
        table.add_row(STEPS[step], seconds_text(round(seconds, 1)))
    table.add_row("in all", seconds_text(sum(step_seconds(journal).values())))
    table.add_row("credits", f"{50 * job.messages_sent} with the real service")
    return table
