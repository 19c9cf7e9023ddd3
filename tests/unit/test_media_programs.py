"""How programs are started and ended. Real ones: sh, sleep, dd."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path

import pytest

from hotpress.errors import DiskFull, MediaError, Stopping
from hotpress.media import programs
from hotpress.media.programs import Limits, run

SHORT = Limits(seconds=5)


def sh(script: str, limits: Limits = SHORT) -> programs.Finished:
    """Run a shell script."""
    return run(["/bin/sh", "-c", script], limits=limits, stop=None)


def test_environment_is_fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    """No token, no proxy, no library path reaches a child."""
    monkeypatch.setenv("NEMO_TOKEN", "secret")
    names = {line.split(b"=")[0] for line in sh("env").stdout_bytes.splitlines()}
    assert names <= {b"PATH", b"LANG", b"TMPDIR", b"PWD"}


def test_nothing_is_inherited(tmp_path: Path) -> None:
    """No descriptor beyond the three, no terminal, a session of its own, nice, no core."""
    with (tmp_path / "open").open("w") as out:
        os.set_inheritable(out.fileno(), True)
        told = sh("ls /proc/self/fd | wc -l; cat; nice; ulimit -c; ps -o sid= -p $$; echo $$")
    # ls itself opens the folder.
    descriptors, nice, core, session, pid = told.stdout_bytes.split()
    usual = min(19, os.nice(0) + 10)  # these tests may run at leisure themselves
    assert (descriptors, int(nice), core) == (b"4", usual, b"0")
    assert session == pid


def test_output_and_code() -> None:
    """Both streams are read, however full; the error stream by its end."""
    done = sh("seq 1 40000; seq 1 40000 >&2; echo last >&2; exit 3")
    assert (done.code, done.ok, done.last_words) == (3, False, "last")
    assert done.stdout_bytes.endswith(b"40000\n")
    assert len(done.stderr_tail) <= 16 * 1024


def test_last_words_between_a_look_and_the_question(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it says after we found nothing, and before we ask whether it has ended, is heard."""
    asked = subprocess.Popen.poll

    def asked_late(child: subprocess.Popen[bytes]) -> int | None:
        child.wait()  # as on a machine so busy that it has ended before we can ask
        return asked(child)

    monkeypatch.setattr(subprocess.Popen, "poll", asked_late)
    done = sh("sleep 0.4; echo said; echo why >&2")
    assert (done.stdout_bytes, done.last_words) == (b"said\n", "why")


def test_lines() -> None:
    """Whole lines, also where reads cut them."""
    heard: list[str] = []
    script = "printf 'frame=1\\nfra'; sleep 0.05; printf 'me=2\\n'"
    done = run(["/bin/sh", "-c", script], limits=SHORT, stop=None, on_line=heard.append)
    assert heard == ["frame=1", "frame=2"]
    assert done.stdout_bytes == b""


def test_stop_ends_the_group_at_once() -> None:
    """Also what the program has started itself."""
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    began = time.monotonic()
    with pytest.raises(Stopping):
        run(["/bin/sh", "-c", "sleep 31.4159 & sleep 31.4159"], limits=SHORT, stop=stop)
    assert time.monotonic() - began < 1
    assert gone("31.4159")
    with pytest.raises(Stopping):
        run(["/bin/true"], limits=SHORT, stop=stop)


def gone(word: str) -> bool:
    """Killed, which for a grandchild takes a moment more than for what we wait for."""
    deadline = time.monotonic() + 2
    while running(word):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def running(word: str) -> list[int]:
    """Living processes with `word` in their command line; the dead ones have none."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and word.encode() in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return [pid for pid in found if pid != os.getpid()]


def test_what_raises_in_between_ends_it() -> None:
    """An error of ours leaves no program behind."""

    def fails(_: str) -> None:
        raise ValueError("ours")

    with pytest.raises(ValueError, match="ours"):
        run(["/bin/sh", "-c", "echo; sleep 27.1828"], limits=SHORT, stop=None, on_line=fails)
    assert gone("27.1828")


def test_limits() -> None:
    """Each is named in the end that it makes."""
    assert sh("sleep 30", Limits(seconds=0.3)).cut == "time"
    assert sh("sleep 30", Limits(seconds=9, stall_seconds=0.3)).cut == "stall"
    flood = sh("yes", Limits(seconds=9, output_bytes=1 << 20))
    assert flood.cut == "output"
    assert sh("while :; do :; done", Limits(seconds=9, cpu_seconds=1)).code in (-9, -24)
    assert not sh(
        "head -c 300M /dev/zero | tail -c 300M", Limits(seconds=9, memory_bytes=1 << 27)
    ).ok


def test_the_same_line_again_is_no_sign_of_life() -> None:
    """As ffmpeg goes on reporting `frame=7` while it hangs."""
    script = "while :; do echo frame=7; echo time=$((n=n+1)); sleep 0.05; done"
    limits = Limits(seconds=9, stall_seconds=0.4, alive="frame=")
    done = run(["/bin/sh", "-c", script], limits=limits, stop=None, on_line=lambda _: None)
    assert done.cut == "stall"


def test_size_limit(tmp_path: Path) -> None:
    """It ends the program, by signal, and that is told from a failure."""
    out = tmp_path / "out"
    words = ["/bin/dd", "if=/dev/zero", f"of={out}", "bs=100k", "count=3"]
    done = run(words, limits=Limits(seconds=5, file_bytes=150_000), stop=None)
    assert done.over_size
    assert out.stat().st_size == 150_000
    assert run(words, limits=Limits(seconds=5, file_bytes=10**6), stop=None).ok


def test_keeper(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the kernel has no parent-death signal, a keeper passes on how the program ended."""
    monkeypatch.setattr(programs, "_MODE", "keep")
    assert (sh("echo out; exit 3").code, sh("echo out").stdout_bytes) == (3, b"out\n")
    assert sh("kill -TERM $$").code == -15
    words = ["/bin/dd", "if=/dev/zero", f"of={tmp_path / 'out'}", "bs=100k", "count=3"]
    assert run(words, limits=Limits(seconds=5, file_bytes=1000), stop=None).over_size
    with pytest.raises(MediaError, match="could not be started"):
        run(["/nowhere"], limits=SHORT, stop=None)
    assert sh("sleep 14.1421 & sleep 14.1421", Limits(seconds=0.3)).cut == "time"
    assert gone("14.1421")


def test_absurd_limits_are_no_error() -> None:
    """A hostile file may claim to last for ages."""
    assert run(["/bin/true"], limits=Limits(seconds=1e30, file_bytes=1 << 80), stop=None).ok


def test_full_disk() -> None:
    """Told by the system's own words, wherever they come from."""
    with pytest.raises(DiskFull):
        sh("dd if=/dev/zero of=/dev/full bs=1k count=1")


def test_what_is_not_there() -> None:
    """A sentence with the program's name."""
    with pytest.raises(MediaError, match="/nowhere could not be started: No such file"):
        run(["/nowhere"], limits=SHORT, stop=None)


def test_a_child_that_keeps_the_pipes() -> None:
    """A grandchild that outlives its parent with our pipes open does not hold us up."""
    began = time.monotonic()
    assert sh("sleep 2 & exit 0").code == 0
    assert time.monotonic() - began < 1
