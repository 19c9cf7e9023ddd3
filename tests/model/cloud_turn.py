"""One step's run on one job: how it goes on, and the ways back that steps share."""

from __future__ import annotations

from clauses import Rules
from cloud_state import NOBODY, Hand, Job, World
from explorer import swapped

from hotpress.model import Step
from hotpress.policy import LIMITS


class Turn:
    """`slot` is the worker's place; None for a step that only reads: it is one move."""

    def __init__(self, rules: Rules, world: World, number: int, slot: int | None = None) -> None:
        self.rules = rules
        self.world = world
        self.number = number
        self.job: Job = world.jobs[number]
        self.slot = slot
        hand = world.hands[slot] if slot is not None else None
        self.hand = hand
        self.stale = hand is not None and hand.epoch != self.job.epoch
        self.me = f"job {number}: "

    def at(self, stage: str, message: int = NOBODY, **changes: object) -> World:
        """Further inside the step: nothing is written."""
        hand: Hand = self.hand._replace(stage=stage, message=message)
        hands = swapped(self.world.hands, self.slot, hand)
        return self.world._replace(hands=hands, **changes)

    def left(self, world: World | None = None) -> World:
        """The worker is gone from the step: a stop. `begun` stays as it is."""
        world = world or self.world
        if self.slot is None:
            return world
        return world._replace(hands=swapped(world.hands, self.slot, None))

    def outcome(self, world: World | None = None, **changes: object) -> World:
        """One atomic write, refused when somebody else has taken the job over."""
        world = self.left(world)
        if self.stale:
            return world
        job = world.jobs[self.number]._replace(**{"begun": False, **changes})
        return world._replace(jobs=swapped(world.jobs, self.number, job))

    def end(self, end: str, world: World | None = None, **changes: object) -> World:
        """The end; with IDS first the end of all that may run on in the cloud."""
        if self.rules.IDS and changes.get("open", self.job.open):
            return self.outcome(world, ending=end, **changes)
        return self.outcome(world, end=end, **changes)

    def back(self, world: World | None = None, **changes: object) -> World:
        """To a new session. What was sent under render ids is never forgotten."""
        anew = {"step": Step.SESSION, "session": NOBODY, "before": None, "late": False}
        return self.outcome(world, **anew, **changes)

    def gone(self) -> World:
        """The cloud says that the session is gone (1002): once more from a new one, then the end.

        From then on a second message is no broken promise: the cloud itself has said so.
        """
        said = self.world._replace(said_gone=self.world.said_gone | {self.job.session})
        if self.job.gone < LIMITS["session_gone"]:
            return self.back(said, gone=self.job.gone + 1)
        return self.end("failed", said)


def fresh_id(job: Job, number: int) -> int:
    """A render id that was never used: chance can't be modelled, a count can."""
    return job.render + 1 if job.render else number * 10 + 1
