"""Looking at a store changes no byte of the state directory, whoever left it how."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from ages import back_to
from makers import a_job

from hotpress.errors import StateUnusable
from hotpress.store import ReadStore, StateLock, Store

LEAVE = """
import os, sys
from pathlib import Path
from makers import a_job
from hotpress.store import Store
Store(Path(sys.argv[1])).add(a_job(id="left"), "")
os._exit(0)  # as a kill does: what was written is in the log beside the store
"""


def seen(folder):
    return {
        path.relative_to(folder): (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_mode)
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def places(tmp_path):
    state = tmp_path / "state"
    state.mkdir()
    store = Store(state / "hotpress.db")
    store.add(a_job(), "")
    store.close()
    return state / "hotpress.db", state / "daemon.lock"


def known(store):
    return {job.id for job in store.jobs()}


def test_a_store_at_rest_is_read_and_left_as_it_is(places):
    """No index and no log is made beside it, and nothing can be written."""
    before = seen(places[0].parent)
    store = ReadStore(*places)
    assert known(store) == {"job1"}
    with pytest.raises(StateUnusable):
        store.add(a_job(id="job2", relative="b.mov"), "")
    store.close()
    assert seen(places[0].parent) == before


def test_what_a_killed_daemon_left_is_read_and_left_as_it_is(places):
    """Also what stands in the log only; the copy that it is read from is gone afterwards."""
    places[0].unlink()
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    subprocess.run([sys.executable, "-c", LEAVE, str(places[0])], check=True, env=env)
    before = seen(places[0].parent)
    assert any(str(name).endswith("-wal") and what[0] for name, what in before.items())
    store = ReadStore(*places)
    assert known(store) == {"left"}
    store.close()
    assert seen(places[0].parent) == before


def test_beside_a_daemon_its_newest_jobs_are_seen(places):
    """It is asked while the daemon writes; store and log stay as the daemon wrote them."""
    lock, daemon = StateLock(places[1]), Store(places[0])
    daemon.add(a_job(id="job2", relative="b.mov"), "")
    before = {name: what[0] for name, what in seen(places[0].parent).items()}
    store = ReadStore(*places)
    assert known(store) == {"job1", "job2"}
    after = {name: what[0] for name, what in seen(places[0].parent).items()}
    assert {n for n in before if before[n] != after[n]} <= {n for n in before if "-shm" in str(n)}
    daemon.add(a_job(id="job3", relative="c.mov"), "")
    assert known(store) == {"job1", "job2", "job3"}
    store.close()
    daemon.close()
    lock.release()


def test_a_daemon_that_starts_meanwhile_is_noticed(places):
    """What was opened as a store at rest is opened anew when somebody wrote into it."""
    store = ReadStore(*places)
    assert known(store) == {"job1"}
    daemon = Store(places[0])
    daemon.add(a_job(id="job2", relative="b.mov"), "")
    daemon.close()
    assert known(store) == {"job1", "job2"}
    store.close()


def test_an_older_store_is_understood_and_stays_older(places):
    """It is brought up to date in memory; the daemon does it on disk when it starts."""
    db = sqlite3.connect(places[0])
    back_to(db, 3)
    db.commit()
    db.close()
    before = seen(places[0].parent)
    store = ReadStore(*places)
    assert known(store) == {"job1"}
    store.close()
    assert seen(places[0].parent) == before
