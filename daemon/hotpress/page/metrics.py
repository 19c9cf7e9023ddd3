"""Figures for Prometheus, read from the store when they are asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hotpress import __version__
from hotpress.model import State
from hotpress.page import health
from hotpress.page.scene import Scene
from hotpress.store.history import Wanted

KIND = "text/plain; version=0.0.4; charset=utf-8"


def text(scene: Scene) -> bytes:
    """All of them, in Prometheus' own format."""
    from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415 - only when used

    registry = CollectorRegistry()
    registry.register(_Figures(scene))
    return generate_latest(registry)


class _Figures:
    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def describe(self) -> list[Any]:
        """Nothing beforehand: registering must not read the store."""
        return []

    def collect(self) -> Iterator[Any]:
        """One look."""
        from prometheus_client.core import (  # noqa: PLC0415 - only when used
            GaugeMetricFamily,
        )

        store = self._scene.store
        info = GaugeMetricFamily("hotpress_version_info", "Which version runs", labels=["version"])
        info.add_metric([__version__], 1)
        yield info
        yield GaugeMetricFamily(
            "hotpress_healthy", "1 when all is well", int(not health.reasons(self._scene))
        )
        jobs = GaugeMetricFamily(
            "hotpress_jobs", "Jobs by folder and state", labels=["inbox", "state"]
        )
        for inbox, states in sorted(store.counts().items()):
            for state in State:
                jobs.add_metric([inbox, state.value], states.get(state.value, 0))
        yield jobs
        held = GaugeMetricFamily(
            "hotpress_held", "Held jobs by folder and reason", labels=["inbox", "reason"]
        )
        for group in store.glance_held(most=0):
            held.add_metric([group.inbox, group.reason], group.count)
        yield held
        sums = store.sums(Wanted())
        for name, words, value in (
            ("delivered", "Videos delivered, as far as the history reaches", sums.delivered),
            ("source_bytes", "Bytes of their sources", sums.before),
            ("result_bytes", "Bytes of their results", sums.after),
        ):
            yield GaugeMetricFamily(f"hotpress_{name}", words, value)
        yield from self._account()

    def _account(self) -> Iterator[Any]:
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415 - only when used

        seen = json.loads(self._scene.store.note("account") or "{}").get("credits")
        if seen:
            kinds = GaugeMetricFamily("hotpress_credits", "Credits as last seen", labels=["kind"])
            for kind in ("available", "frozen", "total"):
                kinds.add_metric([kind], seen[kind])
            yield kinds
