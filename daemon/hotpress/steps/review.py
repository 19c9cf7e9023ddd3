"""Is the draft ready? Only reads, as often as it takes. Stores the draft that will be rendered."""

from __future__ import annotations

from dataclasses import replace

from hotpress import policy
from hotpress.cloud import CloudState, Draft
from hotpress.errors import InputGone
from hotpress.media.sound import kept_sounds
from hotpress.model import (
    Credits,
    Expected,
    Facts,
    Hold,
    Job,
    Message,
    Next,
    Outcome,
    Reason,
    Session,
    Step,
    Upload,
    Wait,
)
from hotpress.steps.submit import new_render
from hotpress.steps.tools import Tools

_COVERS = 0.98  # of the source's length, less half a second: clips are cut at frames
_OUT_OF_CREDITS = 2001


def run(job: Job, tools: Tools) -> Outcome:
    """One look."""
    session, upload, message = job.session, job.upload, job.message
    if session is None or upload is None or message is None or job.facts is None:
        raise InputGone("its project in the cloud is gone", Step.SESSION.value)
    state = tools.cloud.state(session.id, session.token)
    draft = state.draft
    ready = draft if draft and is_ready(job, draft, state, upload, job.facts) else None
    if ready is not None and message.doubt and job.edited:
        early = tools.timing.after_break - (tools.clock.now() - message.settled_at)
        if early > 0 or message.draft != ready.text:
            job = replace(job, message=replace(message, draft=ready.text))
            rest = max(early, tools.timing.recheck)
            return Wait(job, rest, "looking whether the edit is complete", Reason.STREAM)
    if ready is not None:
        if session.shared and ready.foreign(known_names(state)):
            tools.desk.retire_session(session.id)
        job = replace(job, credits_spent=_spent(job, tools, session, upload))
        return _ready(job, tools, session, ready, references(state, upload))
    message = replace(message, looks=message.looks + 1)
    job = replace(job, message=message)
    pause = next_look_seconds(message, tools)
    if pause is not None and message.refusal != _OUT_OF_CREDITS:
        return Wait(job, pause, "looking whether the edit is done", Reason.STREAM)
    return _unclear(job, tools, state, upload)


resume = run


def is_ready(job: Job, draft: Draft, state: CloudState, upload: Upload, facts: Facts) -> bool:
    """Video segments of *this* upload that cover the source; with instructions, also changed."""
    names = references(state, upload)
    seconds = draft.video_seconds(names)
    if job.asked == "export":
        return seconds > 0
    if job.edited:
        return seconds > 0 and draft.text != upload.before.draft
    return seconds >= facts.duration_seconds * _COVERS - 0.5


def references(state: CloudState, upload: Upload) -> frozenset[str]:
    """All names by which a segment may refer to this job's upload.

    Empty when the draft names no file at all and the session holds no other: then all is ours.
    """
    media = state.find(upload.name)
    names = (media.names if media else frozenset()) | {upload.name}
    if len(state.media) <= 1 and state.draft and not state.draft.video_seconds(names):
        return frozenset()
    return names


def known_names(state: CloudState) -> frozenset[str]:
    """All names of all files that were uploaded into the session."""
    return frozenset(name for media in state.media for name in media.names)


def _spent(job: Job, tools: Tools, session: Session, upload: Upload) -> float | None:
    """What the message cost, where no other job could spend meanwhile; frozen counts as used."""
    before = upload.before
    if before.credits is None or not job.messages_sent or tools.desk.others_spent(before.at):
        return None
    now = tools.cloud.credits(session.token)
    used = (now.total - now.available) - (before.credits.total - before.credits.available)
    return max(0.0, used)


def next_look_seconds(message: Message, tools: Tools) -> float | None:
    """When to look again; None when it was long enough.

    After a stream that closed nothing more will come but the state's own lag; after a broken one
    the agent may work on until the stream's limit, counted from the outcome of the sending step.
    """
    timing = tools.timing
    passed = tools.clock.now() - message.settled_at
    if message.looks == 1:
        return timing.after_break
    if message.looks <= 1 + timing.recheck_times:
        return timing.recheck
    return timing.recheck if message.doubt and passed < timing.stream_limit else None


def _ready(
    job: Job, tools: Tools, session: Session, draft: Draft, names: frozenset[str]
) -> Outcome:
    """Store the very draft, a fresh render id, and what must come of it."""
    removed: tuple[str, ...] = ()
    if not job.edited or session.shared:
        draft, removed = draft.only(names)
    render = new_render(tools, session.id, session.token, draft.text)
    job = replace(job.with_render(render), expected=_expected(job, draft, removed))
    before = Draft.parse(job.upload.before.draft) if job.upload else None
    words = f"; {draft.changes(before)}"
    words += f"; taken out, nobody asked for it: {', '.join(removed)}" if removed else ""
    return Next(job, why=draft.timeline() + words)


def _expected(job: Job, draft: Draft, removed: tuple[str, ...]) -> Expected:
    edited, facts = job.edited, job.facts
    if facts is None:
        raise InputGone("it was never looked at", Step.PROBE.value)
    width, height = facts.width, facts.height
    if edited and draft.width and draft.height:
        width, height = draft.width, draft.height
    sound = job.edited and draft.has_sound_track
    if job.is_link and not sound:  # nobody here has heard the original
        known = None
    else:
        known = sound or (bool(kept_sounds(facts)) and not (job.edited and draft.muted))
    return Expected(
        duration_seconds=draft.video_seconds(frozenset()) if edited else facts.duration_seconds,
        width=width,
        height=height,
        has_sound=known,
        fps=None if edited or facts.variable_fps else facts.fps,
        edited=edited,
        removed=removed,
    )


def _unclear(job: Job, tools: Tools, state: CloudState, upload: Upload) -> Outcome:
    """It never became ready: proven that nothing happened, this machine, or a person."""
    if not job.asked and job.tally.evidence == 0 and nothing_happened(job, tools, state, upload):
        why = "the cloud shows that nothing was done and nothing charged"
        return policy.back(job, "evidence", Step.SESSION, why)
    why = "the agent's edit never showed up"
    instead = policy.local_instead(job, why)
    if instead is not None:
        return instead
    return Hold(
        job,
        Reason.UNCLEAR,
        f"{why}, and it may have been charged",
        f"`hotpress retry {job.id}` looks once more; `hotpress retry --again {job.id}` asks "
        "again and may cost the credits of one video again.",
    )


def nothing_happened(job: Job, tools: Tools, state: CloudState, upload: Upload) -> bool:
    """Draft, media and all three credit figures equal those of before, and nobody else spent."""
    session, before = job.session, upload.before
    if session is None or before.credits is None or tools.desk.others_spent(before.at):
        return False
    balance = tools.cloud.credits(session.token)
    same_credits = before.credits == Credits(balance.available, balance.frozen, balance.total)
    same_draft = before.draft == (state.draft.text if state.draft else "")
    return same_credits and same_draft and before.media == other_media(state, upload.name)


def other_media(state: CloudState, upload_name: str) -> tuple[str, ...]:
    """What lies in the session beside the upload itself, made by the agent or brought."""
    brought = sorted(m.filename for m in state.media if m != state.find(upload_name))
    return (*brought, *sorted(state.generated_media))
