"""What is to become of a file, decided from its facts before anything is paid. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from hotpress.errors import FileTooLarge, TargetImpossible, cause_of
from hotpress.human import size_text
from hotpress.media import fit
from hotpress.media.sound import kept_sounds
from hotpress.model import Facts, Job, Route

_CLOUD_SHORT_SIDE, _CLOUD_LONG_SIDE = 1080, 1920  # it renders at most 1920x1080 (cloud-api: Export)
_FAST_FPS = 100.0
_USUAL_BITS = 8_000_000  # of a second of film, where no limit says what to ask for
_FPS_SHARE = 1.02  # a rate is the same within 2 %, as in the check of a result


@dataclass(frozen=True, slots=True)
class Decision:
    """Where it is made and why, and what it must become. `target_bytes` None: any size.

    `refused`, `hint` and `cause`: why nothing is made of it, what to do instead, and by which
    name `words` knows that; "" when something is made.
    """

    route: Route
    why: str
    target_bytes: int | None
    frame: tuple[int, int]
    refused: str = ""
    hint: str = ""
    cause: str = ""

    @property
    def wish(self) -> str:
        """The ceiling and the frame in words."""
        ceiling = f"at most {size_text(self.target_bytes)}" if self.target_bytes else "any size"
        return f"{ceiling}, {self.frame[0]}x{self.frame[1]}"


def decide(job: Job, facts: Facts, max_upload_bytes: int) -> Decision:
    """All that the rule and the facts settle together."""
    route, why = route_of(job, facts, max_upload_bytes)
    refused, hint, cause = _refusal(job, facts, route, max_upload_bytes)
    return Decision(
        route=route,
        why=why,
        target_bytes=target(job, facts),
        frame=frame(job, facts),
        refused=refused,
        hint=hint,
        cause=cause,
    )


def frame(job: Job, facts: Facts) -> tuple[int, int]:
    """Width and height that the result of a file with these facts may have."""
    return fit.frame_for(job.rule.resolution, facts.width, facts.height)


def ceiling(job: Job, facts: Facts) -> int | None:
    """The rule's limit in bytes: the target, or what `max_rate` allows at this frame."""
    return fit.effective_target_bytes(
        job.target_bytes, job.rule.max_bits_per_second, facts, frame(job, facts)
    )


def target(job: Job, facts: Facts) -> int:
    """The ceiling; of what is within it already, what saves enough to be worth the change."""
    limit, worth = ceiling(job, facts), worth_bytes(job, facts)
    if not facts.size_bytes:  # a link's, which the cloud need not tell
        return limit or int(facts.duration_seconds * _USUAL_BITS / 8)
    if limit is not None and facts.size_bytes > limit:
        return limit
    return worth if limit is None else min(limit, worth)


def worth_bytes(job: Job, facts: Facts) -> int:
    """At most so large, or the original is the better choice (`min_saving`)."""
    return int(facts.size_bytes * (1 - job.rule.min_saving))


def within(job: Job, facts: Facts) -> bool:
    """Is the original itself no larger than the rule allows?"""
    limit = ceiling(job, facts)
    return limit is None or facts.size_bytes <= limit


def is_small(job: Job, facts: Facts) -> bool:
    """Within target and resolution as it is?"""
    wanted = frame(job, facts)
    return within(job, facts) and facts.width <= wanted[0] and facts.height <= wanted[1]


def is_copied(job: Job, facts: Facts) -> bool:
    """Is it delivered without an encode, because it is small already?"""
    return job.rule.already_small == "copy" and is_small(job, facts) and not job.edited


def is_skipped(job: Job, facts: Facts) -> bool:
    """Is nothing made of it, because it is small already?"""
    return job.rule.already_small == "skip" and is_small(job, facts) and not job.edited


def capped_fps(job: Job, facts: Facts) -> float | None:
    """The rate to encode at, where the rule wants fewer pictures a second than there are."""
    wanted = job.rule.fps
    return wanted if wanted is not None and facts.fps > wanted * _FPS_SHARE else None


def codec(job: Job, facts: Facts) -> str:
    """Of an encode made here. Kept HDR colours need ten bits, which H.264 players can't show."""
    if facts.transfer and job.rule.hdr == "keep" and job.rule.codec == "h264":
        return "hevc"
    return job.rule.codec


def made_here(job: Job, facts: Facts) -> str:
    """Why only an encode on this machine gives what the rule wants; "" when the cloud's may do."""
    short, long = sorted(frame(job, facts))
    if short > _CLOUD_SHORT_SIDE or long > _CLOUD_LONG_SIDE:
        return "the cloud renders at most 1920x1080"
    if facts.fps >= _FAST_FPS and capped_fps(job, facts) is None:
        return "it has 100 or more frames a second"
    if len(kept_sounds(facts)) > 1:
        return "it has several sound tracks"
    if facts.transfer and job.rule.hdr == "keep":
        return "its HDR colours are to be kept"
    if capped_fps(job, facts) is not None:
        return f"fewer pictures a second are wanted (fps: {job.rule.fps:g})"
    if job.rule.codec != "h264":
        return f"codec: {job.rule.codec}"
    if job.rule.audio_bits_per_second is not None:
        return "its sound has a rate of its own (audio_bitrate)"
    return ""


def route_of(job: Job, facts: Facts, max_upload_bytes: int) -> tuple[Route, str]:
    """Cloud or this machine, and why."""
    rule = job.rule
    over = job.size_bytes > max_upload_bytes
    if rule.route is Route.LOCAL:
        return Route.LOCAL, "route: local"
    if job.edited:
        return Route.CLOUD, "its instructions need the cloud"
    if is_copied(job, facts):
        return Route.LOCAL, "it is already small: it only changes its container"
    here = made_here(job, facts)
    if here:  # also under `route: cloud`: a file that is thrown away would be paid for
        return Route.LOCAL, here
    if rule.route is Route.CLOUD:
        if over and rule.oversize == "local":
            return Route.LOCAL, "it is over the cloud's upload limit (oversize: local)"
        return Route.CLOUD, "route: cloud"
    if over and rule.oversize in ("auto", "local"):
        return Route.LOCAL, "it is over the cloud's upload limit"
    return Route.CLOUD, "route: auto"


def _refusal(job: Job, facts: Facts, route: Route, max_upload_bytes: int) -> tuple[str, str, str]:
    """Why nothing is made of it, what to do instead, and the name of that cause."""
    over = route is Route.CLOUD and job.size_bytes > max_upload_bytes
    if over and job.rule.oversize == "refuse":
        limit = size_text(max_upload_bytes)
        return (
            f"it has {size_text(job.size_bytes)}, and the cloud takes at most {limit}",
            "Set oversize: shrink, or route: local, then `hotpress retry --new-rule` it.",
            cause_of(FileTooLarge),
        )
    aim = ceiling(job, facts)
    if aim is None or job.edited or within(job, facts):
        return "", "", ""  # an edit may make it shorter; what is within may stay as it is
    try:
        fit.budget(facts, aim, job.rule.audio_bits_per_second)
    except TargetImpossible as impossible:
        enough = size_text(impossible.enough_bytes)
        if aim == job.target_bytes:
            more = f"`hotpress retry {job.id} --target '{enough}'`" if job.id else "set target_size"
        else:
            more = "set a larger max_rate for it"
        return impossible.why, f"At least {enough} would do: {more}.", impossible.cause
    return "", "", ""
