"""Notices to a real address and to a real program, from a real store, by a clock set by hand."""

import json
import stat
import threading
from dataclasses import replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from integration.test_outbox_notes import Told as Outbox
from makers import a_job
from stage import TOKEN_MARK, until

from hotpress import outbox
from hotpress.clock import HandClock
from hotpress.config.live import Live
from hotpress.config.notify import Notify
from hotpress.config.read import Config
from hotpress.config.settings import Inbox, Settings
from hotpress.model import Final, Reason, State, Step
from hotpress.report import job_view
from hotpress.store import JournalLine, Store
from hotpress.telling import Messenger
from hotpress.telling.ledger import Ledger


class Post(ThreadingHTTPServer):
    """Takes what Apprise's json:// posts; `answer` is its status."""

    def __init__(self):
        self.got, self.asked, self.answer = [], [], 200
        super().__init__(("127.0.0.1", 0), _Door)

    @property
    def url(self):
        return f"json://me:pass-word@127.0.0.1:{self.server_address[1]}"


class _Door(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append(body)
        if self.server.answer == 200:
            self.server.got.append(json.loads(body))
        self.send_response(self.server.answer)
        self.end_headers()

    def do_GET(self):
        self.server.asked.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


class Told:
    """A store, a clock, and a messenger that can be started again."""

    def __init__(self, folder, *notify):
        self.folder, self.clock = folder, HandClock()
        self.store = Store(folder / "hotpress.db")
        self.settings = Settings(
            inboxes=[Inbox(name="travel", path=folder / "in", outbox=folder / "out")],
            notify=notify,
        )
        self.messenger = None
        self.again()

    def again(self):
        """A daemon that starts; the one before was killed, as far as it knows."""
        if self.messenger is not None:
            self.end()
        self.stop = threading.Event()
        live = Live(Config(Path("config.yaml"), self.settings, {}))
        self.messenger = Messenger(self.store, self.clock, live, self.stop)
        self.messenger.start()

    def end(self):
        self.stop.set()
        self.messenger.rest(10)

    def job(self, number, state, **changes):
        job = a_job(id=f"j{number}", inbox="travel", relative=f"holiday {number}.mov")
        assert self.store.add(job, "")
        self.write(job, state, **changes)
        return job

    def write(self, job, state, **changes):
        final = Final(name="x.mp4", temp="", size_bytes=10, sha256="0", made_by="encode")
        made = {"final": final, "placed_at": self.clock.now()} if state is State.DELIVERED else {}
        what, step = ("next", "deliver") if made else ("fail", "probe")
        new = replace(job, state=state, finished_at=self.clock.now(), **made, **changes)
        lines = [] if state is State.HELD else [JournalLine(self.clock.now(), step, what)]
        assert self.store.write(new, lines, epoch=job.epoch)

    def later(self, *seconds):
        for each in seconds or (61, 5):
            self.clock.move(each)
            self.messenger.look()


@pytest.fixture
def post():
    server = Post()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def ends(told):
    told.end()
    told.store.close()


def test_fifty_deliveries_are_one_post(tmp_path, post):
    """Without names, without the token, and once: also after another start."""
    told = Told(tmp_path, Notify(url=post.url, events=("delivered", "failed")))
    told.messenger.look()
    for number in range(50):
        told.job(number, State.DELIVERED, step=Step.RELEASE, released_at=1.0)
    told.job(99, State.FAILED, why=f"{TOKEN_MARK}abc was refused")
    told.messenger.look()
    told.later()
    until(lambda: len(post.got) == 2, 20, "two posts")
    until(lambda: '"letters":[]' in (told.store.note("notices") or ""), 20, "both noted")
    told.again()
    told.later(5, 61, 61)
    ends(told)

    assert {each["title"] for each in post.got} == {
        "hotpress: 50 videos delivered in travel",
        "hotpress: 1 video failed in travel",
    }
    assert not [text for text in post.asked if "holiday" in text or TOKEN_MARK in text]
    assert len(post.asked) == 2


def test_names_when_asked_for_and_never_a_secret(tmp_path, post):
    """A job's sentence is told with the name, but for what is secret in it."""
    told = Told(tmp_path, Notify(url=post.url, events=("failed",), names="on"))
    told.messenger.look()
    told.job(1, State.FAILED, why=f"{TOKEN_MARK}abc was refused")
    told.messenger.look()
    told.later()
    until(lambda: post.got, 20, "a post")
    ends(told)

    assert "holiday 1.mov: *** was refused" in post.got[0]["message"]
    assert TOKEN_MARK not in post.asked[0]


def test_what_did_not_arrive_is_sent_again_also_by_the_next_start(tmp_path, post):
    """The other side is broken for a while; the daemon ends meanwhile. Nothing is lost."""
    told = Told(tmp_path, Notify(url=post.url, events=("failed",)))
    post.answer = 500
    told.messenger.look()
    told.job(1, State.FAILED)
    told.messenger.look()
    told.later()
    until(lambda: '"tries":1' in (told.store.note("notices") or ""), 20, "a try")
    told.again()
    post.answer = 200
    told.later(31)
    until(lambda: post.got, 20, "a post")
    ends(told)

    assert len(post.got) == 1
    assert "pass-word" not in (told.folder / "hotpress.db").read_bytes().decode("latin-1")


def test_a_program_reads_the_job(tmp_path):
    """On its standard input, as `show --json` has it, with a fixed environment."""
    out, env = tmp_path / "job.json", tmp_path / "env"
    hook = tmp_path / "hook"
    hook.write_text(f"#!/bin/sh\nenv >{env}\ncat >{out}.part\nmv {out}.part {out}\n")
    hook.chmod(hook.stat().st_mode | stat.S_IXUSR)
    told = Told(tmp_path, Notify(command=str(hook), events=("failed",)))
    told.messenger.look()
    told.job(7, State.FAILED, why="it is no video")
    told.messenger.look()
    told.later(5)
    until(out.exists, 20, "the program")
    job = told.store.get("j7")
    ends(told)

    assert json.loads(out.read_text()) == json.loads(json.dumps(job_view(job)))
    names = {line.partition("=")[0] for line in env.read_text().splitlines()}
    assert names - {"PWD", "SHLVL", "_", "OLDPWD", "LC_CTYPE"} == {"PATH", "LANG", "TMPDIR"}


def test_held_videos_are_told_once_with_what_helps(tmp_path, post):
    """However often hotpress looks whether the reason has gone."""
    told = Told(tmp_path, Notify(url=post.url, events=("held",)))
    told.messenger.look()
    for number in range(3):
        told.job(number, State.HELD, reason=Reason.CREDITS, step=Step.SESSION)
    told.messenger.look()
    told.later(61, 5, 61, 300, 61, 61)
    until(lambda: post.got, 20, "a post")
    told.later(61, 61)
    ends(told)

    assert [each["title"] for each in post.got] == ["hotpress: 3 videos wait in travel"]
    assert "not enough credits" in post.got[0]["message"]


def test_notes_that_went_at_once_are_one_notice(tmp_path, post):
    """The accident in an outbox is told to who hears of failures."""
    told = Told(tmp_path, Notify(url=post.url, events=("failed",)))
    told.messenger.look()
    ledger = Ledger.read(told.store, Path("/out"))
    ledger.note_accident(400, told.clock.now())
    ledger.save(told.store, Path("/out"))
    told.messenger.look()
    told.later()
    until(lambda: post.got, 20, "a post")
    told.later()
    ends(told)

    assert [each["message"] for each in post.got] == [
        "400 notes about failed videos went at once: nothing was tried again. To try again, delete "
        "at most 5 at a time, or `hotpress retry --all`."
    ]


@pytest.mark.parametrize(("event", "days"), [("weekly", 8), ("daily", 2)])
def test_a_week_and_a_day_are_summed_up(tmp_path, post, event, days):
    """In the morning, on Mondays: what was saved and lost (nothing), what failed, what waits."""
    told = Told(tmp_path, Notify(url=post.url, events=(event,)))
    told.clock = HandClock(datetime(2027, 1, 12, 12, 0).timestamp())  # a Tuesday
    told.again()
    told.messenger.look()
    told.job(1, State.DELIVERED, step=Step.RELEASE, released_at=1.0, size_bytes=41_500_000_000)
    told.job(2, State.FAILED, why="it is no video")
    told.job(3, State.HELD, reason=Reason.CREDITS, step=Step.SESSION)
    told.later(*[3_600] * 24 * (days - 1))
    until(lambda: post.got, 20, "a post")
    ends(told)

    length = "week" if event == "weekly" else "day"
    assert [each["title"] for each in post.got] == [f"hotpress: the last {length}"]
    assert post.got[0]["message"] == (
        f"The last {length}: saved 41.5 GB with 1 video, 0 lost, 1 failed, 1 waits."
    )


@pytest.mark.parametrize("how", ["not renewed", "refused"])
def test_a_token_that_does_not_work_is_told_once(tmp_path, post, how):
    """It could not be renewed while there is work; or a job is held because it is refused."""
    told = Told(tmp_path, Notify(url=post.url, events=("token",)))
    told.messenger.look()
    if how == "not renewed":
        told.store.set_note("token_trouble", f"the cloud asks for a pause ({TOKEN_MARK}abc)")
    else:
        told.job(1, State.HELD, reason=Reason.TOKEN, step=Step.SESSION)
    told.messenger.look()
    told.later()
    until(lambda: post.got, 20, "a post")
    told.later(300, 300)
    ends(told)

    assert len(post.got) == 1
    assert TOKEN_MARK not in post.asked[0]
    if how == "not renewed":
        assert post.got[0]["title"] == "hotpress: the cloud's token could not be renewed"
        assert post.got[0]["message"].startswith("the cloud asks for a pause (***)\nIt is tried")
    else:
        assert post.got[0]["title"] == "hotpress: 1 video waits in travel"
        assert "NEMO_TOKEN" in post.got[0]["message"]


def test_while_all_is_well_an_address_is_called(tmp_path, post):
    """Every five minutes; whoever waits for it raises the alarm when it stays away."""
    url = f"http://127.0.0.1:{post.server_address[1]}/ping/1"
    told = Told(tmp_path, Notify(url=url, events=("ping",)))
    told.messenger.look()
    until(lambda: len(post.asked) == 1, 20, "the first call")
    told.later(60, 60)
    told.later(200)
    until(lambda: len(post.asked) == 2, 20, "the second call")
    ends(told)

    assert post.asked == ["/ping/1", "/ping/1"]


def test_while_nothing_happens_nothing_is_asked_of_the_store(tmp_path, post):
    """A look costs one number, and writes nothing; also while videos are held."""
    told = Told(tmp_path, Notify(url=post.url, events=("failed",)))
    told.job(1, State.HELD, reason=Reason.CREDITS, step=Step.SESSION)
    told.messenger.look()
    told.messenger.look()
    asked = []
    told.store._db.set_trace_callback(asked.append)
    for _ in range(10):
        told.later(5)
    told.store._db.set_trace_callback(None)
    ends(told)

    assert set(asked) == {"PRAGMA data_version"}


def test_held_videos_do_not_write_the_book_again(tmp_path, post):
    """An hour of looks leaves the store as it is."""
    told = Told(tmp_path, Notify(url=post.url, events=("failed",)))
    told.job(1, State.HELD, reason=Reason.CREDITS, step=Step.SESSION)
    told.messenger.look()
    before = told.store.version()
    told.later(*[61] * 60)
    after = told.store.version()
    ends(told)

    assert after == before


@pytest.mark.parametrize("how", ["400 notes gone", "outbox replaced", "outbox unmounted"])
def test_what_happens_to_an_outbox_by_accident_costs_nothing(tmp_path, post, how):
    """0 retries; of 400 notes that went, all anew, one sentence and one notice; else nothing."""
    told = Outbox(tmp_path)
    inbox = told.settings.inboxes[0]
    told.settings = Settings(inboxes=[inbox], notify=[Notify(url=post.url, events=("failed",))])
    told.again()
    stop = threading.Event()
    messenger = Messenger(told.store, told.clock, told.live, stop)
    messenger.start()
    for n in range(400 if how == "400 notes gone" else 3):
        told.failed(f"{n}.mov")
    told.look()
    messenger.look()  # the first look: what was before is no news
    if how == "400 notes gone":
        for note in told.outbox.glob("*.failed.txt"):
            note.unlink()
    else:
        told.outbox.rename(told.outbox.with_name("aside"))
    if how == "outbox replaced":
        outbox.make(told.outbox)
    for _ in range(4):
        told.look()
        messenger.look()
    if how == "400 notes gone":
        until(lambda: post.got, 20, "a post")
        assert "400 notes about failed videos went at once" in post.got[0]["message"]
        assert "400 notes about failed videos went" in told.there()["hotpress-status.txt"]
        assert len(list(told.outbox.glob("*.failed.txt"))) == 400
    stop.set()
    messenger.rest(10)

    assert told.retries() == []
    assert len(post.got) == (1 if how == "400 notes gone" else 0)
