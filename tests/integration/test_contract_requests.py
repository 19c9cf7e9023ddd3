"""cloud-api.md, "Every request": addresses, bodies, headers, answers' shapes, redirects, breaks."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from cloudstage import CALLS, KIND, MARK, SHAPES, Place, answer, at, good, header, rendered, stream
from integration.test_standin_program import Inside

import hotpress
from hotpress.circumstances import Circumstances
from hotpress.clock import SystemClock
from hotpress.clouds import make_cloud
from hotpress.config.read import read_text
from hotpress.errors import CloudError, Lost, NotSent, Refused, Stopping, Unreachable
from hotpress.places import client_id_file

SKILL = {
    "X-Skill-Source": "video-compressor-high-quality",
    "X-Skill-Version": "1.0.0",
    "X-Skill-Platform": "unknown",
}
REQUESTS = ("token", *CALLS)
ADDRESSES = {
    "token": "POST /api/auth/anonymous-token",
    "claim": "POST /api/auth/claim-token",
    "session": "POST /api/tasks/me/with-session/nemo_agent",
    "upload": "POST /api/upload-video/nemo_agent/me/s",
    "run_sse": "POST /run_sse",
    "state": "GET /api/state/nemo_agent/me/s/latest",
    "credits": "GET /api/credits/balance/simple",
    "submit": "POST /api/render/proxy/lambda",
    "poll": "GET /api/render/proxy/lambda/render_1",
    "cancel": "POST /api/render/proxy/lambda/render_1/cancel",
    "download": "GET /api/render/proxy/render_1/download",
}
ANSWERS = {
    "token": good({"token": MARK}),
    "claim": good({"claim_token": "clm_1", "expires_in": 600}),
    "session": good({"task_id": "t", "session_id": "s"}),
    "upload": good({"files": []}),
    "run_sse": stream({"type": "text", "content": "Done."}),
    "state": good({"state": {"draft": {"t": []}, "video_infos": []}}),
    "credits": good({"available": 100, "frozen": 0, "total": 100}),
    "submit": answer(200, {"success": True, "data": {"id": "r", "status": "pending"}}),
    "poll": answer(200, {"success": True, "data": {"id": "r", "status": "processing"}}),
    "cancel": answer(200, {"success": True, "data": {"id": "r", "status": "cancelled"}}),
    "download": answer(200, b"video", content_type="video/mp4"),
}
# The messages that must be sent word for word; upload is no JSON, the others have no body.
BODIES = {
    "claim": {"task_id": "t", "session_id": "s"},
    "session": {"task_name": "project", "language": "en"},
    "run_sse": {
        "app_name": "nemo_agent",
        "user_id": "me",
        "session_id": "s",
        "new_message": {"parts": [{"text": "compress to under 60 KB at 120p"}]},
    },
    "submit": {
        "id": "render_1",
        "sessionId": "s",
        "draft": {"t": []},
        "output": {"format": "mp4", "quality": "high"},
    },
}


@pytest.fixture
def place(tmp_path):
    with Place(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def walk(tmp_path_factory):
    """The log of one whole way through the cloud: each kind of request at least once."""
    with Place(tmp_path_factory.mktemp("walk")) as place:
        place.cloud(one_export=False)
        client = place.client().ready()
        client.say()
        client.cloud.credits(client.number)
        poll = rendered(client)
        client.fetch(poll.url)
        client.fetch_through_api(name="other.mp4")
        client.call("cancel")
        client.call("claim")
        yield place.standin.requests()


def sent(walk, kind):
    lines = [line for line in walk if line["kind"] == kind]
    assert lines, f"no {kind} in the walk"
    return lines


@pytest.mark.parametrize("kind", REQUESTS)
def test_endpoint(place, kind):
    """Each call goes to the contract's address by the contract's method, and says what it must."""
    server = place.odd(ANSWERS[kind])
    client = place.client(server.url, token=None if kind == "token" else MARK)
    client.call(kind)
    (asked,) = server.asked
    assert f"{asked.method} {asked.path}" == ADDRESSES[kind]
    if kind in BODIES:
        assert asked.json == BODIES[kind]
        assert asked.headers["content-type"] == "application/json"
    elif kind == "upload":
        assert asked.headers["content-type"].startswith("multipart/form-data; boundary=")
        assert b'name="files"; filename="v-1.mp4"' in asked.body
    else:
        assert asked.body == b""


@pytest.mark.parametrize("kind", REQUESTS)
@pytest.mark.parametrize("name", SKILL)
def test_every_request(walk, name, kind):
    """The three attribution headers stand on every request to the API, the token's included."""
    assert {header(line, name) for line in sent(walk, kind)} == {SKILL[name]}


@pytest.mark.parametrize("kind", CALLS)
def test_every_request_has_the_bearer(walk, kind):
    """`Authorization: Bearer <token>` stands on every call, and it is always the one token."""
    lines = sent(walk, kind)
    assert {header(line, "Authorization") for line in lines} == {"Bearer <set>"}
    assert len({line["bearer"] for line in walk if line["bearer"]}) == 1


def test_every_request_but_the_anonymous_token_has_the_bearer(walk):
    """The anonymous-token call carries no `Authorization`, only the client id."""
    (line,) = sent(walk, "token")
    assert header(line, "Authorization") is None
    assert header(line, "X-Client-Id")
    assert line["bytes_in"] == 0


def test_run_sse_accepts_an_event_stream(walk):
    """`Accept: text/event-stream` stands on the message to the agent."""
    assert [header(line, "Accept") for line in sent(walk, "run_sse")] == ["text/event-stream"]


def test_skill_version_is_a_setting(place):
    """`X-Skill-Version` is what the settings say."""
    place.cloud()
    place.client(skill_version="2.3.4").call("credits")
    assert {header(line, "X-Skill-Version") for line in place.standin.requests()} == {"2.3.4"}


ASK_CREDITS = """
import sys, threading
from pathlib import Path
from hotpress.clock import SystemClock
from hotpress.cloud import Cloud, Identity
from hotpress.cloud.client import Address
cloud = Cloud(Address(sys.argv[1]), Identity(Path(sys.argv[2])), SystemClock(), threading.Event())
cloud.credits()
cloud.close()
"""


@pytest.mark.parametrize(
    ("installed", "platform"),
    [
        (".clawhub/skills/hot", "clawhub"),
        (".cursor/skills/hot", "cursor"),
        (".cursor/extensions/hot", "unknown"),
        ("lib/hot", "unknown"),
    ],
    ids=["~/.clawhub/", "~/.cursor/skills/", "~/.cursor/ alone", "else"],
)
def test_platform(place, tmp_path, installed, platform):
    """`X-Skill-Platform` follows from the path that the program is installed in."""
    place.cloud()
    home = tmp_path / "home"
    package = home / installed / "hotpress"
    ignored = shutil.ignore_patterns("__pycache__", "standin", "media", "steps", "store")
    shutil.copytree(Path(hotpress.__file__).parent, package, ignore=ignored)
    subprocess.run(
        [sys.executable, "-c", ASK_CREDITS, place.standin.api_url, str(tmp_path / "identity")],
        env={**os.environ, "HOME": str(home), "PYTHONPATH": str(package.parent)},
        check=True,
        timeout=30,
    )
    (line,) = place.of("credits")
    assert header(line, "X-Skill-Platform") == platform


@pytest.mark.parametrize(
    "variable", ["SKILL_SOURCE", "NEMO_API_URL", "NEMO_WEB_URL", "NEMO_TOKEN", "NEMO_CLIENT_ID"]
)
def test_environment(tmp_path, variable):
    """The variable reaches the wire, and wins over what the config file says."""
    scenario = {**KIND, "tokens": ["nmv_usr_env", "nmv_usr_file"]}
    with Inside(tmp_path, scenario) as standin:
        given = {
            "SKILL_SOURCE": "elsewhere",
            "NEMO_API_URL": standin.api_url,
            "NEMO_WEB_URL": "https://web.example",
            "NEMO_TOKEN": "nmv_usr_env",
            "NEMO_CLIENT_ID": "id-of-the-environment",
        }[variable]
        written = {"platform": "of-the-file", "client_id": "id-of-the-file"}
        written["api_url"] = "http://127.0.0.1:9" if variable == "NEMO_API_URL" else standin.api_url
        if variable == "NEMO_TOKEN":
            written["token"] = "nmv_usr_file"
        config = read_text(json.dumps({"cloud": written}), tmp_path / "c.yaml", {variable: given})
        around = Circumstances(SystemClock(), random.Random(1), tmp_path / "identity")
        cloud = make_cloud(config.settings, around, threading.Event())
        cloud.credits()
        cloud.close()
        assert (cloud.address.web_url == given) is (variable == "NEMO_WEB_URL")
        lines = {line["kind"]: line for line in standin.requests()}
    if variable == "SKILL_SOURCE":
        assert header(lines["credits"], "X-Skill-Platform") == given
    if variable == "NEMO_CLIENT_ID":
        assert header(lines["token"], "X-Client-Id") == given
        assert not (tmp_path / "identity/client_id").exists()
    assert ("token" in lines) is (variable != "NEMO_TOKEN")


def test_client_id_file_is_the_one_that_other_clients_share():
    """The client id lies in `~/.config/nemovideo/client_id`."""
    assert client_id_file() == Path(os.environ["HOME"], ".config/nemovideo/client_id")


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", ["token", "session", "upload", "state", "credits"])
def test_answer_shape(place, shape, kind):
    """The envelope, `success` and bare top-level fields say the same."""
    place.cloud(api_shape=shape)
    client = place.client()
    if kind in ("token", "credits"):
        balance = client.cloud.credits()
        assert (balance.available, balance.frozen, balance.total) == (100, 0, 100)
        assert client.cloud.tokens.current().user_id.startswith("anon_")
        return
    client.open()
    (made,) = place.facts("session_made")
    assert client.session == made["session"]
    if kind == "session":
        return
    digest = client.upload()
    (received,) = place.facts("upload_received")
    assert received["sha256"] == digest
    if kind == "state":
        state = client.cloud.state(client.session, client.number)
        assert [media.filename for media in state.media] == ["v-1.mp4"]
        assert state.draft is not None
        assert state.draft.ready


REDIRECTS = (301, 302, 303, 307, 308)


@pytest.mark.parametrize("kind", REQUESTS)
def test_redirect_of_an_api_call_is_refused(place, kind):
    """No API call follows a redirect: the other host hears nothing, least of all the bearer."""
    there = place.odd(ANSWERS[kind])
    here = place.odd(answer(307, location=f"{there.url}/caught"))
    client = place.client(here.url, token=None if kind == "token" else MARK)
    with pytest.raises(Refused):
        client.call(kind)
    assert there.asked == []
    assert len(here.asked) == 1


@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize("where", ["another host", "the same host"])
def test_redirect(place, status, where):
    """Every redirect status is refused, wherever it leads."""
    there = place.odd(ANSWERS["credits"])
    location = f"{there.url}/caught" if where == "another host" else "/caught"
    here = place.odd(answer(status, location=location))
    with pytest.raises(Refused):
        place.client(here.url, token=MARK).call("credits")
    assert there.asked == []
    assert len(here.asked) == 1


UNREACHABLE = {
    "DNS: no such name": lambda _place: "http://nowhere.invalid",
    "connect: nobody listens": lambda _place: "http://127.0.0.1:9",
    "TLS: the other side speaks none": lambda place: place.odd(b"no").url.replace("http", "https"),
    "TLS: a certificate that no one vouches for": lambda place: place.odd(b"no", tls=True).url,
}


@pytest.mark.parametrize("trouble", UNREACHABLE)
@pytest.mark.parametrize("kind", ["credits", "upload", "run_sse", "submit"])
def test_connection_that_was_never_made(place, trouble, kind):
    """Without a connection surely nothing happened, and the sentence says more than nothing."""
    client = place.client(UNREACHABLE[trouble](place), token=MARK)
    with pytest.raises(Unreachable) as caught:
        client.call(kind)
    assert isinstance(caught.value, NotSent)
    assert not caught.value.why.rstrip().endswith(":")
    assert MARK not in repr(caught.value)


def lost(place, kind, **do):
    """A stand-in that does this to each request of a kind, and a client that stands before it."""
    place.cloud(at(kind, **do), tokens=[MARK])
    client = place.client(token=MARK)
    if kind not in ("token", "session", "credits"):
        client.open()
    if kind in ("submit", "poll", "cancel", "download"):
        client.upload()
        client.look()
    if kind in ("poll", "cancel", "download"):
        client.submit()
    if kind == "token":
        client.token = None
    return client


@pytest.mark.parametrize("kind", REQUESTS)
@pytest.mark.parametrize("how", ["drop_before", "drop_after"])
def test_connection_that_breaks_without_an_answer_is_lost(place, kind, how):
    """Once the request may have arrived it may have happened: Lost, and asked only once."""
    client = lost(place, kind, **{how: True})
    with pytest.raises(Lost) as caught:
        client.call(kind)
    assert not caught.value.why.rstrip().endswith(":")
    assert len(place.of(kind)) == 1


@pytest.mark.parametrize("kind", ["token", "session", "upload", "state", "credits", "poll"])
def test_connection_that_breaks_inside_is_lost(place, kind):
    """Half a request, or half an answer, is Lost: asked only once."""
    client = lost(place, kind, drop_mid=True)
    with pytest.raises(Lost):
        client.call(kind)
    assert len(place.of(kind)) == 1


@pytest.mark.parametrize("body", ["html", "malformed", "empty"])
@pytest.mark.parametrize("kind", [kind for kind in REQUESTS if kind != "download"])
def test_body_that_is_no_json_is_an_error_of_its_own(place, kind, body):
    """A page, half a value or nothing where JSON should be is Lost, though the status is 200."""
    client = lost(place, kind, **{body: True})
    with pytest.raises(Lost) as caught:
        client.call(kind)
    assert caught.value.hint
    assert len(place.of(kind)) == 1


def huge(_asked):
    """40 MiB of spaces before a value, in chunks."""
    yield b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    for _ in range(40):
        yield b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    yield b"2\r\n{}\r\n0\r\n\r\n"


WIRE = {
    "huge: over 32 MiB": huge,
    "gzip that is none": answer(200, b"no gzip", content_encoding="gzip"),
    "no HTTP at all": b"SSH-2.0-OpenSSH_9.6\r\n",
    "a length that is none": answer(200, b"{}", content_length="many"),
    "shorter than announced": answer(200, b"{}", content_length="50"),
    "JSON nested too deep": answer(200, b"[" * 100_000),
    "a list": answer(200, []),
    "a number": answer(200, 5),
    "no UTF-8": answer(200, b'{"code": 0, "data": "\xff\xfe"}'),
    "a code that only looks like a number": answer(200, {"code": "²", "message": "no"}),
    "a code that is no number": answer(200, {"code": "SESSION_BROKEN", "message": "no"}),
}


@pytest.mark.parametrize("body", WIRE)
@pytest.mark.parametrize("kind", ["session", "submit"])
def test_odd_answer_is_lost(place, kind, body):
    """An answer that can't be understood is no success, no crash, and not endless: Lost."""
    server = place.odd(WIRE[body])
    with pytest.raises(Lost):
        place.client(server.url, token=MARK).call(kind)
    assert len(server.asked) == 1


BIG = 10**400
WRONG_TYPES = {
    "session: an object for an id": ("session", {"session_id": {"a": 1}}),
    "session: a list": ("session", [1]),
    "session: null": ("session", None),
    "token: a number": ("token", {"token": 5}),
    "token: null": ("token", None),
    "state: a list": ("state", {"state": []}),
    "state: null": ("state", None),
    "credits: words": ("credits", {"available": "100"}),
    "credits: a list": ("credits", [100]),
    "credits: beyond any float": ("credits", {"available": BIG}),
    "poll: a status that is no word": ("poll", {"status": 5}),
    "poll: null": ("poll", None),
}


@pytest.mark.parametrize("case", WRONG_TYPES)
def test_wrong_type_is_lost(place, case):
    """A value of another type than the contract's is Lost, never a crash or a made-up value."""
    kind, data = WRONG_TYPES[case]
    server = place.odd(good(data))
    with pytest.raises(Lost):
        place.client(server.url, token=None if kind == "token" else MARK).call(kind)


def test_wrong_type_beside_a_good_value_is_left_out(place):
    """A number beyond any float in a draft, a media or a progress is no crash."""
    segment = {"d": BIG, "m": {"title": "x"}}
    state = {"draft": {"t": [{"tt": 0, "sg": [segment]}]}, "video_infos": [{"duration": BIG}]}
    server = place.odd(good({"state": state}), good({"status": "pending", "progress": BIG}))
    client = place.client(server.url, token=MARK)
    try:
        client.call("state")
        client.call("poll")
    except CloudError:
        return  # a refusal to read it is as good


@pytest.mark.parametrize("kind", CALLS)
def test_stop_before_a_call_sends_nothing(place, kind):
    """When hotpress was asked to stop, no further request leaves."""
    server = place.odd(ANSWERS[kind])
    client = place.client(server.url, token=MARK)
    client.stop.set()
    with pytest.raises(Stopping):
        client.call(kind)
    assert server.asked == []


@pytest.mark.parametrize("address", ["http://127.0.0.1:99999", "http://a b/", "ftp://x"])
def test_address_that_is_none_is_not_sent(place, address):
    """An address that no one can call is NotSent, never a crash."""
    with pytest.raises(NotSent):
        place.client(address, token=MARK).call("credits")
