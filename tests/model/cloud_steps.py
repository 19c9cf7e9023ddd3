"""session, upload, instruct, review. The map to the product stands in cloud_half.py."""

from __future__ import annotations

from collections.abc import Iterator

from cloud_state import (
    AUTOMATIC,
    EDITED,
    HIDDEN,
    MUSIC,
    NONE,
    SHOWN,
    Before,
    Message,
    Session,
    World,
    credits_of,
)
from cloud_turn import Turn, fresh_id
from explorer import Move, fault, swapped

from hotpress.model import Step
from hotpress.policy import LIMITS


def session(turn: Turn) -> Iterator[Move]:
    """One move: a session that is made and not stored costs nothing, so no crash is worth it."""
    world = turn.world
    made = world._replace(sessions=(*world.sessions, Session()))
    number = len(world.sessions)
    yield Move(
        turn.me + "session", turn.outcome(made, step=Step.UPLOAD, session=number, late=False)
    )


def upload(turn: Turn) -> Iterator[Move]:
    """The file goes up; what comes of it is for the look that follows."""
    world, rules = turn.world, turn.rules
    number = turn.hand.session
    if not world.sessions[number].lives:
        yield Move(turn.me + "upload: 1002", turn.outcome() if turn.stale else turn.gone())
        return
    draft = AUTOMATIC if rules.bounds.automatic_draft else NONE

    def landed(shown: int) -> World:
        there = Session(upload=shown, draft=draft)
        return turn.left(world._replace(sessions=swapped(world.sessions, number, there)))

    yield Move(turn.me + "uploads", landed(SHOWN))
    if rules.may(world, "upload shows late"):
        yield fault(turn.me + "uploads, shows late", landed(HIDDEN))
    if rules.may(world, "upload lost"):
        yield fault(turn.me + "upload Lost, landed, shows late", landed(HIDDEN))
        yield fault(turn.me + "upload Lost, not landed", turn.left())
    if rules.may(world, "not sent"):
        yield fault(turn.me + "upload NotSent", turn.outcome())


def upload_look(turn: Turn) -> Iterator[Move]:
    """Did it arrive? Its outcome is the evidence of how it was before the message."""
    job, world = turn.job, turn.world
    there = world.sessions[job.session]
    if not there.lives:
        yield Move(turn.me + "looks for the upload: 1002", turn.gone())
    elif there.upload == SHOWN:
        before = Before(there.draft, credits_of(turn.rules, world))
        taken = any(o.key == "holds" for n, o in enumerate(world.jobs) if n != turn.number)
        waits = turn.rules.SAME_KEY and taken and job.key != "holds"
        key = "waits" if waits else "holds"
        yield Move(
            f"{turn.me}uploaded, {key} the key",
            turn.outcome(step=Step.INSTRUCT, before=before, key=key),
        )
    elif job.absent < LIMITS["upload_absent"]:
        yield Move(turn.me + "no upload: a new session", turn.back(absent=job.absent + 1))
    else:
        yield Move(turn.me + "no upload, again", turn.end("failed"))


def instruct(turn: Turn) -> Iterator[Move]:
    """The message, once."""
    match turn.hand.stage:
        case "run":
            yield from _say(turn)
        case "stream":
            yield from _listen(turn)
        case "lost":
            yield Move(turn.me + "Lost: doubt", _to_review(turn, doubt=True))
        case "look":  # only where SEND_THEN_LOOK is out
            ready = turn.world.sessions[turn.job.session].draft in _READY
            after = turn.outcome(step=Step.REVIEW) if ready else turn.outcome()
            yield Move(turn.me + ("looks: ready" if ready else "looks: held, begun cleared"), after)


def instruct_resume(turn: Turn) -> Iterator[Move]:
    """Nobody knows whether it was seen: the doubt is noted."""
    yield Move(turn.me + "resumes instruct: doubt", _to_review(turn, doubt=True))


def _to_review(turn: Turn, *, doubt: bool) -> World:
    changes: dict[str, object] = {"step": Step.REVIEW}
    if turn.rules.LIMIT:  # it counts from here
        changes["late"] = False
    if doubt and not turn.rules.DOUBT:
        changes["doubt"] = True
    return turn.outcome(**changes)


def _say(turn: Turn) -> Iterator[Move]:
    world, rules, number = turn.world, turn.rules, turn.hand.session
    if turn.stale and rules.FENCE:
        yield Move(turn.me + "the lease is over: says nothing", turn.outcome())
        return
    if not world.sessions[number].lives:
        yield Move(turn.me + "message: 1002", turn.outcome() if turn.stale else turn.gone())
        return
    twice = any(m.session not in world.said_gone for m in world.messages)
    said = (*world.messages, Message(number, "works"))
    yield Move(
        turn.me + "SENDS the message",
        turn.at(
            "stream",
            len(world.messages),
            messages=said,
            wrong="P3 a second message was accepted for one content" if twice else "",
        ),
    )
    if rules.may(world, "message lost"):
        yield fault(turn.me + "message Lost, never arrived", turn.at("lost"))
    if rules.may(world, "not sent"):
        yield fault(turn.me + "message NotSent, or refused and held", turn.outcome())
    if rules.may(world, "sleep") and not turn.stale:
        # Where the deadline counts from `begun`, it has passed when the machine wakes up.
        job = turn.job if rules.LIMIT else turn.job._replace(late=True)
        slept = world._replace(jobs=swapped(world.jobs, turn.number, job))
        yield fault("the machine sleeps before the send", slept)


def _listen(turn: Turn) -> Iterator[Move]:
    world, rules = turn.world, turn.rules
    afterwards = "lost" if rules.SEND_THEN_LOOK else "look"
    if rules.may(world, "stop"):
        stopped = turn.left() if rules.BEGUN_KEPT else turn.outcome()
        yield fault("an orderly stop", stopped)
    if world.messages[turn.hand.message].state != "works":
        closed = _to_review(turn, doubt=False) if rules.SEND_THEN_LOOK else turn.at("look")
        yield Move(turn.me + "the stream closes", closed)
    if rules.may(world, "message lost"):
        yield fault(turn.me + "the stream breaks", turn.at(afterwards))


_READY = (AUTOMATIC, EDITED, MUSIC)


def review(turn: Turn) -> Iterator[Move]:
    """One look: is the draft ready? Not ready and too late: proven, or for a person to say."""
    job, world, rules = turn.job, turn.world, turn.rules
    there = world.sessions[job.session]
    if not there.lives:
        yield Move(turn.me + "review: 1002", turn.gone())
        return
    as_before = job.before is not None and there.draft == job.before.draft
    if there.draft in _READY and not (rules.DIFFERS and as_before):
        number = job.render if job.render and not rules.NEW_ID else fresh_id(job, turn.number)
        draft = (job.session, there.draft)
        yield Move(
            f"{turn.me}ready, to be rendered as {number}",
            turn.outcome(step=Step.SUBMIT, draft=draft, render=number),
        )
    elif job.late:
        others = any(o.key == "holds" for n, o in enumerate(world.jobs) if n != turn.number)
        same_credits = job.before is not None and job.before.credits == credits_of(rules, world)
        proven = as_before and not others and (same_credits or not rules.CREDITS)
        if proven and job.evidence < LIMITS["evidence"]:
            yield Move(turn.me + "evidence: nothing happened", turn.back(evidence=job.evidence + 1))
        else:
            yield Move(turn.me + "held: unclear", turn.outcome(end="held"))
