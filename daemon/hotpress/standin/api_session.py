"""Routes about a session: making it, its files, its state, and the talk with the agent."""

from __future__ import annotations

from urllib.parse import quote

from hotpress.standin import draft as drafts
from hotpress.standin.api_account import account_of
from hotpress.standin.body import BodyError
from hotpress.standin.cloud import Cloud
from hotpress.standin.exchange import Exchange
from hotpress.standin.fetch import fetched
from hotpress.standin.multipart import Received, receive_files
from hotpress.standin.probe import file_type, look
from hotpress.standin.sessions import Session, Upload
from hotpress.standin.shapes import RefusalError, Reply, json_reply
from hotpress.standin.speech import Speaker
from hotpress.standin.turn import Turn, poor_stream

NO_CREDITS = 2001
EVENT_STREAM = {"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache"}


def session_of(cloud: Cloud, x: Exchange, session_id: str) -> Session:
    """The living session of the account, which the scenario may let vanish right here."""
    session = cloud.sessions.find(session_id, account_of(x))
    if session is not None and x.actions.lose_session:
        cloud.sessions.lose(session, x.n)
        session = None
    if session is None:
        raise RefusalError(1002)
    return session


def make_session(cloud: Cloud, x: Exchange) -> Reply:
    """POST /api/tasks/me/with-session/nemo_agent."""
    asked = x.json()
    if not asked.get("task_name") or not asked.get("language"):
        raise RefusalError(400, "task_name and language are required")
    account = account_of(x)
    session = cloud.sessions.make(account, x.n)
    data = {"task_id": session.task_id, "session_id": session.id, "user_id": account.user_id}
    return cloud.shapes.good(data)


def upload(cloud: Cloud, x: Exchange) -> Reply:
    """POST /api/upload-video/nemo_agent/me/<session_id>: multipart, or JSON with addresses."""
    session = session_of(cloud, x, x.ids[0])
    content_type = str(x.headers.get("Content-Type", ""))
    limit = cloud.knobs.max_upload_bytes
    try:
        if content_type.lower().startswith("application/json"):
            addresses = x.json().get("urls")
            listed = addresses if isinstance(addresses, list) else []
            files = [fetched(cloud, str(address)) for address in listed]
        else:
            files = receive_files(x.body, content_type, cloud.folder, limit)
    except BodyError as error:
        raise RefusalError(400, str(error)) from error
    if not files:
        raise RefusalError(400, "no file in the field `files`")
    made = [_kept(cloud, session, file) for file in files]
    with cloud.lock:
        for each in made:
            _enter(cloud, x, session, each)
        cloud.sessions.changed(session, cloud.knobs.state_lag_seconds)
    applied = cloud.knobs.state_lag_seconds == 0
    return cloud.shapes.good(
        {"files": [each.info() for each in made], "session_state_applied": applied}
    )


def _kept(cloud: Cloud, session: Session, file: Received) -> Upload:
    """Turn received bytes into an upload, or refuse them by size or kind."""
    code, message, media = 0, "", None
    kind = file_type(file.filename)
    if file.too_large:
        code = 4002
    elif not kind:
        code = 4001
    else:
        media = look(file.path, kind)
        code, message = (0, "") if media else (4001, "the file can't be read")
    if media is None:
        file.path.unlink(missing_ok=True)
        raise RefusalError(code, message)
    key = file.path.name
    with cloud.lock:
        taken = {upload.filename for upload in session.uploads}
    filename = file.filename if file.filename not in taken else f"{key[:6]}-{file.filename}"
    return Upload(
        key=key,
        filename=filename,
        path=file.path,
        size_bytes=file.size_bytes,
        sha256=file.sha256.hexdigest(),
        md5=file.md5.hexdigest(),
        media=media,
        cdn_url=f"{cloud.cdn_url}/u/{key}/{quote(filename)}",
    )


def _enter(cloud: Cloud, x: Exchange, session: Session, made: Upload) -> None:
    """Put an upload into the session, unless the scenario loses it."""
    if not x.actions.lose_upload:
        session.uploads.append(made)
        if cloud.knobs.upload_drafts:
            drafts.add_upload(session.draft, made, own_sound=cloud.knobs.own_sound_track)
    cloud.ledger.fact(
        "upload_lost" if x.actions.lose_upload else "upload_received",
        x.n,
        session=session.id,
        filename=made.filename,
        bytes=made.size_bytes,
        sha256=made.sha256,
    )


def state(cloud: Cloud, x: Exchange) -> Reply:
    """GET /api/state/nemo_agent/me/<session_id>/latest."""
    session = session_of(cloud, x, x.ids[0])
    account = session.account
    data: dict[str, object] = {"state": cloud.sessions.state(session), "user_id": account.user_id}
    if account.anonymous:
        data["bind_id"] = account.user_id
    return cloud.shapes.good(data)


def run_sse(cloud: Cloud, x: Exchange) -> Reply:
    """POST /run_sse: one message to the agent, answered by a stream."""
    asked = x.json()
    dialect = cloud.shapes.dialect()
    account = account_of(x)
    message, session_id, app = _asked(asked)
    if app != "nemo_agent" or message is None:
        raise RefusalError(400, "app_name, user_id, session_id and new_message are required")
    try:
        session = session_of(cloud, x, session_id)
    except RefusalError:
        if dialect == "adk":
            return json_reply({"detail": f"Session not found: {session_id}"}, 404)
        raise
    speaker = Speaker(dialect, frozenset(x.actions.sse))
    with cloud.lock:
        price = 0 if session.charged else cloud.knobs.session_price
        rich = cloud.accounts.freeze(account, price)
        fact = "message_received" if rich else "message_refused"
        cloud.ledger.fact(
            fact, x.n, session=session.id, text=message, code=0 if rich else NO_CREDITS
        )
    if rich:
        turn = Turn(cloud, session, message, x.actions, x.n, speaker, price)
        ends = cloud.shapes.disconnect() == "cancels"
        return Reply(headers=dict(EVENT_STREAM), stream=turn.run(), ends_with_client=ends)
    how = cloud.shapes.poverty()
    if how == "envelope":
        raise RefusalError(NO_CREDITS)
    stream = poor_stream(speaker, how, account.user_id)
    return Reply(headers=dict(EVENT_STREAM), stream=stream)


def _asked(asked: dict[str, object]) -> tuple[str | None, str, str]:
    """(message, session id, app) of a body in snake_case or, as ADK takes it too, camelCase."""
    new_message = asked.get("new_message", asked.get("newMessage"))
    parts = new_message.get("parts") if isinstance(new_message, dict) else None
    texts = [part.get("text") for part in parts or [] if isinstance(part, dict)]
    message = "\n".join(text for text in texts if isinstance(text, str)) or None
    session_id = str(asked.get("session_id", asked.get("sessionId", "")))
    user = asked.get("user_id", asked.get("userId"))
    app = str(asked.get("app_name", asked.get("appName", ""))) if user else ""
    return message, session_id, app
