"""Link files, seen from outside: a web server, the stand-in cloud and hotpress as processes."""

import http.server
import json
import plistlib
import threading

import clips
import pytest
from stage import Stage, until

from hotpress.media import Media

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


class Pages(http.server.BaseHTTPRequestHandler):
    """A clip in several places, and what only looks like one."""

    clip = b""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/watch?v=1")
            self.end_headers()
            return
        film = path in ("/talk.mp4", "/watch")
        self.send_response(200)
        self.send_header("Content-Type", "video/mp4" if film else "text/html")
        self.end_headers()
        self.wfile.write(self.clip if film else b"<html>Sign in</html>")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def web():
    Pages.clip = clips.real("carphone_pristine.mp4").read_bytes()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(5)


def link(folder, name, address):
    body = f"[InternetShortcut]\r\nURL={address}\r\n".encode()
    if name.endswith(".webloc"):
        body = plistlib.dumps({"URL": address})
    (folder / name).write_bytes(body)


def test_link_files_from_the_drop_to_the_result(tmp_path, web):
    """One result each, paid once, or a sentence in every place where a person looks."""
    stage = Stage(tmp_path)
    scenario = {"credits": 1000, "honours_size": False}
    with stage.cloud(scenario, "--kind", "--speed", "20"):
        rule = {"target_size": "40 kB", "route": "auto"}
        stage.configure(
            {**rule, "name": "Inbox", "links": "local", "source": "archive"},
            {**rule, "name": "Public", "links": "on"},
            {**rule, "name": "Off"},
            watch={"settle": "100ms"},
        )
        link(stage.inbox(), "talk.url", f"{web}/moved?sig=s3cret")
        link(stage.inbox(), "again.webloc", f"{web}/moved?sig=s3cret")
        link(stage.inbox(), "page.url", f"{web}/page.mp4")
        link(stage.inbox("Public"), "inside.url", f"{web}/talk.mp4")
        link(stage.inbox("Off"), "off.url", f"{web}/talk.mp4")
        planned = stage.say("plan", str(stage.inbox() / "talk.url")).stdout
        stage.start()
        until(lambda: stage.ended(4), 90, "four ends")
        until(lambda: "page.url.failed.txt" in stage.notes(), 30, "the note")
        told = json.loads(stage.say("status", "--json").stdout)
        why = {n: stage.say("why", str(stage.inbox(i) / n)).stdout for i, n in WHERE}
        show = "".join(stage.say("show", str(stage.inbox() / n)).stdout for n in ARCHIVED)
        jobs = {j["relative"]: j for j in json.loads(stage.say("jobs", "--json").stdout)["jobs"]}
        notes = stage.notes()
        assert stage.stop() == 0

    assert "a link to 127.0.0.1 -> at most 40 kB, in the cloud (only the cloud can" in planned
    assert "links: local" in planned
    results = sorted(path.name for path in stage.delivered())
    assert results == ["again.mp4", "talk.mp4"]
    assert all(path.stat().st_size <= 40_000 for path in stage.delivered())
    assert Media().probe(stage.outbox() / "talk.mp4").duration_seconds > 1
    assert sorted(p.name for p in (stage.folder / "Archive").rglob("*.*")) == ARCHIVED
    assert stage.facts()["message_received"] == 1
    assert jobs["talk.url"]["size_before"] is None
    assert jobs["talk.url"]["state"] == "delivered"
    assert (jobs["page.url"]["state"], jobs["inside.url"]["state"]) == ("failed", "failed")
    assert "127.0.0.1 lies in this machine or network" in why["inside.url"]
    assert "links: local" in why["inside.url"]
    assert "the cloud does not take this kind of file" in why["page.url"]
    assert "links: on in the config" in why["off.url"]
    assert "a link to 127.0.0.1" in show
    assert "must lead straight to a video file" in notes["page.url.failed.txt"]
    assert [i["ignored"] for i in told["inboxes"]][2] == {"web_link": 1}
    everything = planned + show + str(told) + str(why) + str(notes)
    assert "s3cret" not in everything + (stage.folder / "daemon.log").read_text(errors="replace")


WHERE = [("Inbox", "page.url"), ("Public", "inside.url"), ("Off", "off.url")]
ARCHIVED = ["again.webloc", "talk.url"]
