"""Which settled file becomes a job: known already, renamed, lain there before, or new."""

from __future__ import annotations

import contextlib
import os
import random
import threading
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from hotpress import files, log, places, receipts, record, ruling, settle
from hotpress.clock import Clock, fresh_id
from hotpress.config.rules import existing_policy, inbox_names
from hotpress.config.settings import Inbox, Settings, Watch
from hotpress.config.terms import Terms, watch_of
from hotpress.errors import IdTaken
from hotpress.human import count_text, size_text
from hotpress.leaves import is_live_photo
from hotpress.model import BY_HAND, Cause, Delivery, Job, Reason, Rule, State, delivered
from hotpress.settle import SettledFile
from hotpress.store import Store, Version

_LOGGER = log.get("ingest")
_JOB_ID_BITS = 40
_RULES_AGAIN_SECONDS = 30.0  # a rule file that is deleted makes no event
_ASK_VIDEOS, _ASK_BYTES = 10, 5_000_000_000  # more than this lay there: a person is asked


class Quota:
    """How many new jobs may be made in all; None: as many as there are files."""

    def __init__(self, limit: int | None = None) -> None:
        self._left = limit
        self._lock = threading.Lock()

    def take(self) -> bool:
        """One more, if that is still allowed."""
        with self._lock:
            if self._left is None:
                return True
            self._left -= 1
            return self._left >= 0


@dataclass(slots=True)
class Admission:
    """Of one inbox. `sole`: no other inbox has its outbox; `ask`: may it ask about old files?"""

    name: str
    inbox: Inbox
    settings: Settings
    store: Store
    clock: Clock
    chance: random.Random
    changed: Callable[[], None] = lambda: None
    sole: bool = True
    ask: bool = True
    quota: Quota = field(default_factory=Quota)
    _old: set[str] | None = None  # what lay there at first sight and is not a job yet
    _lying: dict[str, str] = field(default_factory=dict)  # why and hint for those
    _rest: ruling.Rest = field(default_factory=ruling.Rest)
    _adopted: set[str] = field(default_factory=set)  # who was told its inbox's name of today

    @property
    def watching_as(self) -> Watch:
        """How the inbox is to be watched."""
        return watch_of(self.settings, self.inbox)

    def take(self, terms: Terms) -> None:
        """Go by other settings from now on."""
        self.inbox, self.settings, self.sole = terms.inbox, terms.settings, terms.sole

    def learn(self) -> None:
        """Take in what the receipts in the outbox say: ours, and those of other computers."""
        with contextlib.suppress(OSError):  # the outbox is away; it is looked at again
            record.learn(self.store, self.inbox.outbox)
        for job in self.store.held(Reason.ELSEWHERE.value, self.name):
            version = (job.relative, job.size_bytes, job.mtime_ns)
            delivery = self._delivery(*version, job.rule.output_name)
            if delivery is not None and delivery.job != job.id:
                detail = {"host": delivery.host, "output": delivery.output}
                self.store.ask("elsewhere", job.id, detail, self.clock.now())
                self.changed()

    def adopt(self, root: Path) -> None:
        """Jobs of this folder from when the config called it otherwise: nobody else asks for them.

        A pause that was said to the old name holds under the new one.
        """
        for job_id, before in self.store.live_under_another_name(str(root), self.name):
            if job_id in self._adopted:
                continue
            self._adopted.add(job_id)
            paused = self.store.note(f"paused:{before}")
            if paused and before not in inbox_names(self.settings):
                self.store.set_note(f"paused:{self.name}", paused)
            self.store.ask("called", job_id, {"inbox": self.name}, self.clock.now())
            self.changed()

    def first_sight(self, root: Path, videos: Collection[str]) -> None:
        """What lay in an inbox before hotpress came is not new: many of them wait for a yes.

        Until each of them is a job, a restart takes the look for the first one again: too many
        are asked about rather than too few. An empty folder was seen only as what it is: what is
        mounted there later is another one.
        """
        note, empty = f"first:{root}", f"empty {identity(root)}"
        known = self.store.note(note)
        policy = existing_policy(self.settings, self.inbox)
        if policy == "ask" and not self.ask:
            return  # `once` doesn't ask, and decides nothing for those who will
        if known == "seen" or (known == "open" and self._old is not None):
            return
        if known == empty or not videos:
            self.store.set_note(note, "seen" if videos else empty)
            return
        old = {v for v in videos if self._is_old(root, v)} if policy != "all" else set()
        size_bytes = sum(_size(root / relative) for relative in old)
        few = len(old) <= _ASK_VIDEOS and size_bytes <= _ASK_BYTES
        few = few and known != "open"  # some of them may be jobs by now
        self._old = set() if policy == "ask" and few else old
        self._lying = self._words(policy, len(old), size_bytes)
        self.store.set_note(note, "open" if self._old else "seen")

    def passed(self, relative: str) -> None:
        """A file that lay there at first sight is a job now, or gone."""
        if self._old and relative in self._old:
            self._old.discard(relative)
            if not self._old:
                self.store.set_note(f"first:{places.behind_links(self.inbox.path)}", "seen")

    def knows(self, root: Path, relative: str, key: settle.Key, *, touched: bool) -> bool:
        """Is this very version known? A job that only waited for its source goes on."""
        device, inode, size, mtime_ns, _ = key
        same = self.store.of_version(str(root), relative, size, mtime_ns)
        for job in same:
            away = job.state is State.CANCELLED and job.why != BY_HAND
            away = away or job.reason is Reason.INBOX_MISSING
            other = touched or (job.device, job.inode) != (device, inode)
            if away or (job.state is State.FAILED and other):
                now = {"device": device, "inode": inode}
                self.store.ask("back", job.id, now, self.clock.now())
                self.changed()
        if same or self._delivery(relative, size, mtime_ns) is not None:
            return True
        return self.store.is_forgotten(Version(str(root), relative, size, mtime_ns))

    def admit(self, root: Path, relative: str, found: SettledFile) -> bool:
        """A settled file: a job, or none because it is known. False: not now (a limit)."""
        if self._renamed(root, relative, found.key):
            return True
        if not self.quota.take():
            return False
        jobs = self._jobs(root, relative, found)
        if added := self._added(jobs):
            for job in added:
                _LOGGER.info("job.made", job=job.id, inbox=self.name, path=relative)
            self.changed()
        elif not self._follow(jobs[0]) and not self.knows(
            root, relative, found.key, touched=True
        ):  # it was seen to change, and is as it was once: a failed job has had another try
            _LOGGER.warning("file.taken_for_another", inbox=self.name, path=relative)
        return True

    def _added(self, jobs: list[Job]) -> list[Job]:
        """Into the store, under ids that no other job has; none when the file is known."""
        while True:
            try:
                fresh = self.store.add_drop(jobs, f"{jobs[0].relative} was taken up")
            except IdTaken:
                jobs = [replace(job, id=fresh_id(self.chance, _JOB_ID_BITS)) for job in jobs]
            else:
                return jobs if fresh else []

    def _follow(self, job: Job) -> bool:
        """Known from where this inbox lay before: those jobs follow, as after a rename.

        Unless they still have their source there: nothing was moved, and they go on with that.
        """
        before = [each for each in self.store.of_drop(job) if each.root != job.root]
        if not before or files.is_there(before[0].source):
            return False
        kept = ("root", "outbox", "relative", "device", "inode")
        here = {key: getattr(job, key) for key in kept}
        for each in before:
            self.store.ask("moved", each.id, here, self.clock.now())
            _LOGGER.info("source.renamed", job=each.id, inbox=self.name, path=job.relative)
        self.changed()
        return True

    def rules_rest_seconds(self, root: Path, relative: str) -> float:
        """How long the rule files for a file must still rest until they may be read."""
        need = self.watching_as.settle
        return self._rest.seconds(root, relative, self.clock.steady(), need)

    def mended(self, root: Path, most: int = -1) -> tuple[bool, float | None]:
        """Held for their rule files: those that can be understood now go on.

        At most so many are looked at. Did any change? And in how many seconds the next look is
        due; None: nobody is held.
        """
        held = self.store.held(Reason.RULES.value, self.name, most)
        later, changed = _RULES_AGAIN_SECONDS, False
        for job in held:
            try:
                rest = self.rules_rest_seconds(root, job.relative)
                ruled = None if rest > 0 else self._ruled(root, job.relative)
            except (OSError, UnicodeError):
                continue  # its folder is gone, or closed: the others don't wait for that
            if ruled is None:
                later = min(later, rest)
            elif ruled.problem != job.why:
                said = {"why": ruled.problem, "hint": ruled.hint, "left_out": ruled.left_out}
                detail = said if ruled.problem else {**said, "rule": asdict(ruled.named(job.rule))}
                self.store.ask("ruled", job.id, detail, self.clock.now())
                changed = True
        if changed:
            self.changed()
        return changed, later if held else None

    def is_left_out(self, root: Path, relative: str) -> bool:
        """Does a rule file in the folder leave this video out? Raises OSError."""
        return bool(self._ruled(root, relative).left_out)

    def _ruled(self, root: Path, relative: str) -> ruling.Ruled:
        return ruling.read(root, relative, self.settings, self.inbox)

    def _jobs(self, root: Path, relative: str, found: SettledFile) -> list[Job]:
        """One for each result that the rules want of it."""
        ruled, now = self._ruled(root, relative), self.clock.now()
        return [self._job(root, relative, found, ruled, rule, now) for rule in ruled.rules]

    def _job(
        self,
        root: Path,
        relative: str,
        found: SettledFile,
        ruled: ruling.Ruled,
        rule: Rule,
        now: float,
    ) -> Job:
        device, inode, size, mtime_ns, _ = found.key
        job = Job(
            id=fresh_id(self.chance, _JOB_ID_BITS),
            inbox=self.name,
            root=str(root),
            relative=relative,
            outbox=str(self.inbox.outbox),
            size_bytes=size,
            mtime_ns=mtime_ns,
            device=device,
            inode=inode,
            rule=rule,
            unruled=bool(ruled.problem),
            created_at=now,
            updated_at=now,
            damage=found.damage,
        )
        if not self._old or relative not in self._old:
            return _held_by_rules(job, ruled) if ruled.problem else job
        job = replace(
            job, why=self._lying["why"], hint=self._lying["hint"].replace("{job}", job.id)
        )
        if self._lying["policy"] == "none":
            return replace(job, state=State.SKIPPED, finished_at=now, cause=Cause.DECLINED)
        return replace(job, state=State.HELD, reason=Reason.APPROVAL)

    def _renamed(self, root: Path, relative: str, key: settle.Key) -> bool:
        """The same file under another name: its jobs follow, and its result is known here, too."""
        device, inode, size, mtime_ns, _ = key
        jobs = [
            job
            for job in self.store.moved_here(str(root), relative, device, inode, size, mtime_ns)
            if _inode(job.source) != inode and not _was_deleted(job)
        ]
        for job in jobs:
            delivery = delivered(job)
            if delivery is not None:
                here = replace(delivery, path=relative, at=self.clock.now())
                with files.told(receipts.own(self.inbox.outbox)):
                    receipts.add(self.inbox.outbox, here)
            self.store.ask("moved", job.id, {"relative": relative}, self.clock.now())
            _LOGGER.info("source.renamed", job=job.id, inbox=self.name, path=relative)
            self.changed()
        return bool(jobs)

    def _delivery(
        self, relative: str, size: int, mtime_ns: int, output_name: str = ""
    ) -> Delivery | None:
        inbox = "" if self.sole else self.name
        outbox = str(self.inbox.outbox)
        return self.store.delivered_as(outbox, inbox, relative, size, mtime_ns, output_name)

    def _is_old(self, root: Path, relative: str) -> bool:
        """A video that lay there, and nothing is known of it. A picture's film is none."""
        return not self._recorded(root, relative) and not is_live_photo(root / relative)

    def _recorded(self, root: Path, relative: str) -> bool:
        """A job has it already, or the outbox has it on record."""
        try:
            status = (root / relative).lstat()
        except OSError:
            return True
        if self.store.at_path(str(root), relative):
            return True
        size, mtime_ns = status.st_size, status.st_mtime_ns
        version = Version(str(root), relative, size, mtime_ns)
        known = self._delivery(relative, size, mtime_ns) is not None
        return known or self.store.is_forgotten(version)

    def _words(self, policy: str, count: int, size_bytes: int) -> dict[str, str]:
        videos = f"{count_text(count, 'video')} ({size_text(size_bytes)})"
        if policy == "none":
            why = "it lay here before hotpress came (existing: none)"
            return {
                "policy": policy,
                "why": why,
                "hint": "`hotpress retry {job}` makes it after all.",
            }
        credits_text = f"{count * self.settings.cloud.estimate:,.0f}"
        return {
            "policy": policy,
            "why": f"{videos} lay here before hotpress came",
            "hint": f"`hotpress approve {self.name}` starts them (up to about {credits_text} "
            "credits in the cloud); with `--newest 5` only the newest five, with `--none` none.",
        }


def _held_by_rules(job: Job, ruled: ruling.Ruled) -> Job:
    """Nothing begins by a rule that is not the one that was meant."""
    held = replace(job, state=State.HELD, reason=Reason.RULES)
    return replace(held, why=ruled.problem, hint=ruled.hint)


def identity(root: Path) -> str:
    """Which folder lies at a path now."""
    try:
        status = root.stat()
    except OSError:
        return ""
    return f"{status.st_dev}:{status.st_ino}"


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def _inode(path: Path) -> int | None:
    """The inode that lies at a path now, None when nothing does."""
    try:
        return os.lstat(path).st_ino
    except OSError:
        return None


def _was_deleted(job: Job) -> bool:
    """By hotpress itself: what has its inode now is another file, however alike it looks."""
    return job.rule.source == "delete" and job.released_at is not None
