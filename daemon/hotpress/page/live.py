"""Server-sent events: a page that is open is told what has changed. Nobody looks: nothing is done.

A look asks SQLite whether anything was written since; only then, or when times have to be told
anew, is the page's part drawn again, once for all who look at it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool

from hotpress.page.html import Html
from hotpress.page.scene import Scene

_LOOK_SECONDS = 1.0
_REST_SECONDS = 2.0  # between two drawings: a job that runs writes each second
_ANEW_SECONDS = 20.0  # "for 3 min" grows though nothing is written
_MOST_VIEWERS = 20
_MOST_PAGES = 40
Draw = Callable[[], Html | None]


@dataclass(frozen=True, slots=True)
class _Drawn:
    version: tuple[int, int]
    at: float
    text: str


class Live:
    """Who looks, and what they see."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._drawn: dict[str, _Drawn] = {}
        self._turn = asyncio.Lock()
        self.viewers = 0

    @property
    def is_full(self) -> bool:
        """Are there as many who look as it can serve?"""
        return self.viewers >= _MOST_VIEWERS

    async def told(self, page: str, draw: Draw) -> AsyncIterator[str]:
        """Events, until the reader goes or the page is taken down."""
        self.viewers += 1
        seen, silent = "", 0.0
        try:
            yield "retry: 2000\n\n"
            while not self._scene.stop.is_set():
                text = await self._now(page, draw)
                if text is None:
                    return  # it is gone: pruned, say
                if text != seen:
                    seen, silent = text, 0.0
                    yield f"data: {json.dumps(text)}\n\n"
                elif silent >= _ANEW_SECONDS:
                    silent = 0.0
                    yield ": still here\n\n"
                silent += _LOOK_SECONDS
                await asyncio.sleep(_LOOK_SECONDS)
        finally:
            self.viewers -= 1
            if not self.viewers:
                self._drawn.clear()

    async def _now(self, page: str, draw: Draw) -> str | None:
        async with self._turn:  # the second who looks at the same is given the same
            return await run_in_threadpool(self._look, page, draw)

    def _look(self, page: str, draw: Draw) -> str | None:
        version, now = self._scene.store.version(), self._scene.clock.steady()
        known = self._drawn.get(page)
        need = _ANEW_SECONDS if known and known.version == version else _REST_SECONDS
        if known and now - known.at < need:
            return known.text
        text = draw()
        if text is None:
            return None
        if len(self._drawn) >= _MOST_PAGES:
            self._drawn.clear()
        self._drawn[page] = _Drawn(version, now, text)
        return text
