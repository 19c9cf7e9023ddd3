"""Kill -9 at file operations of delivery, receipts and release, under each source policy.

A seeded slice; `scripts/long fileops` runs every kill.
"""

import random

import file_kills
import pytest
from file_kills import CASES, Run

pytestmark = [pytest.mark.slow, pytest.mark.system, pytest.mark.timeout(240)]
SLICE = {"keep": 9, "archive": 4, "archive elsewhere": 6, "trash": 5, "delete": 3}
REST = 2  # of each other case
AGAIN = ("archive elsewhere", "delete")  # one that is killed again and again
SEED = 1


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return file_kills.build(tmp_path_factory.mktemp("library"))


@pytest.mark.parametrize("case", CASES)
def test_killed_at_file_operations(tmp_path, library, case):
    """One whole result, one receipt, and the source once where the policy has it, or visible."""
    operations = Run(tmp_path / "learn", CASES[case], library).learn()
    chance = random.Random(f"{SEED} {case}")
    chosen = chance.sample(file_kills.kills(case, operations), SLICE.get(case, REST))
    again = file_kills.again_and_again(case, operations)
    chosen += chance.sample(again, int(case in AGAIN))
    too_late = 0
    for n, kill in enumerate(chosen):
        run = Run(tmp_path / str(n), CASES[case], library)
        seen = run.go(kill.when, *kill.at)
        assert not seen.wrong(), (kill, operations[kill.at[0] - 1], seen)
        if not seen.kills:  # by a look at the outbox more or less, one run is longer than another
            assert len(run.operations()) < kill.at[0], kill
            too_late += 1

    came = len(chosen) - too_late
    print(f"{case}: {came} kills survived, lost 0, duplicated 0, half files 0, hidden 0")
    assert too_late <= 1


def test_new_folders_of_an_archive_are_on_disk_before_the_original_goes(tmp_path, library):
    """A power cut after the move must not lose the folder that it was moved into."""
    run = Run(tmp_path / "run", CASES["archive elsewhere"], library)
    operations = [line.split(" ", 2)[1:] for line in run.learn()]
    numbered = list(enumerate(operations))
    gone = next(n for n, (what, at) in numbered if what == "unlink" and "/Inbox/" in at)
    synced = [path for what, path in operations[:gone] if what == "fsync"]

    assert str(run.archive / "Trip") in synced
    assert str(run.archive) in synced
