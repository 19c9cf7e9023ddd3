"""submit, render, closing. The map to the product stands in cloud_half.py."""

from __future__ import annotations

from collections.abc import Iterator

from cloud_state import AUTOMATIC, STRANGER, Render, World
from cloud_turn import Turn, fresh_id
from explorer import Move, fault

from hotpress.model import Step
from hotpress.policy import LIMITS, RESUBMITS


def submit(turn: Turn) -> Iterator[Move]:
    """The stored draft under the stored id. A refusal means: it arrived, or it is another's."""
    match turn.hand.stage:
        case "run":
            yield from _send(turn)
        case "accepted":
            yield Move(turn.me + "the render is ordered", _sent(turn))
        case "lost":
            yield Move(turn.me + "Lost: doubt", _sent(turn, doubt=True))
        case "refused":
            yield from _refused(turn)


def submit_resume(turn: Turn) -> Iterator[Move]:
    """It may have arrived: poll."""
    yield Move(turn.me + "resumes submit: doubt", _sent(turn, doubt=True))


def _sent(turn: Turn, *, doubt: bool = False) -> World:
    ids = frozenset({turn.hand.render if turn.hand else turn.job.render})
    changes: dict[str, object] = {"sent": turn.job.sent | ids, "open": turn.job.open | ids}
    if doubt and not turn.rules.DOUBT:
        changes["doubt"] = True
    return turn.outcome(step=Step.RENDER, **changes)


def _send(turn: Turn) -> Iterator[Move]:
    world, rules, hand = turn.world, turn.rules, turn.hand
    if turn.stale and rules.FENCE:
        yield Move(turn.me + "the lease is over: orders nothing", turn.outcome())
        return
    if not world.sessions[hand.session].lives:
        yield Move(turn.me + "submit: 1002", _submit_gone(turn))
        return
    session, draft = hand.draft
    if not rules.DRAFT:
        draft = world.sessions[session].draft
    render = Render(hand.render, session, draft)
    old = [r for r in (*world.renders, *world.in_flight) if r.id == render.id]
    other = any(r.session != STRANGER and (r.session, r.draft) != (session, draft) for r in old)
    wrong = "P3 one render id was sent with two drafts" if other else ""
    if any(r.id == render.id for r in world.renders):
        after = turn.at("refused", wrong=wrong)
        yield Move(f"{turn.me}submits {render.id}: refused", after)
    else:
        yield from _accepted(turn, render, wrong, known=bool(old))
    if rules.may(world, "not sent"):
        yield fault(turn.me + "submit NotSent, or 402 and held", turn.outcome())


def _accepted(turn: Turn, render: Render, wrong: str, *, known: bool) -> Iterator[Move]:
    world, rules = turn.world, turn.rules
    me = f"{turn.me}submits {render.id}"
    late = render._replace(shown=False)
    ordered, hidden = (*world.renders, render), (*world.renders, late)
    yield Move(f"{me}: accepted", turn.at("accepted", renders=ordered, wrong=wrong))
    if rules.may(world, "render shows late"):
        after = turn.at("accepted", renders=hidden, wrong=wrong)
        yield fault(f"{me}: accepted, shows late", after)
    if rules.may(world, "submit lost"):
        under_way = (*world.in_flight, render)
        yield fault(f"{me}: Lost, works", turn.at("lost", renders=hidden, wrong=wrong))
        yield fault(f"{me}: Lost, never arrived", turn.at("lost"))
        yield fault(f"{me}: Lost, arrives later", turn.at("lost", in_flight=under_way))
    if rules.may(world, "submit refused") and not known:
        yield fault(f"{me}: refused, not started", turn.at("refused"))
    if rules.may(world, "id taken") and not known:  # ids have 128 random bits: see cases.py
        taken = (*world.renders, Render(render.id, STRANGER, 0, "done"))
        yield fault(f"{me}: refused, another has this id", turn.at("refused", renders=taken))


def _submit_gone(turn: Turn) -> World:
    """1002 of an id that may be known there says nothing of it: poll."""
    if turn.stale:
        return turn.outcome()
    if turn.rules.DOUBT and turn.hand.render in turn.job.sent:
        return _sent(turn)
    return turn.gone()


def _refused(turn: Turn) -> Iterator[Move]:
    job, number = turn.job, turn.hand.render
    sent_before = number in job.sent if turn.rules.DOUBT else job.doubt
    if sent_before:
        yield Move(f"{turn.me}{number} was sent before: it has arrived", _sent(turn))
    elif job.fresh < LIMITS["fresh_ids"]:
        fresh = fresh_id(job, turn.number)
        after = turn.outcome(render=fresh, fresh=job.fresh + 1, open=job.open - {number})
        yield Move(f"{turn.me}{number} was never sent before: {fresh} is stored", after)
    else:
        ids = frozenset({number})  # begun and without an outcome: looked for before the end
        after = turn.end("failed", sent=job.sent | ids, open=job.open | ids)
        yield Move(turn.me + "refused again", after)


def render(turn: Turn) -> Iterator[Move]:
    """One poll. Unknown after three looks: the same id again, and in the end given up.

    What is on its way arrives within those looks: without that no id could ever be given up.
    """
    job, world = turn.job, turn.world
    number = job.render
    seen = next((r for r in world.renders if r.id == number and r.shown), None)
    if seen is None:
        if job.again < RESUBMITS:
            after = turn.outcome(step=Step.SUBMIT, again=job.again + 1)
            yield Move(f"{turn.me}{number} is unknown: sent again", after)
        elif not any(r.id == number for r in (*world.renders, *world.in_flight)):
            given_up = world._replace(settled=world.settled | {number})
            after = turn.end("failed", given_up, open=job.open - {number})
            yield Move(f"{turn.me}{number} is unknown for good", after)
        return
    polled = world._replace(settled=world.settled | {number})
    if seen.state == "done":
        wrong = ""
        if seen.session == STRANGER:
            wrong = "P4 another's render is delivered as ours"
        elif seen.draft == AUTOMATIC:
            wrong = "P4 delivered without the edit that was asked for"
        after = turn.end("delivered", polled._replace(wrong=wrong), open=job.open - {number})
        yield Move(f"{turn.me}{number} is done", after)
    elif seen.state != "works":
        yield Move(f"{turn.me}{number} failed", _again(turn, polled))


def _again(turn: Turn, polled: World) -> World:
    job = turn.job
    left = job.open - {job.render}
    if job.bad >= LIMITS["bad_renders"]:
        return turn.end("failed", polled, open=left)
    fresh = fresh_id(job, turn.number)
    return turn.outcome(polled, step=Step.SUBMIT, render=fresh, bad=job.bad + 1, open=left)


def closing(turn: Turn) -> Iterator[Move]:
    """One look at one render that may still run; then the end that was decided before."""
    job, world = turn.job, turn.world
    if not job.open:
        after = turn.outcome(end=job.ending, ending="", begun=job.begun)
        yield Move(turn.me + f"ends: {job.ending}", after)
        return
    number = min(job.open)
    settled = world._replace(settled=world.settled | {number})
    seen = next((r for r in world.renders if r.id == number and r.shown), None)
    if seen is not None:
        rest = tuple(
            r._replace(state="cancelled") if r == seen and r.state == "works" else r
            for r in world.renders
        )
        closed = settled._replace(renders=rest)
        after = turn.outcome(closed, open=job.open - {number}, begun=job.begun)
        yield Move(f"{turn.me}settles {number}", after)
    elif not any(r.id == number for r in (*world.renders, *world.in_flight)):
        after = turn.outcome(settled, open=job.open - {number}, begun=job.begun)
        yield Move(f"{turn.me}{number} is unknown after three looks", after)
