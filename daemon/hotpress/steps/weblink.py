"""A link file: the cloud fetches what it leads to, and hotpress first sees it as the cloud tells.

The address is read once and frozen into the job. Where it leads is looked at when it is read and
again right before the cloud is asked: a name may lead elsewhere by then.
"""

from __future__ import annotations

import hashlib
import socket
from dataclasses import replace

from hotpress import addresses, files, policy, weblinks
from hotpress.cloud import CloudState
from hotpress.cloud.state import Media
from hotpress.errors import (
    BadLink,
    FileError,
    HotpressError,
    InputGone,
    NotSent,
    SourceChanged,
    Unreachable,
)
from hotpress.human import one_line
from hotpress.model import (
    Cause,
    Facts,
    Fail,
    Job,
    Next,
    Outcome,
    Route,
    Step,
    Wait,
)
from hotpress.steps import follow, material, same, wanted
from hotpress.steps.tools import Tools

ONLY_CLOUD = "only the cloud can fetch what a link leads to"
_STRAIGHT = "It must lead straight to a video file, without a sign-in. `hotpress retry {}` tries it"
_LOOK_SECONDS = 5.0
_FETCHES = 10.0  # times `upload_look`: the cloud may still be fetching when its answer is lost
_ROUND_RATES = (24.0, 25.0, 30.0, 48.0, 50.0, 60.0)
_NTSC = 1.001
_RATE_SHARE = 0.0005


def probe(job: Job, tools: Tools) -> Outcome:
    """What is known before the cloud is asked: the address, and that it may be handed on."""
    job = _read(job)
    why = refused(job)
    if why:
        hint = f"Change that for links, then `hotpress retry --new-rule {job.id}`; or download "
        return Fail(job, why, hint + "the video yourself.", cause=Cause.LINK_NOT_TAKEN)
    allowed(job)
    found = (
        wanted.blocked(job)
        or wanted.already_there(job, None, tools.clock.now())
        or same.decided(job, tools)
    )
    if found is not None:
        return found
    if job.rule.follows:
        return follow.follow(job, tools)
    host = one_line(weblinks.host_of(job.link), 80)
    job = replace(job, route=Route.CLOUD, route_why=ONLY_CLOUD)
    return Next(job, why=f"a link to {host}; {ONLY_CLOUD}")


def _read(job: Job) -> Job:
    """With the address, and the hash of the very file that it stands in."""
    with files.open_source(material.source_of(job)) as file:
        data = file.read(weblinks.MOST_BYTES + 1)
    if len(data) != min(job.size_bytes, weblinks.MOST_BYTES + 1):
        raise SourceChanged("there is a new version of it", "The new version has its own job.")
    address = weblinks.address_in(job.source.name, data)
    return replace(job, link=address, source_sha256=hashlib.sha256(data).hexdigest())


def refused(job: Job) -> str:
    """Why its rule lets nothing be made of a link; "" when something can be."""
    rule = job.rule
    if rule.links == "off":
        return "links: off"
    if rule.route is Route.LOCAL and not rule.follows:
        return f"{ONLY_CLOUD}, and its rule says route: local"
    if rule.target_share is not None:
        share = f"target_size: {rule.target_share * 100:g} %"
        return f"nobody knows how large a link's video is, so {share} says nothing"
    return ""


def allowed(job: Job) -> None:
    """Its address may be handed on. Raises BadLink; Unreachable where no name can be looked up."""
    address = weblinks.checked(job.link)
    if job.rule.links == "local":
        return
    host = weblinks.host_of(address)
    said = one_line(host, 80)
    try:
        found = addresses.resolved(host)
    except socket.gaierror as error:
        if error.errno == socket.EAI_NONAME:
            raise BadLink(
                f"there is no computer called {said}", "Save the link again from your browser."
            ) from error
        raise Unreachable(f"no answer where {said} lies", "hotpress asks again.") from error
    except OSError as error:
        raise Unreachable(f"no answer where {said} lies", "hotpress asks again.") from error
    if not found or not all(addresses.is_public(each) for each in found):
        raise BadLink(
            f"{said} lies in this machine or network, where the cloud has no business",
            "If it is meant so, write links: local in the config, then "
            f"`hotpress retry --new-rule {job.id}`.",
        )


def ask(job: Job, tools: Tools) -> Outcome | None:
    """The one side effect: the cloud is asked to fetch it. None: it was asked."""
    session = job.session
    if session is None:
        raise InputGone("its project in the cloud is gone", Step.SESSION.value)
    try:
        with files.open_source(material.source_of(job)):
            pass  # gone or changed: its job ends here, and nothing was asked
        allowed(job)
    except (FileError, BadLink, Unreachable) as error:
        return _nothing_sent(error, job, tools)
    tools.pulse(None, "the cloud fetches it")
    try:
        tools.cloud.upload_urls(session.id, session.token, [job.link])
    except NotSent as error:
        outcome = tools.nothing_happened(error, job)
        if isinstance(outcome, Fail):
            return _no_video(outcome.job, outcome.why)
        return outcome
    return None


def _nothing_sent(error: HotpressError, job: Job, tools: Tools) -> Outcome:
    return policy.verdict(error, replace(job, begun_at=None), tools.pauses)


def arrived(job: Job, tools: Tools, state: CloudState) -> Job | Outcome:
    """The job with what the cloud tells of the video; or what to do while it tells nothing.

    The session is this job's own, and one link went into it: what lies there is that.
    """
    session, since = job.session, job.upload_doubt_at or 0.0
    if session is None:
        raise InputGone("its project in the cloud is gone", Step.SESSION.value)
    if len(state.media) > 1:
        return _no_video(job, f"the cloud made {len(state.media)} files of one link")
    media = state.media[0] if state.media else None
    if media is not None and media.kind not in ("", "video"):
        return _no_video(job, "the link leads to no video")
    facts = _facts(media) if media is not None else None
    if media is not None and facts is not None:
        name = media.filename or min(media.names)
        return replace(job, facts=facts, session=replace(session, upload_name=name))
    look = tools.timing.upload_look
    if tools.clock.now() - since < _FETCHES * look:
        return Wait(job, min(_LOOK_SECONDS, look / 5), "looking whether the cloud has fetched it")
    if media is not None:
        return _no_video(job, "the cloud could not tell how long the video is")
    if job.tally.upload_absent >= policy.LIMITS["upload_absent"]:
        return _no_video(job, "the cloud fetched nothing")
    return policy.back(job, "upload_absent", Step.SESSION, "the cloud has fetched nothing so far")


def _no_video(job: Job, why: str) -> Fail:
    host = one_line(weblinks.host_of(job.link), 80)
    hint = f"{_STRAIGHT.format(job.id)} again."
    return Fail(job, f"{why} (a link to {host})", hint, cause=Cause.LINK_WITHOUT_VIDEO)


def _facts(media: Media) -> Facts | None:
    """None while the cloud does not tell all that the result is measured by."""
    seconds, width, height = media.duration_seconds, media.width, media.height
    if not seconds or not width or not height or seconds <= 0 or min(width, height) <= 0:
        return None
    fps = media.fps or 0.0
    rounds = [rate / share for rate in _ROUND_RATES for share in (1.0, _NTSC)]
    steady = any(abs(fps - rate) <= rate * _RATE_SHARE for rate in rounds)
    return Facts(
        container="",
        duration_seconds=seconds,
        width=width,
        height=height,
        fps=fps,
        codec="",
        size_bytes=max(0, media.size_bytes or 0),
        coded_width=width,
        coded_height=height,
        variable_fps=not steady,  # an average of whatever it is: no ground for a complaint
    )
