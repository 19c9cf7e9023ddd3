"""Who has said the password, and who has tried too often. In memory: a new start asks again."""

from __future__ import annotations

import hashlib
import random
import threading
from collections import OrderedDict

from hotpress.page import password

COOKIE = "hotpress"
_LASTS_SECONDS = 7 * 86_400.0
_MOST_SESSIONS = 100
_TRIES, _ALL_TRIES = 5, 30  # wrong ones in a minute: from one address, and from all
_MINUTE_SECONDS = 60.0
_MOST_ADDRESSES = 1_000


class Entry:
    """The door, while a password is set. `now` is by the steady clock."""

    def __init__(self, known: str, chance: random.Random) -> None:
        """`known`: the password's hash; "" for no password at all."""
        self.known = known
        self._chance = chance
        self._sessions: OrderedDict[str, float] = OrderedDict()
        self._wrong: OrderedDict[str, list[float]] = OrderedDict()
        self._said = ""  # a sign of the last right password: programs say it each time
        self._lock = threading.Lock()  # one try at a time: each takes 16 MB

    def wait_seconds(self, address: str, now: float) -> float:
        """How long nobody from there may try; 0: now."""
        recent = [
            at for tries in list(self._wrong.values()) for at in tries if at > now - _MINUTE_SECONDS
        ]
        own = [at for at in self._wrong.get(address, []) if at > now - _MINUTE_SECONDS]
        if len(own) >= _TRIES:
            return own[0] + _MINUTE_SECONDS - now
        return recent[0] + _MINUTE_SECONDS - now if len(recent) >= _ALL_TRIES else 0.0

    def tried(self, said: str, address: str, now: float) -> bool:
        """Is it the password? A wrong one is remembered for a minute."""
        with self._lock:
            if self.wait_seconds(address, now) > 0:
                return False
            if password.is_right(said, self.known):
                self._wrong.pop(address, None)
                return True
            tries = [at for at in self._wrong.pop(address, []) if at > now - _MINUTE_SECONDS]
            self._wrong[address] = [*tries, now]
            while len(self._wrong) > _MOST_ADDRESSES:
                self._wrong.popitem(last=False)
            return False

    def said_each_time(self, said: str, address: str, now: float) -> bool:
        """The same for a program that says it with every request."""
        sign = self._sign(said)
        if self._said and sign == self._said:
            return True
        if not self.tried(said, address, now):
            return False
        self._said = sign
        return True

    def begin(self, now: float) -> str:
        """A new session; what its browser is to bring back."""
        value = f"{self._chance.getrandbits(256):064x}"
        self._sessions[self._sign(value)] = now + _LASTS_SECONDS
        while len(self._sessions) > _MOST_SESSIONS:
            self._sessions.popitem(last=False)
        return value

    def is_in(self, value: str, now: float) -> bool:
        """Has whoever brings this said the password?"""
        return self._sessions.get(self._sign(value), 0.0) > now

    def end(self, value: str) -> None:
        """Somebody leaves."""
        self._sessions.pop(self._sign(value), None)

    def _sign(self, value: str) -> str:
        return hashlib.sha256(f"{self.known}{value}".encode("utf-8", "replace")).hexdigest()
