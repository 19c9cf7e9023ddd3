"""Signing in and out, while a password is set."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from hotpress.page import guard, shell
from hotpress.page.entry import COOKIE, Entry
from hotpress.page.forms import Unfit, small
from hotpress.page.gate import address_of, too_often
from hotpress.page.html import Html, el
from hotpress.page.scene import Scene


class Signing:
    """The form, and what becomes of it."""

    def __init__(self, scene: Scene, entry: Entry) -> None:
        self._scene = scene
        self._entry = entry

    @staticmethod
    def button(scene: Scene) -> Html:
        """The way out."""
        token = el("input", type="hidden", name="token", value=scene.token())
        out = el("button", "Sign out", type="submit", class_="quiet")
        return el("form", token, out, method="post", action="/logout")

    async def form(self, _request: Request) -> Response:
        """Where the password is asked for."""
        return self._asked() if self._entry.known else RedirectResponse("/", 303)

    async def enter(self, request: Request) -> Response:
        """The password, at last."""
        try:
            fields = await small(request)
        except Unfit as error:
            return self._asked(str(error), 400)
        if not guard.is_token(fields.get("token", ""), self._scene.token("login")):
            return self._asked("This form is from another time; try once more.", 403)
        now, address = self._scene.clock.steady(), address_of(request)
        wait = self._entry.wait_seconds(address, now)
        if wait > 0:
            return too_often(wait)
        said = fields.get("password", "")
        if not await run_in_threadpool(self._entry.tried, said, address, now):
            return self._asked("That is not the password.", 403)
        answer = RedirectResponse("/", 303)
        secure = request.url.scheme == "https"
        answer.set_cookie(
            COOKIE, self._entry.begin(now), httponly=True, samesite="strict", secure=secure
        )
        return answer

    async def leave(self, request: Request) -> Response:
        """Out again."""
        try:
            fields = await small(request)
        except Unfit as error:
            return self._asked(str(error), 400)
        if guard.is_token(fields.get("token", ""), self._scene.token()):
            self._entry.end(request.cookies.get(COOKIE, ""))
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(COOKIE)
        return answer

    def _asked(self, problem: str = "", status: int = 200) -> Response:
        word = el(
            "input",
            type="password",
            name="password",
            required=True,
            autocomplete="current-password",
            id="password",
        )
        form = el(
            "form",
            el("input", type="hidden", name="token", value=self._scene.token("login")),
            el("label", "Password ", word),
            el("button", "Sign in", type="submit"),
            method="post",
            action="/login",
            class_="sign",
        )
        told = (problem, False) if problem else None
        return HTMLResponse(shell.whole("Sign in", form, told=told), status)
