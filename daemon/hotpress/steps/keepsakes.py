"""Dates, place, chapters and titles of the original into its result; or none, by the rule."""

from __future__ import annotations

import shutil
from pathlib import Path

from hotpress.errors import EncodeFailed, FolderMissing, SourceGone
from hotpress.media import belongings
from hotpress.model import Facts, Job
from hotpress.steps import material
from hotpress.steps.tools import Tools

NO_ROOM = "its date and place were left out: the target has no room for them"
NOT_PUT_IN = "its date and place were left out: they could not be put into the cloud's file"
_CRAMPED = "the camera's own notes were left out: the target has no room for them"
_AWAY = "its date and place were left out: the original is not there"
# What ffmpeg's own words for dates, titles and languages take beside the atoms that are copied;
# never more than this share of a target.
_WORDS_BYTES, _WORDS_SHARE = 1_000, 0.005


def room_bytes(job: Job, target_bytes: int | None) -> int:
    """What to leave free in an encode for what is put into it afterwards."""
    if job.rule.metadata == "strip" or target_bytes is None:
        return 0
    try:
        found = belongings.carried(job.source, _facts(job).location).size_bytes
    except OSError:  # it is away, and then they are left out
        found = 0
    if job.edited:  # an encode of the cloud's file, which has none of the original's words
        found += min(_WORDS_BYTES, int(target_bytes * _WORDS_SHARE))
    return found if found < target_bytes / 2 else 0


def put_into(
    job: Job, encoded_from: Path, draft: Path, out: Path, limit: int | None, tools: Tools
) -> str:
    """An encode made here, as `out`. Returns what could not be kept, as a sentence; or ""."""
    if job.rule.metadata == "strip":
        draft.replace(out)  # the encode took nothing along
        return ""
    if encoded_from == job.source:
        found = belongings.carried(job.source, _facts(job).location)
        fits = limit is None or draft.stat().st_size + found.size_bytes <= limit
        note = belongings.put_back(draft, found) if fits else _CRAMPED
        draft.replace(out)
        return missing(job, tools.media.probe(out), note)
    note = given(job, draft, out, tools)
    if limit is None or out.stat().st_size <= limit:
        draft.unlink()
        return note
    draft.replace(out)
    return NO_ROOM


def given(job: Job, result: Path, out: Path, tools: Tools) -> str:
    """A file of the cloud's, as `out`, with what the original has; or without a word.

    Returns what could not be kept, as a sentence without a full stop; "" when nothing is missing.
    """
    facts, seen = _facts(job), tools.media.probe(result)
    if job.rule.metadata == "strip":
        tools.media.stripped(result, out, seen)
        return ""
    try:
        with material.read_by_program(job):
            done = tools.media.taken_over(
                result, job.source, out, facts, codec=seen.codec, chapters=not job.edited
            )
    except (SourceGone, FolderMissing):
        shutil.copyfile(result, out)
        return _AWAY
    damage = tools.media.damage(out, tools.media.probe(out))
    if damage:
        raise EncodeFailed(f"its date and place could not be put into it: {damage}", "Try again.")
    return missing(job, tools.media.probe(out), done.note)


def missing(job: Job, after: Facts, note: str) -> str:
    """`note`, and what the result lacks of the original: an edit has its own chapters and tracks.

    `after`: what the result is.
    """
    lost = belongings.lost(_facts(job), after)
    if job.edited:
        lost = tuple(phrase for phrase in lost if phrase in ("its date", "the place"))
    words = f"left out: {', '.join(lost)}" if lost else ""
    return "; ".join(text for text in (note, words) if text)


def _facts(job: Job) -> Facts:
    if job.facts is None:
        raise SourceGone("it was never looked at", "`hotpress retry` looks at it again.")
    return job.facts
