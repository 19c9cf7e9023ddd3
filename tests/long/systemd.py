"""A real systemd as PID 1 of a namespace of its own, and the system unit on it.

`scripts/long systemd`, as root, with Debian's `systemd` installed. Installs the unit, drops videos,
reloads, breaks the config, kills, lets a thread stand still until the watchdog comes, gives it a
folder outside its sandbox, and takes it away. Nothing of the machine's own is touched: /etc, /srv,
/run and the users are the namespace's.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import clips
import yaml

HOME = Path("/srv/home")
UNIT = "hotpress@hot.service"
_FIRST = "/lib/systemd/systemd"
_SECONDS = 60.0
_HALT = signal.SIGRTMIN + 3
_ATTACH, _DETACH, _ALL_KINDS = 16, 17, 0x40000000  # linux/ptrace.h, __WALL
_CHECK = """\
[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
Environment=PATH={path} PYTHONPATH={tests}
ExecStart={python} {script} --check {folder}
StandardOutput=file:{folder}/said
StandardError=file:{folder}/said
ExecStopPost=/bin/kill -{halt} 1
"""


def main() -> int:
    """Outside: 0 when all that is claimed came true."""
    if sys.argv[1:2] == ["--boot"]:
        return boot(Path(sys.argv[2]))
    if sys.argv[1:2] == ["--check"]:
        return check(Path(sys.argv[2]))
    if os.getuid() != 0 or not Path(_FIRST).exists():
        print("It can't run here: it needs root, Linux and Debian's package systemd.")
        return 1
    folder = Path(tempfile.mkdtemp(prefix="systemd-"))
    shutil.copyfile(clips.kept("small"), folder / "clip.mp4")
    apart = ["unshare", "--pid", "--mount", "--uts", "--ipc", "--cgroup", "--fork", "--mount-proc"]
    me = [sys.executable, __file__, "--boot", str(folder)]
    try:
        with (folder / "console").open("wb") as console:
            subprocess.run(
                [*apart, "--kill-child", *me],
                stdout=console,
                stderr=console,
                timeout=600,
                check=False,
            )
        said = (folder / "said").read_text() if (folder / "said").exists() else ""
    except subprocess.TimeoutExpired:
        said = "it did not end within ten minutes"
    print(said or (folder / "console").read_text()[-2_000:])
    good = said.rstrip().endswith("all came true")
    if good:
        shutil.rmtree(folder)
    return 0 if good else 1


def boot(folder: Path) -> int:
    """PID 1 of the namespace: its own /etc/systemd, /srv, /run and users; then systemd itself."""
    mount = ["mount", "-t", "tmpfs", "tmpfs"]
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    for place in ("/run", "/srv", "/etc/systemd/system", "/var/log/journal"):
        if Path(place).is_dir():
            subprocess.run([*mount, place], check=True)
    HOME.mkdir()
    users = folder / "passwd"
    users.write_text(Path("/etc/passwd").read_text() + f"hot:x:0:0::{HOME}:/bin/sh\n")
    subprocess.run(["mount", "--bind", str(users), "/etc/passwd"], check=True)
    units = Path("/etc/systemd/system")
    for wanted in Path("/lib/systemd/system").glob("*.target.wants/*"):
        if (
            "journald" not in wanted.name
        ):  # devices, modules, file systems: the machine's own affair
            (units / wanted.name).unlink(missing_ok=True)
            (units / wanted.name).symlink_to("/dev/null")
    words = {"python": sys.executable, "script": __file__, "folder": folder, "halt": int(_HALT)}
    own = {"path": os.environ["PATH"], "tests": str(Path(__file__).parent.parent)}
    (units / "check.service").write_text(_CHECK.format(**own, **words))
    (units / "check.target").write_text("[Unit]\nWants=check.service systemd-journald.service\n")
    os.execve(
        _FIRST,
        [_FIRST, "--system", "--log-target=console", "--unit=check.target"],
        {"PATH": os.environ["PATH"], "container": "namespace", "HOME": "/"},
    )


def say(*words: str, good: bool = True) -> str:
    """Run one of the system's programs."""
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode == 0) == good, (words, done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def hotpress(*words: str) -> str:
    """Run a verb as the administrator does."""
    return say(sys.executable, "-m", "hotpress", *words)


def shown(name: str) -> str:
    """A property of the unit."""
    return say("systemctl", "show", UNIT, f"--property={name}", "--value").strip()


def until(what: str, holds: Callable[[], Any], seconds: float = _SECONDS) -> float:
    """Wait for it; how long it took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, (what, events()[-5:], shown("SubState"))
        time.sleep(0.05)
    return time.monotonic() - began


def events() -> list[dict[str, Any]]:
    """The daemon's lines in the journal."""
    lines = say("journalctl", "--no-pager", "-o", "cat", "-u", UNIT).splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def check(folder: Path) -> int:
    """Inside, as a program that systemd started."""
    os.environ["HOME"] = str(HOME)
    config = HOME / ".config/hotpress/config.yaml"
    config.parent.mkdir(parents=True)
    inbox = {"path": str(HOME / "In box"), "outbox": str(HOME / "Out"), "target_size": "60 kB"}
    rule = {"route": "local"}
    for place in ("In box", "Out"):
        (HOME / place).mkdir()

    def write(*inboxes: dict[str, str], broken: str = "") -> None:
        text = yaml.safe_dump({"defaults": rule, "inboxes": list(inboxes)})
        config.write_text(text + broken)

    def drop(name: str, to: Path) -> None:
        clips.distinct(folder / "clip.mp4", to / name)

    def active() -> bool:
        return shown("ActiveState") == "active"

    write(inbox)
    print(say("systemctl", "--version").splitlines()[0])
    print(hotpress("service", "install", "--system", "--user", "hot", "--now"))
    assert active(), "a unit of Type=notify is started when READY was told"
    print("status:", shown("StatusText"), "| memory:", shown("MemoryCurrent"))
    drop("a.mp4", HOME / "In box")
    took = until("a result", (HOME / "Out/a.mp4").exists)
    print(f"a video was made inside the sandbox, in {took:.0f} s")

    say("systemctl", "reload", UNIT)
    write(inbox, broken="limitz: {}\n")
    say("systemctl", "reload", UNIT)
    assert active()
    assert "the config is wrong" in shown("StatusText")
    print("reload:", shown("StatusText"))
    write(inbox)
    say("systemctl", "reload", UNIT)

    os.kill(int(shown("MainPID")), signal.SIGKILL)
    took = until("a new start", lambda: shown("NRestarts") == "1" and active())
    print(f"killed: started again after {took:.0f} s")

    watchdog(active)
    outside(write, drop, inbox, rule)
    broken(write, inbox, active)

    began = time.monotonic()
    print(hotpress("service", "uninstall", "--system", "--user", "hot"))
    print(f"stopped and gone after {time.monotonic() - began:.1f} s")
    assert not Path("/etc/systemd/system", UNIT).exists()
    assert (HOME / "Out/a.mp4").exists()
    print("all came true")
    return 0


def watchdog(active: Callable[[], bool]) -> None:
    """A thread stands still: systemd ends it, its stacks are in the journal, it comes again."""
    more = Path("/etc/systemd/system", f"{UNIT}.d/sooner.conf")
    more.parent.mkdir()
    more.write_text("[Service]\nWatchdogSec=6\n")
    say("systemctl", "daemon-reload")
    say("systemctl", "restart", UNIT)
    main_pid = int(shown("MainPID"))
    os.kill(main_pid, signal.SIGUSR1)

    def engine() -> list[int]:
        found = [e for e in events() if e["event"] == "thread.dumped" and e["name"] == "engine"]
        return [e["native_id"] for e in found]

    until("the threads", engine)
    thread = engine()[-1]
    assert ctypes.CDLL(None).ptrace(_ATTACH, thread, None, None) == 0
    os.waitpid(thread, _ALL_KINDS)
    stuck = until("that it is told", lambda: "does not go on" in shown("StatusText"))
    print(f"a thread stood still; told after {stuck:.0f} s: {shown('StatusText')}")
    # Traced, it can't be ended by the signal: let go once systemd has sent it.
    until("the watchdog", lambda: shown("Result") == "watchdog")
    ctypes.CDLL(None).ptrace(_DETACH, thread, None, None)

    def anew() -> bool:
        with contextlib.suppress(ChildProcessError):  # dead and traced, it waits for us to see it
            os.waitpid(thread, _ALL_KINDS | os.WNOHANG)
        return shown("MainPID") not in ("0", str(main_pid)) and active()

    took = until("a new start", anew)
    assert "Fatal Python error: Aborted" in say("journalctl", "--no-pager", "-u", UNIT)
    print(f"ended by the watchdog, all stacks in the journal; started again after {took:.0f} s")
    shutil.rmtree(more.parent)
    say("systemctl", "daemon-reload")
    say("systemctl", "restart", UNIT)


def outside(write: Any, drop: Any, inbox: dict[str, str], rule: dict[str, str]) -> None:
    """A new inbox is outside the sandbox until the unit is installed anew."""
    other = {"name": "more", "path": "/srv/more/In", "outbox": "/srv/more/Out", **rule}
    for place in ("In", "Out"):
        Path("/srv/more", place).mkdir(parents=True)
    write(inbox, {**other, "target_size": "60 kB"})
    say("systemctl", "reload", UNIT)
    drop("b.mp4", Path("/srv/more/In"))

    def told() -> bool:
        done = [sys.executable, "-m", "hotpress", "why", "/srv/more/In/b.mp4"]
        text = subprocess.run(done, capture_output=True, text=True, check=False).stdout
        return "service install --system" in " ".join(text.split())

    until("the sentence", told)
    print(hotpress("service", "install", "--system", "--user", "hot", "--now"))
    took = until("its result", Path("/srv/more/Out/b.mp4").exists)
    print(f"a folder outside the sandbox was told of; installed again, made in {took:.0f} s")


def broken(write: Any, inbox: dict[str, str], active: Callable[[], bool]) -> None:
    """A start with a broken config is not tried again."""
    write(inbox, broken="limitz: {}\n")
    say("systemctl", "restart", UNIT, good=False)
    until("the end", lambda: shown("ActiveState") == "failed")
    before = shown("NRestarts")
    time.sleep(12)  # RestartSec and two more: a start that comes would be seen
    assert (shown("ActiveState"), shown("ExecMainStatus")) == ("failed", "2")
    assert shown("NRestarts") == before
    print("a broken config: exit 2, and no further start")
    write(inbox)
    say("systemctl", "reset-failed", UNIT)
    say("systemctl", "start", UNIT)
    assert active()


if __name__ == "__main__":
    raise SystemExit(main())
