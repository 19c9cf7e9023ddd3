"""What systemd hears of a real daemon, by a socket that the test listens to as systemd would."""

import contextlib
import ctypes
import json
import os
import signal
import socket
import time

import mounts
import pytest
import yaml
from stage import Stage, until

from hotpress import outbox, rights
from hotpress.errors import FolderMissing, NotAllowed

pytestmark = [pytest.mark.slow, pytest.mark.system, pytest.mark.timeout(120)]
_ATTACH, _DETACH, _ALL_KINDS = 16, 17, 0x40000000  # linux/ptrace.h, __WALL
_WATCHDOG_USEC = 2_000_000


class Listener:
    """Plays systemd's end of the line: every message, in its order."""

    def __init__(self, address):
        self.address = address
        self.heard = []
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._line.bind("\0" + address[1:] if address.startswith("@") else address)
        self._line.settimeout(0.05)

    def hear(self):
        with contextlib.suppress(TimeoutError):
            while True:
                self.heard.append(self._line.recv(4096).decode().split("\n"))

    def env(self):
        return {"NOTIFY_SOCKET": self.address, "WATCHDOG_USEC": str(_WATCHDOG_USEC)}

    def comes(self, what, since=0, times=1):
        """Wait for a message with a line that begins so; the place behind it."""
        found = []

        def there():
            self.hear()
            enough = enumerate(self.heard[since:], since)
            found[:] = [n for n, lines in enough if any(x.startswith(what) for x in lines)]
            return len(found) >= times

        until(there, 30, f"{what} in {self.heard[since:]}")
        return found[times - 1] + 1

    def close(self):
        self._line.close()


@pytest.fixture
def stage(tmp_path):
    with mounts.own_namespace():
        found = Stage(tmp_path)
        found.api_url = "http://127.0.0.1:9"
        yield found
        found.end()


def events(stage, name):
    lines = (stage.folder / "daemon.log").read_text().splitlines()
    found = [json.loads(line) for line in lines if line.startswith("{")]
    return [each for each in found if each["event"] == name]


def thread_ids(stage):
    """By SIGUSR1: the system's number of each thread."""
    stage.daemon.send_signal(signal.SIGUSR1)
    until(lambda: events(stage, "state.dumped"), 10, "the state")
    return {each["name"]: each["native_id"] for each in events(stage, "thread.dumped")}


@contextlib.contextmanager
def frozen(thread_id):
    """One thread of the daemon stands still where it waits; all others go on."""
    trace = ctypes.CDLL(None, use_errno=True).ptrace
    assert trace(_ATTACH, thread_id, None, None) == 0, os.strerror(ctypes.get_errno())
    os.waitpid(thread_id, _ALL_KINDS)
    try:
        yield
    finally:
        assert trace(_DETACH, thread_id, None, None) == 0


def test_systemd_hears_of_start_life_reload_and_stop(stage):
    """READY once all runs; life while the loops turn, also beside a hung folder; reload; stop."""
    line = Listener(f"@hotpress-test-{os.getpid()}")
    share = mounts.Hanging(stage.folder / "real", stage.inbox("Share"))
    stage.configure({}, {"name": "Share"})
    stage.start(line.env())
    at = line.comes("READY=1")
    assert line.heard == [["READY=1", "STATUS=watches; nothing to do"]]
    at = line.comes("WATCHDOG=1", at, times=2)

    stage.daemon.send_signal(signal.SIGHUP)
    before = line.comes("RELOADING=1", at) - 1
    usec = int(line.heard[before][1].removeprefix("MONOTONIC_USEC="))
    assert usec <= time.monotonic_ns() // 1000
    at = line.comes("READY=1", before + 1)
    good = stage.config.read_text()
    stage.config.write_text(good + "limitz: {}\n")
    stage.daemon.send_signal(signal.SIGHUP)
    at = line.comes("READY=1", line.comes("RELOADING=1", at)) - 1
    assert "the config is wrong: config.yaml:" in line.heard[at][1]
    stage.config.write_text(good)
    at = line.comes("STATUS=watches; nothing to do", at)

    share.hang()
    until(lambda: events(stage, "folders.hung"), 30, "the hung folder")
    line.hear()
    at = line.comes("WATCHDOG=1", len(line.heard), times=4)
    assert events(stage, "loops.stuck") == []
    share.answer()

    threads = thread_ids(stage)
    for name, says in (("engine", "engine"), ("APScheduler", "timetable")):
        with frozen(threads[name]):
            at = line.comes(f"STATUS={says} does not go on", at)
            stuck = len(events(stage, "loops.stuck"))
            until(lambda n=stuck: len(events(stage, "loops.stuck")) > n + 3, 30, "further looks")
            line.hear()
            assert ["WATCHDOG=1"] not in line.heard[at:], "a stuck loop must be left to systemd"
        at = line.comes("WATCHDOG=1", at)
    assert events(stage, "state.dumped")[0]["resident_bytes"] > 1_000_000

    assert stage.stop() == 0
    line.comes("STOPPING=1", at)
    line.close()
    share.end()


def test_no_start_is_told_with_a_broken_config_and_a_death_says_where_it_stood(stage, tmp_path):
    """Exit 2, which systemd doesn't try again; SIGABRT, its watchdog's, leaves all stacks."""
    line = Listener(str(tmp_path / "a socket"))
    stage.configure()
    good = yaml.safe_load(stage.config.read_text())
    stage.config.write_text("inboxes: [{path: nowhere}]\n")
    stage.start(line.env())
    assert stage.daemon.wait(20) == 2
    line.hear()
    assert line.heard == []
    stage.config.write_text(yaml.safe_dump(good))
    stage.start({**line.env(), "WATCHDOG_PID": "1"})  # meant for somebody else
    line.comes("READY=1")
    stage.daemon.send_signal(signal.SIGABRT)
    assert stage.daemon.wait(20) == -signal.SIGABRT
    said = (stage.folder / "daemon.log").read_text()
    assert "Fatal Python error: Aborted" in said
    assert "in loop" in said  # the engine's
    line.hear()
    assert not any("WATCHDOG=1" in lines for lines in line.heard)
    line.close()


def test_an_outbox_that_can_only_be_read_says_so_and_what_the_unit_needs(stage, monkeypatch):
    """As a system unit's sandbox makes of a folder that is new in the config."""
    out = stage.outbox()
    out.mkdir()
    mounts.read_only(out)
    for unit, says in (("system", "service install --system"), ("", "Make it writable again")):
        monkeypatch.setattr(rights, "HERE", rights.Here("linux", unit, "python"))
        monkeypatch.setattr(rights.next_step, "__defaults__", (rights.HERE,))
        with pytest.raises(NotAllowed) as found:
            outbox.check(out)
        assert says in found.value.hint
    with pytest.raises(FolderMissing):
        outbox.check(out, "a marker that was seen here before")
