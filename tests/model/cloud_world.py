"""What the cloud, the clock and people do, whether or not a step runs."""

from __future__ import annotations

from collections.abc import Iterator

from clauses import Rules
from cloud_state import EDITED, HALF, HIDDEN, MUSIC, SHOWN, Job, Session, World
from explorer import Move, fault, swapped

from hotpress.model import Step


def moves(rules: Rules, world: World) -> Iterator[Move]:
    """All that can happen beside the jobs' own moves."""
    if world.crashes and any(world.hands):
        nobody = (None,) * len(world.hands)
        yield Move("CRASH", world._replace(hands=nobody, crashes=world.crashes - 1), fault=True)
    yield from _agent(rules, world)
    yield from _sessions(rules, world)
    yield from _renders(rules, world)
    for number, job in enumerate(world.jobs):
        yield from _beside(rules, world, number, job)
    if rules.may(world, "top-up"):
        yield fault("the owner tops up", world._replace(topped_up=world.topped_up + 1))


def _agent(rules: Rules, world: World) -> Iterator[Move]:
    for number, message in enumerate(world.messages):
        if message.state != "works":
            continue
        session = world.sessions[message.session]

        def after(state: str, draft: int, n: int = number, s: int = message.session) -> World:
            return world._replace(
                messages=swapped(world.messages, n, world.messages[n]._replace(state=state)),
                sessions=swapped(world.sessions, s, world.sessions[s]._replace(draft=draft)),
            )

        yield Move("the agent: edited", after("done", EDITED))
        if rules.may(world, "turn does nothing"):
            yield fault("the agent: charged, nothing changed", after("noop", session.draft))
        if rules.may(world, "turn half done"):
            yield fault("the agent: charged, half done", after("half", HALF))


def _sessions(rules: Rules, world: World) -> Iterator[Move]:
    for number, session in enumerate(world.sessions):
        if not session.lives:
            continue

        def after(value: Session, n: int = number) -> World:
            return world._replace(sessions=swapped(world.sessions, n, value))

        if session.upload == HIDDEN:
            yield Move("the upload shows", after(session._replace(upload=SHOWN)))
        if session.upload and rules.may(world, "1002"):
            dead = tuple(
                m._replace(state="dead") if m.session == number and m.state == "works" else m
                for m in world.messages
            )
            lost = after(Session(lives=False))._replace(messages=dead)
            yield fault(f"session {number} is lost", lost)
        if session.draft == EDITED and rules.may(world, "music"):
            yield fault("the agent adds a track", after(session._replace(draft=MUSIC)))


def _renders(rules: Rules, world: World) -> Iterator[Move]:
    for n, render in enumerate(world.renders):
        if render.state == "works":
            done = swapped(world.renders, n, render._replace(state="done"))
            yield Move("the render is done", world._replace(renders=done))
            if rules.may(world, "render fails"):
                failed = swapped(world.renders, n, render._replace(state="failed"))
                yield fault("the render fails", world._replace(renders=failed))
        if not render.shown:
            shown = swapped(world.renders, n, render._replace(shown=True))
            yield Move("the render shows", world._replace(renders=shown))
    for n, render in enumerate(world.in_flight):
        known = any(r.id == render.id for r in world.renders)
        lands = world.sessions[render.session].lives and not known
        yield Move(
            "a late request arrives",
            world._replace(
                in_flight=(*world.in_flight[:n], *world.in_flight[n + 1 :]),
                renders=(*world.renders, render) if lands else world.renders,
            ),
        )


def _beside(rules: Rules, world: World, number: int, job: Job) -> Iterator[Move]:
    """Time passes, and people act. The agent ends its turn within the stream's limit."""
    if rules.may(world, "retry") and (job.ending or job.end in ("failed", "cancelled", "held")):
        yield fault(f"job {number} is retried", retried(rules, world, number))
    if job.end or job.ending:
        return
    works = any(m.state == "works" and m.session == job.session for m in world.messages)
    if job.step is Step.REVIEW and not job.late and not works:
        late = job._replace(late=True)
        yield Move("the stream's limit", world._replace(jobs=swapped(world.jobs, number, late)))
    taken = any(h and h.job == number and h.epoch == job.epoch for h in world.hands)
    if not taken and rules.may(world, "cancel"):
        yield fault("the source vanishes", cancelled(rules, world, number))


def cancelled(rules: Rules, world: World, number: int) -> World:
    """A submit that was begun and has no outcome may have arrived: it counts as sent."""
    job = world.jobs[number]
    doubtful = job.begun and job.step is Step.SUBMIT
    ids = job.open | {job.render} if doubtful else job.open
    if rules.IDS and ids:
        job = job._replace(ending="cancelled", open=ids, sent=job.sent | ids)
    else:
        job = job._replace(end="cancelled")
    return world._replace(jobs=swapped(world.jobs, number, job))


def retried(rules: Rules, world: World, number: int) -> World:
    """It goes on with all that is known; where its render came to nothing, from the review.

    Its key may have gone to the twin meanwhile: then it is the one that waits.
    """
    job = world.jobs[number]
    done = any(r.id == job.render and r.state == "done" for r in world.renders)
    ended = job.render in job.sent and job.render not in job.open and not done
    if ended and job.step in (Step.SUBMIT, Step.RENDER):
        job = job._replace(step=Step.REVIEW, begun=False)
    others = any(o.key == "holds" for n, o in enumerate(world.jobs) if n != number)
    if rules.SAME_KEY and others and job.key:
        job = job._replace(key="waits")
    anew = dict.fromkeys(("gone", "evidence", "absent", "bad", "fresh", "again"), 0)
    job = job._replace(end="", ending="", **anew)
    return world._replace(jobs=swapped(world.jobs, number, job))
