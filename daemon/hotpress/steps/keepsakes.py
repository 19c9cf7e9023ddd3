"""Dates, place, chapters and titles of the original into its result; or none, by the rule."""

from __future__ import annotations

import shutil
from pathlib import Path

from hotpress.errors import EncodeFailed, FolderMissing, SourceGone
from hotpress.human import joined
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


def room_bytes(job: Job, facts: Facts, target_bytes: int | None) -> int:
    """What to leave free in an encode for what is put into it afterwards."""
    if job.rule.metadata == "strip" or job.is_link or target_bytes is None:
        return 0
    try:
        found = belongings.carried(job.source, facts.location).size_bytes
    except OSError:  # it is away, and then they are left out
        found = 0
    if job.edited:  # an encode of the cloud's file, which has none of the original's words
        found += min(_WORDS_BYTES, int(target_bytes * _WORDS_SHARE))
    return found if found < target_bytes / 2 else 0


def put_back(job: Job, facts: Facts, draft: Path, limit: int | None) -> str:
    """Into an encode of the original, which took along what ffmpeg carries.

    Returns what could not be kept, as a sentence without a full stop; or "".
    """
    if job.rule.metadata == "strip":
        return ""
    found = belongings.carried(job.source, facts.location)
    fits = limit is None or draft.stat().st_size + found.size_bytes <= limit
    return belongings.put_back(draft, found) if fits else _CRAMPED


def copied(job: Job, facts: Facts, out: Path, tools: Tools) -> str:
    """The original's streams as `out`, with all that belongs to it, or without a word."""
    if job.rule.metadata == "strip":
        return tools.media.stripped(job.source, out, facts).note
    return tools.media.remux(job.source, out, facts).note


def given(job: Job, facts: Facts, result: Path, seen: Facts, out: Path, tools: Tools) -> str:
    """A file without the original's words (`seen`: what it is), as `out` with them; or bare.

    Returns what could not be kept, as a sentence without a full stop; "" when nothing is missing.
    """
    if job.rule.metadata == "strip":
        return tools.media.stripped(result, out, seen).note
    try:
        with material.read_by_program(job):
            done = tools.media.taken_over(
                result, job.source, out, facts, codec=seen.codec, chapters=not job.edited
            )
    except (SourceGone, FolderMissing):
        shutil.copyfile(result, out)
        return _AWAY
    after = tools.media.probe(out)
    damage = tools.media.damage(out, after)
    if damage:
        raise EncodeFailed(f"its date and place could not be put into it: {damage}", "Try again.")
    return missing(job, facts, after, done.note)


def missing(job: Job, facts: Facts, after: Facts, note: str) -> str:
    """`note`, and what the result lacks of the original: an edit has its own chapters and tracks.

    `after`: what the result is. Nothing is missed where all was to go.
    """
    if job.rule.metadata == "strip":
        return note
    lost = belongings.lost(facts, after)
    if job.edited:
        lost = tuple(phrase for phrase in lost if phrase in ("its date", "the place"))
    return joined(note, f"left out: {', '.join(lost)}" if lost else "")
