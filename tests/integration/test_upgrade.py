"""Upgrading in the middle of everything: the older version's store, with jobs at each step.

Its tables are made by that version's own text (tests/data/store_4.sql), not by undoing ours.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import claims
import pytest
from machine import Machine
from switch import clip_bytes, marked

from hotpress.model import CLOUD_STEPS, Job, State, Step
from hotpress.store.migrations import VERSION

CLOUD = {"route": "cloud", "existing": "all", "resolution": "32x24"}
_OLD = Path(__file__).parent.parent / "data/store_4.sql"
# What the documents of that time did not have; a rule's, and a job's own.
_NEW_KEYS, _NEW_RULE_KEYS = ("link", "cause", "ended_with"), ("links",)


@pytest.fixture
def machine(tmp_path):
    built = Machine(tmp_path.resolve(), CLOUD)
    yield built
    built.off()
    built.cloud.close()


def put(machine: Machine, name: str) -> str:
    path = machine.inbox / name
    path.write_bytes(marked(clip_bytes("tiny"), f"content of {name}"))
    return name


def the_job(machine: Machine, name: str) -> Job:
    return machine.store.at_path(str(machine.inbox), name)[0]


def bring(machine: Machine, name: str, step: Step) -> None:
    """Let its job work until it stands before this step."""
    for _ in range(60):
        job = the_job(machine, name)
        if job.step is step and job.begun_at is None:
            return
        machine.clock.move(max(0.0, (job.wake_at or 0.0) - machine.clock.now()))
        machine.run(job.id)
    raise AssertionError(f"{name} never came to {step}")


def cut_after(machine: Machine, name: str, operation: str) -> None:
    """The power goes out when the cloud has done this, before anything is known of it here."""

    def around(happens: str) -> None:
        machine.power.out = machine.power.out or happens == f"{operation} done"
        machine.around(happens)

    machine.sky.around = around
    assert machine.guarded(lambda: machine.run(the_job(machine, name).id))
    machine.sky.around = machine.around
    assert the_job(machine, name).begun_at is not None


def as_version_4(path: Path) -> None:
    """The same jobs in the file that the older hotpress would have left."""
    path.with_name("hotpress.db-wal").unlink(missing_ok=True)
    old = path.rename(path.with_name("new.db"))
    db = sqlite3.connect(path)
    db.executescript(_OLD.read_text("utf-8"))
    db.execute("ATTACH ? AS new", (str(old),))
    tables = db.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall()
    for (table,) in tables:
        columns = ", ".join(row[1] for row in db.execute(f"PRAGMA main.table_info({table})"))
        db.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}")
    for id_, text in db.execute("SELECT id, document FROM jobs").fetchall():
        document = json.loads(text)
        for key in _NEW_KEYS:
            assert not document.pop(key), f"a job of that time had no {key}"
        for key in _NEW_RULE_KEYS:
            del document["rule"][key]
        db.execute("UPDATE jobs SET document = ? WHERE id = ?", (json.dumps(document), id_))
    db.execute("PRAGMA user_version = 4")
    db.commit()
    db.close()
    old.unlink()


def test_jobs_under_way_at_every_step_are_finished_after_an_upgrade(machine):
    """One result each, no message and no render twice, nothing lost: also what a cut tore apart."""
    first = put(machine, "first.mp4")
    machine.rest()
    assert the_job(machine, first).state is State.DELIVERED
    waiting = {step: put(machine, f"before {step}.mp4") for step in CLOUD_STEPS}
    torn = {step: put(machine, f"in {step}.mp4") for step in (Step.UPLOAD, Step.INSTRUCT)}
    for _ in range(3):
        machine.look()
        machine.clock.move(1.5)
    for step, name in (*waiting.items(), *torn.items()):
        bring(machine, name, step)
    cut_after(machine, torn[Step.UPLOAD], "upload")
    cut_after(machine, torn[Step.INSTRUCT], "say")
    machine.off()
    as_version_4(machine.store_path)
    machine.boot()
    assert {the_job(machine, name).step for name in waiting.values()} == set(CLOUD_STEPS)
    machine.rest()

    jobs = machine.store.jobs()
    assert {job.state for job in jobs} == {State.DELIVERED}, [(j.relative, j.why) for j in jobs]
    assert len(jobs) == len(claims.visible(machine)) == 1 + len(waiting) + len(torn)
    assert claims.of_money(machine, 0) + claims.of_the_outbox(machine, 0) == []
    assert claims.at_rest(machine) + [w for j in jobs for w in claims.of_a_job(j, machine)] == []
    version = machine.store._rows("PRAGMA user_version")
    assert [tuple(row) for row in version] == [(VERSION,)]
    assert [tuple(row) for row in machine.store._rows("PRAGMA quick_check")] == [("ok",)]


def test_a_newer_store_ends_the_daemon_with_a_sentence(tmp_path):
    """Exit code 1, what to do, and not one byte of the store is another one."""
    config, path = tmp_path / "config.yaml", tmp_path / "state/hotpress.db"
    config.write_text(f"inboxes: [{{path: {tmp_path}/in, outbox: {tmp_path}/out}}]\n")
    path.parent.mkdir()
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA user_version = {VERSION + 1}")
    db.close()
    before = path.read_bytes()
    words = [sys.executable, "-m", "hotpress", "--config", str(config)]
    words += ["--state-dir", str(path.parent), "run"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 1
    assert f"written by a newer hotpress (version {VERSION + 1}" in done.stderr
    assert "Upgrade hotpress" in done.stderr
    assert "Traceback" not in done.stderr
    assert path.read_bytes() == before
