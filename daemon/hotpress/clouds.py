"""The cloud's client as the settings say now; a step that runs keeps the one it began with."""

from __future__ import annotations

import threading
from collections.abc import Callable

from hotpress.circumstances import Circumstances
from hotpress.cloud import Balance, Cloud, Identity
from hotpress.cloud.agent import Limits as StreamLimits
from hotpress.cloud.client import Address
from hotpress.config.settings import CloudSettings, Settings


class Clouds:
    """A new client is made only when the old one can't do it, and none before it is needed.

    With its certificates one takes 4 MB and a twentieth of a second, which a daemon without a
    video for the cloud can do without.
    """

    def __init__(self, make: Callable[[Settings], Cloud], settings: Settings) -> None:
        self._make = make
        self._settings = settings
        self._made: list[Cloud] = []  # the newest last
        self._fits = False  # is that one as the settings are now?
        self._lock = threading.Lock()

    @property
    def now(self) -> Cloud:
        """For whatever begins."""
        with self._lock:
            if not self._fits:
                self._made.append(self._make(self._settings))
                self._fits = True
            return self._made[-1]

    def take(self, settings: Settings) -> None:
        """The settings have changed. The token is read at each call (`bearer_for`)."""
        with self._lock:
            self._fits = self._fits and _way(settings.cloud) == _way(self._settings.cloud)
            self._settings = settings

    def cut(self) -> None:
        """End all answers that are being read; the stop must be set."""
        for cloud in list(self._made):
            cloud.cut()

    def close(self) -> None:
        """Close the connections."""
        for cloud in list(self._made):
            cloud.close()


def bearer_for(made_of: Settings, now: Callable[[], Settings]) -> Callable[[], str | None]:
    """The token of a client: as it is set now, but never the one that is meant for another address.

    A step that still runs by the old address would hand it the token of the new one.
    """

    def bearer() -> str | None:
        settings = now()
        same = settings.cloud.api_url == made_of.cloud.api_url
        return (settings if same else made_of).bearer()

    return bearer


def _way(cloud: CloudSettings) -> tuple[object, ...]:
    """All that a client is made of."""
    timing = cloud.timing
    return (
        *(cloud.api_url, cloud.web_url, cloud.plain_http),
        *(cloud.skill_version, cloud.platform, cloud.client_id),
        *(timing.stream_limit, timing.stream_silence, timing.working_note, timing.token_retry),
    )


def make_cloud(
    settings: Settings,
    around: Circumstances,
    stop: threading.Event,
    seen: Callable[[Balance], None] = lambda _balance: None,
    token: Callable[[], str | None] | None = None,
) -> Cloud:
    """The client as the settings say."""
    cloud = settings.cloud
    return Cloud(
        Address(cloud.api_url, cloud.web_url, cloud.plain_http == "allow"),
        Identity(around.identity_folder, cloud.skill_version, cloud.platform, cloud.client_id),
        around.clock,
        stop,
        configured_token=token or settings.bearer,
        limits=StreamLimits(
            cloud.timing.stream_limit, cloud.timing.stream_silence, cloud.timing.working_note
        ),
        say=around.say,
        seen=seen,
        token_retry_seconds=cloud.timing.token_retry,
    )
