"""The file to be delivered, made in the spool: the cloud's, a copy, or an encode made here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hotpress import files, log
from hotpress.errors import (
    InputGone,
    MediaError,
    NoGain,
    SourceGone,
    TargetImpossible,
)
from hotpress.human import saved_text, size_text
from hotpress.media import fit
from hotpress.media.belongings import OWN_FORMATS
from hotpress.media.fit import remuxable
from hotpress.model import Facts, Job, Route, Step
from hotpress.steps import decide, keepsakes, material, space
from hotpress.steps.encoding import Made, as_the_source, encoded, wish_of
from hotpress.steps.tools import Tools

_LOGGER = log.get("finish")
_SAME_FRAME = 0.97  # of the wanted frame: less is a smaller picture than was asked for
_BARE = "its date and place could only be taken out by an encode, which need not make it smaller"
_MOST_GROWTH = 8  # of an edited file that has no target and must change all the same
_LEAST_SHARE = 0.5  # of the target: a cloud file below it is made again here, from the original


def made(job: Job, facts: Facts, tools: Tools) -> Made:
    """Keep the cloud's file when it fits; else encode, from the original where that is right."""
    if job.reuse is not None:
        files.look_at_source(material.source_of(job))  # a new version has a job of its own
        if files.sha256_at(Path(job.reuse.path)) != job.reuse.sha256:
            raise InputGone("the result that was made before is gone", Step.PROBE.value)
        return Made(job.reuse, "same")
    note = ""
    if job.download is not None:
        found, note = _clouds(job, facts, tools)
        if found is not None:
            return _worth_it(job, facts, tools, found)
    if job.route is Route.LOCAL and decide.is_copied(job, facts):
        copied = _copied(job, facts, tools)
        if copied is not None:
            return copied
    try:
        return _from_the_source(job, facts, tools, note)
    except (MediaError, SourceGone) as problem:
        found = _clouds_after_all(job, facts, tools, problem)
        if found is None:
            raise
        return found


def _from_the_source(job: Job, facts: Facts, tools: Tools, note: str) -> Made:
    with material.read_by_program(job):
        try:
            return _from_original(job, facts, tools, note)
        except (NoGain, TargetImpossible):
            if not decide.within(job, facts):
                raise
            return _original(job, facts, tools, "anything smaller would look worse")


def _clouds_after_all(
    job: Job, facts: Facts, tools: Tools, problem: MediaError | SourceGone
) -> Made | None:
    """The cloud's file, which was paid for, where the original can't be used after all.

    It is delivered where it fits; encoded again only where the original is gone.
    """
    if job.download is None:
        return None
    path = material.checked(job.download, Step.DOWNLOAD)
    seen = tools.media.probe(path)
    frame, limit = decide.frame(job, facts), decide.ceiling(job, facts)
    if seen.width <= frame[0] and seen.height <= frame[1]:
        found = _kept(job, path, limit, tools)
        if found is not None:
            note = f"nothing better could be made here: {problem.why}"
            return replace(found, note="; ".join(w for w in (note, found.note) if w))
    if isinstance(problem, MediaError):
        return None
    wish = wish_of(job, seen, limit, fit.frame_for(job.rule.resolution, seen.width, seen.height))
    return encoded(job, tools, path, seen, replace(wish, quality_first=True))


def ceiling(job: Job, tools: Tools) -> int | None:
    """The most that the delivered file may have; None: any size."""
    if job.facts is None or job.reuse is not None:
        return None
    if job.download is not None and job.edited:
        return decide.ceiling(job, tools.media.probe(Path(job.download.path)))
    return decide.ceiling(job, job.facts)


def _clouds(job: Job, facts: Facts, tools: Tools) -> tuple[Made | None, str]:
    """The cloud's file, as it is or fitted; or None, and why the original serves better."""
    if job.download is None:
        raise InputGone("there is no download", Step.DOWNLOAD.value)
    path = material.checked(job.download, Step.DOWNLOAD)
    seen = tools.media.probe(path)
    frame = decide.frame(job, seen if job.edited else facts)
    limit = decide.ceiling(job, seen if job.edited else facts)
    fits = seen.width <= frame[0] and seen.height <= frame[1]
    fits = fits and (limit is None or seen.size_bytes <= limit)
    if job.edited:  # then only the cloud's file has the edit
        kept = _kept(job, path, limit, tools) if fits and not _changes(job, seen) else None
        if kept is not None:
            return kept, ""
        wish = replace(wish_of(job, seen, limit, frame), most_bytes=_MOST_GROWTH * seen.size_bytes)
        if limit is not None and seen.size_bytes <= limit:
            wish = replace(wish, quality_first=True)  # more bytes than it has would buy nothing
        return encoded(job, tools, path, seen, wish), ""
    full = max(seen.width / frame[0], seen.height / frame[1]) >= _SAME_FRAME
    pressed = limit is not None and not decide.within(job, facts)
    if pressed and limit is not None and fits and seen.size_bytes < limit * _LEAST_SHARE:
        share = seen.size_bytes / limit * 100
        return None, f"the cloud's file used only {share:.0f} % of the size: made again here"
    if not fits or not full or decide.made_here(job, facts):
        return None, ""
    kept = _kept(job, path, limit, tools)
    if kept is None:
        return None, "the cloud's file leaves no room for the date and the place: made again here"
    return kept, ""


def _changes(job: Job, seen: Facts) -> bool:
    """Does the rule want an edited file to be encoded once more, whatever its size?"""
    return decide.codec(job, seen) != "h264" or decide.capped_fps(job, seen) is not None


def _kept(job: Job, path: Path, limit: int | None, tools: Tools) -> Made | None:
    """The cloud's file with what belongs to the original; None when that makes it too large.

    An edited file is then delivered without: only it has the edit.
    """
    if job.download is None:
        return None
    out = tools.folder(job) / "finished.mp4"
    keep = job.rule.metadata == "keep"
    space.reserve(out.parent, 2 * job.download.size_bytes, tools)
    with files.told(out):
        try:
            note = keepsakes.given(job, path, out, tools)
        except MediaError as problem:
            _LOGGER.warning("belongings.failed", job=job.id, why=problem.why)
            return Made(job.download, "cloud", keepsakes.NOT_PUT_IN) if keep else None
        found = material.recorded(out)
    if limit is None or found.size_bytes <= limit:
        return Made(found, "cloud", note)
    return Made(job.download, "cloud", keepsakes.NO_ROOM) if job.edited and keep else None


def _worth_it(job: Job, facts: Facts, tools: Tools, found: Made) -> Made:
    """The original instead, where it is within the target and hardly anything was gained."""
    gained = found.material.size_bytes <= decide.worth_bytes(job, facts)
    if job.edited or gained or not decide.within(job, facts):
        return found
    saved = saved_text(facts.size_bytes, found.material.size_bytes)
    why = f"{saved} is less than min_saving: {job.rule.min_saving * 100:g} %"
    return _original(job, facts, tools, why)


def _original(job: Job, facts: Facts, tools: Tools, why: str) -> Made:
    copied = _copied(job, facts, tools)
    if copied is None:
        return _bare(job, facts, tools)
    words = (f"the original is delivered: {why}", copied.note)
    return replace(copied, note="; ".join(word for word in words if word))


def _bare(job: Job, facts: Facts, tools: Tools) -> Made:
    """What can't be copied without its date and place: an encode, as large as the rule allows."""
    wish = wish_of(job, facts, decide.ceiling(job, facts), decide.frame(job, facts))
    with material.read_by_program(job):
        found = encoded(job, tools, job.source, facts, replace(wish, quality_first=True))
    return replace(found, note="; ".join(w for w in (_BARE, found.note) if w))


def _from_original(job: Job, facts: Facts, tools: Tools, note: str) -> Made:
    limit, frame = decide.ceiling(job, facts), decide.frame(job, facts)
    if decide.within(job, facts) and not job.edited:
        worth = decide.worth_bytes(job, facts)
        wish = wish_of(job, facts, worth, frame)
        if decide.is_small(job, facts):  # already_small: compress
            wish = replace(wish, target_bytes=None, most_bytes=worth)
        wish = replace(wish, quality_first=True)
    else:
        wish = wish_of(job, facts, limit, frame)
    found = encoded(job, tools, job.source, facts, wish)
    return replace(found, note="; ".join(words for words in (note, found.note) if words))


def _copied(job: Job, facts: Facts, tools: Tools) -> Made | None:
    """Its streams in an MP4, without loss; where that can't be, the original as it is.

    None: the original may not be delivered as it is, because its belongings have to go.
    """
    out = tools.folder(job) / "copied.mp4"
    strip, note = job.rule.metadata == "strip", ""
    limit = decide.ceiling(job, facts)
    space.reserve(out.parent, facts.size_bytes, tools)
    if remuxable(facts):
        try:
            with material.read_by_program(job):
                if strip:
                    tools.media.stripped(job.source, out, facts)
                else:
                    note = tools.media.remux(job.source, out, facts).note
            after = tools.media.check(out, as_the_source(facts), facts)
        except MediaError:
            out.unlink(missing_ok=True)
        else:
            found = material.recorded(out)
            if limit is None or found.size_bytes <= limit:
                return Made(found, "copy", "" if strip else keepsakes.missing(job, after, note))
    if strip:
        return _stripped(job, facts, tools)
    same = tools.folder(job) / f"copied{job.source.suffix.lower()}"
    with files.told(same), files.open_source(material.source_of(job)) as file:
        files.copy_synced(file, same)
    return Made(material.recorded(same), "copy")


def _stripped(job: Job, facts: Facts, tools: Tools) -> Made | None:
    """Without its belongings in its own container; None where that can't be written."""
    ending = job.source.suffix.lower()
    if ending not in OWN_FORMATS:
        return None
    out, limit = tools.folder(job) / f"copied{ending}", decide.ceiling(job, facts)
    try:
        with files.told(out), material.read_by_program(job):
            tools.media.stripped(job.source, out, facts)
        tools.media.check(out, as_the_source(facts), facts)
    except MediaError:
        return None  # an encode serves
    found = material.recorded(out)
    return Made(found, "copy") if limit is None or found.size_bytes <= limit else None


def too_large(made: Made, limit: int) -> str:
    """The sentence for a file that must not be delivered."""
    return (
        f"the smallest try has {size_text(made.material.size_bytes)} and the target is "
        f"{size_text(limit)}"
    )
