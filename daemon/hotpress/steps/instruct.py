"""The message, once. It is never sent again while the cloud may have seen it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hotpress import files, outbox, places, policy, receipts
from hotpress.cloud.intent import translated
from hotpress.cloud.token import Token
from hotpress.errors import CloudError, HotpressError, InputGone, NotSent
from hotpress.human import one_line
from hotpress.model import Asked, Job, Message, Next, Outcome, Session, Step
from hotpress.steps import asking
from hotpress.steps.tools import Tools

LAST_SECONDS = 1_200.0  # of a token: no message in them


def run(job: Job, tools: Tools) -> Outcome:
    """Send the message and listen to the end of the turn."""
    session = _session(job)
    try:
        token = tools.cloud.tokens.numbered(session.token)
    except CloudError as error:  # it was the token that was asked for: nothing was said yet
        return policy.verdict(error, replace(job, begun_at=None), tools.pauses)
    if token.number != session.token or ends_soon(token, tools):
        return Next(
            replace(job, session=None, upload=None),
            Step.SESSION,
            "its access was about to end: a new one first",
        )
    if job.facts is None:
        raise InputGone("it was never looked at", Step.PROBE.value)
    tools.desk.learn()
    if not job.messages_sent and tools.desk.asked_already():
        return resume(job, tools)  # an older copy of the store was brought back
    code = asking.language(job, tools.settings.cloud.language, places.locale())
    text = asking.words(job, job.facts, code)
    try:
        _on_record(job, tools, said=True)
    except HotpressError as error:  # nothing was said yet: without an outbox nothing is paid
        return policy.verdict(error, replace(job, begun_at=None), tools.pauses)
    tools.pulse(None, "the agent works on it")
    try:
        turn = tools.cloud.say(
            session.id, session.token, text, lambda: tools.pulse(None, "still working")
        )
    except NotSent as error:
        _on_record(job, tools, said=False)
        return tools.nothing_happened(error, job)
    if session.shared and turn.ended != "closed":
        tools.desk.retire_session(session.id)
    said = one_line(translated(turn.text).text, 500)
    message = Message(
        session=session.id,
        settled_at=tools.clock.now(),
        doubt=turn.ended != "closed",
        said=said,
        refusal=turn.refusal,
    )
    words = f"the agent: {said}" if said else "the agent said nothing"
    return Next(replace(job, message=message, messages_sent=job.messages_sent + 1), why=words)


def _on_record(job: Job, tools: Tools, *, said: bool) -> None:
    """In the outbox, before the message: a lost state directory must not ask a second time."""
    if not job.work_key:
        return
    folder = Path(job.outbox)
    outbox.check(folder, tools.desk.outbox_id())
    asked = Asked(job.id, job.work_key, receipts.host(), tools.clock.now(), said)
    with files.told(receipts.own(folder)):
        receipts.add(folder, asked)


def ends_soon(token: Token, tools: Tools) -> bool:
    """Is it in its last 20 minutes? A turn may take 15."""
    ends = token.expires_at
    return ends is not None and ends - tools.clock.now() < LAST_SECONDS


def resume(job: Job, tools: Tools) -> Outcome:
    """Nobody knows whether it was seen: note the doubt, and only read from here on."""
    session = _session(job)
    if session.shared:
        tools.desk.retire_session(session.id)
    message = Message(session=session.id, settled_at=tools.clock.now(), doubt=True)
    return Next(
        replace(job, message=message, messages_sent=job.messages_sent + 1),
        why="the connection broke; looking what came of it, without asking again",
    )


def _session(job: Job) -> Session:
    if job.session is None or job.upload is None:
        raise InputGone("its project in the cloud is gone", Step.SESSION.value)
    return job.session
