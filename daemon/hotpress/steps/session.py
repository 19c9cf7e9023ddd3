"""A cloud session. A lost one costs nothing: make another."""

from __future__ import annotations

import os
from dataclasses import replace

from hotpress.clock import fresh_id
from hotpress.errors import OutOfCredits
from hotpress.human import count_text
from hotpress.model import Job, Next, Outcome, Session
from hotpress.names import CLOUD_ENDINGS
from hotpress.steps import wanted
from hotpress.steps.tools import Tools

_NAME_BITS = 128


def run(job: Job, tools: Tools) -> Outcome:
    """Make a session, but only when the credits cover the job. Stores the neutral upload name."""
    tools.cloud.tokens.renew_if_due()
    have = tools.cloud.credits().available
    need = tools.settings.cloud.estimate
    if have < need:
        raise OutOfCredits(
            f"a video costs about {need:.0f} credits, and {have:.0f} are left",
            "Register or top up; hotpress goes on by itself.",
            2001,
        )
    locale = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    language = wanted.language(job, tools.settings.cloud.language, locale)
    session_id, token = tools.cloud.make_session(language)
    session = Session(
        id=session_id,
        token=token,
        upload_name=f"video-{fresh_id(tools.chance, _NAME_BITS)}{_ending(job)}",
        made_at=tools.clock.now(),
    )
    videos = count_text(int(have // need) if need else 0, "video")
    return Next(replace(job, session=session), why=f"{have:.0f} credits, about {videos}")


resume = run


def _ending(job: Job) -> str:
    ending = job.source.suffix.lower()
    return ending if job.prepared is None and ending in CLOUD_ENDINGS else ".mp4"
