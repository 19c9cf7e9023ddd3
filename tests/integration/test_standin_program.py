"""The stand-in as a program, and the small kit with which all of its tests drive it."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import httpx
import imageio_ffmpeg
import pytest

from hotpress.standin.program import Options, start

SKILL = {
    "X-Skill-Source": "video-compressor-high-quality",
    "X-Skill-Version": "1.0.0",
    "X-Skill-Platform": "unknown",
}
BROKEN = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)
Json = dict[str, Any]


@functools.cache
def clip_bytes(seconds: int = 2, size: str = "320x180") -> bytes:
    """A tiny clip with sound, made once in a run."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "clip.mp4")
        words = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y"]
        words += ["-f", "lavfi", "-i", f"testsrc=s={size}:r=20:d={seconds}"]
        words += ["-f", "lavfi", "-i", f"sine=f=300:d={seconds}"]
        words += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
        subprocess.run([*words, "-c:a", "aac", str(path)], check=True, timeout=30)
        return path.read_bytes()


def until(check: Callable[[], Any], seconds: float = 15.0) -> Any:
    """What `check` gives once it is true; fails when the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := check():
            return found
        time.sleep(0.02)
    pytest.fail(f"not within {seconds} s: {check}")


def until_broken(answer: httpx.Response) -> bytes:
    """The bytes that arrive before the connection breaks, which it must."""
    got = bytearray()
    try:
        for block in answer.iter_raw():
            got += block
    except BROKEN:
        return bytes(got)
    pytest.fail("the answer came whole")


def data_of(response: httpx.Response) -> Json:
    """The payload of an answer in any of the shapes."""
    content = response.json()
    return content["data"] if isinstance(content.get("data"), dict) else content


class Ledgered:
    """Reads what a stand-in wrote down."""

    folder: Path
    api_url: str
    cdn_url: str

    def __enter__(self) -> Self:
        return self

    def facts(self, *names: str) -> list[Json]:
        """The ledger's lines, all or those with these names."""
        lines = (self.folder / "log.ledger").read_text("utf-8").splitlines()
        facts = [json.loads(line) for line in lines]
        return [fact for fact in facts if not names or fact["fact"] in names]

    def requests(self) -> list[Json]:
        """The request log."""
        lines = (self.folder / "log.jsonl").read_text("utf-8").splitlines()
        return [json.loads(line) for line in lines]


class Inside(Ledgered):
    """A stand-in in threads of this process, for tests of which there are many."""

    def __init__(self, folder: Path, scenario: Json, speed: float = 1.0) -> None:
        self.folder = folder
        path = folder / "scenario.yaml"
        path.write_text(json.dumps(scenario))
        files = {"scenario": path, "log": folder / "log.jsonl", "state": folder / "state"}
        self._running = start(Options(speed=speed, **files))
        self.api_url, self.cdn_url = self._running.api_url, self._running.cdn_url

    def __exit__(self, *_: object) -> None:
        self._running.stop()


class Standin(Ledgered):
    """A stand-in as a process of its own."""

    def __init__(self, folder: Path, scenario: Json | None = None, *flags: str) -> None:
        self.folder = folder
        words = [sys.executable, "-m", "hotpress.standin", *flags]
        words += ["--log", str(folder / "log.jsonl")]
        if scenario is not None:
            path = folder / "scenario.yaml"
            path.write_text(json.dumps(scenario))
            words += ["--scenario", str(path)]
        environment = {**os.environ, "TMPDIR": str(folder)}
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment)
        self.place = json.loads(self.process.stdout.readline())
        self.api_url, self.cdn_url = self.place["api_url"], self.place["cdn_url"]

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(5)
        self.process.stdout.close()


class Caller:
    """A client of the cloud that knows the contract and nothing of hotpress."""

    def __init__(self, standin: Ledgered, client_id: str = "tester") -> None:
        self.standin = standin
        self.http = httpx.Client(base_url=standin.api_url, headers=SKILL, timeout=30, verify=False)
        self.client_id = client_id
        self.session_id = self.task_id = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def token(self) -> httpx.Response:
        """Ask for a token and use it."""
        answer = self.http.post(
            "/api/auth/anonymous-token", headers={"X-Client-Id": self.client_id}
        )
        if "token" in data_of(answer):
            self.http.headers["Authorization"] = f"Bearer {data_of(answer)['token']}"
        return answer

    def session(self) -> httpx.Response:
        """Open a session and use it."""
        body = {"task_name": "project", "language": "en"}
        answer = self.http.post("/api/tasks/me/with-session/nemo_agent", json=body)
        self.session_id = str(data_of(answer).get("session_id", ""))
        self.task_id = str(data_of(answer).get("task_id", ""))
        return answer

    def upload(self, name: str = "v-1.mp4", content: bytes | None = None) -> httpx.Response:
        """Upload a file into the session."""
        file = (name, clip_bytes() if content is None else content, "video/mp4")
        return self.http.post(self.upload_path, files={"files": file})

    @property
    def upload_path(self) -> str:
        """Where the session's files go."""
        return f"/api/upload-video/nemo_agent/me/{self.session_id}"

    def say(self, text: str = "compress to under 60 KB at 120p") -> httpx.Response:
        """Send a message and read the stream to its end."""
        return self.http.post("/run_sse", json=self.message(text))

    def message(self, text: str) -> Json:
        """The body of a message."""
        return {
            "app_name": "nemo_agent",
            "user_id": "me",
            "session_id": self.session_id,
            "new_message": {"parts": [{"text": text}]},
        }

    def state(self) -> Json:
        """The session's state."""
        path = f"/api/state/nemo_agent/me/{self.session_id}/latest"
        return data_of(self.http.get(path))["state"]

    def credits(self) -> tuple[int, int, int]:
        """(available, frozen, total)."""
        left = data_of(self.http.get("/api/credits/balance/simple"))
        return left["available"], left["frozen"], left["total"]

    def submit(self, render_id: str = "render_1", draft: Json | None = None) -> httpx.Response:
        """Ask for a render of the draft as the state shows it."""
        body = {
            "id": render_id,
            "sessionId": self.session_id,
            "draft": self.state()["draft"] if draft is None else draft,
            "output": {"format": "mp4", "quality": "high"},
        }
        return self.http.post("/api/render/proxy/lambda", json=body)

    def poll(self, render_id: str = "render_1") -> httpx.Response:
        """Look at a render."""
        return self.http.get(f"/api/render/proxy/lambda/{render_id}")

    def finished(self, render_id: str = "render_1") -> str:
        """Poll a render to its end; its address."""

        def look() -> Json | None:
            data = data_of(self.poll(render_id))
            return data if data.get("status") in {"completed", "failed"} else None

        data = until(look)
        assert data["status"] == "completed", data
        return data.get("outputUrl") or data["output"]["url"]

    def ready(self) -> Self:
        """Token, session and one uploaded clip."""
        self.token()
        self.session()
        assert self.upload().status_code == 200
        return self


def test_it_says_where_it_listens_in_one_line_and_ends_on_sigterm_leaving_nothing(tmp_path):
    """One JSON line tells both addresses; SIGTERM ends it with 0, and its files are gone."""
    with Standin(tmp_path, None, "--kind") as standin:
        assert set(standin.place) == {"api_url", "cdn_url", "pid"}
        assert standin.place["pid"] == standin.process.pid
        assert standin.api_url != standin.cdn_url
        began = time.monotonic()
        standin.process.terminate()
        assert standin.process.wait(5) == 0
        assert time.monotonic() - began < 1.0
        assert standin.process.stdout.read() == ""
    assert not list(tmp_path.glob("standin-*"))


def test_sigterm_ends_an_encode_and_a_silent_stream(tmp_path):
    """It ends within a second, and no encoder is left, though a render and a turn are under way."""
    long_clip = clip_bytes(8, "1280x720")
    with (
        Standin(tmp_path, {"kind": True, "turn_seconds": 60}) as standin,
        Caller(standin) as caller,
    ):
        caller.ready()
        caller.upload("long.mp4", long_clip)
        caller.submit()
        child = Path(f"/proc/{standin.process.pid}/task")
        if not child.is_dir():
            pytest.skip("needs /proc")
        children = until(
            lambda: "".join(path.read_text() for path in child.glob("*/children")).split()
        )
        body = caller.message("to under 1 MB")
        with caller.http.stream("POST", "/run_sse", json=body) as stream:
            assert stream.status_code == 200
            began = time.monotonic()
            standin.process.terminate()
            assert standin.process.wait(5) == 0
            assert time.monotonic() - began < 1.0
        assert not any(Path(f"/proc/{pid}").exists() for pid in children)


def test_a_wrong_scenario_tells_all_its_mistakes(tmp_path):
    """Exit 2, one line a mistake, nothing on stdout."""
    path = tmp_path / "wrong.yaml"
    path.write_text(
        "dialect: morse\nfaults:\n- {at: 1, do: {explode: true}}\n- {kind: poll, do: {music: true}}"
    )
    words = [sys.executable, "-m", "hotpress.standin", "--scenario", str(path)]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=10, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "dialect: 'morse'" in ended.stderr
    assert "faults[0].do: no such key: explode" in ended.stderr
    assert "faults[1]: music means nothing at poll, only at run_sse" in ended.stderr


def test_an_importing_program_can_run_it(tmp_path):
    """`start` and `stop` serve another program of this process, with files in a given folder."""
    standin = start(Options(kind=True, state=tmp_path / "state"))
    try:
        answer = httpx.post(f"{standin.api_url}/api/auth/anonymous-token")
        assert answer.status_code == 400
    finally:
        standin.stop()
    assert (tmp_path / "state").is_dir()
