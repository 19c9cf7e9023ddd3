"""What people (and a look at the folders) make of a job: cancel, retry, pause, moved, ... Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from hotpress import policy
from hotpress.errors import SourceGone, cause_of
from hotpress.model import (
    BY_HAND,
    ENDED,
    Cause,
    Job,
    Message,
    Reason,
    Route,
    Rule,
    State,
    Step,
    Tally,
)
from hotpress.words import REASONS, STEPS

Detail = Mapping[str, Any]
Changed = tuple[Job | None, str]  # None: nothing changes, and the sentence says why
_FOR_A_PERSON = frozenset(reason for reason, look in policy.LOOK_SECONDS.items() if look is None)
_MANY = "many videos vanished from this folder at once"


def asked(job: Job, verb: str, detail: Detail) -> Changed:
    """The job as `verb` makes it, and the sentence for whoever asked."""
    known = _VERBS.get(verb)
    if known is None:
        return None, f"hotpress knows no {verb}"
    return known(job, detail)


def interrupts(verb: str) -> bool:
    """Does a running step end for it? Else the verb waits until the step has ended."""
    return verb in ("cancel", "vanished")


def _cancelled(job: Job, _detail: Detail) -> Changed:
    return _ended(job, BY_HAND, f"`hotpress retry {job.id}` takes it up again.", Cause.BY_HAND)


def _vanished(job: Job, _detail: Detail) -> Changed:
    """Its source is not there at two looks in a row, alone among the folder's."""
    name = job.source.name
    if job.state is State.HELD and job.reason in _FOR_A_PERSON:
        job = replace(job, was_held=job.reason)
    why, hint = f"{name} is no longer there", "Put it back, and it is taken up again."
    return _ended(job, why, hint, cause_of(SourceGone))


def _ended(job: Job, why: str, hint: str, cause: str) -> Changed:
    if job.state in ENDED:
        return None, f"it is {job.state.value} already"
    if job.step in (Step.DELIVER, Step.RELEASE) and job.begun_at is not None:
        return None, "too late: its result is being delivered"
    job = replace(_freed(job), why=why, hint=hint, cause=cause)
    if policy.open_renders(job):
        return policy.ending(job, State.CANCELLED), "cancelling"
    return replace(job, state=State.CANCELLED), why


def _missing(job: Job, _detail: Detail) -> Changed:
    """It vanished together with many: the folder's fault until a person says otherwise."""
    if job.state in ENDED:
        return None, f"it is {job.state.value} already"
    if job.step in (Step.DELIVER, Step.RELEASE):
        return None, "its result is being delivered"
    if job.state is State.HELD and job.reason in _FOR_A_PERSON:
        return None, "it is held until somebody decides, with its source or without"
    if job.state is State.HELD and job.reason is Reason.INBOX_MISSING and job.why == _MANY:
        return None, "it is held for that already"
    hint = (
        "Bring them back (a mount, a sync client), and they go on; if you deleted them: "
        "`hotpress cancel --all --held inbox_missing`."
    )
    return _held(job, Reason.INBOX_MISSING, _MANY, hint), _MANY


def _back(job: Job, detail: Detail) -> Changed:
    """The source is there (again): what only waited for it goes on."""
    same = replace(job, device=detail["device"], inode=detail["inode"])
    away = job.state is State.CANCELLED and job.why != BY_HAND
    missed = job.state is State.HELD and job.reason is Reason.INBOX_MISSING
    mended = job.state is State.FAILED and job.step is Step.PROBE
    if not (away or missed or mended):
        return None, "it does not wait for its source"
    if job.was_held is not None:  # whoever was to decide still is
        words = REASONS[job.was_held.value]
        return _held(same, job.was_held, words.cause, words.next), "held as before"
    return _retried(same, {})


def _moved(job: Job, detail: Detail) -> Changed:
    """The same file under another name, or its inbox at another path: the job follows it."""
    moved = replace(job, relative=str(detail["relative"]))
    if "root" in detail:
        moved = replace(moved, root=str(detail["root"]))
        moved = replace(moved, device=detail["device"], inode=detail["inode"])
        if job.final is None and not job.said:  # else its folder has it on record already
            moved = replace(moved, outbox=str(detail["outbox"]))
    if job.state is State.CANCELLED and job.why != BY_HAND:
        return _retried(moved, {})
    if "root" in detail and job.reason is Reason.INBOX_MISSING:
        return _back(moved, detail)
    return moved, f"it is called {moved.relative} now"


def _called(job: Job, detail: Detail) -> Changed:
    """Its inbox has another name in the config now: what is held is looked for by that name."""
    return replace(job, inbox=str(detail["inbox"])), f"its folder is called {detail['inbox']} now"


def _paused(job: Job, detail: Detail) -> Changed:
    if job.state in ENDED:
        return None, f"it is {job.state.value} already"
    if job.step in (Step.DELIVER, Step.RELEASE) and job.begun_at is not None:
        return None, "its result is being delivered"
    by = detail.get("by")  # the inbox, or everything: then its videos are told of together
    hint = f"`hotpress resume {by or job.id}` lets {'them' if by else 'it'} go on."
    return _held(job, Reason.PAUSED, "somebody paused it", hint), "paused"


def _resumed(job: Job, _detail: Detail) -> Changed:
    if job.state is not State.HELD or job.reason is not Reason.PAUSED:
        return None, "it is not paused"
    return replace(_freed(job), state=State.QUEUED), "goes on"


def _approved(job: Job, _detail: Detail) -> Changed:
    if job.state is not State.HELD or job.reason is not Reason.APPROVAL:
        return None, "it does not wait for an approval"
    return replace(_freed(job), state=State.QUEUED), "approved"


def _declined(job: Job, _detail: Detail) -> Changed:
    if job.state is not State.HELD or job.reason is not Reason.APPROVAL:
        return None, "it does not wait for an approval"
    why = "it lay here before hotpress came, and nobody wanted it made smaller"
    hint = f"`hotpress retry {job.id}` makes it after all."
    return _skipped(job, why, hint, Cause.DECLINED), "left as it is"


def _elsewhere(job: Job, detail: Detail) -> Changed:
    """Another computer has delivered it meanwhile."""
    if job.state is not State.HELD or job.reason is not Reason.ELSEWHERE:
        return None, "it does not wait for another computer"
    why = f"{detail['host']} has delivered it, as {detail['output']}"
    return _skipped(job, why, "Nothing to do.", Cause.DELIVERED_ELSEWHERE), why


def _ruled(job: Job, detail: Detail) -> Changed:
    """Its rule files were read again: it goes on by them, or they are still wrong."""
    if not job.unruled or job.state in ENDED:
        return None, "it has its rule already"
    waits = job.state is State.HELD and job.reason is Reason.RULES
    if "rule" not in detail:
        why, hint = str(detail["why"]), str(detail["hint"])
        return (_held(job, Reason.RULES, why, hint), why) if waits else (None, why)
    ready = replace(job, rule=rule_of(detail["rule"]), unruled=False)
    if detail.get("left_out"):
        why = f"{detail['left_out']} leaves it out"
        hint = f"`hotpress retry {job.id}` makes it after all."
        return _skipped(ready, why, hint, Cause.LEFT_OUT), why
    if waits:
        ready = replace(_freed(ready), state=State.QUEUED)
    return ready, "its rules can be understood now"


def _retried(job: Job, detail: Detail) -> Changed:
    again = bool(detail.get("again"))
    if job.state is State.DELIVERED or (job.state is State.RUNNING and not job.ending):
        return None, f"it is {job.state.value} already"
    fresh = replace(_freed(job), state=State.QUEUED, finished_at=None, begins=0)
    fresh = replace(fresh, ending=None, end_why="", end_hint="", was_held=None, ended_with="")
    fresh = replace(fresh, tally=Tally())
    if "rule" in detail:
        return _by_rule(job, fresh, rule_of(detail["rule"]), again=again)
    if again and job.rule.follows:  # what is paid for is the other one's
        return _goes_on(replace(policy.cleared(fresh, Step.PROBE), step=Step.PROBE, begun_at=None))
    early = job.step in (Step.PROBE, Step.SESSION, Step.UPLOAD)
    if again and not job.said and (early or job.state is State.SKIPPED):
        fresh = replace(policy.cleared(fresh, Step.PROBE), step=Step.PROBE, begun_at=None)
        return replace(fresh, anew="again"), "made anew, whatever is known of the same video"
    if again and job.route is Route.CLOUD:
        fresh = policy.cleared(policy.doubtful(fresh), Step.SESSION)
        fresh = replace(fresh, step=Step.SESSION, begun_at=None, anew="again")
        return fresh, "taken up again from the upload; the agent is asked once more"
    render = job.render
    spoilt = render is None or render.ended not in ("", "done")
    # A bad result is thrown away; after too many stops the download still counts.
    bad = job.step is Step.VERIFY and job.state is State.FAILED and job.download is None
    if bad or (spoilt and job.step in (Step.SUBMIT, Step.RENDER, Step.DOWNLOAD, Step.VERIFY)):
        fresh = replace(policy.cleared(fresh, Step.REVIEW), step=Step.REVIEW, begun_at=None)
    return _goes_on(fresh)


def _goes_on(job: Job) -> Changed:
    return job, f"goes on at: {STEPS[job.step]}"


def _by_rule(job: Job, fresh: Job, rule: Rule, *, again: bool) -> Changed:
    """From the start, by another rule; what the agent heard under the old one was paid for."""
    fresh = replace(fresh, unruled=False)
    if job.said and not again and job.step is Step.FINISH and _same_but_size(job.rule, rule):
        fresh = replace(policy.cleared(fresh, Step.FINISH), rule=rule, begun_at=None)
        return (
            fresh,
            "made anew from what is here, to another target; nothing is asked or paid again",
        )
    if job.said and not again:
        return None, "the agent was asked by the old rule already; add --again to ask once more"
    fresh = policy.cleared(policy.cleared(policy.doubtful(fresh), Step.SESSION), Step.PROBE)
    anew_ = "again" if again else "rule"
    return replace(fresh, rule=rule, step=Step.PROBE, begun_at=None, anew=anew_), "by another rule"


def _same_but_size(old: Rule, new: Rule) -> bool:
    """Do they differ in the target alone? Then all that was made in the cloud is still right."""
    return old == replace(new, target_bytes=old.target_bytes, target_share=old.target_share)


def rule_of(values: Mapping[str, Any]) -> Rule:
    """A rule that came as JSON."""
    lists = {key: tuple(values.get(key, ())) for key in ("hours", "beside")}
    return Rule(**{**values, **lists, "route": Route(values["route"])})


def _freed(job: Job) -> Job:
    """Nothing is waited for any more."""
    job = replace(job, reason=None, why="", hint="", cause="")
    return replace(job, wake_at=None, scout=None, waits_on="")


def _skipped(job: Job, why: str, hint: str, cause: Cause) -> Job:
    return replace(_freed(job), state=State.SKIPPED, why=why, hint=hint, cause=cause)


def _held(job: Job, reason: Reason, why: str, hint: str) -> Job:
    held = replace(_freed(job), state=State.HELD, reason=reason, why=why, hint=hint)
    return replace(held, finished_at=None, was_held=None)


_VERBS: dict[str, Callable[[Job, Detail], Changed]] = {
    "cancel": _cancelled,
    "retry": _retried,
    "pause": _paused,
    "resume": _resumed,
    "approve": _approved,
    "decline": _declined,
    "back": _back,
    "moved": _moved,
    "called": _called,
    "vanished": _vanished,
    "missing": _missing,
    "elsewhere": _elsewhere,
    "ruled": _ruled,
}


def anew(job: Job, rule: Rule, *, job_id: str, now: float) -> Job:
    """A new job of a source that is delivered already: a person wants it by another rule."""
    return replace(_beside(job, rule, job_id, now), anew="rule")


def _beside(job: Job, rule: Rule, job_id: str, now: float) -> Job:
    """A fresh job of the same source, whose result is one more; the source stays for it."""
    return Job(
        id=job_id,
        inbox=job.inbox,
        root=job.root,
        relative=job.relative,
        outbox=job.outbox,
        size_bytes=job.size_bytes,
        mtime_ns=job.mtime_ns,
        device=job.device,
        inode=job.inode,
        rule=replace(rule, beside=(), source="keep"),
        created_at=now,
        updated_at=now,
    )


def asked_again(parent: Job, kind: str, words: str, *, job_id: str, number: int, now: float) -> Job:
    """A new job in the session of `parent`: an edit by `words`, or an export of what is there.

    An edit starts with the look that follows an upload, because what session and credits were
    like must be known before the message; an export starts at the review of the draft.
    """
    session = parent.session
    export = kind == "export"
    rule = replace(
        parent.rule,
        output_name=f"{parent.rule.output_name} v{number}",
        follows="",
        instructions="" if export else words,
        route=Route.CLOUD,
        session="file",
    )
    message = Message(session=session.id if session else "", settled_at=now, doubt=False)
    return replace(
        _beside(parent, rule, job_id, now),
        route=Route.CLOUD,
        route_why="asked",
        step=Step.REVIEW if export else Step.UPLOAD,
        begun_at=None if export else now,
        facts=parent.facts,
        link=parent.link,
        prepared=parent.prepared,
        source_sha256=parent.source_sha256,
        session=session,
        upload=parent.upload if export else None,
        message=message if export else None,
        asked=kind,
    )
