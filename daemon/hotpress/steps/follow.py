"""A result with an edit that the cloud has made for another result of the same video.

A video is edited once, and only the cloud's file has the edit. So this one waits for the other,
and is made here from that file: from the spool, else fetched again by the render's id, which is
free, else from what was delivered.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace
from pathlib import Path

from hotpress import files
from hotpress.model import (
    Cause,
    Fail,
    Job,
    Material,
    Next,
    Outcome,
    Route,
    State,
    Step,
    Wait,
)
from hotpress.steps.tools import Tools

_FALLBACK_SECONDS = 600.0  # the other one's outcome wakes this one; should that be lost


def made_of(job: Job) -> Step:
    """The step that brings the cloud's file of this job."""
    return Step.PROBE if job.rule.follows and not job.adopted else Step.DOWNLOAD


def follow(job: Job, tools: Tools) -> Outcome:
    """Wait for the one that is edited, or take its file."""
    name = job.rule.follows
    lead = tools.desk.edited(name)
    if lead is None:
        why = f"it is made from the cloud's edit for {name}, and there is no such job any more"
        hint = f"`hotpress retry --new-rule {job.id}` makes it by today's rule."
        return Fail(job, why, hint, cause=Cause.OTHER_EDIT)
    if lead.rule.instructions != job.rule.instructions:
        why = f"the result {name} was edited by other words than this one is to have"
        hint = f"`hotpress retry --new-rule {lead.id}`, then `hotpress retry --new-rule {job.id}`."
        return Fail(job, why, hint, cause=Cause.OTHER_EDIT)
    if lead.state is State.DELIVERED:
        return _taken(job, lead, tools)
    if lead.live:
        return Wait(
            job,
            _FALLBACK_SECONDS,
            f"the cloud edits a video once: the result {name} goes first",
            on=lead.id,
        )
    job, hint = replace(job, ended_with=lead.id), f"`hotpress retry {lead.id}` goes on with both."
    if lead.state is State.CANCELLED:
        return Fail(job, lead.why, hint, State.CANCELLED, lead.cause)
    ended = lead.why or lead.state.value
    why = f"the result {name} has the edit and goes first, and that ended: {ended}"
    return Fail(job, why, hint, cause=Cause.FIRST_FAILED)


def _taken(job: Job, lead: Job, tools: Tools) -> Outcome:
    why = f"made from the cloud's edit for {lead.rule.output_name}"
    job = replace(
        job,
        source_sha256=lead.source_sha256 or job.source_sha256,
        expected=lead.expected,
        facts=job.facts or lead.facts,
        route=Route.LOCAL,
        route_why=why,
    )
    if lead.download is not None:
        found = _own(lead.download, job, tools)
        if found is not None:
            return Next(replace(job, download=found), Step.FINISH, why)
    render = lead.render
    if render is not None and render.draft:
        adopted = replace(
            job,
            renders=(*job.renders, replace(render, url="", ended="")),
            session=lead.session,
            adopted=True,
            route=Route.CLOUD,
        )
        return Next(adopted, Step.RENDER, f"{why}: fetched again, which is free")
    if lead.final is not None:
        path = Path(lead.outbox) / lead.final.name
        result = Material(
            path=str(path), size_bytes=lead.final.size_bytes, sha256=lead.final.sha256
        )
        found = _own(result, job, tools)
        if found is not None:
            return Next(replace(job, download=found), Step.FINISH, f"{why}, as it was delivered")
    gone = f"the cloud's edit for {lead.rule.output_name} is not there any more"
    return Fail(job, gone, "Drop the video again to have it edited anew.", cause=Cause.EDIT_GONE)


def _own(material: Material, job: Job, tools: Tools) -> Material | None:
    """The same file in this job's own folder, where nobody sweeps it; None when it is gone."""
    path = Path(material.path)
    if path.is_symlink() or files.sha256_at(path) != material.sha256:
        return None
    own = tools.folder(job) / "edited.mp4"
    own.unlink(missing_ok=True)
    with files.told(own):
        try:
            if path.is_relative_to(tools.spool):
                os.link(path, own)  # ours, and never written again
        except OSError:
            own.unlink(missing_ok=True)
        if not own.exists():
            with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
                files.copy_synced(file, own)
        if files.sha256_at(own) != material.sha256:
            return None
        files.sync_file(own)
        files.sync_folder(own.parent)
    return replace(material, path=str(own))
