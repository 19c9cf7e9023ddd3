"""The units and the agent: what is written, where, and that the system's own tools accept it."""

import os
import plistlib
import re
import shlex
import subprocess
import sys
import sysconfig
import venv
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from hotpress import installing
from hotpress.config.read import read_file
from hotpress.errors import NotAllowed
from hotpress.installing import launchd, systemd, whereabouts
from hotpress.places import Places

ROOT = Path(__file__).parent.parent.parent
# Of launchd.plist(5): those that an agent may have.
LAUNCHD_KEYS = {
    *("Label", "ProgramArguments", "EnvironmentVariables", "RunAtLoad", "KeepAlive"),
    *("ThrottleInterval", "ExitTimeOut", "ProcessType", "LowPriorityIO", "Nice"),
    *("StandardOutPath", "StandardErrorPath", "WorkingDirectory", "Umask"),
}
# A machine's own tool, as far as the verb uses it: it writes down what it is asked.
SYSTEMCTL = """#!/bin/sh
echo "$@" >> "$(dirname "$0")/asked"
case "$*" in --version) echo "systemd 252 (252.1)";; *is-active*) echo active;; esac
"""


@pytest.fixture
def odd(tmp_path):
    """A home with all that paths may hold, and a config in it."""
    home = tmp_path / "My 50% \"home\" $x 'é'"
    (home / "In box").mkdir(parents=True)
    config = home / ".config/hotpress/config.yaml"
    config.parent.mkdir(parents=True)
    inbox = {"path": str(home / "In box"), "outbox": str(home / "Out"), "source": "archive"}
    config.write_text(yaml.safe_dump({"inboxes": [inbox]}))
    return home


@pytest.fixture
def python(odd):
    """An interpreter in an environment of its own, below a folder with spaces."""
    place = odd / "an env"
    venv.EnvBuilder(symlinks=True).create(place)
    [packages] = place.glob("lib/python*/site-packages")
    (packages / "x.pth").write_text(f"{sysconfig.get_path('purelib')}\n{ROOT / 'daemon'}\n")
    return str(place / "bin/python")


@pytest.fixture
def of(odd, python):
    where = Places(odd / ".config/hotpress/config.yaml", odd / ".local/state/hotpress")
    settings = read_file(where.config).settings
    me = ("anna", os.getuid(), odd)
    return installing.installation(Path(python), me, where, settings, 252)


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine whose systemd is at work; what it was asked lies in `asked`."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("systemctl", "launchctl"):
        (tools / name).write_text(SYSTEMCTL)
        (tools / name).chmod(0o755)
    (tmp_path / "root/run/systemd/system").mkdir(parents=True)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    return installing.System(platform="linux", root=tmp_path / "root", is_root=True)


def asked(machine):
    file = machine.root.parent / "tools/asked"
    lines = file.read_text().splitlines() if file.exists() else []
    file.unlink(missing_ok=True)
    return lines


def words(line):
    """A line of a unit, as systemd's manual says that it is split."""
    return [word.replace("%%", "%") for word in shlex.split(line.partition("=")[2])]


def test_a_unit_names_this_very_interpreter_and_every_folder_whatever_they_are_called(of, odd):
    """Spaces, quotes, `%` and `$` come through; the environment's own link is kept."""
    text = systemd.system_unit(of)
    [start] = [line for line in text.splitlines() if line.startswith("ExecStart=")]
    writable = [line for line in text.splitlines() if line.startswith("ReadWritePaths=")]
    python = str(odd / "an env/bin/python")
    config, state = odd / ".config/hotpress/config.yaml", odd / ".local/state/hotpress"

    command = [
        "/usr/bin/env",
        python,
        "-m",
        "hotpress",
        "--config",
        str(config),
        "--state-dir",
        str(state),
        "run",
    ]
    assert [word.replace("$$", "$") for word in words(start)] == command
    assert "$" not in start.replace("$$", "")
    named = {word for line in writable for word in words(line)}
    folders = {state, odd / "In box", odd / "Out", odd / "Archive"}
    assert {f"-{each}" for each in folders} < named
    assert ("PrivateTmp=no" in text) == ({"-/tmp", "-/var/tmp"} <= named) == ("/tmp" in str(odd))
    far = replace(of, program=("/v/p",), writable=(), config=Path("/v/config.yaml"))
    assert "PrivateTmp=yes" in systemd.system_unit(far)
    plain = replace(of, program=("/home/a b/bin/python", "-m", "hotpress"))
    assert 'ExecStart="/home/a b/bin/python" -m hotpress --config' in systemd.user_unit(plain)
    assert "NEMO_TOKEN=nmv_..." in text
    assert f"EnvironmentFile=-{str(odd).replace('%', '%%')}/.config/hotpress/environment" in text


@pytest.mark.system
@pytest.mark.parametrize("kind", ["user", "system"])
def test_systemd_accepts_each_unit_printed_and_installed(of, machine, kind, monkeypatch, tmp_path):
    """`systemd-analyze verify` has nothing to say; the system unit's exposure is 2.5 at most."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    printed = tmp_path / ("hotpress@anna.service" if kind == "system" else "hotpress.service")
    printed.write_text(installing.printed(of, machine, system=kind == "system"))
    installed = installing.install(of, machine, system=kind == "system", now=False).path
    mine = ROOT / "systemd" / ("hotpress@.service" if kind == "system" else "hotpress.service")
    there = {"/usr/bin/hotpress": "/bin/true", "%h/.local/bin/hotpress": "/bin/true"}
    shipped = tmp_path / "shipped" / mine.name.replace("@.", "@root.")
    shipped.parent.mkdir()
    text = mine.read_text()
    for name, instead in there.items():
        text = text.replace(name, instead)
    shipped.write_text(text)

    for unit in (printed, installed, shipped):
        command = ["systemd-analyze", "verify", "--man=no", *(["--user"] * (kind == "user"))]
        done = subprocess.run([*command, str(unit)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
    if kind == "system":
        command = ["systemd-analyze", "security", "--offline=true", "--threshold=25"]
        done = subprocess.run([*command, str(printed)], capture_output=True, text=True, check=False)
        print(done.stdout)
        assert done.returncode == 0, done.stdout
        assert float(re.search(r"exposure level for .*: ([\d.]+)", done.stdout)[1]) <= 2.5


def test_installing_twice_is_installing_once_and_nothing_but_data_stays(of, machine, odd):
    """The unit in a home of its own; taken away again with no trace but what is the owner's."""
    before = {path for path in odd.rglob("*") if "an env" not in path.parts}
    first = installing.install(of, machine, system=False, now=True)
    calls = asked(machine)
    assert "--user enable hotpress.service" in calls
    assert calls[-1] == "--user start hotpress.service"
    again = installing.install(of, machine, system=False, now=True)
    assert "is as it was" in again.done[0]
    assert asked(machine)[-1] == "--user start hotpress.service"
    assert any("enable-linger anna" in line for line in first.left)

    moved = replace(of, writable=(*of.writable, Path("/srv/more")))
    state = installing.state_of(moved, machine, system=False)
    assert "service install --now" in state.left[0]
    asked(machine)
    installing.install(moved, machine, system=False, now=True)
    assert asked(machine)[-1] == "--user restart hotpress.service"
    assert installing.state_of(moved, machine, system=False).left == ()

    gone = installing.removed(moved, machine, system=False)
    assert asked(machine)[-2:] == [
        "--user disable --now hotpress.service",
        "--user daemon-reload",
    ]
    assert str(of.state) in gone.left[0]
    assert "was not there" in installing.removed(moved, machine, system=False).done[0]
    left = {path for path in odd.rglob("*") if "an env" not in path.parts}
    assert {path for path in left - before if path.is_file()} == set()


def test_a_system_package_is_started_by_its_own_name(tmp_path):
    """`/usr/bin/hotpress` where it leads into this very installation, else the interpreter."""
    inside, packaged = tmp_path / "lib/hotpress/bin", tmp_path / "bin/hotpress"
    inside.mkdir(parents=True)
    packaged.parent.mkdir()
    mine, other = inside / "python3", tmp_path / "venv/bin/python"
    assert whereabouts.program(mine, packaged) == (str(mine), "-m", "hotpress")
    (inside / "hotpress").touch()
    packaged.symlink_to("../lib/hotpress/bin/hotpress")
    assert whereabouts.program(mine, packaged) == (str(packaged),)
    assert whereabouts.program(other, packaged) == (str(other), "-m", "hotpress")


def test_a_system_unit_has_what_it_must_write_made_before(of, machine, odd):
    """From inside the sandbox nothing above the named folders can be made."""
    done = installing.install(of, machine, system=True, now=False)

    assert done.path == machine.root / "etc/systemd/system/hotpress@anna.service"
    assert "User=anna" in done.path.read_text()
    assert of.state.stat().st_mode & 0o777 == 0o700
    assert (odd / ".config/nemovideo").is_dir()
    assert any(str(odd / "Out") in line for line in done.left)
    assert done.left[-1] == "Start it now: systemctl start hotpress@anna.service"
    with pytest.raises(NotAllowed, match="only root"):
        installing.install(of, replace(machine, is_root=False), system=True, now=False)


def test_without_systemd_it_says_so_and_writes_nothing(of, tmp_path, odd):
    """Nor on Windows, nor for a whole Mac."""
    for platform, says in (("linux", "systemd does not run here"), ("win32", "WSL2")):
        bare = installing.System(platform=platform, root=tmp_path / "bare")
        with pytest.raises(NotAllowed) as found:
            installing.install(of, bare, system=False, now=True)
        assert says in found.value.why + found.value.hint
    with pytest.raises(NotAllowed, match="agent of a user"):
        installing.install(of, installing.System(platform="darwin"), system=True, now=True)
    assert not (odd / ".config/systemd").exists()


def test_the_agent_for_macos_is_a_plist_that_launchd_knows(of, machine, odd):
    """Its keys are launchd's; the program is this one; installed and taken away in one home."""
    mac = replace(machine, platform="darwin")
    done = installing.install(of, mac, system=False, now=True)
    found = plistlib.loads(done.path.read_bytes())

    assert done.path == odd / "Library/LaunchAgents/io.hotpress.daemon.plist"
    assert found.keys() <= LAUNCHD_KEYS
    assert found["ProgramArguments"] == list(of.command)
    assert found["KeepAlive"] == {"SuccessfulExit": False}
    assert found["StandardErrorPath"] == str(odd / "Library/Logs/hotpress.log")
    assert f"bootstrap gui/{of.uid} {done.path}" in asked(mac)
    installing.removed(of, mac, system=False)
    assert f"bootout gui/{of.uid}/io.hotpress.daemon" in asked(mac)
    assert not done.path.exists()


def test_what_is_shipped_for_packages_is_what_would_be_written():
    """`systemd/` and `launchd/` have one source."""
    for name, text in systemd.for_packages().items():
        assert (ROOT / "systemd" / name).read_text() == text
    assert (ROOT / "launchd/io.hotpress.daemon.plist").read_text() == launchd.for_packages()


@pytest.mark.parametrize(
    "python",
    ["/home/a/.cache/uv/archive-v0/x/bin/python", "/home/a/.local/pipx/.cache/x/bin/python"],
)
def test_an_environment_that_is_thrown_away_is_refused(python):
    """`uvx hotpress service install` would be gone in a month."""
    with pytest.raises(NotAllowed, match="thrown away"):
        installing.lasting_python(python)


def test_an_interpreter_that_has_no_hotpress_of_its_own_is_refused(odd, python):
    """One that starts hotpress only by a variable, or from the folder that it was called in."""
    assert str(installing.lasting_python(python)) == python
    place = odd / "bare"
    venv.EnvBuilder(symlinks=True).create(place)
    with pytest.raises(NotAllowed, match="can't start hotpress by itself"):
        installing.lasting_python(str(place / "bin/python"))


def test_the_verb_prints_for_both_systems_and_refuses_a_broken_config(odd):
    """As a program: print, exit 0; the config wrong, exit 2."""
    env = {"HOME": str(odd), "PATH": os.environ["PATH"]}

    def say(*words):
        command = [sys.executable, "-m", "hotpress", "service", *words]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    unit, agent = say("print"), say("print", "--for", "darwin")
    assert (unit.returncode, agent.returncode) == (0, 0)
    assert sys.executable in unit.stdout
    assert plistlib.loads(agent.stdout.encode())["ProgramArguments"][0] == sys.executable
    (odd / ".config/hotpress/config.yaml").write_text("inboxes: 3\n")
    assert say("print").returncode == 2
