"""The file half's state: what lies on the disk, what of it a power loss leaves, what is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from clauses import Rules
from explorer import swapped

from hotpress.model import Step
from hotpress.policy import BEGINS_TOGETHER, LIMITS

NAMES = 3  # final names, in the order in which they are wished for
STRANGER = -1
EARLIER = -2  # a result of hotpress of an earlier version, which is to make room
GOOD, PART, TORN = "good", "part", "torn"
OURS, NEWER = "ours", "newer"  # what lies at a source's name: what was read, or another file


class File(NamedTuple):
    """A file of ours under way. `synced`: bytes and name survive a power loss."""

    bytes: str
    synced: bool = False


class Placed(NamedTuple):
    """A file at a final name, in the outbox or in the archive."""

    owner: int
    bytes: str
    synced: bool = True
    named: bool = True  # the folder is synced

    @property
    def lasts(self) -> bool:
        """Is it whole, and still so after a power loss?"""
        return self.bytes == GOOD and self.synced and self.named


class Job(NamedTuple):
    """What the store knows of a job, and (`at`) where inside its step it is now."""

    step: Step = Step.DOWNLOAD
    at: str = ""  # "" while nobody is inside
    begun: bool = False
    begins: int = 0
    name: int = NAMES  # claimed in the store, or seen to be free
    made: str = ""  # the hash of the finished file
    replaces: bool = False  # an earlier result at this name is to make room
    backs: int = 0
    end: str = ""


class World(NamedTuple):
    """All of it. One place a job in each row; of a source when outputs share one."""

    jobs: tuple[Job, ...]
    spool: tuple[File | None, ...]
    temp: tuple[File | None, ...]
    receipts: tuple[bool, ...]
    source: tuple[str, ...]
    crashes: int
    faults: int
    box: tuple[Placed | None, ...] = (None,) * NAMES
    aside: Placed | None = None  # an earlier result, moved into the private folder
    private: tuple[str, ...] = ()
    archive: tuple[Placed | None, ...] = ()
    released: tuple[bool, ...] = ()  # hotpress has moved or removed what was read
    wrong: str = ""


@dataclass(frozen=True)
class Bounds:
    """How much may happen. `kinds` names the faults (file_world.py).

    `policy`: keep, move (archive or trash on the same file system), copy (across file systems),
    delete. `links`: placed by link and unlink, as where there is no renameat2. `stops`: after how
    many a step is refused; a lower limit shows the same with fewer crashes.
    """

    crashes: int = 0
    faults: int = 0
    kinds: frozenset[str] = frozenset()
    jobs: int = 1
    policy: str = "delete"
    outputs: bool = False  # the jobs share one source
    replace: bool = False  # `collision: replace`, and an earlier result has the dearest name
    twins: bool = False  # the jobs' results are equal in every byte
    links: bool = False
    stops: int = BEGINS_TOGETHER + 1
    backs: int = LIMITS["input_gone"]


class FileRules(Rules):
    """What only files need to know of the bounds."""

    def source_of(self, number: int) -> int:
        """The place of a job's source."""
        return 0 if self.bounds.outputs else number

    def ours(self, placed: Placed, number: int) -> bool:
        """By its hash alone a twin's result looks like one's own."""
        same = placed.owner == number or (self.bounds.twins and placed.owner >= 0)
        return same and placed.bytes == GOOD


class Turn:
    """One action inside a step of one job."""

    def __init__(self, rules: FileRules, world: World, number: int) -> None:
        self.rules = rules
        self.world = world
        self.number = number
        self.job: Job = world.jobs[number]
        self.src = rules.source_of(number)
        self.spool = world.spool[number]
        self.temp = world.temp[number]
        self.me = f"job {number}: "

    def row(self, **rows: object) -> World:
        """The world with this job's own place changed in some rows."""
        changes = {
            name: swapped(
                getattr(self.world, name),
                self.src if name in ("source", "private", "archive", "released") else self.number,
                value,
            )
            for name, value in rows.items()
        }
        return self.world._replace(**changes)

    def at(self, place: str, world: World | None = None, **job: object) -> World:
        """Further inside the step."""
        world = world or self.world
        job_then = world.jobs[self.number]._replace(at=place, **job)
        return world._replace(jobs=swapped(world.jobs, self.number, job_then))

    def outcome(self, world: World | None = None, **job: object) -> World:
        """One atomic write."""
        return self.at("", world, **{"begun": False, "begins": 0, **job})

    def back(self, step: Step, world: World | None = None) -> World:
        """Its input is gone: back to the step that makes it, so often."""
        if self.job.backs >= self.rules.bounds.backs:
            return self.outcome(world, end="failed")
        return self.outcome(world, step=step, backs=self.job.backs + 1)
