"""What would become of a file, as its job would decide it: nothing is stored, sent or paid."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

from hotpress import places, ruling
from hotpress.config import infolder, layers
from hotpress.config.layers import Told
from hotpress.config.read import Config
from hotpress.config.rules import rule_for
from hotpress.config.selection import Selection
from hotpress.config.settings import Inbox
from hotpress.errors import MediaError
from hotpress.human import size_text
from hotpress.leaves import is_live_photo
from hotpress.media import Media, outlook
from hotpress.model import Facts, Job, Route, Rule, State
from hotpress.steps import asking, decide, quality

_GUESSED = {Route.CLOUD: (60.0, 1.0), Route.LOCAL: (5.0, 1.0)}  # seconds, and for each of the film
_HISTORY = 20  # jobs that tell how long one takes


@dataclass(frozen=True, slots=True)
class Planned:
    """One file. `words` say what becomes of it; what is not known, or nothing, is None."""

    path: Path
    inbox: str
    relative: str
    size_bytes: int
    rule: Mapping[str, Told]
    words: str = ""
    route: Route | None = None  # None: nothing would be made
    why: str = ""
    target_bytes: int | None = None
    frame: tuple[int, int] | None = None
    credits: float = 0.0
    seconds: float | None = None
    message: str = ""
    look: str = ""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a job takes: fixed seconds, and those for each second of the film, by route."""

    by_route: Mapping[Route, tuple[float, float]] = field(default_factory=lambda: _GUESSED)
    is_guess: bool = True

    def seconds(self, route: Route, facts: Facts) -> float:
        """For one file alone."""
        fixed, factor = self.by_route[route]
        return fixed + factor * facts.duration_seconds


def pace(jobs: Sequence[Job]) -> Pace:
    """From what the last jobs took, waiting included."""
    found = dict(_GUESSED)
    known = set()
    for route in _GUESSED:
        ratios = [
            (job.finished_at - job.created_at) / job.facts.duration_seconds
            for job in jobs
            if job.state is State.DELIVERED and job.route is route and not job.asked
            if job.finished_at and job.facts and job.facts.duration_seconds > 0
        ][:_HISTORY]
        if ratios:
            found[route] = (0.0, median(ratios))
            known.add(route)
    return Pace(found, is_guess=not known)


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans by one config. `credits`: what a job in the cloud costs."""

    config: Config
    media: Media
    credits: float
    pace: Pace

    def planned(self, name: str, inbox: Inbox, file: Path, *, trying: bool) -> Planned:
        """What becomes of one file.

        `trying` how it will look takes seconds: too long for each file of a folder.
        """
        settings, root = self.config.settings, inbox.path.resolve()
        inside = file.is_relative_to(root)
        relative = file.relative_to(root).as_posix() if inside else file.name
        found = infolder.Understood()
        if inside:  # beside a file elsewhere there may lie anything
            found = ruling.in_folder(root, relative, settings, inbox)
        own = layers.of_config(settings, inbox, relative, self.config.origin)
        told = layers.merged([*own, *found.layers])
        plain = Planned(file, name, relative, file.stat().st_size, told)
        out = Selection(settings, inbox).left_out(relative) if inside else None
        left = self.config.place(out.keys) if out else infolder.left_out(found.layers, relative)
        if left:
            return replace(plain, words=f"would be left alone: {left} leaves it out")
        if inside and is_live_photo(file):
            film = "would be left alone: it is the short film of a Live Photo"
            return replace(plain, words=film)
        if found.problems:
            return replace(plain, words=f"would wait: {found.problems[0]}")
        rule = rule_for(settings, inbox, relative, found.layers)
        job = _job(name, root, str(inbox.outbox), plain, rule)
        return self._decided(plain, job, trying=trying)

    def _decided(self, plain: Planned, job: Job, *, trying: bool) -> Planned:
        try:
            facts = self.media.probe(plain.path)
        except MediaError as error:
            return replace(plain, words=f"would fail: {error.why}")
        found = decide.decide(job, facts, self.config.settings.cloud.max_upload)
        start = f"{size_text(job.size_bytes)}, {facts.width}x{facts.height}"
        if found.refused:
            return replace(plain, words=f"{start}: would fail: {found.refused}. {found.hint}")
        if decide.is_skipped(job, facts):
            return replace(plain, words=f"{start}: would be left alone, it is already small")
        paid = found.route is Route.CLOUD
        place = "in the cloud" if paid else "on this machine"
        cost = f", about {self.credits:g} credits" if paid else ""
        return replace(
            plain,
            words=f"{start} -> {found.wish}, {place} ({found.why}){cost}",
            route=found.route,
            why=found.why,
            target_bytes=found.target_bytes,
            frame=found.frame,
            credits=self.credits if paid else 0.0,
            seconds=self.pace.seconds(found.route, facts),
            message=self._message(job, facts) if paid else "",
            look=_look(job, facts, plain.path, self.media) if trying else "",
        )

    def _message(self, job: Job, facts: Facts) -> str:
        setting = self.config.settings.cloud.language
        return asking.words(job, facts, asking.language(job, setting, places.locale()))


def _look(job: Job, facts: Facts, file: Path, media: Media) -> str:
    """How it will look, where the rule has a floor; "" elsewhere."""
    with tempfile.TemporaryDirectory(prefix="hotpress-plan-") as work:
        found = quality.forecast(job, facts, file, media, Path(work))
    if isinstance(found, str):
        return found
    if quality.is_reached(found):
        return quality.points(found)
    return f"would be held: {outlook.sentence(found, 'JOB')}"


def _job(name: str, root: Path, outbox: str, plain: Planned, rule: Rule) -> Job:
    """As ingest would make it; it is never stored."""
    status = plain.path.stat()
    return Job(
        id="",  # it has none: nothing is to be retried
        inbox=name,
        root=str(root),
        relative=plain.relative,
        outbox=outbox,
        size_bytes=plain.size_bytes,
        mtime_ns=status.st_mtime_ns,
        device=status.st_dev,
        inode=status.st_ino,
        rule=rule,
        created_at=0.0,
        updated_at=0.0,
    )
