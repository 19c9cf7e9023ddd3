"""Probe, encode, verify: the only place that starts programs.

`Media` is what the rest of hotpress holds. Its parts can be used alone, too: `container` and `fit`
start nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event

from hotpress.media import clip, container, encode, encoder, fit, probe, verify
from hotpress.media.container import Completeness
from hotpress.media.encode import Encoded
from hotpress.media.encoder import Encoder
from hotpress.model import Expected, Facts

__all__ = ["Completeness", "Encoded", "Encoder", "Media", "fit"]


def _unheard(_: float) -> None:
    """Progress that nobody looks at."""


class Media:
    """All that is done to videos, with one encoder and one stop signal.

    Holds nothing that changes, so any number of threads may use it at once. Each method blocks its
    thread until the program that it started has ended.
    """

    def __init__(self, setting: str = "auto", stop: Event | None = None) -> None:
        self._setting = setting
        self._stop = stop

    @property
    def encoder(self) -> Encoder:
        """The encoder in use: asked once in a process, and again when its file changes.

        Raises:
            MediaError: there is none that can be used.
        """
        return encoder.find(self._setting)

    def completeness(self, path: Path) -> Completeness:
        """See `container.completeness`: no program, under a millisecond."""
        return container.completeness(path)

    def probe(self, path: Path, *, time_limit_seconds: float = 30) -> Facts:
        """See `probe.probe`."""
        return probe.probe(path, stop=self._stop, time_limit_seconds=time_limit_seconds)

    def damage(self, path: Path, facts: Facts) -> str | None:
        """See `probe.damage`."""
        return probe.damage(path, facts, stop=self._stop)

    def fit(
        self,
        material: Path,
        facts: Facts,
        out: Path,
        *,
        target_bytes: int | None,
        frame: tuple[int, int],
        progress: Callable[[float], None] = _unheard,
        preset: str = "slow",
        time_limit_seconds: float | None = None,
    ) -> Encoded:
        """See `encode.fit`."""
        return encode.fit(
            material,
            facts,
            out,
            target_bytes=target_bytes,
            frame=frame,
            encoder=self.encoder,
            progress=progress,
            stop=self._stop,
            preset=preset,
            time_limit_seconds=time_limit_seconds,
        )

    def remux(
        self,
        material: Path,
        out: Path,
        facts: Facts,
        *,
        progress: Callable[[float], None] = _unheard,
    ) -> Encoded:
        """See `encode.remux`."""
        return encode.remux(
            material, out, facts=facts, encoder=self.encoder, stop=self._stop, progress=progress
        )

    def check(
        self,
        path: Path,
        expected: Expected,
        facts_of_source: Facts | None,
        source: Path | None = None,
        *,
        progress: Callable[[float], None] = _unheard,
    ) -> Facts:
        """See `verify.check`."""
        return verify.check(
            path,
            expected,
            facts_of_source,
            source,
            encoder=self.encoder,
            stop=self._stop,
            progress=progress,
        )

    def make_clip(
        self,
        out: Path,
        *,
        seconds: float = 20,
        width: int = 1920,
        height: int = 1080,
        fps: float = 30,
    ) -> None:
        """See `clip.make`."""
        clip.make(
            out,
            seconds=seconds,
            width=width,
            height=height,
            fps=fps,
            encoder=self.encoder,
            stop=self._stop,
        )
