"""A form with a file becomes a file in an inbox: as it comes, piece by piece."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from hotpress import log
from hotpress.config.rules import named_inboxes
from hotpress.errors import HotpressError
from hotpress.human import one_line, size_text
from hotpress.page import arrival, guard
from hotpress.page.answers import Answer
from hotpress.page.arrival import Arrival
from hotpress.page.forms import Parts, Unfit, patient
from hotpress.page.scene import Scene

_AT_ONCE = 4
_LOGGER = log.get("page")


class Dropping:
    """Takes what is dropped, a few at a time."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._running = 0

    async def take(self, request: Request) -> tuple[Answer, int]:
        """What became of it, and the HTTP status that says so."""
        if self._running >= _AT_ONCE:
            return (f"{_AT_ONCE} files are on their way; drop it when one is here", False), 503
        self._running += 1
        try:
            return await self._taken(request)
        except Unfit as error:
            return (str(error), False), 400
        except HotpressError as error:
            return (f"{error.why}. {error.hint}", False), 507
        finally:
            self._running -= 1

    async def _taken(self, request: Request) -> tuple[Answer, int]:
        parts, arriving = Parts(), None
        parser = parts.parser(request.headers.get("content-type", ""))
        with ExitStack() as rest:
            async for chunk in patient(request):
                try:
                    parser.write(chunk)
                except ValueError:  # the library's errors are of this kind
                    raise Unfit("the form can't be read") from None
                if arriving is None and parts.filename is not None:
                    length = request.headers.get("content-length", "")
                    refused = await run_in_threadpool(self._refused, parts, length)
                    if refused:
                        return refused
                    begun = Arrival(
                        self._folder(parts), parts.filename, self._reserve, self._scene.chance
                    )
                    arriving = await run_in_threadpool(begun.__enter__)
                    rest.callback(begun.__exit__)
                if arriving is not None and (piece := parts.taken()):
                    await run_in_threadpool(arriving.write, piece)
            if arriving is None or not parts.ended:
                return ("the file did not come whole; drop it once more", False), 400
            await run_in_threadpool(arriving.write, parts.taken(all_=True))
            placed = await run_in_threadpool(arriving.place)
        _LOGGER.info("file.dropped", path=str(placed), size_bytes=arriving.size_bytes)
        text = f"{one_line(placed.name)} is in the folder, {size_text(arriving.size_bytes)}"
        return (text, True), 201

    @property
    def _reserve(self) -> int:
        return self._scene.live.settings.limits.free_space

    def _folder(self, parts: Parts) -> Path:
        return named_inboxes(self._scene.live.settings)[parts.fields["inbox"]].path

    def _refused(self, parts: Parts, length: str) -> tuple[Answer, int] | None:
        """Before the first byte is written: what can't come."""
        if not guard.is_token(parts.fields.get("token", ""), self._scene.token()):
            return ("this form is from another time; load the page anew", False), 403
        if parts.fields.get("inbox", "") not in named_inboxes(self._scene.live.settings):
            return ("there is no such folder in the config; load the page anew", False), 404
        unwanted = arrival.refused(parts.filename or "")
        if unwanted:
            return (unwanted, False), 415
        size = int(length) if length.isdecimal() else 0
        needs = arrival.needs(self._folder(parts), size, self._reserve)
        return ((needs, False), 507) if needs else None
