"""A cloud session. A lost one costs nothing: make another."""

from __future__ import annotations

from dataclasses import replace

from hotpress import opening, places, policy
from hotpress.clock import fresh_id
from hotpress.errors import OutOfCredits
from hotpress.human import count_text
from hotpress.model import Hold, Job, Next, Outcome, Reason, Session, Wait
from hotpress.money import short_of
from hotpress.names import CLOUD_ENDINGS
from hotpress.steps import asking, same
from hotpress.steps.instruct import ends_soon
from hotpress.steps.tools import Tools

_NAME_BITS = 128


def run(job: Job, tools: Tools) -> Outcome:
    """Make a session, but only when the credits cover the job. Stores the neutral upload name."""
    job = same.read(job, tools)
    known = same.decided(job, tools)
    if known is not None:
        return known
    zone = opening.zone_of(job.rule.timezone)
    closed = opening.opens_in(job.rule.hours, tools.clock.now(), zone)
    if closed > 0:
        hours = ", ".join(job.rule.hours)
        return Wait(job, closed, f"the rule lets it go to the cloud only at {hours}", Reason.HOURS)
    tools.cloud.tokens.renew_if_due()
    token = tools.cloud.tokens.current()
    if ends_soon(token, tools) and token.expires_at is not None:
        pause = token.expires_at - tools.clock.now() + 1.0
        return Wait(job, pause, "the free access ends soon: a new one first", Reason.RATE_LIMIT)
    available, money = tools.cloud.credits().available, tools.desk.money()
    short = short_of(available, money)
    if short is not None:
        return _short(job, tools, *short)
    shared = tools.desk.shared_session() if _shares(job) else None
    session = replace(
        shared or _made(job, tools),
        upload_name=f"video-{fresh_id(tools.chance, _NAME_BITS)}{_ending(job)}",
        made_at=tools.clock.now(),
    )
    if session.shared and shared is None:
        tools.desk.share_session(session)
    videos = count_text(int(available // money.estimate) if money.estimate else 0, "video")
    return Next(replace(job, session=session), why=f"{available:.0f} credits, about {videos}")


resume = run


def _shares(job: Job) -> bool:
    """A link's video is known in a session only by being the one that is there."""
    return job.rule.session == "inbox" and not job.is_link


def _made(job: Job, tools: Tools) -> Session:
    language = asking.language(job, tools.settings.cloud.language, places.locale())
    made = tools.cloud.make_session(language)
    return Session(
        id=made.id,
        token=made.token,
        task=made.task,
        upload_name="",
        made_at=0.0,
        shared=_shares(job),
    )


def _short(job: Job, tools: Tools, reason: Reason, why: str) -> Outcome:
    """Not enough: this machine under `route: auto`, else the work waits."""
    if reason is Reason.BUDGET:
        return policy.local_instead(job, why) or Hold(job, reason, why)
    raise OutOfCredits(why, tools.cloud.more_credits(), 2001)


def _ending(job: Job) -> str:
    ending = job.source.suffix.lower()
    return ending if job.prepared is None and ending in CLOUD_ENDINGS else ".mp4"
