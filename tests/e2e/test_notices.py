"""Whoever is elsewhere is told, whatever becomes of the daemon meanwhile."""

import json
import sqlite3
import stat
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from stage import TOKEN_MARK, Stage, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture
def stage(tmp_path):
    found = Stage(tmp_path)
    with found.cloud({"credits": 0, "faults": []}, "--kind", "--speed", "20"):
        yield found
        found.end()


@pytest.fixture
def posts():
    got = []

    class Door(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield got, f"json://me:pass-word@127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def _book(stage):
    """What the daemon keeps of its notices."""
    if not (stage.state / "hotpress.db").exists():
        return ""
    with closing(sqlite3.connect(stage.state / "hotpress.db")) as db:
        try:
            rows = db.execute("SELECT value FROM notes WHERE key = 'notices'").fetchall()
        except sqlite3.OperationalError:  # it is being made
            return ""
    return rows[0][0] if rows else ""


def hook(stage, text):
    path = stage.folder / "hook"
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_a_notice_that_was_gathering_when_the_daemon_was_killed_arrives_once(stage, posts):
    """Two files fail, kill -9, another start: one post of both; a program had heard of each."""
    got, url = posts
    heard = stage.folder / "heard"
    command = hook(stage, f"cat >>{heard}\necho >>{heard}\n")
    stage.configure(
        {"route": "local"},
        watch={"patience": "1s"},
        notify=[{"url": url}, {"command": command, "events": ["failed"]}],
    )
    stage.start()
    until(lambda: '"line":0' in _book(stage), 30, "the first look")
    for name in ("a.mov", "b.mov"):
        (stage.inbox() / name).write_bytes(b"no video at all" * 10_000 + name.encode())
    until(lambda: heard.exists() and heard.read_text().count("\n") >= 2, 60, "the program")
    assert got == []
    stage.daemon.kill()
    stage.daemon.wait()
    stage.start()
    until(lambda: got, 100, "the post")
    until(lambda: '"letters":[]' in _book(stage), 30, "that it was noted")

    assert stage.stop() == 0
    assert [each["title"] for each in got] == ["hotpress: 2 videos failed in Inbox"]
    jobs = {json.loads(line)["relative"] for line in heard.read_text().splitlines() if line}
    assert jobs == {"a.mov", "b.mov"}
    log = (stage.folder / "daemon.log").read_text()
    for text in (str(got), heard.read_text(), log):
        assert TOKEN_MARK not in text
        assert "pass-word" not in text


def test_a_program_that_never_ends_does_not_hold_up_the_stop(stage):
    """It ends with the daemon; the notice stays for the next start."""
    command = hook(stage, f"echo $$ >{stage.folder}/pid\nexec sleep 1000\n")
    stage.configure(
        {"route": "local"},
        watch={"patience": "1s"},
        notify=[{"command": command, "events": ["failed"]}],
    )
    stage.start()
    until(lambda: '"line":0' in _book(stage), 30, "the first look")
    (stage.inbox() / "a.mov").write_bytes(b"no video at all" * 10_000)
    pid = stage.folder / "pid"
    until(lambda: pid.exists() and pid.read_text().strip(), 60, "the program")

    assert stage.stop() == 0
    assert not Path("/proc", pid.read_text().strip()).exists()
    assert '"event":"failed"' in _book(stage)
