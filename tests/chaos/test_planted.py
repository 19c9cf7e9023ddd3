"""The tests see the bugs that matter: each is planted into a copy of the code, and a test fails."""

import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import planted
import pytest

import hotpress

pytestmark = [pytest.mark.slow, pytest.mark.timeout(60)]
SLICE = 4
ROOT = Path(__file__).parent.parent.parent
PACKAGE = Path(hotpress.__file__).parent
# Says where the code came from, and then runs the tests; plugins that only cost time stay out.
RUN = (
    "import hotpress, pytest, sys; print('the code is', hotpress.__file__); "
    "without = [f'-pno:{name}' for name in ('cacheprovider', 'xdist', 'hypothesispytest')]; "
    "sys.exit(pytest.main(['-q', *without, *sys.argv[1:]]))"
)
# How pytest's report begins when a claim did not hold; everything else is an accident.
UNTRUE = ("assert ", "AssertionError", "Failed: DID NOT RAISE")


def outcomes(folder, tests):
    """What became of the tests with the package in `folder`: `passed`, `untrue`, or an accident."""
    report = folder / "report.xml"
    env = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "TMPDIR")}
    env |= {"PYTHONPATH": str(folder), "HOME": str(folder)}
    command = [sys.executable, "-c", RUN, f"--junitxml={report}", f"--basetemp={folder / 'tmp'}"]
    done = subprocess.run(
        [*command, *tests], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert f"the code is {folder / 'hotpress/__init__.py'}\n" in done.stdout, done.stderr
    found = {}
    for case in ET.parse(report).iter("testcase"):
        problems = list(case)
        said = ["passed" if not problems else "untrue"]
        said += [
            f"{problem.tag}: {problem.get('message')}"
            for problem in problems
            if problem.tag != "failure" or not problem.get("message", "").startswith(UNTRUE)
        ]
        found[str(case.get("name"))] = said[-1]
    assert found, done.stdout + done.stderr
    return found


def copied(folder):
    shutil.copytree(PACKAGE, folder / "hotpress")


def plant(folder, bug):
    """Put the bug into the copy; loudly when the code has moved on."""
    copied(folder)
    if bug.unguarded:
        instruct = folder / "hotpress/steps/instruct.py"
        assert instruct.read_text().count(planted.GUARD) == 1, "mend GUARD in planted.py"
        instruct.write_text(instruct.read_text().replace(planted.GUARD, ""))
    path = folder / "hotpress" / bug.file
    text = path.read_text()
    assert text.count(bug.old) == 1, f"{bug.file} changed: mend the row {bug.name!r} in planted.py"
    path.write_text(text.replace(bug.old, bug.new))
    for old in path.parent.glob(f"__pycache__/{path.stem}.*.pyc"):  # may look as new as the patch
        old.unlink()


def rows(bugs):
    """All of them; but for each fourth one only `scripts/long planted` runs them."""
    for number, bug in enumerate(bugs):
        yield pytest.param(bug, id=bug.name, marks=[pytest.mark.long] if number % SLICE else [])


@pytest.mark.parametrize("bug", list(rows(planted.BUGS)))
def test_a_planted_bug_is_seen(tmp_path, bug):
    """Each test that is named fails, by its claim and not by an accident."""
    plant(tmp_path, bug)
    found = outcomes(tmp_path, bug.tests)
    assert set(found.values()) <= {"untrue", "passed"}, found
    for test in bug.tests:
        name = test.rpartition("::")[2]
        assert "untrue" in [v for k, v in found.items() if f"{k}[".startswith(f"{name}[")], bug.why


@pytest.mark.parametrize("bug", planted.BUGS, ids=[bug.name for bug in planted.BUGS])
def test_each_bug_can_still_be_planted(tmp_path, bug):
    """The line that it changes is in the code, once, and its tests are there."""
    text = (PACKAGE / bug.file).read_text()
    assert text.count(bug.old) == 1, f"{bug.file} changed: mend the row {bug.name!r} in planted.py"
    for test in bug.tests:
        file, name = test.split("[")[0].split("::")
        assert f"def {name}(" in (ROOT / file).read_text()


def test_without_a_bug_they_all_pass(tmp_path):
    """The same copy, the same way of running, nothing planted."""
    copied(tmp_path)
    tests = sorted({test for bug in planted.BUGS for test in bug.tests})

    assert set(outcomes(tmp_path, tests).values()) == {"passed"}
