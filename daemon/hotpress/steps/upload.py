"""The file goes up, under a unique neutral name that was stored before.

Only here `resume` reads: the cloud's own list tells whether the file arrived. When it did not,
another session is made; never a second upload into one that may hold the first.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

from hotpress import files, policy
from hotpress.cloud import CloudState
from hotpress.config.terms import upload_rate
from hotpress.errors import FileError, InputGone, NotSent
from hotpress.model import Before, Credits, Job, Next, Outcome, Session, Step, Upload, Wait
from hotpress.steps import material, same, weblink
from hotpress.steps.review import other_media
from hotpress.steps.tools import Tools

_LOOK_SECONDS = 3.0


def run(job: Job, tools: Tools) -> Outcome:
    """Upload, hashed on the way; then look at session and credits as they were before a message."""
    session = _session(job)
    if session.shared and tools.desk.is_retired(session.id):
        return _elsewhere(job)
    if job.is_link:
        return weblink.ask(job, tools) or resume(job, tools)
    size = material.size_of(job)

    def progress(sent: int) -> None:
        tools.pulse(sent / size if size else None, "uploading")

    def rate() -> int | None:
        return upload_rate(tools.settings, job.inbox, tools.clock.now(), tools.desk.uploading)

    with ExitStack() as reading:
        try:
            file, _ = reading.enter_context(material.opened(job))
        except FileError as error:  # not a byte was sent: nothing has to be looked for later
            return policy.verdict(error, replace(job, begun_at=None), tools.pauses)
        try:
            sha256 = tools.cloud.upload(
                session.id,
                session.token,
                file,
                name=session.upload_name,
                size_bytes=size,
                progress=progress,
                bits_per_second=rate,
                stop=tools.desk.stop,
            )
        except NotSent as error:
            return tools.nothing_happened(error, job)
    if job.prepared is None:
        job = replace(job, source_sha256=sha256)
    return resume(job, tools)


def resume(job: Job, tools: Tools) -> Outcome:
    """Did it arrive? Look until `upload_look` has passed; absent then: a new session.

    The state lags behind the upload: what it shows before the upload does is no evidence.
    """
    session = _session(job)
    now = tools.clock.now()
    if job.upload_doubt_at is None:
        job = replace(job, upload_doubt_at=now)
    state = tools.cloud.state(session.id, session.token)
    if job.is_link and not job.asked:
        found = weblink.arrived(job, tools, state)
        return _arrived(found, tools, state) if isinstance(found, Job) else found
    media = state.find(session.upload_name)
    size = material.size_of(job)
    if media is not None and (job.is_link or media.size_bytes in (None, size)):
        if not session.shared:
            return _arrived(job, tools, state)
        return _in_turn(job, tools, state)
    if now - (job.upload_doubt_at or now) < tools.timing.upload_look:
        seconds = min(_LOOK_SECONDS, tools.timing.upload_look / 5)
        return Wait(job, seconds, "looking whether the upload arrived")
    if job.upload_stopped:  # the limit is for a line that fails, not for a machine switched off
        job = replace(job, tally=replace(job.tally, upload_absent=0))
    return policy.back(job, "upload_absent", Step.SESSION, "the upload did not arrive")


def _in_turn(job: Job, tools: Tools, state: CloudState) -> Outcome:
    """In a shared session one job at a time has the word, and the evidence is taken then."""
    session = _session(job)
    if tools.desk.is_retired(session.id) and not job.asked:
        return _elsewhere(job)
    if not tools.desk.own_session(session.id):
        pause = min(_LOOK_SECONDS, tools.timing.render_poll)
        return Wait(job, pause, "another video of this folder is worked on first")
    outcome = _arrived(job, tools, state)
    if outcome.job.upload is None:  # it waits for the same content, or reuses it: says nothing here
        tools.desk.leave_session(session.id)
    return outcome


def _elsewhere(job: Job) -> Outcome:
    """The shared session was given up before this job said anything in it."""
    fresh = replace(job, session=None, upload_doubt_at=None, upload_stopped=False)
    return Next(fresh, Step.SESSION, "the folder's project in the cloud was given up: another one")


def _arrived(job: Job, tools: Tools, state: CloudState) -> Outcome:
    """The outcome: what was read, and the evidence of what there was before the message."""
    session = _session(job)
    sha256 = _sha256(job, tools)
    if job.prepared is None:
        job = replace(job, source_sha256=sha256)
    known = same.decided(job, tools)  # before the message: the same content is paid for once
    if known is not None:
        return known
    balance = tools.cloud.credits(session.token)
    before = Before(
        draft=state.draft.text if state.draft else "",
        media=other_media(state, session.upload_name),
        credits=Credits(balance.available, balance.frozen, balance.total),
        at=tools.clock.now(),
    )
    upload = Upload(
        name=session.upload_name, size_bytes=material.size_of(job), sha256=sha256, before=before
    )
    job = replace(job, upload=upload, upload_doubt_at=None, upload_stopped=False)
    return Next(job, why="uploaded")


def _sha256(job: Job, tools: Tools) -> str:
    """The hash that was taken while reading; after a crash it is taken again."""
    size = material.size_of(job)
    if job.prepared is not None:
        return job.prepared.sha256
    if job.asked:
        return job.source_sha256
    with material.opened(job) as (file, _):
        return job.source_sha256 or files.sha256_of(
            file, lambda n: tools.pulse(n / size, "reading it again")
        )


def _session(job: Job) -> Session:
    if job.session is None:
        raise InputGone("its project in the cloud is gone", Step.SESSION.value)
    return job.session
