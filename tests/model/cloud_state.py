"""The cloud half's state: what the store holds, what the cloud holds, and what only we can see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from clauses import Rules

from hotpress.model import Step

NONE, AUTOMATIC, EDITED, MUSIC, HALF = range(5)  # what a draft shows
ABSENT, HIDDEN, SHOWN = range(3)  # an upload in the cloud's state
NOBODY = -1
STRANGER = -9  # the session of a render that is not ours


class Before(NamedTuple):
    """The evidence: what there was before the message."""

    draft: int
    credits: tuple[int, ...]


class Job(NamedTuple):
    """What the store knows of a job. Its tally is `gone` to `again`."""

    step: Step = Step.SESSION
    begun: bool = False
    epoch: int = 0
    end: str = ""  # "" while it goes on; "held" waits for a person
    ending: str = ""  # the end that waits until its renders are settled
    session: int = NOBODY
    before: Before | None = None
    told: bool = False  # its message was begun
    late: bool = False  # the stream's limit has passed
    key: str = ""  # of its content: "holds", "waits", "lost" to its twin
    render: int = 0  # the id that counts now; 0: none yet
    draft: tuple[int, int] | None = None  # what is rendered under it
    sent: frozenset[int] = frozenset()  # ids that may have reached the cloud
    open: frozenset[int] = frozenset()  # of those, the ones that may run on
    doubt: bool = False  # only where doubt is the job's (Clause.DOUBT is out)
    gone: int = 0
    evidence: int = 0
    absent: int = 0
    bad: int = 0
    fresh: int = 0
    again: int = 0


class Hand(NamedTuple):
    """A worker inside a side effect, with the job as it was when it was taken."""

    job: int
    epoch: int
    step: Step
    stage: str = "run"
    session: int = NOBODY
    render: int = 0
    draft: tuple[int, int] | None = None
    message: int = NOBODY


class Session(NamedTuple):
    """A session in the cloud."""

    lives: bool = True
    upload: int = ABSENT
    draft: int = NONE


class Message(NamedTuple):
    """A message that the cloud has accepted."""

    session: int
    state: str  # "works", "done", "noop", "half", "dead"


class Render(NamedTuple):
    """A render in the cloud, or on its way there."""

    id: int
    session: int
    draft: int
    state: str = "works"
    shown: bool = True


class World(NamedTuple):
    """All of it. `settled` and `wrong` are the judge's: no job can read them."""

    jobs: tuple[Job, ...]
    hands: tuple[Hand | None, ...]
    crashes: int
    faults: int
    sessions: tuple[Session, ...] = ()
    messages: tuple[Message, ...] = ()
    renders: tuple[Render, ...] = ()
    in_flight: tuple[Render, ...] = ()
    said_gone: frozenset[int] = frozenset()  # sessions that the cloud called gone (1002)
    settled: frozenset[int] = frozenset()  # renders that were polled to their end, or given up
    topped_up: int = 0
    wrong: str = ""


@dataclass(frozen=True)
class Bounds:
    """How much may happen. `kinds` names the faults (cloud_world.py, cloud_steps.py)."""

    crashes: int = 0
    faults: int = 0
    kinds: frozenset[str] = frozenset()
    jobs: int = 1
    workers: int = 1
    automatic_draft: bool = False  # an upload alone makes a draft that covers the source


def credits_of(rules: Rules, world: World) -> tuple[int, ...]:
    """What the account shows. Without TOTAL only what is available: a top-up hides a charge."""
    charged = sum(message.state != "works" for message in world.messages)
    if rules.TOTAL:
        return charged, world.topped_up
    return (charged - world.topped_up,)
