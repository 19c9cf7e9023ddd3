"""`hotpress plan PATH`: what would be done to a file or a folder, and why. Nothing happens."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from hotpress.config.read import Config, read_file
from hotpress.config.rules import inbox_names, rule_for
from hotpress.config.selection import Selection
from hotpress.config.settings import Inbox, Settings
from hotpress.errors import ConfigError, MediaError
from hotpress.human import count_text, one_line, size_text
from hotpress.leaves import is_live_photo
from hotpress.media import Media, outlook
from hotpress.model import Facts, Job, Route
from hotpress.places import Places
from hotpress.steps import decide, quality
from hotpress.watch.walk import walk


@dataclass(frozen=True, slots=True)
class Planned:
    """One file: its size in bytes, a sentence, whether it is paid for, and how it will look."""

    relative: str
    size_bytes: int
    words: str
    paid: bool
    look: str = ""


def verb(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="A video, or a folder of videos.")],
    inbox: Annotated[
        str, typer.Option(help="By the rules of this inbox, wherever the file lies.")
    ] = "",
) -> None:
    """Say what would be done to a file or a folder, and why; nothing happens, no token is used."""
    where: Places = context.obj
    config = read_file(where.config)
    settings = config.settings
    media = Media()
    rows = []
    for file in _videos(path.absolute()):
        name, chosen = _inbox(settings, file, inbox)
        row = _left_alone(config, chosen, file) or planned(
            settings, name, chosen, file, media, trying=path.is_file()
        )
        rows.append(row)
        print(f"{one_line(row.relative)}  {row.words}")
        if row.look:
            print(f"  {row.look}")
    if not rows:
        print(f"there is no video in {path}")
    elif len(rows) > 1:
        print(_sum(rows, settings))


def planned(
    settings: Settings, name: str, inbox: Inbox, file: Path, media: Media, *, trying: bool = False
) -> Planned:
    """What becomes of one file, as its job would decide it in its first step.

    `trying` how it will look takes seconds: too long for each file of a folder.
    """
    job = _job(settings, name, inbox, file)
    size = job.size_bytes
    try:
        facts = media.probe(file)
    except MediaError as error:
        return Planned(job.relative, size, f"would fail: {error.why}", paid=False)
    found = decide.decide(job, facts, settings.cloud.max_upload)
    start = f"{size_text(size)}, {facts.width}x{facts.height}"
    if found.refused:
        words = f"{start}: would fail: {found.refused}. {found.hint}"
        return Planned(job.relative, size, words, paid=False)
    if decide.is_skipped(job, facts):
        words = f"{start}: would be left alone, it is already small"
        return Planned(job.relative, size, words, paid=False)
    paid = found.route is Route.CLOUD
    place = "in the cloud" if paid else "on this machine"
    cost = f", about {settings.cloud.estimate:g} credits" if paid else ""
    words = f"{start} -> {found.wish}, {place} ({found.why}){cost}"
    look = _look(job, facts, file, media) if trying else ""
    return Planned(job.relative, size, words, paid, look)


def _left_alone(config: Config, inbox: Inbox, file: Path) -> Planned | None:
    """What would never become a job: by the rules, or as a part of a picture."""
    relative = _relative(inbox, file)
    left_out = Selection(config.settings, inbox).left_out(relative)
    if left_out is not None:
        words = f"would be left alone: {config.place(left_out.keys)} leaves it out"
    elif is_live_photo(file):
        words = "would be left alone: it is the short film of a Live Photo"
    else:
        return None
    return Planned(relative, file.stat().st_size, words, paid=False)


def _look(job: Job, facts: Facts, file: Path, media: Media) -> str:
    """How it will look, where the rule has a floor; "" elsewhere."""
    with tempfile.TemporaryDirectory(prefix="hotpress-plan-") as work:
        found = quality.forecast(job, facts, file, media, Path(work))
    if isinstance(found, str):
        return found
    if quality.is_reached(found):
        return quality.points(found)
    return f"would be held: {outlook.sentence(found, 'JOB')}"


def _job(settings: Settings, name: str, inbox: Inbox, file: Path) -> Job:
    """As ingest would make it; it is never stored."""
    relative = _relative(inbox, file)
    status = file.stat()
    return Job(
        id="",  # it has none: nothing is to be retried
        inbox=name,
        root=str(inbox.path.resolve()),
        relative=relative,
        outbox=str(inbox.outbox),
        size_bytes=status.st_size,
        mtime_ns=status.st_mtime_ns,
        device=status.st_dev,
        inode=status.st_ino,
        rule=rule_for(settings, inbox, relative),
        created_at=0.0,
        updated_at=0.0,
    )


def _relative(inbox: Inbox, file: Path) -> str:
    root = inbox.path.resolve()
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else file.name


def _videos(path: Path) -> list[Path]:
    if path.is_dir():
        root = path.resolve()
        found = (entry for entry in walk(root) if entry.kind == "video")
        return sorted(root / entry.relative for entry in found)
    if not path.is_file():
        raise ConfigError([f"{path} is not there"], "Name a video, or a folder of videos.")
    return [path.resolve()]


def _inbox(settings: Settings, file: Path, wanted: str) -> tuple[str, Inbox]:
    """The inbox whose rules hold for the file."""
    names = inbox_names(settings)
    for name, inbox in zip(names, settings.inboxes, strict=True):
        if name == wanted or (not wanted and file.is_relative_to(inbox.path.resolve())):
            return name, inbox
    known = ", ".join(names) or "none"
    why = f"there is no inbox {wanted}" if wanted else f"{file} lies in no inbox"
    raise ConfigError([why], f"Name one with --inbox; there is: {known}.")


def _sum(rows: list[Planned], settings: Settings) -> str:
    paid = sum(row.paid for row in rows)
    words = f"{count_text(len(rows), 'video')}, {size_text(sum(row.size_bytes for row in rows))}"
    if paid:
        words += f"; {paid} in the cloud, about {paid * settings.cloud.estimate:,.0f} credits"
    return words
