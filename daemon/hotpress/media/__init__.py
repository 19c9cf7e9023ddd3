"""Probe, encode, verify: the only place that starts programs.

`Media` is what the rest of hotpress holds. Its parts can be used alone, too: `container` and `fit`
start nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event

from hotpress.media import (
    belongings,
    clip,
    container,
    encode,
    encoder,
    fit,
    probe,
    samples,
    verify,
    vmaf,
)
from hotpress.media import forecast as prediction
from hotpress.media.container import Completeness
from hotpress.media.encode import Encoded
from hotpress.media.encoder import Encoder
from hotpress.media.outlook import Forecast
from hotpress.media.task import Wish
from hotpress.media.vmaf import Quality, Window
from hotpress.model import Expected, Facts

__all__ = ["Completeness", "Encoded", "Encoder", "Forecast", "Media", "Quality", "Wish", "fit"]


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

    def using(self, setting: str) -> Media:
        """The same with another encoder: a path, or "auto" for the one of this."""
        return self if setting == "auto" else Media(setting, self._stop)

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
        wish: Wish,
        *,
        progress: Callable[[float], None] = _unheard,
        time_limit_seconds: float | None = None,
    ) -> Encoded:
        """See `encode.fit`."""
        return encode.fit(
            material,
            facts,
            out,
            wish,
            encoder=self.encoder,
            progress=progress,
            stop=self._stop,
            time_limit_seconds=time_limit_seconds,
        )

    def remux(self, material: Path, out: Path, facts: Facts) -> Encoded:
        """Its streams in an MP4 as they are, with all that belongs to it. Ask `fit.remuxable`."""
        return self.taken_over(material, material, out, facts, codec=facts.codec)

    def taken_over(
        self,
        result: Path,
        source: Path,
        out: Path,
        facts: Facts,
        *,
        codec: str = "h264",
        chapters: bool = True,
    ) -> Encoded:
        """See `belongings.taken_over`."""
        return belongings.taken_over(
            result,
            source,
            out,
            facts=facts,
            codec=codec,
            encoder=self.encoder,
            stop=self._stop,
            chapters=chapters,
        )

    def stripped(self, material: Path, out: Path, facts: Facts) -> Encoded:
        """See `belongings.stripped`."""
        return belongings.stripped(
            material, out, facts=facts, encoder=self.encoder, stop=self._stop
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

    def quality(
        self,
        distorted: Path,
        reference: Path,
        *,
        work: Path,
        facts: Facts | None = None,
        facts_of_distorted: Facts | None = None,
        frame: tuple[int, int] | None = None,
        window: Window | None = None,
        subsample: int = 1,
    ) -> Quality | None:
        """See `vmaf.measure`. Facts that are not at hand are asked for."""
        return vmaf.measure(
            distorted,
            reference,
            facts=facts or self.probe(reference),
            facts_of_distorted=facts_of_distorted or self.probe(distorted),
            encoder=self.encoder,
            work=work,
            frame=frame,
            window=window,
            subsample=subsample,
            stop=self._stop,
        )

    def forecast(
        self,
        material: Path,
        facts: Facts,
        *,
        target_bytes: int,
        frame: tuple[int, int],
        work: Path,
        floor: float | None = None,
        shares: tuple[float, ...] = samples.SHARES,
        progress: Callable[[float], None] = _unheard,
    ) -> Forecast | None:
        """See `forecast.forecast`."""
        return prediction.forecast(
            material,
            facts,
            target_bytes=target_bytes,
            frame=frame,
            encoder=self.encoder,
            work=work,
            floor=floor,
            shares=shares,
            stop=self._stop,
            progress=progress,
        )
