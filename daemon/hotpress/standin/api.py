"""Which route answers which address, and what is checked before any of them."""

from __future__ import annotations

import re
from collections.abc import Callable

from hotpress.standin import api_account, api_render, api_session
from hotpress.standin.cdn import cdn
from hotpress.standin.cloud import Cloud
from hotpress.standin.exchange import Exchange
from hotpress.standin.shapes import RefusalError, Reply

Route = Callable[[Cloud, Exchange], Reply]
ADDRESSES: tuple[tuple[str, str, str], ...] = (
    ("POST", r"/api/auth/anonymous-token", "token"),
    ("POST", r"/api/auth/claim-token", "claim"),
    ("POST", r"/api/tasks/me/with-session/nemo_agent", "session"),
    ("POST", r"/api/upload-video/nemo_agent/me/([^/]+)", "upload"),
    ("POST", r"/run_sse", "run_sse"),
    ("GET", r"/api/state/nemo_agent/me/([^/]+)/latest", "state"),
    ("GET", r"/api/credits/balance/simple", "credits"),
    ("POST", r"/api/render/proxy/lambda", "submit"),
    ("GET", r"/api/render/proxy/lambda/([^/]+)", "poll"),
    ("POST", r"/api/render/proxy/lambda/([^/]+)/cancel", "cancel"),
    ("GET", r"/api/render/proxy/([^/]+)/download", "download"),
)
_PATTERNS = [(method, re.compile(path + r"/?$"), kind) for method, path, kind in ADDRESSES]
_CDN_PATH = re.compile(r"/([ru])/([^/]+)/[^/]*$")

ROUTES: dict[str, Route] = {
    "token": api_account.anonymous_token,
    "claim": api_account.claim_token,
    "session": api_session.make_session,
    "upload": api_session.upload,
    "run_sse": api_session.run_sse,
    "state": api_session.state,
    "credits": api_account.credits_balance,
    "submit": api_render.submit,
    "poll": api_render.poll,
    "cancel": api_render.cancel,
    "download": api_render.download,
    "cdn": cdn,
}
SCOPES = {
    "claim": "write",
    "session": "write",
    "upload": "upload",
    "run_sse": "write",
    "state": "read",
    "credits": "read",
    "submit": "render",
    "poll": "render",
    "cancel": "render",
    "download": "render",
}
EXPORT = frozenset({"submit", "poll", "cancel", "download"})
OPEN = frozenset({"token", "cdn"})


def classify(host: str, method: str, path: str) -> tuple[str, tuple[str, ...]]:
    """The kind of a request, and the ids in its path."""
    if host == "cdn":
        found = _CDN_PATH.match(path)
        return "cdn", found.groups() if found and method in {"GET", "HEAD"} else ()
    for wanted, pattern, kind in _PATTERNS:
        match = pattern.match(path)
        if match and wanted == method:
            return kind, match.groups()
    return "other", ()


def nowhere(_: Cloud, x: Exchange) -> Reply:
    """Any address that the contract doesn't know."""
    raise RefusalError(404, f"no such endpoint: {x.wire.command} {x.path}")


def answer(cloud: Cloud, x: Exchange) -> Reply:
    """Check the token, its scope and the attribution headers; then do what was asked."""
    try:
        if cloud.accounts.known(x.wire.path):
            cloud.ledger.fact("token_in_url", x.n, host=x.host)
        if x.kind not in OPEN:
            _admit(cloud, x)
        return ROUTES.get(x.kind, nowhere)(cloud, x)
    except RefusalError as refusal:
        return cloud.shapes.error(refusal.code, str(refusal), refusal.retry_after)


def _admit(cloud: Cloud, x: Exchange) -> None:
    token = cloud.accounts.bearer(x.bearer(), cloud.pace.now())
    if token is not None and x.actions.expire_token:
        cloud.accounts.expire(token, x.n)
        token = None
    if token is None:
        raise RefusalError(1001)
    x.token = token
    if x.actions.grant:
        cloud.accounts.add_credits(token.account, x.actions.grant, x.n)
    if not token.allows(SCOPES.get(x.kind, "read")):
        raise RefusalError(403)
    if x.kind in EXPORT and not x.has_skill_headers():
        raise RefusalError(402, "attribution headers are missing")
