"""A Mac stays awake while a step runs: a program in the place of Apple's, real processes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from stage import until

from hotpress.awake import Awake, wanted
from hotpress.clock import HandClock

# As caffeinate -w: it lives for as long as the process that it was told of.
_PROGRAM = """#!{python}
import os, pathlib, sys, time
pathlib.Path({told!r}).write_text(" ".join(sys.argv[1:]) + " " + str(os.getpid()))
while os.path.exists("/proc/" + sys.argv[3]):
    time.sleep(0.02)
"""


@pytest.fixture
def told(tmp_path):
    """Where the program says how it was called; its folder is the PATH."""
    program = tmp_path / "caffeinate"
    program.write_text(_PROGRAM.format(python=sys.executable, told=str(tmp_path / "told")))
    program.chmod(0o755)
    return tmp_path / "told"


@pytest.mark.parametrize(
    ("platform", "works", "idle", "is_wanted"),
    [
        ("darwin", True, 0.0, True),
        ("darwin", False, 59.0, True),
        ("darwin", False, 61.0, False),
        ("darwin", False, float("inf"), False),
        ("linux", True, 0.0, False),
    ],
)
def test_only_a_mac_that_works_is_kept_awake(platform, works, idle, is_wanted):
    """And a minute longer: one step follows the other."""
    assert wanted(platform, works=works, idle_seconds=idle) is is_wanted


def test_it_lives_while_jobs_run_and_no_longer(told):
    """One program for all of them; started again when somebody ended it."""
    clock = HandClock(1_000.0)
    awake = Awake("darwin", os.getpid(), clock, str(told.parent))

    assert not awake.look(works=False)
    assert awake.look(works=True)
    until(lambda: told.exists() and told.read_text().count(" ") == 3, 10, "the program")
    *words, pid = told.read_text().split()
    assert words == ["-i", "-w", str(os.getpid())]
    clock.move(10.0)
    assert awake.look(works=False)
    clock.move(51.0)
    assert not awake.look(works=False)
    assert not Path(f"/proc/{pid}").exists()
    told.unlink()
    assert awake.look(works=True)
    until(lambda: told.exists() and told.read_text().count(" ") == 3, 10, "another one")
    awake.rest()


def test_it_ends_with_a_daemon_that_is_killed(told):
    """Nothing of ours keeps a machine awake after us: the program is told whom to wait for."""
    code = (
        "import os, sys; from hotpress.awake import Awake; from hotpress.clock import SystemClock\n"
        "Awake('darwin', os.getpid(), SystemClock(), sys.argv[1]).look(works=True); input()"
    )
    words = [sys.executable, "-c", code, str(told.parent)]
    with subprocess.Popen(words, stdin=subprocess.PIPE) as daemon:
        until(lambda: told.exists() and told.read_text().count(" ") == 3, 20, "the program")
        pid = told.read_text().split()[-1]
        daemon.kill()
    until(lambda: not Path(f"/proc/{pid}").exists(), 10, "its end")


def test_without_the_program_work_goes_on(tmp_path):
    """A Mac without it sleeps as it likes."""
    assert not Awake("darwin", 1, HandClock(0.0), str(tmp_path)).look(works=True)
