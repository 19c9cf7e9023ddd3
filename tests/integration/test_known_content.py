"""What is known of a content decides: rollbacks, touches, twins, rules, foreign receipts."""

import json
import os
import random
import shutil
import threading
from dataclasses import asdict, replace

import pytest
from ages import back_to
from crew import Crew
from house import House
from makers import a_job

from hotpress import files, outcomes, record, verbs
from hotpress.admission import Admission
from hotpress.config.settings import Inbox, Settings
from hotpress.errors import Stopping
from hotpress.hotfolder import HotFolder
from hotpress.model import BY_HAND, Fail, Reason, Render, Rule, Session, State, Step, Wait
from hotpress.orders import Orders
from hotpress.steps import same
from hotpress.store import Store
from hotpress.worker import Worker

DONE = Render(id="r", session="s1", token=0, draft="{}", sent=True, ended="done", seen=True)


@pytest.fixture
def crew(tmp_path):
    made = Crew(tmp_path)
    with made.server:
        yield made


def admission(house):
    inbox = Inbox(path=house.inbox, outbox=house.outbox)
    return Admission("travel", inbox, Settings(inboxes=[inbox]), house.store, house.clock, random)


def test_a_store_from_before_the_message_looks_instead_of_asking_again(tmp_path, crew):
    """Last night's backup says "not asked"; the outbox says otherwise, and is believed."""
    crew.add(Step.INSTRUCT, source_sha256=crew.house.job.source_sha256)
    path, backup = tmp_path / "hotpress.db", tmp_path / "backup.db"
    crew.store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(path, backup)
    crew.work(Step.REVIEW)
    assert crew.asked["run_sse"] == 1
    crew.store.close()
    for part in tmp_path.glob("hotpress.db*"):
        part.unlink()
    shutil.copy(backup, path)
    crew.store = crew.house.store = Store(path)
    record.learn(crew.store, crew.house.outbox)
    crew.start()
    crew.work(Step.REVIEW)

    assert crew.asked["run_sse"] == 1


@pytest.mark.parametrize("reason", [Reason.APPROVAL, Reason.PAUSED, Reason.UNCLEAR])
@pytest.mark.parametrize("verb", ["missing", "vanished"])
def test_a_source_that_comes_back_is_nobodys_yes(tmp_path, reason, verb):
    """Gone alone or with many, and back: what waits for a person still does."""
    house = House(tmp_path)
    orders = Orders(house.store, house.clock, {})
    held = replace(house.job, step=Step.PROBE, final=None, state=State.HELD, reason=reason, why="x")
    house.store.add(held, "")
    house.store.ask(verb, "job1", {}, 1.0)
    orders.obey(frozenset())
    key = files.key_of(house.source.stat())
    admission(house).knows(house.inbox, "clip.mov", key, touched=False)
    orders.obey(frozenset())

    job = house.store.get("job1")
    assert (job.state, job.reason) == (State.HELD, reason)
    assert job.why


def test_a_source_touched_after_the_message_goes_on_without_another_one(tmp_path, crew):
    """The old job ends as changed; the new one renders the draft that was paid for."""
    house = crew.house
    sha256 = house.job.source_sha256
    job = crew.add(Step.FINISH, messages_sent=1, renders=(DONE,), source_sha256=sha256)
    assert house.store.claim_content(job.work_key, job.id) == job.id
    os.utime(house.source, ns=(1, 777_000_000))
    crew.worker.run_one("job1")
    assert crew.job().state is State.CANCELLED
    new = replace(
        job,
        id="job2",
        mtime_ns=777_000_000,
        step=Step.SESSION,
        session=None,
        upload=None,
        renders=(),
        messages_sent=0,
    )
    assert house.store.add(new, "")
    crew.worker.run_one("job2")

    taken = crew.job("job2")
    assert taken.step in (Step.REVIEW, Step.SUBMIT)
    assert taken.said
    assert crew.asked["run_sse"] == 0


def test_an_order_for_all_reaches_twins_in_any_order(tmp_path):
    """The one that waits is cancelled, too, and not only woken by the other one's end."""
    house = House(tmp_path)
    waits = replace(house.job, id="old", relative="a.mov", step=Step.SESSION, waits_on="new")
    first = replace(house.job, id="new", relative="b.mov", step=Step.SESSION, created_at=200.0)
    house.store.add(waits, "")
    house.store.add(first, "")
    house.store.ask("cancel", "", {}, 1.0)
    Orders(house.store, house.clock, {}).obey(frozenset())

    assert {house.store.get(i).state for i in ("old", "new")} == {State.CANCELLED}


LINE = {
    "job": "x",
    "at": "2024-01-01T00:00:00Z",
    "inbox": "t",
    "path": "p",
    "size": 1,
    "mtime_ns": 1,
    "sha256": "a",
    "work_key": "k",
    "output": "o.mp4",
    "output_size": 1,
    "output_sha256": "b",
}


@pytest.mark.parametrize(
    "line",
    [
        "[" * 60_000,
        json.dumps({**LINE, "size": 2**70}),
        json.dumps({**LINE, "path": "\ud800"}),
        json.dumps({**LINE, "output": "../../etc/passwd"}),
        json.dumps({**LINE, "at": "soon"}),
    ],
    ids=["deep", "huge", "surrogate", "outside", "time"],
)
def test_a_hostile_line_in_the_outbox_stops_nobody(tmp_path, line):
    """Whoever shares the folder can write there: the line is left out, the folder is watched."""
    house = House(tmp_path)
    (house.outbox / ".hotpress/receipts-evil.jsonl").write_text(line + "\n")
    folder = HotFolder(Inbox(path=house.inbox, outbox=house.outbox), admission(house))
    folder.rescan()

    assert folder.rescans == 1
    assert house.store.delivered_content("k") == []


def test_any_date_in_the_outboxs_record_stops_nobody(tmp_path):
    """A video may be dated after 2262, and a line may say anything."""
    house = House(tmp_path)
    line = json.dumps({**LINE, "mtime_ns": 2**70})
    (house.outbox / ".hotpress/receipts-other.jsonl").write_text(line + "\n")
    folder = HotFolder(Inbox(path=house.inbox, outbox=house.outbox), admission(house))
    folder.rescan()

    assert folder.rescans == 1
    assert [each.path for each in house.store.delivered_content("k")] == ["p"]


def test_a_key_goes_with_the_rule(tmp_path):
    """Whoever had the key and was made by another rule since, has it no more."""
    house = House(tmp_path)
    first = replace(house.job, id="first", relative="a.mov", final=None, state=State.FAILED)
    house.store.add(first, "")
    assert house.store.claim_content(first.work_key, "first") == "first"
    rule = asdict(Rule(instructions="make it black and white"))
    changed, _ = verbs.asked(first, "retry", {"rule": {**rule, "route": "auto"}})
    done = replace(
        changed,
        state=State.DELIVERED,
        placed_at=1.0,
        released_at=1.0,
        source_sha256=house.job.source_sha256,
        renders=(DONE,),
        session=Session(id="s1", token=0, upload_name="v", made_at=1.0),
        final=house.job.final,
        step=Step.RELEASE,
        epoch=1,
    )
    assert house.store.write(done, [], epoch=0)
    house.job = replace(house.job, id="copy", relative="b.mov", final=None, step=Step.SESSION)
    house.store.add(house.job, "")

    assert same.decided(house.job, house.tools()) is None


def test_a_cancel_keeps_its_sentence_while_the_cloud_is_asked_to_stop():
    """What is told meanwhile is not the reason of the end."""
    sent = Render(id="r", session="s", token=0, draft="d", sent=True)
    job = a_job(step=Step.RENDER, state=State.WAITING, renders=(sent,), epoch=1)
    ending, _ = verbs.asked(job, "cancel", {})
    wait = Wait(ending, 20.0, "ending what still runs in the cloud", Reason.RENDER)
    waited, _ = outcomes.written(ending, wait, 200.0)
    settled = replace(waited, renders=(replace(sent, ended="unknown"),))
    end = Fail(settled, settled.end_why, settled.end_hint, settled.ending)
    ended, _ = outcomes.written(settled, end, 300.0)

    assert (ended.state, ended.why) == (State.CANCELLED, BY_HAND)


def test_a_cancel_of_a_running_step_is_a_cancel(tmp_path):
    """The step ends, the order is obeyed and answered; coming back is no reason to go on."""
    house = House(tmp_path)
    house.store.add(replace(house.job, step=Step.UPLOAD, final=None), "")
    numbers = []

    def step(_before, _job, _tools):
        numbers.append(house.store.ask("cancel", "job1", {}, 1.0))
        worker.obey(frozenset({"job1"}))
        raise Stopping

    worker = Worker(
        house.store,
        lambda _job: house.tools().desk,
        lambda _desk: house.tools(),
        house.clock,
        "me",
        "boot",
        threading.Event(),
    )
    worker._step = step
    worker.run_one("job1")
    worker.obey(frozenset())
    key = files.key_of(house.source.stat())
    admission(house).knows(house.inbox, "clip.mov", key, touched=False)
    worker.obey(frozenset())

    job = house.store.get("job1")
    assert house.store.answer_to(numbers[0]) == (BY_HAND, True)
    assert (job.state, job.why) == (State.CANCELLED, BY_HAND)


def test_one_order_that_cannot_be_obeyed_keeps_no_other(tmp_path):
    """From a newer command line, say: it is answered, and the next one is obeyed."""
    house = House(tmp_path)
    house.store.add(replace(house.job, state=State.FAILED, step=Step.PROBE, final=None), "")
    bad = house.store.ask("retry", "job1", {"rule": {"nonsense": 1}}, 1.0)
    good = house.store.ask("retry", "job1", {}, 1.0)
    Orders(house.store, house.clock, {}).obey(frozenset())

    assert not house.store.answer_to(bad)[1]
    assert house.store.answer_to(good)[1]


def test_a_store_of_version_1_knows_what_it_paid_for(tmp_path):
    """After the upgrade a copy of what an older version paid for does not pay again."""
    house = House(tmp_path)
    job = replace(house.job, placed_at=5.0, state=State.DELIVERED)
    house.store.add(job, "")
    db = house.store._db
    for table in ("contents", "deliveries", "asked"):
        db.execute(f"DROP TABLE {table}")
    for index in ("jobs_waiting", "jobs_cost", "jobs_file", "jobs_first"):
        db.execute(f"DROP INDEX {index}")
    for column in ("waits_on", "asked", "file"):
        db.execute(f"ALTER TABLE jobs DROP COLUMN {column}")
    db.execute("ALTER TABLE jobs ADD COLUMN work_key TEXT NOT NULL DEFAULT ''")
    back_to(db, 1)
    house.store.close()
    upgraded = Store(tmp_path / "hotpress.db")

    assert upgraded.claim_content(job.work_key, "another") == job.id
    assert [found.output for found in upgraded.delivered_content(job.work_key)] == ["clip.mp4"]
