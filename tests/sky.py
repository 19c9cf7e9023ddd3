"""A cloud in memory, for tests in which nothing may wait: it answers at the level of HTTP.

The real client talks to it through a transport of its own. It keeps a ledger of what it has seen,
breaks on request, and lets a test do something else in the middle of any call.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from hotpress.clock import Clock
from hotpress.cloud import Cloud

CHARGE = 50.0  # credits a message
_STATE_LAG_SECONDS = 5.0
_SHOWS_AFTER_SECONDS = 20.0  # a render id
_RENDER_SECONDS = 50.0
_LATE_SECONDS = 90.0  # an edit that comes after its stream
_CODES = {
    "1001": (401, 1001),
    "1002": (404, 1002),
    "2001": (200, 2001),
    "402": (402, 402),
    "403": (403, 403),
    "404": (404, 404),
    "429": (429, 429),
    "500": (500, 500),
}
_IN_A_SESSION = ("upload", "say", "state", "submit", "poll")
FAULTS = ("unreachable", "lost", "swallowed", *_CODES)
AGENTS = ("edits", "late", "broken", "nothing", "charged", "refuses")
FILMS = ("good", "failed", "bad", "stuck")
OPERATIONS = (
    "session",
    "upload",
    "say",
    "state",
    "credits",
    "submit",
    "poll",
    "cancel",
    "cdn",
    "fetch",
)


@dataclass
class Room:
    """One session as the cloud has it."""

    id: str
    uploads: dict[str, tuple[str, int, float]] = field(default_factory=dict)  # sha, size, shows at
    draft: dict[str, Any] | None = None
    draft_at: float = 0.0
    gone: bool = False
    followed: list[str] = field(default_factory=list)  # web addresses


@dataclass
class Said:
    """One message that the agent has seen."""

    session: str
    name: str  # of the upload that it is about
    content: str  # that upload's hash
    charged: bool


@dataclass
class Film:
    """One render that was accepted."""

    id: str
    draft: str
    content: str
    session: str
    at: float
    kind: str
    ended: str = ""
    denied: int = 0  # how often the cloud said, wrongly, that it does not know it


class Sky:
    """Everything that happened there, and what goes wrong next. It has a clock that nobody sets."""

    def __init__(self, clock: Clock, small: Callable[[str], bytes]) -> None:
        """`small`: the bytes of a good result of the content with this hash."""
        self._clock = clock
        self._small = small
        self.rooms: dict[str, Room] = {}
        self.said: list[Said] = []
        self.films: dict[str, Film] = {}
        self.told_gone: set[str] = set()
        self.faults: dict[str, deque[str]] = defaultdict(deque)
        self.agents: deque[str] = deque()
        self.next_films: deque[str] = deque()
        self.available = 10_000.0
        self.used = 0.0
        self.web: dict[str, str] = {}  # web address -> the content's hash
        self.fetch_seconds = 8.0
        self.fetched_as = "video"
        self.calls = 0
        self.broken: list[str] = []  # what nobody may ever do
        self.beside: list[str] = []  # what only a person's wish, or a lost memory, excuses
        self.around: Callable[[str], None] = lambda _operation: None

    def fine(self) -> None:
        """Nothing goes wrong any more."""
        self.faults.clear()
        self.agents.clear()
        self.next_films.clear()
        self.available = 10_000.0

    def connect(self, cloud: Cloud) -> Cloud:
        """Let this client talk to it instead of the network."""
        wire = cloud._wire
        for name in ("_reads", "_effects", "_bare"):
            old = getattr(wire, name)
            new = httpx.Client(
                transport=httpx.MockTransport(self.answer),
                base_url=old.base_url,
                headers=old.headers,
                trust_env=False,
            )
            old.close()
            setattr(wire, name, new)
        return cloud

    def answer(self, request: httpx.Request) -> httpx.Response:
        """One call: what is to happen around it, its fault, its effect."""
        self.calls += 1
        operation = _operation(request)
        planned = self.faults[operation]
        fault = planned.popleft() if planned else ""
        self.around(operation)
        if fault == "unreachable":
            raise httpx.ConnectError("no route")
        if fault == "lost":
            raise httpx.ReadError("broken")
        if fault in _CODES:
            return self._refused(fault, operation, request)
        answer: httpx.Response = getattr(self, f"_{operation}")(request)
        self.around(f"{operation} done")
        if fault == "swallowed":
            raise httpx.ReadError("broken")
        return answer

    def _refused(self, fault: str, operation: str, request: httpx.Request) -> httpx.Response:
        if fault == "1002" and operation not in _IN_A_SESSION:
            fault = "500"
        status, code = _CODES[fault]
        words = "session not found" if code == 1002 else "no"
        if code == 1002 and operation != "poll":
            self.told_gone.add(_session_of(operation, request))
        name = _last(request) if operation in ("poll", "fetch") else ""
        if name in self.films and code in (404, 1002):
            self.films[name].denied += 1
        return httpx.Response(status, json={"code": code, "message": words})

    def running(self, content: str) -> list[str]:
        """Ids of accepted renders of a content that nobody has ended."""
        return [
            film.id
            for film in self.films.values()
            if film.content == content and not self._ended(film) and film.denied < 3
        ]

    def runs(self, render_id: str) -> bool:
        """Does this render still cost somebody's machine?"""
        film = self.films.get(render_id)
        return film is not None and not self._ended(film) and film.denied < 3

    def _ended(self, film: Film) -> str:
        passed = self._clock.steady() - film.at
        if not film.ended and film.kind != "stuck" and passed >= _RENDER_SECONDS:
            film.ended = "failed" if film.kind == "failed" else "completed"
        return film.ended

    # --- the calls -------------------------------------------------------------------------

    def _session(self, _request: httpx.Request) -> httpx.Response:
        room = Room(f"session{len(self.rooms)}")
        self.rooms[room.id] = room
        return _good({"session_id": room.id, "task_id": "task"})

    def _upload(self, request: httpx.Request) -> httpx.Response:
        room = self.rooms[_last(request)]
        if room.gone:
            return self._no_room(room)
        if request.headers["content-type"] == "application/json":
            return self._follow(room, json.loads(request.content)["urls"])
        head, _, rest = request.content.partition(b"\r\n\r\n")
        body = rest[: rest.rindex(b"\r\n--")]
        name = re.search(rb'filename="([^"]+)"', head)[1].decode()  # type: ignore[index]
        if name in room.uploads:
            self.broken.append(f"{name} was uploaded twice into {room.id}")
        shows_at = self._clock.steady() + _STATE_LAG_SECONDS
        room.uploads[name] = (hashlib.sha256(body).hexdigest(), len(body), shows_at)
        return _good({"files": [{"filename": name}]})

    def _follow(self, room: Room, urls: list[str]) -> httpx.Response:
        """Fetch what links lead to: `web` says what lies there."""
        if room.uploads or room.followed:
            self.broken.append(f"{room.id} was asked twice to follow a link")
        for url in urls:
            room.followed.append(url)
            name = url.rpartition("/")[2] or "video"
            shows_at = self._clock.steady() + self.fetch_seconds
            content = self.web.get(url)
            if content is not None:
                room.uploads[name] = (content, 1_000, shows_at)
        return _good({"files": []})

    def _say(self, request: httpx.Request) -> httpx.Response:
        value = json.loads(request.content)
        room = self.rooms[value["session_id"]]
        if room.gone:
            return self._no_room(room)
        words = value["new_message"]["parts"][0]["text"]
        name = next((n for n in room.uploads if n in words), next(iter(room.uploads)))
        kind = self.agents.popleft() if self.agents else "edits"
        charged = kind in ("edits", "late", "broken", "charged")
        self.said.append(Said(room.id, name, room.uploads[name][0], charged))
        if charged:
            self.used += CHARGE
            self.available -= CHARGE
        if kind in ("edits", "late", "broken"):
            late = _LATE_SECONDS if kind == "late" else 0.0
            room.draft_at = self._clock.steady() + late
            segment = {"d": 1000, "src": name, "m": {"title": f"edit {len(self.said)}"}}
            room.draft = {"t": [{"tt": 0, "sg": [segment]}]}
        event = {"type": "text", "content": "done"}
        if kind == "refuses":
            event = {"type": "error", "code": "2001", "content": "out of credits"}
        line = b"data: " + json.dumps(event).encode() + b"\n\n"
        return httpx.Response(
            200,
            headers={"content-type": "text/event-stream"},
            content=_breaking(line) if kind == "broken" else line,
        )

    def _state(self, request: httpx.Request) -> httpx.Response:
        room = self.rooms[request.url.path.split("/")[-2]]
        if room.gone:
            return self._no_room(room)
        now = self._clock.steady()
        shown = {n: u for n, u in room.uploads.items() if u[2] <= now}
        infos = [{"filename": n, "size": u[1], "duration": 1} for n, u in shown.items()]
        if room.followed:  # it tells no size of what it has fetched by itself
            frame = {"file_type": self.fetched_as, "width": 64, "height": 48, "fps": 10}
            infos = [{"filename": n, "duration": 1, **frame} for n in shown]
        draft = room.draft if room.draft_at <= now else None
        return _good({"state": {"draft": draft, "video_infos": infos, "generated_media": []}})

    def _credits(self, _request: httpx.Request) -> httpx.Response:
        total = self.available + self.used
        return _good({"available": self.available, "frozen": 0, "total": total})

    def _submit(self, request: httpx.Request) -> httpx.Response:
        value = json.loads(request.content)
        id_, draft = value["id"], json.dumps(value["draft"], sort_keys=True)
        known = self.films.get(id_)
        if known is not None:
            if known.draft != draft:
                self.broken.append(f"{id_} was submitted with two drafts")
            return httpx.Response(409, json={"code": 409, "message": "exists"})
        room = self.rooms[value["sessionId"]]
        if room.gone:
            return self._no_room(room)
        name = value["draft"]["t"][0]["sg"][0]["src"]
        kind = self.next_films.popleft() if self.next_films else "good"
        content = room.uploads[name][0]
        for other in self.running(content):
            if self.films[other].session not in self.told_gone:
                self.beside.append(f"{id_} was ordered beside {other}, of the same content")
        self.films[id_] = Film(id_, draft, content, room.id, self._clock.steady(), kind)
        return _good({"id": id_, "status": "pending"})

    def _poll(self, request: httpx.Request) -> httpx.Response:
        film = self.films.get(_last(request))
        if film is None or self._clock.steady() < film.at + _SHOWS_AFTER_SECONDS:
            return httpx.Response(404, json={"code": 404, "message": "no such render"})
        ended = self._ended(film)
        url = f"http://cdn.test/{film.id}" if ended == "completed" else ""
        return _good({"id": film.id, "status": ended or "processing", "outputUrl": url})

    def _cancel(self, request: httpx.Request) -> httpx.Response:
        film = self.films.get(request.url.path.split("/")[-2])
        if film is None:
            return httpx.Response(404, json={"code": 404, "message": "no such render"})
        if not self._ended(film):
            film.ended = "cancelled"
        return _good({"id": film.id, "status": film.ended})

    def _cdn(self, request: httpx.Request) -> httpx.Response:
        film = self.films[_last(request)]
        raw = self._small(film.content)
        raw = raw[: len(raw) // 2] if film.kind == "bad" else raw
        return _video(raw)

    def _fetch(self, request: httpx.Request) -> httpx.Response:
        film = self.films[request.url.path.split("/")[-2]]
        return _video(self._small(film.content))

    def _no_room(self, room: Room) -> httpx.Response:
        self.told_gone.add(room.id)
        return httpx.Response(404, json={"code": 1002, "message": "session not found"})


def _operation(request: httpx.Request) -> str:
    path, method = request.url.path, request.method
    if request.url.host == "cdn.test":
        return "cdn"
    for start, name in (
        ("/api/tasks/", "session"),
        ("/api/upload-video/", "upload"),
        ("/run_sse", "say"),
        ("/api/state/", "state"),
        ("/api/credits/", "credits"),
    ):
        if path.startswith(start):
            return name
    if path.endswith("/cancel"):
        return "cancel"
    if path.endswith("/download"):
        return "fetch"
    return "submit" if method == "POST" else "poll"


def _session_of(operation: str, request: httpx.Request) -> str:
    if operation in ("say", "submit"):
        value = json.loads(request.content)
        return str(value.get("session_id") or value.get("sessionId"))
    parts = request.url.path.split("/")
    return parts[-2] if operation == "state" else parts[-1]


def _last(request: httpx.Request) -> str:
    return request.url.path.rpartition("/")[2]


def _good(data: object) -> httpx.Response:
    return httpx.Response(200, json={"code": 0, "message": "success", "data": data})


def _video(raw: bytes) -> httpx.Response:
    """Its length is told, its bytes come as a stream."""
    headers = {"content-type": "video/mp4", "content-length": str(len(raw))}
    return httpx.Response(200, headers=headers, content=iter([raw]))


def _breaking(line: bytes) -> Iterator[bytes]:
    yield line
    raise httpx.ReadError("broken")
