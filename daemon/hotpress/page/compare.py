"""The pictures of a job: the same frame before and after, one over the other, or what there is.

Without a script two pictures, one below the other; the script lays them over each other and lets a
handle part them.
"""

from __future__ import annotations

import hashlib

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from hotpress import pictures
from hotpress.model import Job, State
from hotpress.page.html import Html, el, joined

_A_WHILE = "private, max-age=600"
_GONE = "The original is not where it was; this is the result alone."
_EDITED = "It was edited as asked, so its frames are others than the original's; this is it alone."


def section(job: Job) -> Html | None:
    """What there is to see of it; None where nothing is."""
    before, after = pictures.source_now(job), pictures.result_now(job)
    if before and after and not job.edited:
        shown = el(
            "div",
            _picture(job, "before", "Before", "a frame of the original"),
            _picture(job, "after", "After", "the same frame of the result"),
            class_="compare",
            id="compare",
        )
        return _titled("Before and after", shown)
    if after:
        alone = el("p", _EDITED if job.edited else _GONE, class_="none")
        return _titled("The result", [_picture(job, "after", "After", "its result"), alone])
    if before and job.state is not State.DELIVERED:
        return _titled("The video", _picture(job, "poster", "", "a frame of it"))
    return None


def answered(made: pictures.Pictures, job: Job | None, kind: str, request: Request) -> Response:
    """A picture, or the sentence why there is none."""
    if job is None or kind not in pictures.KINDS:
        return PlainTextResponse("There is no such picture.\n", 404)
    try:
        picture = made.get(job, kind)
    except pictures.NoPicture as why:
        return PlainTextResponse(f"No picture: {why}.\n", 404, {"Cache-Control": "no-store"})
    headers = {"Cache-Control": _A_WHILE, "ETag": f'"{hashlib.sha256(picture).hexdigest()[:16]}"'}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(picture, media_type="image/jpeg", headers=headers)


def _picture(job: Job, kind: str, caption: str, alt: str) -> Html:
    image = el("img", src=f"/jobs/{job.id}/{kind}.jpg", alt=alt, loading="lazy")
    return el("figure", image, el("figcaption", caption) if caption else None, class_=kind)


def _titled(title: str, content: Html | list[Html]) -> Html:
    return el(
        "section",
        el("h2", title, id="pictures-title"),
        joined(content),
        id="pictures",
        aria_labelledby="pictures-title",
    )
