"""Forms that ask something of jobs and folders. Which of them make sense: by state, pure."""

from __future__ import annotations

from hotpress.model import ENDED, Job, Reason, State
from hotpress.page.html import Child, Html, el

_LABELS = {
    "retry": "Try again",
    "cancel": "Cancel",
    "pause": "Pause",
    "resume": "Resume",
    "approve": "Start them",
    "decline": "Leave them",
}


def verbs(state: str, reason: str | None) -> tuple[str, ...]:
    """What may be asked of a job, the most likely first."""
    if state == State.HELD.value and reason == Reason.PAUSED.value:
        return ("resume", "cancel")
    if state == State.HELD.value and reason == Reason.APPROVAL.value:
        return ("approve", "decline")
    if state == State.HELD.value:
        return ("retry", "pause", "cancel")
    if state in (State.FAILED.value, State.CANCELLED.value):
        return ("retry",)
    if State(state) in ENDED:
        return ()
    return ("pause", "cancel")


def may_be_asked(job: Job) -> bool:
    """Is there a project in the cloud that goes on being worth asking in?"""
    made_there = job.session is not None and not job.adopted
    return made_there and job.state in ENDED


def of_job(token: str, job_id: str, name: str, state: str, reason: str | None) -> Html:
    """Its buttons, in a row."""
    chosen = verbs(state, reason)
    return el(
        "div",
        [form(token, verb, {"job": job_id}, about=name, id_=f"{verb}-{job_id}") for verb in chosen],
        class_="buttons",
    )


def form(
    token: str,
    verb: str,
    fields: dict[str, str],
    *,
    about: str,
    label: str = "",
    more: Child = None,
    id_: str,
) -> Html:
    """One order. `about`: what it concerns, for who only hears the button."""
    hidden = [el("input", type="hidden", name=key, value=value) for key, value in fields.items()]
    text = label or _LABELS[verb]
    return el(
        "form",
        el("input", type="hidden", name="token", value=token),
        hidden,
        more,
        el(
            "button",
            text,
            el("span", f" {about}", class_="hear"),
            type="submit",
            id=id_,
            class_="quiet" if verb in ("cancel", "pause", "decline") else None,
        ),
        method="post",
        action=f"/do/{verb}",
    )
