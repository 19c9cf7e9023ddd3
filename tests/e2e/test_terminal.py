"""What a person sees, through a real terminal: tmux at 80 and 200 columns. The test is the daemon.

It writes the store as the worker does and holds the lock, so that nothing has to be rendered.
"""

import os
import re
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from makers import FULL_HD, a_job
from stage import until

from hotpress import serving
from hotpress.model import Final, Reason, State, Step
from hotpress.store import JournalLine, Progress, StateLock, Store

pytestmark = [pytest.mark.slow, pytest.mark.system]

NAMES = {
    "aaaa0001": "旅行/" + "视频" * 30 + ".mov",
    "aaaa0002": "👩‍👩‍👧 🎬 finale.mov",
    "aaaa0003": "שלום עולם\u202e.mov",
    "aaaa0004": "a\x1b[31m\r\nb\x07.mov",
    "aaaa0005": "2026/" + "long-" * 30 + "end.mov",
}
TIMELINE = (
    "Timeline (3 tracks): 1. Video: city timelapse (0-10s) 2. BGM: Lo-fi (0-10s, 35%) "
    '3. Title: "Urban Dreams" (0-3s)'
)


class Place:
    """A state directory with a "daemon", and a terminal."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("state", "Inbox", "home"):
            (folder / name).mkdir()
        self.store = Store(folder / "state/hotpress.db")
        self.lock = StateLock(folder / "state/daemon.lock")
        named = ("Inbox", str(folder / "Inbox"), str(folder / "out"))
        serving.leave(self.store, serving.Serving((named,), "http://127.0.0.1:9", False, 50.0))
        self.env = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(folder / "home"),
            "TERM": "xterm-256color",
        }
        self.program = f"{sys.executable} -m hotpress --state-dir {folder}/state"
        self.socket = str(folder / "tmux")

    def tmux(self, *words):
        command = ["tmux", "-S", self.socket, "-f", "/dev/null", *words]
        return subprocess.run(command, env=self.env, capture_output=True, text=True, check=True)

    def screen(self, *options):
        return self.tmux("capture-pane", "-p", *options).stdout

    def seen(self, what, seconds=30):
        """The screen as soon as this stands on it."""
        return until(lambda: what in (text := self.screen()) and text, seconds, what)

    def piped(self, *words):
        done = subprocess.run(
            [*self.program.split(), *words], env=self.env, capture_output=True, check=True
        )
        return done.stdout.decode()


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path)
    yield made
    subprocess.run(["tmux", "-S", made.socket, "kill-server"], capture_output=True, check=False)
    made.store.close()
    made.lock.release()


def fill(place):
    """Five that run, one for each odd name; eight that are held; the account as last seen."""
    now = time.time()
    for number, (id_, name) in enumerate(NAMES.items()):
        job = a_job(
            id=id_,
            relative=name,
            mtime_ns=number,
            inbox="Inbox",
            root=str(place.folder / "Inbox"),
            outbox=str(place.folder / "out"),
            size_bytes=104_000_000,
            facts=FULL_HD,
            state=State.RUNNING,
            step=Step.UPLOAD,
            begun_at=now - 10,
            created_at=now - 20 - number,
            updated_at=now,
        )
        place.store.add(job, "new in the inbox")
        place.store.report(id_, Progress("upload", 0.5, "uploading", now))
    for number in range(8):
        held = a_job(
            id=f"bbbb000{number}",
            relative=f"held {number}.mov",
            mtime_ns=100 + number,
            inbox="Inbox",
            state=State.HELD,
            reason=Reason.CREDITS,
            why="the credits are used up",
            hint="Top up, or set route: auto.",
            updated_at=now - 7_200,
        )
        place.store.add(held, "new in the inbox")


def finished(place, id_):
    """The worker's last outcome of a job."""
    job, now = place.store.get(id_), time.time()
    final = Final(name="a b.mp4", temp="", size_bytes=26_000_000, sha256="x", made_by="cloud")
    done = replace(job, state=State.DELIVERED, step=Step.RELEASE, final=final, placed_at=now)
    done = replace(done, finished_at=now, released_at=now, epoch=job.epoch + 1)
    lines = [JournalLine(now - 5, "review", "next", TIMELINE)]
    lines.append(JournalLine(now, "deliver", "next", "placed"))
    assert place.store.write(done, lines, epoch=job.epoch)


def joined(screen):
    """The screen's text without the breaks that its width made."""
    return re.sub(r"\s+", "", screen)


def in_one_line(screen):
    """Is each job drawn as there is room for at 200 columns?"""
    return len(re.findall(r"^aaaa000\d  ━.* left +Inbox/", screen, re.MULTILINE)) == len(NAMES)


def test_a_person_sees_it_live_at_any_width_with_any_name_and_a_pipe_gets_it_plain(place):
    """80 columns, then 200 while it runs; a job ends; Ctrl-C: exit 0, and the last status stays."""
    fill(place)
    script = (
        f"{place.program} status --watch; echo rc=$?; NO_COLOR=1 {place.program} jobs; echo end"
    )
    place.tmux(
        "new-session", "-d", "-x", "80", "-y", "45", "sh", "-c", f"trap : INT; {script}; cat"
    )

    narrow = place.seen("8 held, 5 running")  # the last line: all of it is drawn
    rows = narrow.splitlines()
    assert rows[0].startswith("hotpress ")
    assert f"runs (pid {os.getpid()}" in rows[0]
    for id_ in NAMES:
        row = next(n for n, text in enumerate(rows) if text.startswith(id_))
        below = next(text for text in rows[row:] if "upload" in text)
        assert re.match(r" {10}━+╸?─+ +\d+ %  upload, \d", below), below
        assert below.endswith(" left")
    text = joined(narrow)
    assert "Inbox/旅行/" + "视频" * 30 + ".mov" in text
    assert "long-" * 30 + "end.mov" in text
    assert "finale.mov" in text
    assert "Inbox/a[31mb.mov" in text
    assert "the credits are used up (credits), for 2 h" in narrow
    assert "and 3 more: hotpress jobs --state held --inbox Inbox" in narrow
    assert place.tmux("display", "-p", "#{alternate_on}").stdout.strip() == "1"

    place.tmux("resize-window", "-x", "200", "-y", "45")
    wide = until(lambda: in_one_line(s := place.screen()) and s, 10, "each job in one line")
    starts = {text.index("Inbox/") for text in wide.splitlines() if text.startswith("aaaa")}
    assert len(starts) == 1  # names stand in one column, whatever they hold

    finished(place, "aaaa0004")
    place.seen("aaaa0004  delivered  104 MB -> 26 MB (-75 %)", 10)
    assert not re.search(r"^aaaa0004  ━", place.screen(), re.MULTILINE)
    colours = set(re.findall(r"\x1b\[([\d;]*)m", place.screen("-e")))
    assert colours, "a terminal gets colours"
    # Only the terminal's own colours that can be read on dark and on light; no backgrounds.
    known = {"", "0", "1", "2", "22", "31", "32", "35", "39", "49"}
    assert {each for code in colours for each in code.split(";")} <= known

    place.tmux("send-keys", "C-c")
    place.seen("\nend", 60)
    after = place.screen("-e", "-S", "-")
    assert "rc=0" in after
    assert place.tmux("display", "-p", "#{alternate_on}").stdout.strip() == "0"
    before, _, jobs = after.partition("rc=0")
    assert "aaaa0004" in before
    assert not re.search(r"\x1b\[\d*[1-9]\d*m", jobs), "NO_COLOR is obeyed"
    assert "13 jobs, 1 delivered: 104 MB -> 26 MB, saved 78 MB (-75 %)" in jobs

    status, shown = place.piped("status"), place.piped("show", str(place.folder / "out/a b.mp4"))
    for piped in (status, shown):
        assert "\x1b" not in piped
        assert "━" not in piped
        assert "\u202e" not in piped
    assert all(not text.endswith(" ") for text in status.splitlines())
    line = next(text for text in status.splitlines() if text.startswith("aaaa0005"))
    assert line.endswith("Inbox/2026/" + "long-" * 30 + "end.mov")  # a pipe is never cut
    assert TIMELINE in shown
    assert "delivered  aaaa0004" in shown
