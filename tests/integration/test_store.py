import sqlite3
import subprocess
import sys
from dataclasses import replace

import pytest
from ages import back_to
from makers import a_job

from hotpress.errors import IdTaken, StateBusy, StateUnusable
from hotpress.model import Final, Reason, Render, Session, State, Step
from hotpress.store import JournalLine, Progress, StateLock, Store
from hotpress.store.lock import is_held, owner_pid


@pytest.fixture
def store(tmp_path):
    found = Store(tmp_path / "hotpress.db")
    yield found
    found.close()


def test_a_job_comes_back_as_it_was(store):
    """Every field survives the store."""
    job = a_job(
        session=Session(id="s", token=1, upload_name="v.mp4", made_at=1.0),
        renders=(Render(id="r", session="s", token=1, draft="{}"),),
        state=State.HELD,
        reason=Reason.CREDITS,
    )
    store.add(job, "made")

    assert store.get("job1") == job


def test_one_identity_is_one_job(store):
    """Inbox, path, size, time and output name make a job; a second look at it makes none."""
    assert store.add(a_job(), "")
    assert not store.add(a_job(id="job2"), "")
    assert store.add(a_job(id="job3", mtime_ns=6), "")


def test_an_id_that_another_file_has_is_no_second_look(store):
    """Random ids may meet: that is said, never taken for a file that is known already."""
    store.add(a_job(), "")

    with pytest.raises(IdTaken):
        store.add(a_job(relative="other.mov"), "")
    assert not store.add(a_job(), "")
    assert [job.relative for job in store.jobs()] == ["clip.mov"]


def test_an_outcome_of_an_older_take_is_refused(store):
    """The epoch guards a job that another run has taken over."""
    job = a_job()
    store.add(job, "")

    assert store.write(replace(job, epoch=1), [], epoch=0)
    assert not store.write(replace(job, step=Step.FINISH, epoch=0), [], epoch=0)
    assert store.get("job1").epoch == 1


def test_due_is_what_can_go_on_now(store):
    """Not what is held, owned, ended, waits for a later time, or stands at a full step."""
    for n, changes in enumerate(
        [
            {},
            {"state": State.HELD},
            {"owner": "me"},
            {"state": State.FAILED},
            {"wake_at": 500.0},
            {"wake_at": 50.0},
            {"state": State.DELIVERED, "step": Step.RELEASE},
            {"state": State.DELIVERED, "step": Step.RELEASE, "released_at": 1.0},
            {"step": Step.UPLOAD},
        ]
    ):
        store.add(a_job(id=f"j{n}", mtime_ns=n, **changes), "")

    assert [job.id for job in store.due(100.0, ["upload"])] == ["j0", "j5", "j6"]
    assert store.next_wake(100.0) == 500.0


def test_the_journal_and_the_job_are_one_write(store):
    """A story without its outcome would lie."""
    job = a_job()
    store.add(job, "it settled")
    store.write(replace(job, epoch=7), [JournalLine(101.0, "probe", "next", "1080p")], epoch=99)

    assert [line.text for line in store.journal("job1")] == ["it settled"]


def test_a_final_name_is_one_jobs_alone(store):
    """Also when only the case differs: half the world's file systems don't tell them apart."""
    assert store.claim("/out", "Clip.mp4", "a")
    assert store.claim("/out", "clip.mp4", "a")
    assert not store.claim("/out", "clip.MP4", "b")
    assert store.claim("/other", "clip.mp4", "b")


def test_commands_wait_until_they_are_answered(store):
    """A command is a row: it survives until the worker has obeyed."""
    number = store.ask("retry", "job1", {"again": True}, 1.0)

    assert [(c.verb, c.detail) for c in store.commands()] == [("retry", {"again": True})]
    assert store.answer_to(number) is None

    store.answer(number, "done", 2.0)

    assert store.commands() == []
    assert store.answer_to(number) == ("done", True)


def test_another_process_sees_what_was_written(store, tmp_path):
    """CLI and daemon share the file."""
    store.add(a_job(), "")
    other = Store(tmp_path / "hotpress.db")
    before = store.changed()
    other.ask("cancel", "job1", {}, 1.0)

    assert store.changed() != before
    assert other.get("job1") is not None
    other.close()


def test_progress_is_told_and_forgotten(store):
    """Progress is its own table, lost at will."""
    store.report("job1", Progress("upload", 0.5, "uploading", 1.0))

    assert store.progress()["job1"].fraction == 0.5

    store.forget_progress("job1")

    assert store.progress() == {}


def plan(store, ask):
    """How SQLite finds what is asked."""
    asked = []
    store._db.set_trace_callback(asked.append)
    ask()
    store._db.set_trace_callback(None)
    return str([row[3] for row in store._db.execute(f"EXPLAIN QUERY PLAN {asked[-1]}")])


def test_what_the_engine_asks_each_time_is_found_by_an_index(store):
    """However many jobs wait for their turn: fifty thousand files dropped at once are normal."""
    assert "jobs_first" in plan(store, store.first_job)
    assert "jobs_cloud" in plan(store, store.in_cloud)
    assert "jobs_wake" in plan(store, lambda: store.next_wake(1.0))


def moved(store, inode):
    return store.moved_here("/in", "new.mov", 1, inode, 1_000, 5)


def test_a_renamed_file_is_found_by_device_and_inode(store):
    """Among any number of alike files, through an index; also where an inode takes 64 bits."""
    huge = 2**64 - 1
    for n, inode in enumerate((7, 8, huge)):
        store.add(a_job(id=f"job{n}", relative=f"{n}.mov", inode=inode), "")

    assert [job.id for job in moved(store, 8)] == ["job1"]
    assert [job.id for job in moved(store, huge)] == ["job2"]
    assert moved(store, 9) == []

    assert "jobs_file" in plan(store, lambda: moved(store, 8))


def test_a_store_of_version_2_finds_renamed_files(tmp_path):
    """The upgrade takes device and inode from the documents."""
    store = Store(tmp_path / "hotpress.db")
    store.add(a_job(inode=2**64 - 2), "")
    store._db.execute("DROP INDEX jobs_file")
    store._db.execute("ALTER TABLE jobs DROP COLUMN file")
    back_to(store._db, 2)
    store.close()
    store = Store(tmp_path / "hotpress.db")

    assert [job.id for job in moved(store, 2**64 - 2)] == ["job1"]
    store.close()


def test_a_newer_store_is_refused_and_left_alone(tmp_path):
    """An older hotpress never touches what it doesn't understand."""
    path = tmp_path / "hotpress.db"
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()

    with pytest.raises(StateUnusable, match="newer hotpress"):
        Store(path)


def test_a_damaged_store_is_a_sentence(tmp_path):
    """No trace, but what to do."""
    path = tmp_path / "hotpress.db"
    path.write_bytes(b"this is no database" * 500)

    with pytest.raises(StateUnusable, match="is damaged"):
        Store(path)


def test_the_store_is_private_whatever_the_umask(tmp_path, monkeypatch):
    """Nobody else reads which videos somebody has."""
    store = Store(tmp_path / "hotpress.db")

    assert (tmp_path / "hotpress.db").stat().st_mode & 0o777 == 0o600
    store.close()


def test_one_daemon_per_state_directory(tmp_path):
    """The lock names the other's pid, and ends with the process that holds it."""
    path = tmp_path / "daemon.lock"
    code = (
        "import sys, pathlib; from hotpress.store import StateLock; "
        "lock = StateLock(pathlib.Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    other.stdout.readline()

    with pytest.raises(StateBusy, match=str(other.pid)):
        StateLock(path)
    assert (is_held(path), owner_pid(path)) == (True, other.pid)

    other.kill()
    other.wait()
    other.stdin.close()
    other.stdout.close()
    lock = StateLock(path)

    assert is_held(path)
    lock.release()


def test_each_inbox_is_asked_for_what_is_due_by_an_index(store):
    """A dump of hundreds in one hides nothing of another, and costs no look at each job."""
    for n in range(300):
        store.add(a_job(id=f"a{n:03}", inbox="a", mtime_ns=n, created_at=float(n)), "")
    store.add(a_job(id="b", inbox="b", created_at=900.0), "")
    store.add(a_job(id="h", inbox="held", state=State.HELD), "")

    assert store.inboxes_to_do() == ["a", "b"]
    assert [job.id for job in store.due(1e3, (), 2, "a")] == ["a000", "a001"]
    assert [job.id for job in store.due(1e3, (), 2, "b")] == ["b"]

    assert "SCAN jobs" not in plan(store, store.inboxes_to_do)
    assert "TEMP B-TREE" not in plan(store, lambda: store.due(1e3, ["upload"], 10, "a"))
    assert "jobs_turn" in plan(store, lambda: store.due(1e3, ["upload"], 10, "a"))
    small = plan(store, lambda: store.due_smallest(1e3, ["upload"], 10, "a"))
    assert "jobs_small" in small
    assert "TEMP B-TREE" not in small


def test_the_smallest_first_but_what_is_under_way_before_it(store):
    """A large one that was paid for is not left lying."""
    for n, size in enumerate((30, 10, 20)):
        store.add(a_job(id=f"j{size}", mtime_ns=n, size_bytes=size), "")
    paid = a_job(id="paid", mtime_ns=9, size_bytes=99, step=Step.VERIFY, messages_sent=1)
    store.add(paid, "")

    found = store.due_smallest(1e3, (), 10, paid.inbox)
    assert [job.id for job in found] == ["paid", "j10", "j20", "j30"]


def test_a_store_of_version_3_gets_the_new_indexes(tmp_path):
    """The upgrade leaves the jobs as they are."""
    store = Store(tmp_path / "hotpress.db")
    store.add(a_job(), "")
    for name in ("jobs_turn", "jobs_small", "jobs_begun"):
        store._db.execute(f"DROP INDEX {name}")
    back_to(store._db, 3)
    store.close()
    store = Store(tmp_path / "hotpress.db")

    assert "jobs_turn" in plan(store, lambda: store.due(1e3, (), 10, "a"))
    assert len(store.jobs()) == 1
    store.close()


def test_a_store_of_version_4_knows_how_large_its_results_are(tmp_path):
    """The upgrade takes the sizes of delivered results from the documents, and no others."""
    store = Store(tmp_path / "hotpress.db")
    final = Final(name="a.mp4", temp="", size_bytes=7, sha256="", made_by="cloud")
    store.add(a_job(state=State.DELIVERED, final=final, placed_at=1.0), "")
    store.add(a_job(id="job2", mtime_ns=2, final=final), "")
    back_to(store._db, 4)
    store.close()
    store = Store(tmp_path / "hotpress.db")

    rows = store._db.execute("SELECT id, after_bytes FROM jobs ORDER BY id").fetchall()
    assert [tuple(row) for row in rows] == [("job1", 7), ("job2", None)]
    store.close()


def test_what_one_inbox_spent_and_has_under_way_is_counted_apart(store):
    """A budget of its own looks at these."""
    for n, inbox in enumerate("aab"):
        spent = a_job(id=f"s{n}", inbox=inbox, mtime_ns=n, step=Step.INSTRUCT, begun_at=50.0)
        store.add(spent, "")

    assert store.spent_since(10.0, 50) == 150
    assert (store.spent_since(10.0, 50, "a"), store.spent_since(10.0, 50, "b")) == (100, 50)
    assert store.spent_since(60.0, 50, "a") == 0


def test_a_job_is_found_by_any_of_its_paths_with_a_few_looks_into_indexes(store):
    """Source, its name, `INBOX/name` and the result all mean it, also among a hundred thousand."""
    final = Final(name="sub/clip.mp4", temp="", size_bytes=7, sha256="", made_by="cloud")
    job = a_job(relative="sub/clip.mov", final=final, outbox="/out/box")
    store.add(job, "")
    store.add(a_job(id="job2", relative="other.mov"), "")

    names = (str(job.source), "sub/clip.mov", f"{job.inbox}/sub/clip.mov", "/out/box/sub/clip.mp4")
    assert [[one.id for one in store.by_path(name)] for name in names] == [["job1"]] * 4
    assert store.by_path("clip.mov") == []
    assert [one.id for one in store.with_prefix("job1")] == ["job1"]
    for look in (lambda: store.by_path(names[3]), lambda: store.with_prefix("job")):
        assert "SCAN" not in plan(store, look)
