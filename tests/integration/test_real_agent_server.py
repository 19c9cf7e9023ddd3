"""The agent client against something that nobody here wrote: Google ADK's own `run_sse` server."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest
from stage import until

from hotpress.clock import SystemClock
from hotpress.cloud import Cloud, Identity
from hotpress.cloud.client import Address
from hotpress.errors import Lost, SessionGone

pytestmark = [pytest.mark.system, pytest.mark.slow]
SERVER = Path(__file__).parents[1] / "adk/server.py"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Its address; the real server as a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    errors = tmp_path_factory.mktemp("adk") / "stderr"
    python = os.environ.get("HOTPRESS_ADK_PYTHON", sys.executable)
    with errors.open("wb") as log:
        process = subprocess.Popen([python, str(SERVER), str(port)], stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: answers(url) or process.poll() is not None, 60, "the agent server")
        assert process.poll() is None, errors.read_text()
        yield url, errors
    finally:
        process.kill()
        process.wait()


def answers(url):
    try:
        with urllib.request.urlopen(f"{url}/list-apps", timeout=2):
            return True
    except OSError:
        return False


def session(url):
    request = urllib.request.Request(
        f"{url}/apps/nemo_agent/users/me/sessions", b"{}", {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["id"]


@pytest.fixture
def cloud(server, tmp_path):
    stop = threading.Event()
    made = Cloud(
        Address(server[0]),
        Identity(tmp_path),
        SystemClock(),
        stop,
        configured_token=lambda: "nmv_usr_x",
    )
    made.stop_event = stop
    yield made
    made.close()


@pytest.mark.parametrize(
    ("message", "text", "calls", "error"),
    [
        ("text", "Hello\nsecond line", 0, ""),
        ("partial", "Hello world", 0, ""),
        ("tool", "Let me look.\nTrimmed.", 1, ""),
        ("thought", "answer", 0, ""),
        ("nothing", "", 0, ""),
        ("exception", "", 0, "boom before any event"),
        ("late exception", "part one", 0, "boom after text"),
        ("unicode", "a\u2028b\u0085c 你", 0, ""),
    ],
)
def test_a_turn_of_the_real_server(server, cloud, message, text, calls, error):
    """Each kind of answer is read as one closed turn."""
    turn = cloud.say(session(server[0]), 0, message, lambda: None)

    assert (turn.text, turn.tool_calls, turn.ended) == (text, calls, "closed")
    assert error in turn.error


def test_a_long_event_of_the_real_server(server, cloud):
    """3 MB in one event come whole, cut only where people read them."""
    turn = cloud.say(session(server[0]), 0, "long", lambda: None)

    assert set(turn.text) == {"x"}


def test_an_unknown_session_of_the_real_server(cloud):
    """Its 404 without an envelope is 1002."""
    with pytest.raises(SessionGone):
        cloud.say("no-such-session", 0, "text", lambda: None)


def test_a_stop_in_the_middle_of_a_stream_is_a_doubt(server, cloud):
    """The line is cut at once, the turn is Lost, and the server's agent ends with it."""
    name = session(server[0])
    found = []

    def listen():
        try:
            cloud.say(name, 0, "for ever", lambda: None)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is looked at
            found.append(error)

    thread = threading.Thread(target=listen)
    thread.start()
    time.sleep(1.0)
    started = time.monotonic()
    cloud.stop_event.set()
    cloud.cut()
    thread.join(5)

    assert not thread.is_alive()
    assert time.monotonic() - started < 2
    assert type(found[0]) in (Lost, *Lost.__subclasses__()) or type(found[0]).__name__ == "Stopping"
    until(lambda: "AGENT_CLOSED" in server[1].read_text(), 10, "the agent's end")
