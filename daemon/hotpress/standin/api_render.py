"""Routes of the render proxy: submit, poll, cancel, and the download of last resort."""

from __future__ import annotations

from hotpress.standin import draft as drafts
from hotpress.standin.api_account import account_of
from hotpress.standin.api_session import session_of
from hotpress.standin.cdn import file_reply
from hotpress.standin.cloud import Cloud
from hotpress.standin.exchange import Exchange
from hotpress.standin.renders import ENDED, Render
from hotpress.standin.sessions import Session
from hotpress.standin.shapes import RefusalError, Reply

FOUND = 302
START_PERCENT = 5


def submit(cloud: Cloud, x: Exchange) -> Reply:
    """POST /api/render/proxy/lambda."""
    asked = x.json()
    render_id, draft = str(asked.get("id", "")), asked.get("draft")
    session = session_of(cloud, x, str(asked.get("sessionId", "")))
    if not render_id or not isinstance(draft, dict) or not drafts.ready(draft):
        cloud.renders.note(render_id, session.id, draft, 400, x.n)
        raise RefusalError(400, "no draft that is ready for export")
    render = _render(cloud, x, session, render_id, draft)
    code = cloud.renders.add(render, x.n)
    if code:
        raise RefusalError(code, "" if code == 409 else "an export of this session is running")
    cloud.renderer.take(render, x.n)
    data = {"id": render.id, "status": "pending", "progress": START_PERCENT}
    return cloud.shapes.render(data)


def _render(
    cloud: Cloud, x: Exchange, session: Session, render_id: str, draft: drafts.Json
) -> Render:
    with cloud.lock:
        uploads = list(session.uploads)
        used = {str(segment.get("cdn_url")) for segment in drafts.segments(draft, drafts.VIDEO)}
        targets = [target for url, target in session.targets.items() if url in used]
    return Render(
        id=render_id,
        session=session,
        draft=draft,
        uploads=uploads,
        target_bytes=min(targets, default=None),
        lie=x.actions.lie or cloud.knobs.lie,
        fails=x.actions.render_fails,
        sticks=x.actions.render_sticks,
        submitted_tick=cloud.pace.tick(),
    )


def _render_of(cloud: Cloud, x: Exchange) -> Render:
    render = cloud.renders.find(x.ids[0], account_of(x))
    if render is None:
        raise RefusalError(404, "no such render")
    return render


def poll(cloud: Cloud, x: Exchange) -> Reply:
    """GET /api/render/proxy/lambda/<id>."""
    render = _render_of(cloud, x)
    with cloud.lock:
        status = cloud.renders.status(render)
        data: drafts.Json = {
            "id": render.id,
            "status": status,
            "progress": cloud.renders.percent(render),
        }
        if status in ENDED and not render.polled_to_end:
            render.polled_to_end = True
            cloud.ledger.fact("render_polled_to_end", x.n, id=render.id, status=status)
        url = ""
        if status == "completed":
            url = cloud.cdn_url + cloud.renders.fresh_link(render)
        if status == "failed":
            data["error"] = render.error
    return cloud.shapes.render(data, url)


def cancel(cloud: Cloud, x: Exchange) -> Reply:
    """POST /api/render/proxy/lambda/<id>/cancel."""
    render = _render_of(cloud, x)
    if cloud.renders.cancel(render, x.n):
        cloud.renderer.drop(render)
    return cloud.shapes.render({"id": render.id, "status": cloud.renders.status(render)})


def download(cloud: Cloud, x: Exchange) -> Reply:
    """GET /api/render/proxy/<id>/download: the bytes, or a redirect to the CDN."""
    render = _render_of(cloud, x)
    if cloud.renders.status(render) != "completed" or render.path is None:
        raise RefusalError(404, "not rendered yet")
    if cloud.knobs.download_redirects:
        location = cloud.cdn_url + cloud.renders.fresh_link(render)
        return Reply(FOUND, headers={"Location": location})
    return file_reply(x, render)
