"""The cloud half of DESIGN section 5 as a model: from the session to the end of the render.

Which move is which function of the product; who changes one changes the other:

| here | hotpress |
|---|---|
| CloudHalf._taken, Turn.outcome | worker:Worker._take, policy:begun, outcomes:written |
| cloud_turn.Turn.left | worker:Worker._put_down |
| cloud_turn.Turn.back, gone, end | policy:back, policy:cleared, outcomes:_ended |
| cloud_steps.session | steps/session:run |
| cloud_steps.upload, upload_look | steps/upload:run, steps/upload:resume |
| cloud_steps.instruct, instruct_resume | steps/instruct:run, steps/instruct:resume |
| cloud_steps.review | steps/review:run, is_ready, nothing_happened, _unclear |
| cloud_render.submit, submit_resume | steps/submit:run, _refused_at_first, steps/submit:resume |
| cloud_render.render, _again | steps/render:run, _unknown, steps/render:again |
| cloud_render.closing | steps/closing:run |
| cloud_world.cancelled, retried | outcomes:_cancelled, policy:doubtful, outcomes:_retried |
| credits_of, cloud_state.Before | steps/upload:_arrived, model/remote:Before |
| the key (upload_look, CloudHalf._twin) | store/records:work_key |

Taking a job over from another host stands in DESIGN alone so far: one host has store/lock.
A step that only reads, or only notes a doubt, is one move here: nothing can come between that
matters. A step with a side effect is a `Hand`, and a crash, a stop or another host comes between
its sending and its outcome. Limits are the product's own (policy.LIMITS).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cloud_render
import cloud_steps
import cloud_world
from clauses import Rules
from cloud_state import STRANGER, Hand, Job, World
from cloud_turn import Turn
from explorer import Move, swapped

from hotpress.model import Step

_Moves = Callable[[Turn], Iterator[Move]]
_RUN: dict[Step, _Moves] = {
    Step.UPLOAD: cloud_steps.upload,
    Step.INSTRUCT: cloud_steps.instruct,
    Step.SUBMIT: cloud_render.submit,
}
_RESUME: dict[Step, _Moves] = {
    Step.UPLOAD: cloud_steps.upload_look,
    Step.INSTRUCT: cloud_steps.instruct_resume,
    Step.SUBMIT: cloud_render.submit_resume,
}
_READ: dict[Step, _Moves] = {
    Step.SESSION: cloud_steps.session,
    Step.REVIEW: cloud_steps.review,
    Step.RENDER: cloud_render.render,
}


class CloudHalf:
    """The cloud half within its bounds and clauses."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def first(self) -> World:
        """Jobs that have been looked at, and go to the cloud."""
        bounds = self.rules.bounds
        return World(
            jobs=(Job(),) * bounds.jobs,
            hands=(None,) * bounds.workers,
            crashes=bounds.crashes,
            faults=bounds.faults,
        )

    def at_rest(self, state: World) -> bool:
        """Every job is at its end or held, and nobody is inside a step."""
        return all(job.end for job in state.jobs) and not any(state.hands)

    def wrong(self, state: World) -> str:
        """What a move found; and at the end, what runs on in the cloud for nobody."""
        if state.wrong:
            return state.wrong
        if any(job.end in ("", "held") for job in state.jobs) or any(state.hands):
            return ""
        for render in state.renders:
            if render.session == STRANGER or render.state == "cancelled":
                continue
            if render.id not in state.settled:
                return "P3 all ended, and a render runs on for nobody"
        known = {render.id for render in state.renders}
        for render in state.in_flight:
            lands = state.sessions[render.session].lives and render.id not in known
            if lands and render.id not in state.settled:
                return "P3 all ended, and a render that is on its way is forgotten"
        return ""

    def moves(self, state: World) -> Iterator[Move]:
        """What the world does, what goes on inside steps, and which job is taken next."""
        yield from cloud_world.moves(self.rules, state)
        for slot, hand in enumerate(state.hands):
            if hand is not None:
                yield from _RUN[hand.step](Turn(self.rules, state, hand.job, slot))
        free = None in state.hands
        slot = state.hands.index(None) if free else 0
        for number, job in enumerate(state.jobs):
            if job.end:
                continue
            owned = any(h and h.job == number and h.epoch == job.epoch for h in state.hands)
            if not owned:
                yield from self._next_step(state, number, slot if free else None)
            elif self.rules.may(state, "take over"):
                yield from self._taken_over(state, number)

    def _next_step(self, world: World, number: int, slot: int | None) -> Iterator[Move]:
        job = world.jobs[number]
        turn = Turn(self.rules, world, number)
        if job.ending:
            yield from cloud_render.closing(turn)
        elif job.key == "waits":
            yield from self._twin(turn)
        elif job.step in _READ:
            yield from _READ[job.step](turn)
        elif job.begun and (job.step is not Step.INSTRUCT or self.rules.SEND_THEN_LOOK):
            yield from _RESUME[job.step](turn)
        elif slot is not None:
            yield self._taken(world, number, slot)

    def _taken(self, world: World, number: int, slot: int) -> Move:
        job = world.jobs[number]
        told = job.told or job.step is Step.INSTRUCT
        stage = "look" if job.begun and job.step is Step.INSTRUCT else "run"
        hand = Hand(number, job.epoch, job.step, stage, job.session, job.render, job.draft)
        begun = job._replace(begun=True, told=told)
        after = world._replace(
            jobs=swapped(world.jobs, number, begun), hands=swapped(world.hands, slot, hand)
        )
        return Move(f"job {number}: {job.step.value} is begun", after)

    def _taken_over(self, world: World, number: int) -> Iterator[Move]:
        """Another host takes a job whose worker still works: a new epoch, and `resume`."""
        job = world.jobs[number]
        newer = job._replace(epoch=job.epoch + 1)
        world = world._replace(jobs=swapped(world.jobs, number, newer), faults=world.faults - 1)
        for label, after, _ in _RESUME[job.step](Turn(self.rules, world, number)):
            yield Move(f"TAKE OVER, {label}", after, fault=True)

    def _twin(self, turn: Turn) -> Iterator[Move]:
        """The second of the same content waits for the first, and for how that ends."""
        first = next(j for n, j in enumerate(turn.world.jobs) if n != turn.number)
        if first.end == "held":
            yield Move(turn.me + "is held with the first", turn.outcome(end="held"))
        elif first.end in ("delivered", "reused"):
            yield Move(turn.me + "the first one's result", turn.outcome(end="reused"))
        elif first.end and first.told and self.rules.HEIR:
            yield Move(turn.me + "ends as the first, whose message was begun", turn.end("failed"))
        elif first.end:
            first = turn.world.jobs.index(first)
            lost = turn.world.jobs[first]._replace(key="lost")
            world = turn.world._replace(jobs=swapped(turn.world.jobs, first, lost))
            yield Move(turn.me + "takes the key over", turn.outcome(world, key="holds"))
