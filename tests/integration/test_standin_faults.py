"""Faults on request: what breaks, what has taken effect all the same, and who gets killed."""

from __future__ import annotations

import subprocess
import time

import httpx
import pytest
from integration.test_standin_program import (
    BROKEN,
    Caller,
    Inside,
    data_of,
    until,
    until_broken,
)

KIND = {"kind": True, "turn_seconds": 0}


def at(kind, occurrence, **do):
    return {"kind": kind, "occurrence": occurrence, "do": do}


@pytest.fixture
def cloud(request, tmp_path):
    """A stand-in with the test's faults, and a caller with token, session and one clip."""

    def start(*rows, **knobs):
        running = Inside(tmp_path, {**KIND, **knobs, "faults": list(rows)})
        caller = Caller(running)
        request.addfinalizer(lambda: (caller.http.close(), running.__exit__()))
        return running, caller.ready()

    return start


def test_drop_before_has_no_effect_and_the_next_try_works(cloud):
    """The connection is cut before anything was done."""
    standin, caller = cloud(at("upload", 2, drop_before=True))
    with pytest.raises(BROKEN):
        caller.upload("v-2.mp4")
    assert len(caller.state()["video_infos"]) == 1
    assert caller.upload("v-2.mp4").status_code == 200
    lost = [line for line in standin.requests() if line["faults"] == ["drop_before"]]
    assert [(line["kind"], line["status"]) for line in lost] == [("upload", None)]


def test_drop_mid_of_an_upload_has_no_effect(cloud):
    """Half of the body is read, then the connection is reset; nothing was received."""
    standin, caller = cloud(at("upload", 2, drop_mid=True))
    with pytest.raises(BROKEN):
        caller.upload("v-2.mp4")
    assert len(standin.facts("upload_received")) == 1
    line = next(line for line in standin.requests() if line["faults"])
    length = int({k.lower(): v for k, v in line["headers"].items()}["content-length"])
    assert line["bytes_in"] == length // 2


@pytest.mark.parametrize("kind", ["upload", "submit", "run_sse"])
def test_drop_after_loses_the_answer_but_not_the_effect(cloud, kind):
    """What was asked is done; only its answer is lost."""
    standin, caller = cloud(at(kind, 2 if kind == "upload" else 1, drop_after=True))
    calls = {"upload": lambda: caller.upload("v-2.mp4"), "submit": caller.submit}
    with pytest.raises(BROKEN):
        calls.get(kind, caller.say)()
    fact = {"upload": "upload_received", "submit": "render_submitted", "run_sse": "edit_applied"}
    assert standin.facts(fact[kind])[-1]["n"] == standin.requests()[-1]["n"]


def test_drop_mid_of_a_download_resumes(cloud):
    """Half of the file arrives, and the rest by a range."""
    _, caller = cloud(at("cdn", 1, drop_mid=True))
    caller.submit()
    url = caller.finished()
    with httpx.stream("GET", url) as answer:
        size = int(answer.headers["content-length"])
        got = until_broken(answer)
    assert len(got) == size // 2
    rest = httpx.get(url, headers={"Range": f"bytes={len(got)}-"})
    assert rest.status_code == 206
    assert len(got) + len(rest.content) == size


def test_delay_and_slow_take_their_time(cloud):
    """An answer can come late, or drop by drop."""
    _, caller = cloud(at("credits", 1, delay=0.4), at("credits", 2, slow=600))
    for _ in range(2):
        began = time.monotonic()
        assert caller.credits() == (100, 0, 100)
        assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize(
    ("do", "status", "text"),
    [
        ({"status": 503}, 503, '"code": 503'),
        ({"status": 500, "body": "oops"}, 500, "oops"),
        ({"code": 2001}, 200, '"code": 2001'),
        ({"html": True}, 200, "<!DOCTYPE html>"),
        ({"html": True, "status": 502}, 502, "<!DOCTYPE html>"),
        ({"malformed": True}, 200, '{"code": 0, "data": {"tok'),
        ({"empty": True}, 200, ""),
    ],
    ids=["status", "body", "code", "html", "html-502", "malformed", "empty"],
)
@pytest.mark.parametrize("effect", [False, True], ids=["refused", "done"])
def test_canned_answers(cloud, do, status, text, effect):
    """The scenario's answer comes instead of the true one, with or without the effect."""
    standin, caller = cloud(at("submit", 1, **do, effect=effect))
    answer = caller.submit()
    assert answer.status_code == status
    assert text in answer.text
    assert bool(standin.facts("render_submitted")) is effect


def test_429_with_retry_after_at_some_requests(cloud):
    """`occurrence` takes a list, `from` all later ones."""
    _, caller = cloud(
        at("credits", [1, 2], status=429, retry_after=7),
        {"kind": "credits", "from": 4, "do": {"status": 500}},
    )
    answers = [caller.http.get("/api/credits/balance/simple") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [429, 429, 200, 500, 500]
    assert answers[0].headers["Retry-After"] == "7"


def test_at_counts_all_requests_of_both_hosts(cloud):
    """`at: N` is the N-th request of all."""
    _, caller = cloud({"at": 5, "do": {"status": 418}})
    assert httpx.get(f"{caller.standin.cdn_url}/r/0/x.mp4").status_code == 404
    assert caller.http.get("/api/credits/balance/simple").status_code == 418


def test_every_means_every(tmp_path):
    """`every: true` needs no number."""
    fault = {"every": True, "do": "drop_before"}
    with Inside(tmp_path, {**KIND, "faults": [fault]}) as standin, Caller(standin) as caller:
        for _ in range(2):
            with pytest.raises(BROKEN):
                caller.token()


def test_lose_session_lose_upload_grant(cloud):
    """A session vanishes for good, an upload that was acknowledged isn't there, credits come."""
    standin, caller = cloud(
        at("upload", 2, lose_upload=True),
        at("credits", 2, grant=70),
        at("state", 2, lose_session=True),
    )
    assert len(data_of(caller.upload("v-2.mp4"))["files"]) == 1
    assert len(caller.state()["video_infos"]) == 1
    assert caller.credits() == (100, 0, 100)
    assert caller.credits() == (170, 0, 170)
    path = f"/api/state/nemo_agent/me/{caller.session_id}/latest"
    for _ in range(2):
        assert caller.http.get(path).json()["code"] == 1002
    assert [fact["fact"] for fact in standin.facts("session_lost", "upload_lost")] == [
        "upload_lost",
        "session_lost",
    ]


@pytest.fixture
def victim(tmp_path):
    """A process to be killed, and the file that names it."""
    process = subprocess.Popen(["sleep", "60"])
    path = tmp_path / "pid"
    path.write_text(f"{process.pid} the victim\n")
    yield process, str(path)
    process.kill()
    process.wait(5)


@pytest.mark.parametrize(
    ("when", "done"), [("before", False), ("mid", False), ("swallow", True), ("after", True)]
)
def test_kill_the_client_at_a_request(cloud, victim, when, done):
    """The client dies at the very moment asked for, once, and the ledger says when."""
    process, pid_file = victim
    standin, caller = cloud(at("upload", 2, kill=when), kill_pid_file=pid_file)
    if when == "after":
        assert caller.upload("v-2.mp4").status_code == 200
    else:
        with pytest.raises(BROKEN):
            caller.upload("v-2.mp4")
    assert process.wait(5) == -9
    (killed,) = until(lambda: standin.facts("killed"))
    assert (killed["when"], killed["pid"]) == (when, process.pid)
    assert len(standin.facts("upload_received")) == 1 + done
    assert caller.upload("v-3.mp4").status_code == 200


def test_kill_happens_once_under_every(cloud, victim):
    """A kill that matches every request of a kind happens at the first only."""
    process, pid_file = victim
    standin, caller = cloud({"kind": "credits", "do": {"kill": "after"}}, kill_pid_file=pid_file)
    for _ in range(3):
        caller.credits()
    assert process.wait(5) == -9
    assert len(standin.facts("killed", "kill_missed")) == 1


def test_kill_without_a_process_is_told(cloud, tmp_path):
    """A pid file that isn't there is a fact, not a crash."""
    standin, caller = cloud(
        at("credits", 1, kill="before"), kill_pid_file=str(tmp_path / "nothing")
    )
    with pytest.raises(BROKEN):
        caller.credits()
    assert len(standin.facts("kill_missed")) == 1
