"""`hotpress ask JOB "words" [FILE]`: export, credits, status and upload act directly; else edit."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Annotated

import typer

from hotpress import refining
from hotpress.cli import account, complete, find
from hotpress.clock import SystemClock, fresh_id
from hotpress.cloud.envelope import FORMATS
from hotpress.cloud.intent import Ask, route
from hotpress.errors import NoSuchJob, SessionGone, UnsupportedFormat
from hotpress.model import Job, Session
from hotpress.places import Places
from hotpress.store import Store


def verb(
    context: typer.Context,
    job: complete.OneJob,
    words: Annotated[str, typer.Argument(help="What you want, in English or Chinese.")],
    file: Annotated[Path | None, typer.Argument(help="Music, a logo: into that project.")] = None,
) -> None:
    """Ask for more of a job: an edit is delivered beside the first result, as `clip v2.mp4`."""
    where: Places = context.obj
    store = find.opened(where)
    found = refining.edited(store, find.job(store, job))
    wanted = route(words, has_file=file is not None)
    if wanted is Ask.CREDITS:
        account.credits_left(context)
        return
    session = refining.session_of(found, wanted)
    try:
        if wanted is Ask.STATE:
            print(_timeline(where, session))
        elif wanted is Ask.UPLOAD:
            print(_uploaded(where, session, file))
        else:
            print(_added(where, store, found, session, words, wanted))
    except SessionGone as error:
        raise SessionGone(
            "the cloud has forgotten this video's project, and with it the edits",
            "Drop the video again, with all that you want in the folder's instructions.",
            error.code,
        ) from error


def _timeline(where: Places, session: Session) -> str:
    with account.client(where) as (cloud, _):
        draft = cloud.state(session.id, session.token).draft
    return draft.timeline() if draft else "Nothing on the timeline yet."


def _uploaded(where: Places, session: Session, file: Path | None) -> str:
    """A further file of any of the 13 kinds, under a neutral name."""
    if file is None or not file.is_file():
        raise NoSuchJob("there is no file to upload", "Name it behind the words.")
    ending = file.suffix.lower()
    if ending.lstrip(".") not in FORMATS.split():
        raise UnsupportedFormat(
            f"{file.name}: the cloud does not take this kind of file", f"It takes {FORMATS}.", 4001
        )
    name = f"file-{fresh_id(random.SystemRandom(), 64)}{ending}"
    with account.client(where) as (cloud, _), file.open("rb") as opened:
        cloud.upload(
            session.id,
            session.token,
            opened,
            name=name,
            size_bytes=file.stat().st_size,
            progress=lambda _: None,
        )
    return f"Uploaded {file.name}. In what you ask of this video next, call it {name}."


def _added(
    where: Places, store: Store, parent: Job, session: Session, words: str, wanted: Ask
) -> str:
    """A job of its own in the living session: its result appears beside the first one."""
    with account.client(where) as (cloud, _):
        cloud.state(session.id, session.token)  # a dead one is said now, not an hour later
    job_id, now = fresh_id(random.SystemRandom(), 40), SystemClock().now()
    return refining.added(store, parent, words, wanted, job_id, now)
