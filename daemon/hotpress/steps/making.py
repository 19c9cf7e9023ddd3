"""The file to be delivered, made in the spool: the cloud's, a copy, or an encode made here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from hotpress import files, log
from hotpress.errors import (
    EncodeFailed,
    InputGone,
    MediaError,
    NoGain,
    SourceGone,
    TargetImpossible,
)
from hotpress.human import joined, saved_text, size_text
from hotpress.media import fit
from hotpress.media.belongings import OWN_FORMATS
from hotpress.model import Facts, Job, Route, Step
from hotpress.steps import decide, keepsakes, material, space
from hotpress.steps.encoding import Made, as_the_source, encoded, wish_of
from hotpress.steps.follow import made_of
from hotpress.steps.tools import Tools

_LOGGER = log.get("finish")
_SAME_FRAME = 0.97  # of the wanted frame: less is a smaller picture than was asked for
_BARE = "its date and place could only be taken out by an encode, which need not make it smaller"
_MOST_GROWTH = 8  # of an edited file that has no target and must change all the same
_LEAST_SHARE = 0.5  # of the target: a cloud file below it is made again here, from the original


@dataclass(frozen=True, slots=True)
class _Cloud:
    """The cloud's file as it was downloaded, and the most that may come of it (None: any size)."""

    path: Path
    seen: Facts
    limit: int | None


def made(job: Job, facts: Facts, tools: Tools) -> Made:
    """Keep the cloud's file when it fits; else encode, from the original where that is right.

    Raises EncodeFailed rather than hand out what is over the ceiling, which is `Made.limit_bytes`.
    """
    if job.reuse is not None:
        files.look_at_source(material.source_of(job))  # a new version has a job of its own
        if files.sha256_at(Path(job.reuse.path)) != job.reuse.sha256:
            raise InputGone("the result that was made before is gone", Step.PROBE.value)
        return Made(job.reuse, "same")
    cloud = _cloud(job, facts, tools)
    found = _made(job, facts, cloud, tools)
    limit = cloud.limit if cloud is not None else decide.ceiling(job, facts)
    size = found.material.size_bytes
    if limit is not None and size > limit:
        raise EncodeFailed(
            f"the smallest try has {size_text(size)} and the target is {size_text(limit)}",
            f"Allow more: hotpress retry {job.id} --target SIZE.",
        )
    return replace(found, limit_bytes=limit)


def _cloud(job: Job, facts: Facts, tools: Tools) -> _Cloud | None:
    if job.download is None:
        if job.rule.follows or job.is_link:  # there is no original, or it has not the edit
            raise InputGone("the cloud's video is gone", made_of(job).value)
        return None
    path = material.checked(job.download, made_of(job))
    seen = tools.media.probe(path)
    return _Cloud(path, seen, decide.ceiling(job, seen if job.only_cloud else facts))


def _made(job: Job, facts: Facts, cloud: _Cloud | None, tools: Tools) -> Made:
    note = ""
    if cloud is not None:
        found, note = _clouds(job, facts, cloud, tools)
        if found is not None:
            return _worth_it(job, facts, tools, found)
    if job.route is Route.LOCAL and decide.is_copied(job, facts):
        copied = _copied(job, facts, tools)
        if copied is not None:
            return copied
    try:
        return _from_the_source(job, facts, tools, note)
    except (MediaError, SourceGone) as problem:
        found = _clouds_after_all(job, facts, cloud, tools, problem) if cloud else None
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
    job: Job, facts: Facts, cloud: _Cloud, tools: Tools, problem: MediaError | SourceGone
) -> Made | None:
    """The cloud's file, which was paid for, where the original can't be used after all.

    It is delivered where it fits; encoded again only where the original is gone.
    """
    frame, seen = decide.frame(job, facts), cloud.seen
    if seen.width <= frame[0] and seen.height <= frame[1]:
        found = _kept(job, facts, cloud, tools)
        if found is not None:
            note = f"nothing better could be made here: {problem.why}"
            return replace(found, note=joined(note, found.note))
    if isinstance(problem, MediaError):
        return None
    frame = fit.frame_for(job.rule.resolution, seen.width, seen.height)
    wish = wish_of(job, seen, cloud.limit, frame)
    return encoded(job, facts, tools, cloud.path, seen, replace(wish, quality_first=True))


def _clouds(job: Job, facts: Facts, cloud: _Cloud, tools: Tools) -> tuple[Made | None, str]:
    """The cloud's file, as it is or fitted; or None, and why the original serves better."""
    seen, limit = cloud.seen, cloud.limit
    frame = decide.frame(job, seen if job.only_cloud else facts)
    fits = seen.width <= frame[0] and seen.height <= frame[1]
    fits = fits and (limit is None or seen.size_bytes <= limit)
    if job.only_cloud:
        kept = _kept(job, facts, cloud, tools) if fits and not _changes(job, seen) else None
        if kept is not None:
            return replace(kept, note=joined(_smaller(job, facts, seen), kept.note)), ""
        wish = replace(wish_of(job, seen, limit, frame), most_bytes=_MOST_GROWTH * seen.size_bytes)
        if limit is not None and seen.size_bytes <= limit:
            wish = replace(wish, quality_first=True)  # more bytes than it has would buy nothing
        found = encoded(job, facts, tools, cloud.path, seen, wish)
        return replace(found, note=joined(_smaller(job, facts, seen), found.note)), ""
    pressed = limit if limit is not None and not decide.within(job, facts) else 0
    if fits and seen.size_bytes < pressed * _LEAST_SHARE:
        share = seen.size_bytes / pressed * 100
        return None, f"the cloud's file used only {share:.0f} % of the size: made again here"
    full = max(seen.width / frame[0], seen.height / frame[1]) >= _SAME_FRAME
    if not fits or not full or decide.made_here(job, facts):
        return None, ""
    kept = _kept(job, facts, cloud, tools)
    if kept is None:
        return None, "the cloud's file leaves no room for the date and the place: made again here"
    return kept, ""


def _smaller(job: Job, facts: Facts, seen: Facts) -> str:
    """Has the cloud's file a smaller picture than a link was to give? Nobody can make it larger."""
    if not job.is_link or job.edited:
        return ""
    wanted = decide.frame(job, facts)
    small = max(seen.width / wanted[0], seen.height / wanted[1]) < _SAME_FRAME
    return f"the cloud made it {seen.width}x{seen.height}" if small else ""


def _changes(job: Job, seen: Facts) -> bool:
    """Does the rule want an edited file to be encoded once more, whatever its size?"""
    return decide.codec(job, seen) != "h264" or decide.capped_fps(job, seen) is not None


def _kept(job: Job, facts: Facts, cloud: _Cloud, tools: Tools) -> Made | None:
    """The cloud's file with what belongs to the original; None when that makes it too large.

    An edited file is then delivered without: only it has the edit.
    """
    if job.download is None:
        return None
    if job.is_link and job.rule.metadata == "keep":  # nothing lies here that could be put into it
        return Made(job.download, "cloud")
    out = tools.folder(job) / "finished.mp4"
    keep = job.rule.metadata == "keep"
    space.reserve(out.parent, 2 * job.download.size_bytes, tools)
    with files.told(out):
        try:
            note = keepsakes.given(job, facts, cloud.path, cloud.seen, out, tools)
        except MediaError as problem:
            _LOGGER.warning("belongings.failed", job=job.id, why=problem.why)
            return Made(job.download, "cloud", keepsakes.NOT_PUT_IN) if keep else None
        found = material.recorded(out)
    if cloud.limit is None or found.size_bytes <= cloud.limit:
        return Made(found, "cloud", note)
    return Made(job.download, "cloud", keepsakes.NO_ROOM) if job.edited and keep else None


def _worth_it(job: Job, facts: Facts, tools: Tools, found: Made) -> Made:
    """The original instead, where it is within the target and hardly anything was gained."""
    gained = found.material.size_bytes <= decide.worth_bytes(job, facts)
    if job.only_cloud or gained or not decide.within(job, facts):
        return found
    saved = saved_text(facts.size_bytes, found.material.size_bytes)
    why = f"{saved} is less than min_saving: {job.rule.min_saving * 100:g} %"
    return _original(job, facts, tools, why)


def _original(job: Job, facts: Facts, tools: Tools, why: str) -> Made:
    copied = _copied(job, facts, tools)
    if copied is None:
        return _bare(job, facts, tools)
    return replace(copied, note=joined(f"the original is delivered: {why}", copied.note))


def _bare(job: Job, facts: Facts, tools: Tools) -> Made:
    """What can't be copied without its date and place: an encode, as large as the rule allows."""
    wish = wish_of(job, facts, decide.ceiling(job, facts), decide.frame(job, facts))
    with material.read_by_program(job):
        wish = replace(wish, quality_first=True)
        found = encoded(job, facts, tools, job.source, facts, wish)
    return replace(found, note=joined(_BARE, found.note))


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
    found = encoded(job, facts, tools, job.source, facts, wish)
    return replace(found, note=joined(note, found.note))


def _copied(job: Job, facts: Facts, tools: Tools) -> Made | None:
    """Its streams in an MP4, without loss; where that can't be, the original as it is.

    None: the original may not be delivered as it is, because its belongings have to go.
    """
    folder, ending = tools.folder(job), job.source.suffix.lower()
    strip = job.rule.metadata == "strip"
    space.reserve(folder, facts.size_bytes, tools)
    found = None
    if fit.remuxable(facts):
        found = _without_loss(job, facts, folder / "copied.mp4", tools)
    if found is None and strip and ending in OWN_FORMATS:
        found = _without_loss(job, facts, folder / f"copied{ending}", tools)
    if found is not None or strip:
        return found
    same = folder / f"copied{ending}"
    with files.told(same), files.open_source(material.source_of(job)) as file:
        files.copy_synced(file, same)
    return Made(material.recorded(same), "copy")


def _without_loss(job: Job, facts: Facts, out: Path, tools: Tools) -> Made | None:
    """Its very streams as `out`, proven; None where that fails, or is over the ceiling."""
    try:
        with files.told(out), material.read_by_program(job):
            note = keepsakes.copied(job, facts, out, tools)
        after = tools.media.check(out, as_the_source(facts), facts)
    except MediaError:
        out.unlink(missing_ok=True)
        return None
    found, limit = material.recorded(out), decide.ceiling(job, facts)
    if limit is not None and found.size_bytes > limit:
        return None
    return Made(found, "copy", keepsakes.missing(job, facts, after, note))
