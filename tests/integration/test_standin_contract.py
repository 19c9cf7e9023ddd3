"""The contract, row by row, over real HTTP, in every dialect and shape that occurs."""

from __future__ import annotations

import hashlib
import re
import uuid
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from integration.test_standin_program import Caller, Standin, clip_bytes, data_of, until

WAYS = {
    "simple-envelope": {"dialect": "simple", "api_shape": "envelope", "render_shape": "data"},
    "adk-success": {"dialect": "adk", "api_shape": "success", "render_shape": "top"},
    "mixed-bare": {"dialect": "mixed", "api_shape": "bare", "render_shape": "mixed"},
}
QUICK = {
    "kind": True,
    "turn_seconds": 0,
    "tokens_per_ip": 1000,
    "tokens": [{"token": "nmv_usr_reader", "scopes": "read write"}],
    "max_upload_bytes": 200_000,
}


@pytest.fixture(scope="module", params=WAYS)
def standin(request, tmp_path_factory):
    with Standin(tmp_path_factory.mktemp("cloud"), {**QUICK, **WAYS[request.param]}) as running:
        running.way = request.param
        yield running


@pytest.fixture
def caller(standin):
    with Caller(standin, str(uuid.uuid4())) as client:
        yield client


@pytest.fixture
def at_work(caller):
    return caller.ready()


def code_of(answer: httpx.Response) -> tuple[int, int]:
    return answer.status_code, answer.json()["code"]


def test_400_token_without_client_id(caller):
    """No X-Client-Id -> 400, and no token."""
    assert code_of(caller.http.post("/api/auth/anonymous-token")) == (400, 400)


def test_token_anonymous(caller):
    """A token with 100 credits, valid for seven days, for an anonymous user."""
    granted = data_of(caller.token())
    assert granted["token"].startswith("nmv_usr_")
    assert granted["user_id"].startswith("anon_")
    assert granted["credits"] == 100
    left = datetime.fromisoformat(granted["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=6.9) < left <= timedelta(days=7)


def test_429_second_token_for_one_client_id(caller):
    """One token per client id in 7 days; the second call says when to come again."""
    caller.token()
    again = caller.token()
    assert code_of(again) == (429, 429)
    assert int(again.headers["Retry-After"]) > 0


def test_1001_without_a_living_token(caller):
    """No bearer, or one that the cloud doesn't know -> 1001 under 401."""
    assert code_of(caller.session()) == (401, 1001)
    caller.http.headers["Authorization"] = "Bearer nmv_usr_nobody"
    assert code_of(caller.session()) == (401, 1001)


def test_402_export_without_attribution_headers(at_work):
    """An export without the three headers fails with 402, anything else goes on."""
    draft = at_work.state()["draft"]
    del at_work.http.headers["X-Skill-Platform"]
    assert code_of(at_work.submit(draft=draft)) == (402, 402)
    assert at_work.credits() == (100, 0, 100)


def test_403_scope_missing(caller):
    """A token without the scope of a call is refused with 403."""
    caller.http.headers["Authorization"] = "Bearer nmv_usr_reader"
    caller.session()
    assert code_of(caller.upload()) == (403, 403)


def test_claim_token(caller):
    """A claim token for the session, to open it in a browser."""
    caller.token()
    caller.session()
    ids = {"task_id": caller.task_id, "session_id": caller.session_id}
    claim = data_of(caller.http.post("/api/auth/claim-token", json=ids))
    assert claim["claim_token"].startswith("clm_")
    assert claim["expires_in"] > 0


def test_session_made(caller):
    """A session has a task, an id that is a string, and its user."""
    caller.token()
    made = data_of(caller.session())
    assert all(isinstance(made[key], str) for key in ("task_id", "session_id", "user_id"))


def test_1002_unknown_session(caller, standin):
    """1002 from state and upload; from run_sse 1002 or ADK's own 404, by dialect."""
    caller.token()
    caller.session_id = "nowhere"
    path = "/api/state/nemo_agent/me/nowhere/latest"
    assert code_of(caller.http.get(path)) == (404, 1002)
    assert code_of(caller.upload()) == (404, 1002)
    refused = caller.say()
    assert refused.status_code == 404
    if "detail" in refused.json():
        assert standin.way != "simple-envelope"
        assert refused.json()["detail"].startswith("Session not found")
    else:
        assert refused.json()["code"] == 1002


def test_1002_session_of_another_account(at_work, standin):
    """A session belongs to its account; for others it isn't there."""
    with Caller(standin, str(uuid.uuid4())) as other:
        other.token()
        other.session_id = at_work.session_id
        assert code_of(other.upload()) == (404, 1002)


def test_upload_multipart(caller, standin):
    """The answer describes the file, the state shows it, the draft covers it, the ledger has it."""
    caller.token()
    caller.session()
    answer = data_of(caller.upload("v ö-1.mp4"))
    (file,) = answer["files"]
    assert answer["session_state_applied"] is True
    assert (file["filename"], file["file_type"]) == ("v ö-1.mp4", "video")
    assert (file["width"], file["height"], file["fps"]) == (320, 180, 20)
    assert file["duration"] == pytest.approx(2.0, abs=0.1)
    assert file["hash"] == hashlib.md5(clip_bytes()).hexdigest()
    assert caller.state()["video_infos"] == [file]
    (track,) = caller.state()["draft"]["t"]
    (segment,) = track["sg"]
    assert (track["tt"], segment["src"]) == (0, "v ö-1.mp4")
    assert segment["d"] == pytest.approx(2000, abs=100)
    fact = standin.facts("upload_received")[-1]
    assert fact["sha256"] == hashlib.sha256(clip_bytes()).hexdigest()
    assert fact["bytes"] == len(clip_bytes())
    assert httpx.get(file["cdn_url"]).content == clip_bytes()


def test_upload_chunked_without_a_length(at_work):
    """A body in chunks, cut at awkward places, arrives whole."""
    body = b'--b\r\nContent-Disposition: form-data; name="files"; filename="c.mp4"\r\n\r\n'
    body += clip_bytes() + b"\r\n--b--\r\n"
    pieces = (body[place : place + 997] for place in range(0, len(body), 997))
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = at_work.http.post(at_work.upload_path, content=pieces, headers=headers)
    assert data_of(answer)["files"][0]["hash"] == hashlib.md5(clip_bytes()).hexdigest()


def test_upload_by_url(at_work):
    """The JSON form fetches from this machine; from anywhere else it refuses."""
    url = at_work.state()["video_infos"][0]["cdn_url"]
    body = {"urls": [url], "source_type": "url"}
    assert len(data_of(at_work.http.post(at_work.upload_path, json=body))["files"]) == 1
    body = {"urls": ["http://192.0.2.1/x.mp4"], "source_type": "url"}
    assert code_of(at_work.http.post(at_work.upload_path, json=body)) == (400, 400)


@pytest.mark.parametrize("name", ["notes.txt", "clip.mp4"])
def test_4001_unsupported_file_type(at_work, name):
    """A file of another kind, by its name or by its bytes, is refused and leaves no trace."""
    assert code_of(at_work.upload(name, b"no video at all")) == (415, 4001)
    assert len(at_work.state()["video_infos"]) == 1


def test_4002_file_too_large(at_work):
    """A file over the limit is refused after it was read; the connection goes on."""
    assert code_of(at_work.upload("big.mp4", bytes(200_001))) == (413, 4002)
    assert len(at_work.state()["video_infos"]) == 1


def test_state_fields(at_work):
    """Draft, media, canvas, and the id for a registration link."""
    path = f"/api/state/nemo_agent/me/{at_work.session_id}/latest"
    data = data_of(at_work.http.get(path))
    assert data["bind_id"] == data["user_id"]
    assert data["state"]["canvas_config"] == {"width": 320, "height": 180}
    assert data["state"]["generated_media"] == []


def test_message_edits_the_draft(at_work, standin):
    """Size, resolution and cut are understood; the draft changes; the stream says so and ends."""
    answer = at_work.say("under 60 KB, 120p, and remove the first 0.5 seconds")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert re.search(r'"(text|content)":"Done: the frame is 214x120', answer.text)
    draft = at_work.state()["draft"]
    segment = draft["t"][0]["sg"][0]
    assert (draft["m"]["width"], draft["m"]["height"]) == (214, 120)
    assert segment["in"] == 500
    assert segment["d"] == pytest.approx(1500, abs=100)
    assert standin.facts("message_received")[-1]["session"] == at_work.session_id
    assert standin.facts()[-2]["fact"] == "edit_applied"


def test_message_naming_a_file_edits_that_file(at_work):
    """Two uploads are two segments; the words for one leave the other alone."""
    at_work.upload("v-2.mp4")
    at_work.say("to 90p for v-2.mp4")
    one, two = at_work.state()["draft"]["t"][0]["sg"]
    assert (one["m"]["height"], two["m"]["height"]) == (180, 90)


def test_credits_are_charged_once_a_session(at_work, standin):
    """Fifty credits for a session's first edit, none for the next; the total stays."""
    at_work.say()
    assert at_work.credits() == (50, 0, 100)
    at_work.say("to 90p")
    assert at_work.credits() == (50, 0, 100)
    assert standin.facts("message_charged")[-1]["credits_left"] == 50


def test_export_to_download(at_work, standin):
    """Submit, poll, download: the bytes on the CDN are what the ledger says was rendered."""
    at_work.say()
    at_work.submit(render_id := f"render_{uuid.uuid4().hex}")
    url = at_work.finished(render_id)
    assert url.startswith(standin.cdn_url)
    got = httpx.get(url)
    assert got.headers["content-type"] == "video/mp4"
    assert len(got.content) == int(got.headers["content-length"])
    (done,) = [fact for fact in standin.facts("render_done") if fact["id"] == render_id]
    assert done["bytes"] == len(got.content) <= 60_000
    assert standin.facts()[-1]["fact"] == "download_complete"
    with_token = at_work.http.get(f"/api/render/proxy/{render_id}/download")
    assert with_token.content == got.content
    ends = [fact for fact in standin.facts("render_polled_to_end") if fact["id"] == render_id]
    assert len(ends) == 1


def test_400_export_without_a_ready_draft(at_work):
    """A draft without a segment can't be exported."""
    assert code_of(at_work.submit(draft={"t": [{"tt": 0, "sg": []}]})) == (400, 400)


def test_409_render_id_used_again(at_work, standin):
    """An id is taken once; the refusal is in the ledger too."""
    render_id = f"render_{uuid.uuid4().hex}"
    assert at_work.submit(render_id).status_code == 200
    assert code_of(at_work.submit(render_id)) == (409, 409)
    taken = [fact["accepted"] for fact in standin.facts("render_submitted")][-2:]
    assert taken == [True, False]
    at_work.finished(render_id)


def test_404_unknown_render(at_work):
    """A render that no one submitted is not found."""
    assert code_of(at_work.poll("render_none")) == (404, 404)
    assert code_of(at_work.http.post("/api/render/proxy/lambda/render_none/cancel")) == (404, 404)


def test_cdn_range(at_work, standin):
    """A strong ETag, ranges under If-Range, the whole file when the ETag is another one."""
    at_work.submit(render_id := f"render_{uuid.uuid4().hex}")
    url = at_work.finished(render_id)
    whole = httpx.get(url)
    etag, size = whole.headers["etag"], len(whole.content)
    assert re.fullmatch(r'"[0-9a-f]+"', etag)
    rest = httpx.get(url, headers={"Range": "bytes=100-", "If-Range": etag})
    assert rest.status_code == 206
    assert rest.headers["content-range"] == f"bytes 100-{size - 1}/{size}"
    assert whole.content[:100] + rest.content == whole.content
    other = httpx.get(url, headers={"Range": "bytes=100-", "If-Range": '"other"'})
    assert (other.status_code, len(other.content)) == (200, size)
    past = httpx.get(url, headers={"Range": f"bytes={size}-"})
    assert (past.status_code, past.headers["content-range"]) == (416, f"bytes */{size}")
    assert httpx.head(url).headers["content-length"] == str(size)


def test_secrets_that_leak_are_in_the_ledger(at_work, standin):
    """A token or attribution header at the CDN, or a token in an address, is written down."""
    at_work.http.get(f"{standin.cdn_url}/r/0/x.mp4")
    names = {name.lower() for name in standin.facts("cdn_got_secret")[-1]["headers"]}
    assert {"authorization", "x-skill-source"} <= names
    token = at_work.http.headers["Authorization"].removeprefix("Bearer ")
    at_work.http.get(f"/api/credits/balance/simple?token={token}")
    assert standin.facts()[-1]["fact"] == "token_in_url"


def test_the_log_hides_the_bearer(at_work, standin):
    """A line per request, numbered from 1, with a fingerprint instead of the token."""
    at_work.credits()
    lines = standin.requests()
    assert sorted(line["n"] for line in lines) == list(range(1, len(lines) + 1))
    line = lines[-1]
    token = at_work.http.headers["Authorization"].removeprefix("Bearer ")
    assert line["bearer"] == hashlib.sha256(token.encode()).hexdigest()[:8]
    assert (line["host"], line["kind"], line["status"]) == ("api", "credits", 200)
    assert line["skill_headers"] is True
    headers = {name.lower(): value for name, value in line["headers"].items()}
    assert headers["authorization"] == "Bearer <set>"
    assert token not in (standin.folder / "log.jsonl").read_text()


@pytest.mark.parametrize("how", ["envelope", "event", "text"])
@pytest.mark.parametrize("dialect", ["simple", "adk"])
def test_2001_out_of_credits(tmp_path, how, dialect):
    """Told as an envelope, an event or in words; nothing is done and nothing charged."""
    scenario = {"kind": True, "credits": 49, "out_of_credits_as": how, "dialect": dialect}
    with Standin(tmp_path, scenario) as standin, Caller(standin) as caller:
        caller.ready()
        answer = caller.say()
        if how == "envelope":
            assert code_of(answer) == (200, 2001)
        else:
            assert answer.headers["content-type"].startswith("text/event-stream")
            assert "2001" in answer.text
        assert caller.credits() == (49, 0, 49)
        assert standin.facts("message_received", "message_charged", "edit_applied") == []
        assert standin.facts("message_refused")[0]["code"] == 2001


def test_429_tokens_per_address(tmp_path):
    """About ten tokens per address in seven days; here two."""
    with Standin(tmp_path, {"kind": True, "tokens_per_ip": 2}) as standin:
        answers = []
        for number in range(3):
            with Caller(standin, f"id-{number}") as caller:
                answers.append(caller.token().status_code)
        assert answers == [200, 200, 429]


def test_1001_under_http_200(tmp_path):
    """The code alone can carry the error."""
    with Standin(tmp_path, {"kind": True, "errors_as": "ok"}) as standin, Caller(standin) as caller:
        assert code_of(caller.session()) == (200, 1001)


@pytest.mark.parametrize(("account", "sessions"), [("same", 200), ("other", 404)])
def test_1001_renewed_token(tmp_path, account, sessions):
    """A token that died is renewed for its client id, for the same account or another one."""
    fault = {"kind": "credits", "occurrence": 1, "do": "expire_token"}
    scenario = {"kind": True, "renewed_account": account, "faults": [fault]}
    with Standin(tmp_path, scenario) as standin, Caller(standin) as caller:
        caller.token()
        caller.session()
        assert code_of(caller.http.get("/api/credits/balance/simple")) == (401, 1001)
        assert caller.token().status_code == 200
        path = f"/api/state/nemo_agent/me/{caller.session_id}/latest"
        assert caller.http.get(path).status_code == sessions


def test_pessimist_state_lags_and_render_is_unknown_at_first(tmp_path):
    """An upload shows after the lag; a render id is taken at once, but polls find it later."""
    knobs = {"render_seconds": 0, "state_lag_seconds": 10, "render_unknown_seconds": 10}
    with Standin(tmp_path, knobs, "--speed", "20") as standin, Caller(standin) as caller:
        caller.ready()
        assert caller.state()["video_infos"] == []
        until(lambda: caller.state()["video_infos"])
        assert caller.submit().status_code == 200
        assert caller.poll().status_code == 404
        assert caller.submit().status_code in {409, 429}
        until(lambda: caller.poll().status_code == 200)


def test_pessimist_charges_for_a_draft_left_as_it_was(tmp_path):
    """Where chance leaves the draft unchanged, the session is charged all the same."""
    with Standin(tmp_path, {"kind": True, "unchanged_share": 1.0}) as standin:
        with Caller(standin) as caller:
            caller.ready()
            before = caller.state()
            caller.say()
            assert caller.state() == before
            assert caller.credits() == (50, 0, 100)
        assert standin.facts("edit_unchanged")
