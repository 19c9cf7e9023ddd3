"""What the page is handed: the store, the settings that count, time and chance."""

from __future__ import annotations

import hashlib
import hmac
import random
import threading
from dataclasses import dataclass
from datetime import datetime

from hotpress.clock import Clock
from hotpress.config.live import Live
from hotpress.config.page import Page
from hotpress.places import Places
from hotpress.serving import Serving, found, serving
from hotpress.store import Store


@dataclass(frozen=True, slots=True)
class Scene:
    """All that there is to show, and where commands are left."""

    where: Places
    store: Store  # a connection of its own: a long look must not keep the worker
    live: Live
    clock: Clock
    chance: random.Random  # a system's, for what nobody may guess
    secret: bytes  # of this start; who knows it can make a form's token
    stop: threading.Event  # set when the page is taken down

    @property
    def page(self) -> Page:
        """The settings of the page itself."""
        return self.live.settings.page

    def served(self) -> Serving:
        """What the daemon goes by."""
        return found(self.store) or serving(self.live.settings)

    def token(self, form: str = "any") -> str:
        """What a form must bring back: only a page of ours can know it.

        That of `login` is another one: everybody may see it.
        """
        return hmac.new(self.secret, form.encode(), hashlib.sha256).hexdigest()


def when(at: float) -> str:
    """`2026-11-28 14:05`, local."""
    return f"{datetime.fromtimestamp(at).astimezone():%Y-%m-%d %H:%M}"
