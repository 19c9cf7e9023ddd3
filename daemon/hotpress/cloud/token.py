"""Tokens: the configured one, or a free anonymous one that is kept beside its client id.

The anonymous token has a 0600 file of its own, so that a lost state directory does not have to wait
seven days for another one. A job's session keeps the number of the token that it was made with.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hotpress.cloud.identity import Identity
from hotpress.errors import Lost, NotSent, RateLimited

if sys.platform != "win32":  # which the command line refuses: there this file is only read
    import fcntl

LIFE_SECONDS = 7 * 86_400.0
RENEW_BEFORE_SECONDS = 12 * 3_600.0
FILE_NAME = "hotpress_token.json"
_KEPT = 4  # tokens in the file: jobs may still point to an older one
CONFIGURED = 0  # the number of a configured token


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer with its number. Never printed: `repr` hides the value."""

    number: int
    value: str
    api_url: str
    client_id: str = ""
    user_id: str = ""
    expires_at: float | None = None

    def __repr__(self) -> str:
        """Everything but the bearer."""
        return f"Token(number={self.number}, expires_at={self.expires_at})"

    @property
    def kind(self) -> str:
        """`token` for a configured one, else `anonymous`."""
        return "token" if self.number == CONFIGURED else "anonymous"


Ask = Callable[[str], Any]  # client id -> the answer's data; raises CloudError


class TokenKeeper:
    """The one owner of tokens. Safe for threads, and for a second process on the same file."""

    def __init__(
        self,
        identity: Identity,
        api_url: str,
        configured: Callable[[], str | None],
        ask: Ask,
        now: Callable[[], float],
        say: Callable[[str], None],
        retry_seconds: float = 3_600.0,
    ) -> None:
        self._identity = identity
        self._api_url = api_url
        self._configured = configured
        self._ask = ask
        self._now = now
        self._say = say
        self._retry_seconds = retry_seconds
        self._lock = threading.Lock()
        self._refused_until = 0.0
        self._dead: set[int] = set()  # numbers that the cloud has called dead

    @property
    def file(self) -> Path:
        """Where anonymous tokens are kept (0600)."""
        return self._identity.folder / FILE_NAME

    def current(self) -> Token:
        """The token for new work; the first connection fetches one."""
        return self._configured_token() or self._living() or self._fetched_or_old()

    def _fetched_or_old(self) -> Token:
        """A new one. Refused with 429 the cloud takes the old one for alive: then it is, too.

        Only a clock of ours that is wrong by days comes here; when the old one really ends,
        nobody knows.
        """
        try:
            return self._fetch(dead=None)
        except RateLimited:
            old = [token for token in self._mine() if token.number not in self._dead]
            if not old:
                raise
            return replace(old[-1], expires_at=None)

    def known(self) -> Token | None:
        """The token as it is, without asking for one."""
        return self._configured_token() or self._living()

    def numbered(self, number: int) -> Token:
        """The token that a session was made with while it lives, else the current one."""
        mine = next((t for t in self._mine() if t.number == number), None)
        return mine if mine is not None and self._lives(mine) else self.current()

    def replace(self, dead: Token) -> Token:
        """A token instead of one that was refused (1001): once more, with the same client id."""
        configured = self._configured_token()
        if configured is not None:
            return configured  # the call is repeated once with the token as it is configured now
        self._dead.add(dead.number)
        return self._fetch(dead=dead)

    def renew(self) -> Token:
        """Ask for a new anonymous token now; the old one serves on when that is refused."""
        return self._configured_token() or self._fetch(dead=None, early=True)

    def renew_if_due(self) -> bool:
        """Within 12 h of its end: renew. False when it was not due, or refused for now."""
        token = self.known()
        if token is None or token.expires_at is None or token.number == CONFIGURED:
            return False
        if (
            token.expires_at - self._now() > RENEW_BEFORE_SECONDS
            or self._now() < self._refused_until
        ):
            return False
        try:
            return self.renew().number != token.number
        except RateLimited as error:
            self._refused_until = self._now() + (error.after_seconds or self._retry_seconds)
            return False

    def _configured_token(self) -> Token | None:
        value = self._configured()
        return Token(CONFIGURED, value, self._api_url) if value else None

    def _living(self) -> Token | None:
        living = [token for token in self._mine() if self._lives(token)]
        return living[-1] if living else None

    def _lives(self, token: Token) -> bool:
        return token.expires_at is not None and token.expires_at > self._now()

    def _mine(self) -> list[Token]:
        """Kept tokens of this address and our client ids, oldest first."""
        kept = _read(self.file)
        ours = (self._identity.client(), kept.own_ids.get(self._api_url))
        return [t for t in kept.tokens if t.api_url == self._api_url and t.client_id in ours]

    def _fetch(self, dead: Token | None, *, early: bool = False) -> Token:
        """Ask the cloud; another thread or process that was faster is believed."""
        with self._lock, self._file_lock():
            living = self._living()
            if living is not None and not early and (dead is None or living.number > dead.number):
                return living
            if living is None and dead is None:
                self._say("Setting up a free connection ...")
            client, data = self._asked()
            value = data.get("token") if isinstance(data, dict) else None
            if not isinstance(value, str) or not value:
                raise Lost("the cloud gave no token", "hotpress tries again by itself.")
            kept = _read(self.file)
            token = Token(
                number=max((t.number for t in kept.tokens), default=CONFIGURED) + 1,
                value=value,
                api_url=self._api_url,
                client_id=client,
                user_id=str(data.get("user_id") or ""),
                expires_at=_expiry(data.get("expires_at"), self._now()),
            )
            living_on = [t for t in kept.tokens if dead is None or t.number != dead.number]
            self._write(replace(kept, tokens=(*living_on, token)[-_KEPT:], unanswered=()))
            return token

    def _asked(self) -> tuple[str, Any]:
        """The answer for our client id, and that id.

        The service grants one token per id and week. When an answer was lost (a crash, a broken
        line) that one token is gone, and asking again is refused for days: then, and only then,
        and once, hotpress goes on under an id of its own (docs/decisions/0004).
        """
        kept = _read(self.file)
        client = kept.own_ids.get(self._api_url) or self._identity.client()
        lost_before = client in kept.unanswered
        self._write(replace(kept, unanswered=(client,)))
        try:
            return client, self._ask(client)
        except RateLimited:
            may = lost_before and self._identity.client_id is None
            if not may or self._api_url in kept.own_ids:
                self._write(kept)
                raise
            own = str(uuid.uuid4())
            ids = {**kept.own_ids, self._api_url: own}
            self._write(replace(kept, own_ids=ids, unanswered=(own,)))
            return own, self._ask(own)
        except NotSent:
            self._write(kept)
            raise

    def _write(self, kept: _Kept) -> None:
        temp = self.file.with_name(f".{self.file.name}.{os.getpid()}")
        temp.unlink(missing_ok=True)
        descriptor = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(kept), file)
            file.flush()
            os.fsync(file.fileno())
        temp.replace(self.file)

    @contextmanager
    def _file_lock(self) -> Iterator[None]:
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.file.with_name(".hotpress_token.lock")
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


@dataclass(frozen=True, slots=True)
class _Kept:
    """The file: tokens, ids whose request got no answer, and ids of our own by address."""

    tokens: tuple[Token, ...] = ()
    unanswered: tuple[str, ...] = ()
    own_ids: dict[str, str] = field(default_factory=dict)


def newest_kept(folder: Path, api_url: str) -> Token | None:
    """The anonymous token that is kept for this address, without making anything."""
    kept = [token for token in _read(folder / FILE_NAME).tokens if token.api_url == api_url]
    return kept[-1] if kept else None


def _read(path: Path) -> _Kept:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return _Kept(
            tuple(Token(**entry) for entry in raw["tokens"]),
            tuple(raw["unanswered"]),
            dict(raw["own_ids"]),
        )
    except FileNotFoundError:
        return _Kept()
    except (ValueError, TypeError, KeyError):
        return _Kept()  # a torn or foreign file: a new token takes its place


def _expiry(text: object, now: float) -> float:
    """ISO 8601 as seconds; missing or unreadable: 7 days from now (cloud-api: Token)."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return now + LIFE_SECONDS
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
