"""The page over a real store: every route, and what a foreign page or name can't do with it."""

import html
import json
import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from makers import a_job
from pages import served
from stage import until

from hotpress.checkup import checked
from hotpress.cli.page import told
from hotpress.config.page import Page
from hotpress.config.read import read_text
from hotpress.errors import ConfigError
from hotpress.model import Final, Reason, State, Step
from hotpress.page import guard
from hotpress.page.html import coded
from hotpress.page.password import hashed, is_right
from hotpress.places import Places
from hotpress.store import StateLock

EVIL = "<img src=x onerror=alert(1)>.mp4"
FINAL = Final(name="clip.mp4", temp="", size_bytes=250, sha256="b" * 64, made_by="encode")


@pytest.fixture
def page(tmp_path):
    with served(tmp_path) as found:
        yield found


@pytest.fixture
def browser(page):
    with page.client() as client:
        yield client


def add(page, **changes):
    """A job of the page's inbox."""
    values = {"root": str(page.inbox), "outbox": str(page.outbox), "created_at": time.time()}
    job = a_job(**{**values, **changes})
    assert page.store.add(job, "new in travel")
    return job


def token(browser):
    """What the forms of this page bring back."""
    return re.search(r'name="token" value="([0-9a-f]+)"', browser.get("/").text)[1]


def obey(page, answer="done", done=True):
    """Somebody who answers the next command, as the worker does; the commands that came."""
    seen = []

    def look():
        for _ in range(400):
            for command in page.store.commands():
                seen.append(command)
                page.store.answer(command.id, answer, time.time(), done=done)
                return
            time.sleep(0.01)

    thread = threading.Thread(target=look)
    thread.start()
    return seen, thread


def test_every_page_shows_what_the_store_has(page, browser):
    """Now, history, folders, a job, its story: as text, without a script."""
    job = add(page, id="abc123", relative="harbour.mov", state=State.HELD, reason=Reason.APPROVAL)
    add(
        page,
        id="def456",
        relative="market.mov",
        state=State.DELIVERED,
        final=FINAL,
        placed_at=1.0,
        finished_at=time.time(),
        released_at=1.0,
        why="",
    )
    now = browser.get("/").text
    assert "1 video of travel" in now
    assert "Start them" in now
    assert "market.mov" in now
    assert "1 kB -&gt; 250 B (-75 %)" in now
    past = browser.get("/history", params={"text": "HARB"}).text
    assert "harbour.mov" in past
    assert "market.mov" not in past
    assert "<svg" in browser.get("/history").text
    folders = browser.get("/folders").text
    assert "60 MB" in folders
    assert "config.yaml:2" in folders
    assert "built-in" in folders
    (page.inbox / "hotpress.yaml").write_text("target_size: 40 MB\n")
    folders = browser.get("/folders").text
    assert "40 MB" in folders
    assert "hotpress.yaml:1" in folders
    (page.inbox / "hotpress.yaml").write_text("route: cloud\n")
    told = browser.get("/folders").text
    assert "hotpress.yaml:1" in told
    assert 'class="bad"' in told
    story = browser.get(f"/jobs/{job.id}").text
    assert "new in travel" in story
    assert "harbour.mov" in browser.get("/jobs/abc1").text  # the start of an id will do
    assert browser.get("/jobs/nobody").status_code == 404
    assert browser.get("/nowhere").status_code == 404


def test_nothing_on_a_page_comes_from_elsewhere_or_runs_inline(page, browser):
    """The policy says so, and the pages keep to it: no address of others, no inline script."""
    add(page, id="abc123")
    for path in ("/", "/history", "/folders", "/jobs/abc123", "/nowhere"):
        answer = browser.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert not re.search(r"(src|href|action)=\"(https?:)?//", answer.text)
        assert not re.search(r"<script(?![^>]*src=)|\son\w+=|\sstyle=|javascript:", answer.text)
        for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', answer.text):
            assert browser.get(html.unescape(address)).status_code == 200
    assert browser.get("/static/../scene.py").status_code == 404
    assert browser.get("/static/%2e%2e/scene.py").status_code == 404


def test_a_name_that_is_html_stays_a_name(page, browser):
    """In every place where a name, a reason or what was asked for is shown."""
    words = '"><script>alert(1)</script>'
    add(
        page,
        id="abc123",
        relative=EVIL,
        state=State.HELD,
        reason=Reason.UNCLEAR,
        why=words,
        hint=words,
    )
    add(
        page,
        id="def456",
        relative=f"x/{EVIL}",
        state=State.FAILED,
        why=words,
        note=words,
        size_bytes=5,
    )
    note = {"arriving": [{"path": EVIL, "bytes": 5, "since": "2026-01-01T00:00:00Z", "why": words}]}
    page.store.set_note("inbox:travel", json.dumps(note))
    page.store.set_note("store_rebuilt", words)
    query = {
        "text": words,
        "state": words,
        "inbox": words,
        "since": words,
        "page": words,
        "told": words,
    }
    for path in ("/", "/history", "/folders", "/jobs/abc123", "/jobs/def456", f"/jobs/{words}"):
        for params in ({}, query):
            told = browser.get(path, params=params).text
            assert "<img src=x" not in told
            assert "<script>alert" not in told
    assert html.escape(EVIL) in browser.get("/").text


def test_a_command_is_left_in_the_store_and_its_answer_is_shown(page, browser):
    """The same rows as from the terminal; without a script by the page that the form was on."""
    add(page, id="abc123", state=State.FAILED, why="it broke")
    said = {"token": token(browser), "job": "abc123"}
    seen, thread = obey(page, "goes on at upload")
    home = {"Referer": f"{page.url}/jobs/abc123", "Origin": page.url}
    answer = browser.post("/do/retry", data=said, headers=home)
    thread.join()
    assert answer.status_code == 303
    assert [(c.verb, c.job, c.detail) for c in seen] == [("retry", "abc123", {"again": False})]
    assert answer.headers["location"].startswith("/jobs/abc123?told=")
    assert "clip.mov: goes on at upload" in browser.get(answer.headers["location"]).text
    seen, thread = obey(page, "3 of 9 videos")
    wish = {"token": said["token"], "inbox": "travel", "newest": "3"}
    answer = browser.post("/do/approve", data=wish, headers={"Accept": "application/json"})
    thread.join()
    assert answer.json() == {"text": "travel: 3 of 9 videos", "done": True}
    assert [(c.verb, c.job, c.detail) for c in seen] == [
        ("approve", "", {"inbox": "travel", "newest": 3})
    ]
    seen, thread = obey(page, "it is failed already", done=False)
    answer = browser.post("/do/cancel", data=said, headers={"Accept": "application/json"})
    thread.join()
    assert answer.status_code == 409
    seen, thread = obey(page)
    browser.post("/do/ask", data={**said, "words": "no music, please"})
    thread.join()
    assert seen[0].detail["words"] == "no music, please"


@pytest.mark.parametrize(
    ("verb", "fields", "status"),
    [
        ("retry", {"job": "nobody"}, 409),
        ("retry", {}, 409),
        ("pause", {"inbox": "elsewhere"}, 409),
        ("approve", {"inbox": "travel", "newest": "many"}, 409),
        ("ask", {"job": "abc123", "words": " "}, 409),
        ("wake", {"job": "abc123"}, 404),
        ("retry", {"job": "abc123", "more": "x" * 70_000}, 400),
    ],
)
def test_what_makes_no_sense_is_no_command(page, browser, verb, fields, status):
    """A sentence comes back, and the store has no new row."""
    add(page, id="abc123", state=State.FAILED)
    said = {"token": token(browser), **fields}
    answer = browser.post(f"/do/{verb}", data=said, headers={"Accept": "application/json"})
    assert answer.status_code == status
    assert page.store.commands() == []


def test_a_foreign_page_can_change_nothing(page, browser):
    """Without our token, from another origin, or from a frame of one: nothing is left."""
    add(page, id="abc123", state=State.FAILED)
    good = {"token": token(browser), "job": "abc123"}
    tries = [
        ({"job": "abc123"}, {}),
        ({**good, "token": "0" * 64}, {}),
        (good, {"Origin": "http://evil.example"}),
        (good, {"Origin": "null"}),
        (good, {"Origin": page.url.replace("http:", "ftp:")}),
        (good, {"Sec-Fetch-Site": "cross-site"}),
        (good, {"Sec-Fetch-Site": "same-site"}),
    ]
    for fields, headers in tries:
        assert browser.post("/do/retry", data=fields, headers=headers).status_code == 403
        files = {"file": ("clip.mp4", b"x" * 100)}
        form = {**fields, "inbox": "travel"}
        assert browser.post("/drop", data=form, files=files, headers=headers).status_code == 403
    assert browser.get("/do/retry", params=good).status_code == 405
    assert page.store.commands() == []
    assert list(page.inbox.iterdir()) == []


def test_a_foreign_name_that_leads_here_is_told_nothing(page, browser):
    """DNS rebinding: the browser believes it talks to evil.example, which is now this machine."""
    add(page, id="abc123", relative="private.mov")
    for name in ("evil.example", "evil.example:8420", "127.0.0.1.evil.example", "", "8.8.8.8"):
        answer = browser.get("/", headers={"Host": name})
        assert answer.status_code == 421
        assert "private" not in answer.text
    for name in ("localhost:8420", "127.0.0.1", "[::1]:8420", "LOCALHOST"):
        assert browser.get("/", headers={"Host": name}).status_code == 200
    with socket.create_connection(("127.0.0.1", int(page.url.rpartition(":")[2]))) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")
        assert b" 400 " in line.recv(200) or b" 421 " in line.recv(200)


def test_other_names_only_as_the_config_says():
    """Names in numbers are nobody's to lead elsewhere; all others must be known."""
    away = Page(
        listen="0.0.0.0:8420", password=hashed("correct horse", b"0" * 16), hosts=("nas.home",)
    )
    names = guard.own_names(away)
    for host in ("192.168.1.5:8420", "nas.home:8420", "[fe80::1]:8420", socket.gethostname()):
        assert guard.is_own_host(host, names, loopback=False)
    assert not guard.is_own_host("evil.example:8420", names, loopback=False)
    assert not guard.is_own_host("192.168.1.5:8420", guard.own_names(Page()), loopback=True)


def test_a_file_that_is_dropped_is_a_copy_in_the_folder(page, browser):
    """Whole, under a safe name of its own, never over another; nothing else is left there."""
    content = bytes(range(256)) * 9_000  # several pieces
    form = {"token": token(browser), "inbox": "travel"}
    for name, there in [
        ("clip.mp4", "clip.mp4"),
        ("clip.mp4", "clip 2.mp4"),
        ("../../evil.mov", "evil.mov"),
        ("C:\\videos\\win.mov", "win.mov"),
        ('<img onerror="x">.mp4', "_img onerror=_x__.mp4"),
        ("film ö.mkv", "film ö.mkv"),
    ]:
        files = {"file": (name, content)}
        answer = browser.post(
            "/drop", data=form, files=files, headers={"Accept": "application/json"}
        )
        assert answer.status_code == 201, answer.text
        assert (page.inbox / there).read_bytes() == content
    assert len(list(page.inbox.iterdir())) == 6
    assert not (page.folder / "evil.mov").exists()
    answer = browser.post("/drop", data=form, files={"file": ("again.mp4", content)})
    assert "again.mp4 is in the folder, 2.3 MB" in browser.get(answer.headers["location"]).text


def test_what_can_not_come_leaves_nothing(page, browser, tmp_path):
    """No video, no such folder, empty, too large for the disk, cut off: a sentence, no file."""
    form = {"token": token(browser), "inbox": "travel"}
    json_please = {"Accept": "application/json"}

    def dropped(name="clip.mp4", content=b"x" * 5_000, **changes):
        files = {"file": (name, content)}
        return browser.post("/drop", data={**form, **changes}, files=files, headers=json_please)

    assert dropped("page.exe").status_code == 415
    assert dropped(".hotpress.yaml").status_code == 415
    assert dropped(inbox="elsewhere").status_code == 404
    assert dropped(content=b"").status_code == 507
    assert browser.post("/drop", data=form, headers=json_please).status_code == 400
    port = int(page.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as line:
        start = (
            f'--b\r\nContent-Disposition: form-data; name="token"\r\n\r\n{form["token"]}\r\n--b\r\n'
            'Content-Disposition: form-data; name="inbox"\r\n\r\ntravel\r\n--b\r\n'
            'Content-Disposition: form-data; name="file"; filename="cut.mp4"\r\n\r\n'
        )
        size = {"huge": 10**15, "cut": 10**6}
        head = "POST /drop HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n"
        head += "Content-Type: multipart/form-data; boundary=b\r\n"
        line.sendall(f"{head}Content-Length: {size['huge']}\r\n\r\n{start}".encode())
        assert b" 507 " in line.recv(300).splitlines()[0]
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(f"{head}Content-Length: {size['cut']}\r\n\r\n{start}".encode() + b"x" * 2_000)
        wait_for(lambda: [p for p in page.inbox.iterdir() if p.name.startswith(".hotpress-")])
    wait_for(lambda: not list(page.inbox.iterdir()))


def wait_for(look, seconds=20):
    """Until it is so."""
    end = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < end, "it did not become so"
        time.sleep(0.02)


def test_who_looks_is_told_what_changes(page, browser):
    """The first event is the page as it is; the next one comes when something is written."""
    add(page, id="abc123", relative="first.mov")
    with browser.stream("GET", "/live", params={"page": "now"}, timeout=20) as events:
        assert events.headers["content-type"].startswith("text/event-stream")
        lines = (line for line in events.iter_lines() if line.startswith("data: "))
        assert "first.mov" in json.loads(next(lines)[6:])
        add(page, id="def456", relative="second.mov", created_at=time.time() - 60)
        assert "second.mov" in json.loads(next(lines)[6:])
    with browser.stream("GET", "/live", params={"page": "nobody"}, timeout=20) as events:
        assert [line for line in events.iter_lines() if line.startswith("data")] == []


def test_with_a_password_nothing_is_told_before_it_is_said(tmp_path):
    """Pages, events, figures; after five wrong ones nobody there may try for a minute."""
    known = hashed("correct horse", b"0" * 16)
    with served(tmp_path, f"password: '{known}'") as page, page.client() as browser:
        add(page, id="abc123", relative="private.mov")
        for path in ("/", "/history", "/folders", "/jobs/abc123", "/live", "/metrics"):
            answer = browser.get(path)
            assert answer.status_code in (303, 401)
            assert "private" not in answer.text
        assert browser.get("/healthz").json() == {"status": "ok"}
        assert browser.post("/do/pause", data={"all": "1"}).status_code == 401
        form = re.search(r'value="([0-9a-f]{64})"', browser.get("/login").text)[1]
        answer = browser.post("/do/pause", data={"all": "1", "token": form})
        assert answer.status_code == 401
        wrong = browser.post("/login", data={"password": "wrong", "token": form})
        assert wrong.status_code == 403
        assert "set-cookie" not in wrong.headers
        right = {"password": "correct horse", "token": form}
        assert browser.post("/login", data={**right, "token": ""}).status_code == 403
        cookie = browser.post("/login", data=right).headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "private.mov" in browser.get("/").text
        assert browser.get("/healthz").json()["reasons"] == []
        out = re.search(r'value="([0-9a-f]{64})"', browser.get("/").text)[1]
        assert out != form
        browser.post("/logout", data={"token": out})
        assert browser.get("/").status_code == 303
        figures = browser.get("/metrics", auth=("prometheus", "correct horse"))
        assert "hotpress_jobs" in figures.text
        tries = [
            browser.post("/login", data={"password": "wrong", "token": form}) for _ in range(5)
        ]
        assert [each.status_code for each in tries] == [403, 403, 403, 403, 403]
        late = browser.post("/login", data=right)
        assert late.status_code == 429
        assert 0 < int(late.headers["retry-after"]) <= 60
        assert browser.get("/", headers={"Authorization": "Bearer wrong"}).status_code == 429


def test_figures_and_health_say_what_is_so(page, browser):
    """For programs: numbers by folder and state; degraded with its reason."""
    assert browser.get("/healthz").json() == {"status": "ok", "reasons": []}
    add(page, id="abc123", state=State.HELD, reason=Reason.DISK_FULL, step=Step.FINISH)
    answer = browser.get("/healthz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "degraded", "reasons": ["1 held in travel: disk_full"]}
    figures = browser.get("/metrics").text
    assert 'hotpress_jobs{inbox="travel",state="held"} 1.0' in figures
    assert 'hotpress_held{inbox="travel",reason="disk_full"} 1.0' in figures
    assert "hotpress_healthy 0.0" in figures


def test_what_is_to_be_typed_is_told_from_what_is_said():
    """Between back-ticks stands a command; a single one is part of a name, and nothing is a tag."""
    assert coded("`hotpress approve Old` starts <them>") == (
        "<code>hotpress approve Old</code> starts &lt;them&gt;"
    )
    assert coded("a`<b>.mp4") == "a`&lt;b&gt;.mp4"


def test_a_port_that_is_taken_is_told_and_ends_nothing(tmp_path):
    """Where it would be, why it is not there, and what helps; mended by the config, or in time."""
    with served(tmp_path) as page, socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        settings = page.live.settings
        page.door.take(settings.model_copy(update={"page": Page(listen=taken)}))
        told = json.loads(page.store.note("page"))
        assert taken in told["why"]
        assert "page.listen" in told["why"]
        page.door.take(settings)
        with page.client() as browser:
            assert browser.get(json.loads(page.store.note("page"))["url"]).status_code == 200
        page.door.take(settings.model_copy(update={"page": Page(listen=taken)}))
        page.door.look()
        assert taken in json.loads(page.store.note("page"))["why"]
        other.close()
        page.door.look()
        assert json.loads(page.store.note("page")) == {"url": f"http://{taken}/"}
        page.door.take(settings.model_copy(update={"page": Page(listen="off")}))
        assert json.loads(page.store.note("page")) == {}


def test_a_page_that_tripped_is_there_again_a_minute_later(tmp_path, monkeypatch):
    """The first visit finds a broken library, say; nobody has to start hotpress anew."""
    with served(tmp_path) as page:
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, "hotpress.page.app", None)
            socket.create_connection(page.door._open._socket.getsockname()).close()
            until(lambda: not page.door._open.is_alive(), 10, "the end of what served")
        page.door.look()
        with page.client() as browser:
            assert browser.get(json.loads(page.store.note("page"))["url"]).status_code == 200


def test_only_a_socket_until_somebody_knocks():
    """A daemon that nobody looks at has loaded nothing of what serves the page."""
    late = ("starlette", "uvicorn", "prometheus_client", "python_multipart", "hotpress.page.app")
    said = f"import sys, hotpress.daemon; print([m for m in {late} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        (
            "{listen: '0.0.0.0:8420'}",
            "page.listen: 0.0.0.0:8420 can be reached from other machines",
        ),
        ("{listen: '[::]:8420'}", "page.listen: [::]:8420 can be reached"),
        ("{listen: nas.home:8420}", "page.listen: nas.home:8420 can be reached"),
        ("{listen: '8420'}", "page.listen: 8420 is no address with its port"),
        ("{listen: '127.0.0.1:99999'}", "page.listen: 127.0.0.1:99999 is no address"),
        ("{password: hunter2hunter2}", "page.password: is no hash of a password"),
    ],
)
def test_what_is_wrong_in_the_config_is_one_sentence_with_its_line(tmp_path, page, problem):
    """And a password that somebody wrote there by mistake is not repeated."""
    with pytest.raises(ConfigError) as told:
        read_text(f"# a config\npage: {page}\n", Path("config.yaml"), {})
    (sentence,) = told.value.problems
    assert sentence.startswith(f"config.yaml:2  {problem}")
    assert "hunter2" not in sentence


def test_the_page_may_be_off():
    """One word, and there is none."""
    assert read_text("page: off\n", Path("config.yaml"), {}).settings.page.is_off


def hotpress(page, *words, **options):
    """Run a verb to its end."""
    where = ["--config", str(page.folder / "config.yaml"), "--state-dir", str(page.folder)]
    command = [sys.executable, "-m", "hotpress", *where, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def test_the_verb_makes_a_line_that_the_config_takes(page):
    """The password is read from a line, and never printed; a short one is refused."""
    done = hotpress(page, "page", "password", input="correct horse\n")
    assert "correct" not in done.stdout + done.stderr
    config = read_text(f"page:\n{done.stdout}", Path("config.yaml"), {})
    assert is_right("correct horse", config.settings.page.hashed)
    assert not is_right("correct mule", config.settings.page.hashed)
    short = hotpress(page, "page", "password", input="short\n")
    assert (short.returncode, short.stdout) == (2, "")
    assert "at least 8 characters" in short.stderr


def test_verb_and_doctor_say_where_the_page_is(page):
    """As the daemon that runs has found it, which holds the lock."""
    where = Places(page.folder / "config.yaml", page.folder)

    def checked_page():
        return next(each for each in checked(where) if each.about == "page")

    assert told(where, page.live.settings.page)[0].endswith("while hotpress runs")
    lock = StateLock(where.lock)
    try:
        assert told(where, page.live.settings.page) == (f"the page is at {page.url}/", True)
        assert checked_page().colour == "green"
        page.store.set_note("page", json.dumps({"why": "the port is taken; free it"}))
        assert told(where, page.live.settings.page) == ("the port is taken; free it", False)
        found = checked_page()
        assert (found.colour, found.what, found.next) == ("yellow", "the port is taken", "free it")
    finally:
        lock.release()
