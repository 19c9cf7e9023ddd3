"""Years go by: what the store forgets, what it must not, and that nothing else grows."""

import os
import random
import sqlite3
import threading
from dataclasses import replace

import pytest
from ages import back_to
from house import House
from makers import a_job

from hotpress import upkeep
from hotpress.admission import Admission
from hotpress.clock import HandClock
from hotpress.config.settings import Inbox, Settings
from hotpress.files import key_of
from hotpress.model import BY_HAND, Message, Reason, Rule, State, Step
from hotpress.settle import SettledFile
from hotpress.store import JournalLine, Store, Version
from hotpress.store.sqlite import _new

YEAR, DAY = 31_557_600.0, 86_400.0
NOW = 1_800_000_000.0
LONG_AGO = NOW - 2 * YEAR


@pytest.fixture
def store(tmp_path):
    found = Store(tmp_path / "hotpress.db")
    yield found
    found.close()


def ended(store, name, state=State.DELIVERED, at=LONG_AGO, **changes):
    job = a_job(
        id=name,
        relative=changes.pop("relative", f"{name}.mov"),
        state=state,
        step=changes.pop("step", Step.RELEASE),
        finished_at=at,
        released_at=at,
        **changes,
    )
    assert store.add(job, "made")
    return job


def prune(store, history=YEAR):
    return upkeep.prune(store, HandClock(NOW), history, threading.Event())


def left(store):
    return {job.id for job in store.jobs()}


def version(job):
    return Version(job.root, job.relative, job.size_bytes, job.mtime_ns)


def message(at):
    return Message(session="s", settled_at=at, doubt=False)


def test_only_what_ended_long_ago_and_concerns_nobody_is_forgotten(store):
    """Failed, paid without a result, recent, live, waited for, lain there before: they stay."""
    sent = message(LONG_AGO)
    ended(store, "delivered")
    ended(store, "skipped", State.SKIPPED)
    ended(store, "by hand", State.CANCELLED, why=BY_HAND)
    ended(store, "gone", State.CANCELLED, why="its source is gone")
    ended(store, "paid", State.DELIVERED, message=sent, messages_sent=1)
    keeps = {
        ended(store, "failed", State.FAILED).id,
        ended(store, "lost", State.CANCELLED, message=sent, messages_sent=1).id,
        ended(store, "recent", at=NOW - DAY).id,
        ended(store, "lay there", State.SKIPPED, step=Step.PROBE).id,
        ended(store, "first", relative="two.mov").id,
        ended(store, "second", State.FAILED, relative="two.mov", mtime_ns=9).id,
        ended(store, "waited for").id,
    }
    store.add(a_job(id="live", relative="live.mov", waits_on="waited for"), "made")

    assert prune(store) == 5
    assert left(store) == keeps | {"live"}
    assert prune(store) == 0
    assert prune(store, history=0.0) == 0, "a job of yesterday is told of, whatever `history` says"


def test_credits_of_the_last_two_months_are_remembered_whatever_history_says(store):
    """A budget by month would begin anew."""
    month = message(NOW - 40 * DAY)
    ended(store, "paid", at=NOW - 40 * DAY, message=month, messages_sent=1, credits_spent=50.0)

    assert prune(store, history=7 * DAY) == 0
    assert store.spent_since(NOW - 45 * DAY, 50.0) == 50.0


def test_a_forgotten_version_makes_no_new_job_and_one_that_was_gone_does(store):
    """The file may lie in the inbox for ten years."""
    done = ended(store, "done")
    gone = ended(store, "gone", State.CANCELLED, why="its source is gone")
    assert prune(store) == 2

    assert store.is_forgotten(version(done))
    assert not store.add_drop([replace(done, id="again", state=State.QUEUED)], "")
    assert store.add_drop([replace(done, id="newer", mtime_ns=77)], ""), "another version is new"
    assert not store.is_forgotten(version(gone))
    assert store.add_drop([replace(gone, id="back", state=State.QUEUED)], "")
    assert store.states_below("/in", "") == {
        "done.mov": "delivered",
        "gone.mov": "queued",
    }


def test_who_reads_on_from_a_line_misses_none_and_reads_none_twice(store):
    """The newest line stays and no number is given again, also after a VACUUM."""
    for number in range(3):
        ended(store, f"old{number}")
    assert store.last_line() == 3
    assert prune(store) == 3
    assert store.last_line() == 3
    ended(store, "new", at=NOW)
    assert store.last_line() == 4
    store._db.execute("VACUUM")
    assert store.last_line() == 4
    job = store.get("new")
    done = JournalLine(NOW, "deliver", "next", "")
    assert store.write(job, [done], epoch=job.epoch)
    found, line = store.ended_since(3)
    assert [each.job for each in found] == ["new"]
    assert line == 5


def test_names_contents_and_commands_of_what_is_forgotten_are_free_again(store):
    """Nothing of it is left but its identity; a name it had can be taken."""
    job = ended(store, "old")
    store.claim("/out", "old.mp4", "old")
    store.claim_content("key", "old")
    first = store.ask("wake", "", {"reason": Reason.CREDITS.value}, LONG_AGO)
    second = store.ask("wake", "", {"reason": Reason.CREDITS.value}, LONG_AGO)
    for number in (first, second):
        store.answer(number, "done", LONG_AGO)
    prune(store)

    assert store.claim("/out", "old.mp4", "new")
    assert store.claim_content("key", "new") == "new"
    assert store.answer_to(first) is None
    assert store.ask("wake", "", {}, NOW) > second
    for table in ("jobs", "journal", "claims", "contents", "progress"):
        column = "id" if table == "jobs" else "job"
        rows = store._db.execute(f"SELECT count(*) FROM {table} WHERE {column} = ?", (job.id,))
        assert rows.fetchone()[0] == int(table == "journal"), table  # its line is the newest


def test_a_store_of_version_4_keeps_its_lines_and_their_numbers(tmp_path):
    """A notice that was told before the upgrade is not told again."""
    path = tmp_path / "hotpress.db"
    store = Store(path)
    ended(store, "a")
    ended(store, "b")
    db = store._db
    db.execute("DELETE FROM journal")
    insert = "INSERT INTO journal VALUES (?, 'a', ?, '', 'made', '')"
    db.executemany(insert, [(number, float(number)) for number in (3, 7)])
    back_to(db, 4)
    store.close()
    store = Store(path)

    assert store.last_line() == 7
    assert [line.at for line in store.journal("a")] == [3.0, 7.0]
    assert prune(store) == 2
    assert store.last_line() == 7
    store.close()
    again = sqlite3.connect(path)
    names = again.execute("SELECT name FROM sqlite_master WHERE type = 'index'").fetchall()
    indexes = {name for (name,) in names}
    again.close()
    assert {"journal_job", "jobs_ended"} <= indexes


def test_ten_years_of_jobs_leave_a_store_of_one_year(tmp_path):
    """Five hundred jobs a year, pruned each quarter: the file and its write-ahead log stay so."""
    clock, stop, store = HandClock(NOW), threading.Event(), Store(tmp_path / "hotpress.db")
    sizes, number = [], 0
    for _ in range(10):
        for _ in range(4):
            with store._write() as db:  # as many in one transaction: it is the size that counts
                for _ in range(125):
                    number += 1
                    row = a_job(
                        id=f"j{number}",
                        relative=f"{number}.mov",
                        state=State.DELIVERED,
                        finished_at=clock.now(),
                        released_at=clock.now(),
                        why="x" * 2_000,
                    )
                    assert _new(db, row, "made")
            clock.move(YEAR / 4)
            upkeep.prune(store, clock, YEAR, stop)
        sizes.append((tmp_path / "hotpress.db").stat().st_size)
    assert len(store.jobs()) <= 5 * 125
    assert sizes[-1] < 1.5 * sizes[2], sizes
    assert (tmp_path / "hotpress.db-wal").stat().st_size == 0
    store.close()


def test_a_log_that_goes_into_a_file_is_cut_to_its_newest_lines(tmp_path):
    """The writer goes on where the file ends; a terminal or a pipe is left alone."""
    path = tmp_path / "hotpress.log"
    with path.open("ab", buffering=0) as log:
        for number in range(220_000):
            log.write(b"%0100d\n" % number)
        assert upkeep.bound_log(log.fileno(), path)
        assert not upkeep.bound_log(log.fileno(), path)
        log.write(b"the next line\n")
        assert not upkeep.bound_log(log.fileno(), tmp_path / "another")
    lines = path.read_bytes().splitlines()
    assert 40_000 < len(lines) < 60_000
    assert all(len(line) == 100 for line in lines[:-1])
    assert lines[-2:] == [b"%0100d" % 219_999, b"the next line"]
    read, write = os.pipe()
    assert not upkeep.bound_log(write, path)
    os.close(read)
    os.close(write)


def test_a_new_file_in_the_place_of_one_that_was_deleted_is_no_rename(tmp_path):
    """A disk gives a freed inode to the next file, and a copy may keep its time."""
    house = House(tmp_path)
    done = {"state": State.DELIVERED, "released_at": 1.0, "finished_at": 1.0}
    assert house.store.add(replace(house.job, rule=Rule(source="delete"), **done), "made")
    house.source.rename(house.inbox / "another.mov")  # the same inode, size and time
    inbox = Inbox(path=house.inbox, outbox=house.outbox)
    settings = Settings(inboxes=[inbox])
    admission = Admission("travel", inbox, settings, house.store, house.clock, random.Random(1))
    key = key_of((house.inbox / "another.mov").stat())

    assert admission.admit(house.inbox, "another.mov", SettledFile(key))
    assert [job.relative for job in house.store.jobs() if job.live] == ["another.mov"]
    house.store.close()
