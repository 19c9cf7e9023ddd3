"""The routes. `make_app` is all that a test needs; `door.py` serves it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route
from starlette.types import ASGIApp

from hotpress.errors import StoreError
from hotpress.human import one_line
from hotpress.model import Job
from hotpress.page import (
    assets,
    compare,
    folders,
    guard,
    health,
    leaving,
    metrics,
    now,
    past,
    shell,
    story,
)
from hotpress.page.answers import Answer, Answers
from hotpress.page.dropping import Dropping
from hotpress.page.entry import Entry
from hotpress.page.forms import Unfit, small
from hotpress.page.gate import Gate
from hotpress.page.html import Html, el
from hotpress.page.live import Live
from hotpress.page.scene import Scene
from hotpress.page.signing import Signing
from hotpress.pictures import Pictures

_WEEK = "public, max-age=604800, immutable"


def make_app(scene: Scene) -> ASGIApp:
    """The whole page, ready to be served."""
    entry = Entry(scene.page.hashed, scene.chance)
    house = _House(scene, entry)
    signing = Signing(scene, entry)
    routes = [
        Route("/", house.now),
        Route("/history", house.history),
        Route("/folders", house.folders),
        Route("/jobs/{job}", house.job),
        Route("/jobs/{job}/{kind}.jpg", house.picture),
        Route("/live", house.live),
        Route("/do/{verb}", house.do, methods=["POST"]),
        Route("/drop", house.drop, methods=["POST"]),
        Route("/login", signing.form),
        Route("/login", signing.enter, methods=["POST"]),
        Route("/logout", signing.leave, methods=["POST"]),
        Route("/static/{name}", house.static),
        Route("/metrics", house.metrics),
        Route("/healthz", house.healthz),
    ]
    failures = {404: house.lost, StoreError: house.unreadable}
    return Gate(Starlette(routes=routes, exception_handlers=failures), scene, entry)


class _House:
    """What each route does; those without `async` run in a thread, as they read the store."""

    def __init__(self, scene: Scene, entry: Entry) -> None:
        self._scene = scene
        self._entry = entry
        self._answers = Answers(scene.chance)
        self._dropping = Dropping(scene)
        self._live = Live(scene)
        self._pictures = Pictures(scene.where.state, scene.stop)

    def now(self, request: Request) -> Response:
        live = el("div", now.live(self._scene), id="live")
        return self._shown(request, "Now", [live, folders.drop(self._scene)], live="/live?page=now")

    def history(self, request: Request) -> Response:
        asked = dict(request.query_params)
        return self._shown(request, "History", past.content(self._scene, asked))

    def folders(self, request: Request) -> Response:
        return self._shown(
            request, "Folders", [folders.drop(self._scene), folders.content(self._scene)]
        )

    def job(self, request: Request) -> Response:
        job = self._job(request.path_params["job"])
        if job is None:
            return self.lost(request, None)
        content = [
            compare.section(job),
            el("div", story.live(self._scene, job), id="live"),
            story.asking(self._scene, job),
        ]
        name = one_line(PurePosixPath(job.relative).name)
        return self._shown(request, name, content, live=f"/live?page={quote(job.id)}")

    def picture(self, request: Request) -> Response:
        job = self._scene.store.get(request.path_params["job"][:60])
        return compare.answered(self._pictures, job, request.path_params["kind"], request)

    def _job(self, name: str) -> Job | None:
        found = self._scene.store.get(name[:60])
        if found is not None or len(name) < 4:
            return found
        near = self._scene.store.with_prefix(name[:60])
        return near[0] if len(near) == 1 else None

    def _shown(
        self, request: Request, title: str, content: list[Html | None] | Html, live: str = ""
    ) -> Response:
        told = self._answers.get(request.query_params.get("told", ""))
        leave = Signing.button(self._scene) if self._entry.known else None
        path = request.url.path
        return HTMLResponse(
            shell.whole(title, content, here=path, live=live, told=told, leave=leave)
        )

    async def live(self, request: Request) -> Response:
        if self._live.is_full:
            return PlainTextResponse("Too many look at once.\n", 503, {"Retry-After": "30"})
        page = request.query_params.get("page", "now")
        events = self._live.told(page, self._drawer(page))
        return StreamingResponse(
            events, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
        )

    def _drawer(self, page: str) -> Callable[[], Html | None]:
        if page == "now":
            return lambda: now.live(self._scene)

        def drawn() -> Html | None:
            job = self._scene.store.get(page[:60])
            return None if job is None else story.live(self._scene, job)

        return drawn

    async def do(self, request: Request) -> Response:
        verb = request.path_params["verb"]
        if verb not in leaving.VERBS:
            return self.lost(request, None)
        try:
            fields = await small(request)
        except Unfit as error:
            return self._answer(request, (str(error), False), 400)
        if not guard.is_token(fields.get("token", ""), self._scene.token()):
            why = "this form is from another time; load the page anew, then ask again"
            return self._answer(request, (why, False), 403)
        answer = await run_in_threadpool(leaving.asked, self._scene, verb, fields)
        return self._answer(request, answer, 200 if answer[1] else 409)

    async def drop(self, request: Request) -> Response:
        answer, status = await self._dropping.take(request)
        return self._answer(request, answer, status)

    def _answer(self, request: Request, answer: Answer, status: int) -> Response:
        """As JSON for our own script; else on the page that the form was on."""
        if "application/json" in request.headers.get("accept", ""):
            return JSONResponse({"text": answer[0], "done": answer[1]}, status)
        if status == 403:  # not where it came from: nothing is known of that
            return HTMLResponse(shell.whole("Not done", shell.answer(answer)), status)
        back = leaving.way_back(request.headers.get("referer", ""))
        return RedirectResponse(f"{back}?told={self._answers.keep(answer)}", 303)

    def static(self, request: Request) -> Response:
        found = assets.read(request.path_params["name"])
        if found is None:
            return self.lost(request, None)
        return Response(found[0], media_type=found[1], headers={"Cache-Control": _WEEK})

    def metrics(self, _request: Request) -> Response:
        return Response(metrics.text(self._scene), headers={"Content-Type": metrics.KIND})

    def healthz(self, request: Request) -> Response:
        """For everybody: that it is degraded; why, only for who may look at the page."""
        why = health.reasons(self._scene)
        known = not self._entry.known or self._entry.is_in(
            request.cookies.get("hotpress", ""), self._scene.clock.steady()
        )
        said = {"status": "degraded" if why else "ok"}
        return JSONResponse({**said, "reasons": why} if known else said, 503 if why else 200)

    def lost(self, _request: Request, _error: Exception | None) -> Response:
        text = el("p", "There is nothing here: a job that ended long ago is forgotten.")
        return HTMLResponse(shell.whole("Not found", text), 404)

    def unreadable(self, _request: Request, error: Exception) -> Response:
        why = error.why if isinstance(error, StoreError) else "the store can't be read"
        return HTMLResponse(shell.whole("Not now", el("p", f"{why}.")), 503)
