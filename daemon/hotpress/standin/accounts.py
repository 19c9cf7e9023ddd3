"""Accounts, their tokens and their credits: pure state behind the cloud's one lock."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hotpress.standin.chance import Chance
from hotpress.standin.ledger import Ledger, fingerprint
from hotpress.standin.scenario import Knobs

DAY_SECONDS = 86_400.0
RENEWABLE_SECONDS = 12 * 3600.0
"""How long before its end a token may be replaced by a new one."""


@dataclass(slots=True)
class Account:
    """Who pays. `total` is what was ever granted; `available` and `frozen` fall with the work."""

    user_id: str
    anonymous: bool
    total: int
    available: int
    frozen: int = 0


@dataclass(slots=True)
class Token:
    """A bearer and what it opens. Times are Unix seconds."""

    value: str
    account: Account
    made_at: float
    expires_at: float
    scopes: str = "read write upload render *"
    valid: bool = True

    def lives(self, now: float) -> bool:
        """Whether requests with it are accepted."""
        return self.valid and now < self.expires_at

    def allows(self, scope: str) -> bool:
        """Whether it has the scope, by name or by the star."""
        return bool({scope, "*"} & set(self.scopes.split()))


@dataclass(frozen=True, slots=True)
class Refused:
    """No token today, and after how many real seconds to ask again."""

    why: str
    retry_after: int


@dataclass(slots=True)
class Accounts:
    """All accounts of this cloud, by token and by client id."""

    knobs: Knobs
    chance: Chance
    ledger: Ledger
    lock: threading.RLock
    _tokens: dict[str, Token] = field(default_factory=dict)
    _latest: dict[str, Token] = field(default_factory=dict)
    _granted_at: dict[str, list[float]] = field(default_factory=dict)

    def add_configured(self, entry: str | Mapping[str, Any], now: float) -> None:
        """Take one entry of the scenario's `tokens`: a registered user's own token."""
        given = {"token": entry} if isinstance(entry, str) else entry
        credit = int(given.get("credits", self.knobs.credits))
        anonymous = bool(given.get("anonymous", False))
        prefix = "anon" if anonymous else "user"
        account = Account(f"{prefix}_{secrets.token_hex(8)}", anonymous, credit, credit)
        token = Token(str(given["token"]), account, now, now + 365 * DAY_SECONDS)
        token.scopes = str(given.get("scopes", token.scopes))
        self._tokens[token.value] = token

    def bearer(self, value: str, now: float) -> Token | None:
        """The living token with this value."""
        with self.lock:
            token = self._tokens.get(value)
            return token if token is not None and token.lives(now) else None

    def known(self, text: str) -> bool:
        """Whether any token's value stands in `text`: a URL that tells a secret."""
        with self.lock:
            return any(value in text for value in self._tokens)

    def grant(self, client_id: str, address: str, now: float, n: int) -> Token | Refused:
        """Hand out the anonymous token of a client id, within the two limits."""
        life = self.knobs.token_days * DAY_SECONDS
        with self.lock:
            old = self._latest.get(client_id)
            answer: Token | Refused
            if old is not None and old.lives(now) and old.expires_at - now > RENEWABLE_SECONDS:
                answer = self._again(old, now)
            else:
                answer = self._within_address_limit(old, address, now, life)
            if isinstance(answer, Refused):
                self.ledger.fact("token_refused", n, client=fingerprint(client_id), why=answer.why)
                return answer
            self._tokens[answer.value] = answer
            self._latest[client_id] = answer
            self.ledger.fact(
                "token_granted",
                n,
                client=fingerprint(client_id),
                bearer=fingerprint(answer.value),
                account=answer.account.user_id,
                renewed=old is not None,
                credits=answer.account.available,
            )
            return answer

    def _again(self, old: Token, now: float) -> Token | Refused:
        """Answer a client id whose token still has long to live (it may have lost it)."""
        again = self.knobs.token_again
        if again == "same":
            return old
        if again == "new":
            return self._made(old.account, now)
        return Refused("one token per client id in 7 days", self.knobs.token_retry_after)

    def _within_address_limit(
        self, old: Token | None, address: str, now: float, life: float
    ) -> Token | Refused:
        recent = [at for at in self._granted_at.get(address, []) if now - at < life]
        if len(recent) >= self.knobs.tokens_per_ip:
            return Refused("too many tokens for this address", self.knobs.token_retry_after)
        self._granted_at[address] = [*recent, now]
        if old is None:
            return self._made(None, now)
        choice = self.knobs.renewed_account
        if choice == "mixed":
            choice = self.chance.alternate("renewed_account", ("same", "other"))
        return self._made(old.account if choice == "same" else None, now)

    def _made(self, account: Account | None, now: float) -> Token:
        if account is None:
            credit = self.knobs.credits
            account = Account(f"anon_{secrets.token_hex(8)}", True, credit, credit)
        life = self.knobs.token_days * DAY_SECONDS
        return Token(f"nmv_usr_{secrets.token_hex(16)}", account, now, now + life)

    def expire(self, token: Token, n: int) -> None:
        """Make a token invalid from now on."""
        with self.lock:
            token.valid = False
            self.ledger.fact("token_expired", n, bearer=fingerprint(token.value))

    def add_credits(self, account: Account, number: int, n: int) -> None:
        """Top an account up."""
        with self.lock:
            account.total += number
            account.available += number
            self.ledger.fact("credits_granted", n, account=account.user_id, credits=number)

    def freeze(self, account: Account, price: int) -> bool:
        """Reserve the price of a turn; False when it isn't there."""
        with self.lock:
            if account.available < price:
                return False
            account.available -= price
            account.frozen += price
            return True

    def settle(self, account: Account, price: int, *, spent: bool) -> None:
        """End a reservation: the credits are gone, or free again."""
        with self.lock:
            account.frozen -= price
            if not spent:
                account.available += price
