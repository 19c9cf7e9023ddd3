"""What would become of a file, as its job would decide it: nothing is stored, sent or paid."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

from hotpress import opening, places, ruling, weblinks
from hotpress.config import infolder, layers
from hotpress.config.layers import Told
from hotpress.config.outputs import ONLY
from hotpress.config.read import Config
from hotpress.config.rules import archives, rules_for
from hotpress.config.selection import Selection
from hotpress.config.settings import Inbox
from hotpress.config.terms import is_sole
from hotpress.errors import MediaError
from hotpress.human import one_line, seconds_text, size_text
from hotpress.leaves import is_live_photo
from hotpress.media import Media, outlook
from hotpress.model import BY_HAND, LINK_ENDINGS, Facts, Job, Route, Rule, State
from hotpress.steps import asking, decide, quality, weblink
from hotpress.store import Store

_GUESSED = {Route.CLOUD: (60.0, 1.0), Route.LOCAL: (5.0, 1.0)}  # seconds, and for each of the film
_HISTORY = 20  # jobs that tell how long one takes


@dataclass(frozen=True, slots=True)
class Planned:
    """One result of a file. `words` say what becomes of it; what is not known is None."""

    path: Path
    inbox: str
    relative: str
    size_bytes: int
    rule: Mapping[str, Told]
    output_name: str = ONLY
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
    """Plans by one config, at one time.

    `credits`: what a job in the cloud costs. `store`: what is known.
    """

    config: Config
    media: Media
    credits: float
    pace: Pace
    now: float
    store: Store | None = None

    def planned(self, name: str, inbox: Inbox, file: Path, *, trying: bool) -> list[Planned]:
        """What becomes of one file: each of its results, or in one row why there is none.

        `trying` how it will look takes seconds: too long for each file of a folder.
        """
        settings, root = self.config.settings, places.behind_links(inbox.path)
        inside = file.is_relative_to(root)
        relative = file.relative_to(root).as_posix() if inside else file.name
        found = infolder.Understood()
        if inside:  # beside a file elsewhere there may lie anything
            found = ruling.in_folder(root, relative, settings, inbox)
        own = layers.of_config(settings, inbox, relative, self.config.origin)
        told = layers.merged([*own, *found.layers])
        plain = Planned(file, name, relative, file.stat().st_size, told)
        why = self._left(plain, inbox, found) if inside else ""
        if found.problems and not why:
            why = f"would wait: {found.problems[0]}"
        if why:
            return [replace(plain, words=why)]
        if file.name.lower().endswith(LINK_ENDINGS):
            return self._linked(plain, inbox, found, told, alone=trying)
        try:
            facts = self.media.probe(file)
        except MediaError as error:
            return [replace(plain, words=f"would fail: {error.why}")]
        rows: list[Planned] = []
        for rule in rules_for(settings, inbox, relative, found.layers):
            row = self._of_result(plain, inbox, rule, told)
            job = _job(name, root, str(inbox.outbox), row, rule)
            rows.append(self._decided(row, job, facts, trying=trying))
        return [_after(row, rows) for row in rows]

    def _linked(
        self,
        plain: Planned,
        inbox: Inbox,
        found: infolder.Understood,
        told: Mapping[str, Told],
        *,
        alone: bool,
    ) -> list[Planned]:
        """What becomes of a link file, by its text alone: nobody is asked where it leads."""
        root, settings = places.behind_links(inbox.path), self.config.settings
        if told["links"].value == "off":
            origin = told["links"].origin
            return [replace(plain, words=f"would be left alone: links: off ({origin})")] * alone
        try:
            with plain.path.open("rb") as file:
                data = file.read(weblinks.MOST_BYTES + 1)
            host = one_line(weblinks.host_of(weblinks.address_in(plain.path.name, data)), 80)
        except MediaError as error:
            return [replace(plain, words=f"would fail: {error.why}")]
        rows = []
        for rule in rules_for(settings, inbox, plain.relative, found.layers):
            row = self._of_result(plain, inbox, rule, told)
            job = _job(plain.inbox, root, str(inbox.outbox), row, rule)
            rows.append(self._of_link(row, job, host))
        return rows

    def _of_link(self, row: Planned, job: Job, host: str) -> Planned:
        why = weblink.refused(job)
        if why:
            return replace(row, words=f"would fail: {why}")
        target = job.rule.target_bytes
        start = f"a link to {host} -> {f'at most {size_text(target)}' if target else 'any size'}"
        if job.rule.follows:
            why = f"made from the cloud's video for {job.rule.follows}"
            return replace(row, words=f"{start}, {why}", why=why, route=Route.LOCAL)
        why = weblink.ONLY_CLOUD
        words = f"{start}, in the cloud ({why}), about {self.credits:g} credits"
        row = replace(row, words=words, why=why, route=Route.CLOUD, target_bytes=target)
        return replace(row, credits=self.credits)

    def _left(self, plain: Planned, inbox: Inbox, found: infolder.Understood) -> str:
        """Why nothing would be made of a file in its inbox; "" when something would."""
        settings, root = self.config.settings, places.behind_links(inbox.path)
        out = Selection(settings, inbox).left_out(plain.relative)
        left = (
            self.config.place(out.keys) if out else infolder.left_out(found.layers, plain.relative)
        )
        if left:
            return f"would be left alone: {left} leaves it out"
        if any(plain.path.is_relative_to(folder) for folder in self._archives(root)):
            return "would be left alone: it lies in the archive"
        if is_live_photo(plain.path):
            return "would be left alone: it is the short film of a Live Photo"
        return self._known(plain, root, inbox)

    def _archives(self, root: Path) -> list[Path]:
        """Those below an inbox, of whichever inbox, behind links."""
        settings = self.config.settings
        found = (folder for each in settings.inboxes for folder in archives(settings, each))
        return [real for real in map(places.behind_links, found) if root in real.parents]

    def _known(self, plain: Planned, root: Path, inbox: Inbox) -> str:
        """What became of this very version before: it is not taken up again."""
        if self.store is None:
            return ""
        version = (plain.relative, plain.size_bytes, plain.path.stat().st_mtime_ns)
        jobs = self.store.of_version(str(root), *version)
        under_way = next(
            (job for job in jobs if job.live and job.state is not State.DELIVERED), None
        )
        if under_way is not None:
            return f"is a job already: hotpress show {under_way.id}"
        done = next((job for job in jobs if job.state is State.DELIVERED and job.final), None)
        sole = is_sole(self.config.settings, inbox.outbox)
        outbox, name = str(inbox.outbox), "" if sole else plain.inbox
        before = self.store.delivered_as(outbox, name, *version)
        output = done.final.name if done and done.final else before.output if before else ""
        if output:
            return f"is delivered already, as {output}; hotpress retry --new-rule makes it anew"
        if jobs and (jobs[0].why == BY_HAND or jobs[0].state is not State.CANCELLED):
            why = jobs[0].why or jobs[0].state.value
            return f"would be left alone, it ended before: {why}; hotpress retry {jobs[0].id}"
        others = self.store.namesakes(plain.inbox, *version) if not jobs else []
        if any(job.source.exists() for job in others if job.root != str(root)):
            return f"would be taken for another file: hotpress why {shlex.quote(str(plain.path))}"
        return ""

    def _of_result(
        self, plain: Planned, inbox: Inbox, rule: Rule, told: Mapping[str, Told]
    ) -> Planned:
        """With the values that a result has of its own, over those beside `outputs`."""
        if rule.output_name == ONLY:
            return plain
        values = dict(told)
        parts = layers.written(self.config.settings, inbox, plain.relative)
        keys, part = next(p for p in reversed(parts) if "outputs" in p[1].model_fields_set)
        number = [each.name for each in part.outputs].index(rule.output_name)
        for key, value in part.outputs[number].written().items():
            origin = self.config.origin((*keys, "outputs", number, key))
            values[key] = Told(value, origin)
        if values["route"].value is not rule.route:  # a rule file's, or another result's
            origin = told["route"].origin if told["route"].value is rule.route else "outputs"
            values["route"] = Told(rule.route, origin)
        return replace(plain, rule=values, output_name=rule.output_name)

    def _decided(self, plain: Planned, job: Job, facts: Facts, *, trying: bool) -> Planned:
        found = decide.decide(job, facts, self.config.settings.cloud.max_upload)
        start = f"{size_text(job.size_bytes)}, {facts.width}x{facts.height}"
        if found.refused:
            return replace(plain, words=f"{start}: would fail: {found.refused}. {found.hint}")
        if decide.is_skipped(job, facts):
            return replace(plain, words=f"{start}: would be left alone, it is already small")
        paid = found.route is Route.CLOUD
        why = f"made from the edit for {job.rule.follows}" if job.rule.follows else found.why
        place = "in the cloud" if paid else "on this machine"
        cost = f", about {self.credits:g} credits" if paid else ""
        closed = opening.opens_in(job.rule.hours, self.now, opening.zone_of(job.rule.timezone))
        later = f"; its hours begin in {seconds_text(closed)}" if paid and closed else ""
        return replace(
            plain,
            words=f"{start} -> {found.wish}, {place} ({why}){cost}{later}",
            route=found.route,
            why=why,
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


def _after(row: Planned, rows: Sequence[Planned]) -> Planned:
    """A result that follows another one ends with it."""
    lead = next((r for r in rows if row.why == f"made from the edit for {r.output_name}"), None)
    if lead is None or lead.route is not None:
        return row
    words = f"would end with {lead.output_name}, which has the edit"
    nothing = replace(row, route=None, why="", target_bytes=None, frame=None, seconds=None)
    return replace(nothing, words=words)


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
