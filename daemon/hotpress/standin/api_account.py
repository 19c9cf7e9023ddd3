"""Routes about who asks and what is left: token, claim link, credits."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from hotpress.standin.accounts import Account, Refused
from hotpress.standin.cloud import Cloud
from hotpress.standin.exchange import Exchange
from hotpress.standin.shapes import RefusalError, Reply

CLAIM_SECONDS = 600


def account_of(x: Exchange) -> Account:
    """The account that the request's token opens."""
    if x.token is None:
        raise RefusalError(1001)
    return x.token.account


def anonymous_token(cloud: Cloud, x: Exchange) -> Reply:
    """POST /api/auth/anonymous-token."""
    client_id = str(x.headers.get("X-Client-Id", "")).strip()
    if not client_id:
        raise RefusalError(400, "missing X-Client-Id")
    address = str(x.wire.client_address[0])
    token = cloud.accounts.grant(client_id, address, cloud.pace.now(), x.n)
    if isinstance(token, Refused):
        raise RefusalError(429, token.why, token.retry_after)
    data: dict[str, object] = {
        "token": token.value,
        "user_id": token.account.user_id,
        "credits": token.account.available,
    }
    if cloud.knobs.tell_expiry:
        expires = datetime.fromtimestamp(token.expires_at, UTC)
        data["expires_at"] = expires.isoformat(timespec="seconds").replace("+00:00", "Z")
    return cloud.shapes.good(data)


def claim_token(cloud: Cloud, x: Exchange) -> Reply:
    """POST /api/auth/claim-token."""
    asked = x.json()
    session = cloud.sessions.find(str(asked.get("session_id", "")), account_of(x))
    if session is None or session.task_id != str(asked.get("task_id", "")):
        raise RefusalError(1002)
    claim = f"clm_{secrets.token_hex(12)}"
    cloud.ledger.fact("claim_made", x.n, session=session.id)
    return cloud.shapes.good({"claim_token": claim, "expires_in": CLAIM_SECONDS})


def credits_balance(cloud: Cloud, x: Exchange) -> Reply:
    """GET /api/credits/balance/simple."""
    account = account_of(x)
    with cloud.lock:
        data = {
            "available": account.available,
            "frozen": account.frozen,
            "total": account.total,
        }
    return cloud.shapes.good(data)
