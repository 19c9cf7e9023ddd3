"""What is asked of past jobs: lists, sums, and how long the next one takes."""

from dataclasses import replace

import pytest
from makers import FULL_HD, a_job

from hotpress.cli import jobs
from hotpress.errors import ConfigError
from hotpress.model import Final, Reason, State, Step
from hotpress.report import prospects
from hotpress.store import JournalLine, Store, Sums, Wanted

WHOLE = {"upload": 100.0, "instruct": 20.0, "render": 60.0, "verify": 10.0}


@pytest.fixture
def store(tmp_path):
    found = Store(tmp_path / "hotpress.db")
    yield found
    found.close()


def delivered(store, number, at, factor=1.0, **changes):
    """A job that went through the cloud, each step in its time."""
    final = Final(name=f"{number}.mp4", temp="", size_bytes=50, sha256="", made_by="cloud")
    ended = {"state": State.DELIVERED, "step": Step.RELEASE, "final": final, "placed_at": at}
    values = {"facts": FULL_HD, "mtime_ns": number, "created_at": at - 500, "released_at": at}
    job = a_job(id=f"done{number}", finished_at=at, **{**values, **ended, **changes})
    assert store.add(job, "new")
    lines, now = [], at - 400
    for step, seconds in WHOLE.items():
        lines.append(JournalLine(now, step, "begun"))
        now += seconds * factor
        lines.append(JournalLine(now, step, "next"))
    assert store.write(replace(job, epoch=1), lines, epoch=0)


def test_the_history_is_filtered_and_summed_in_indexes(store):
    """By state, inbox, time and text, in any mixture; sums count all, however few are listed."""
    delivered(store, 1, 1_000.0, relative="Ferien/Strand.mov")
    delivered(store, 2, 2_000.0, relative="b.mov", inbox="other")
    delivered(store, 3, 3_000.0, relative="somewhere.url", size_bytes=9)
    held = {"state": State.HELD, "reason": Reason.CREDITS, "created_at": 5_000.0}
    store.add(a_job(id="held", relative="100%_strand.mov", mtime_ns=9, **held), "")

    def ids(limit=10, **wanted):
        return [job.id for job in store.listed(Wanted(**wanted), limit)]

    assert ids() == ["held", "done3", "done2", "done1"]
    assert ids(state="delivered", limit=2) == ["done3", "done2"]
    assert ids(text="STRAND") == ["held", "done1"]
    assert ids(text="%_") == ["held"]
    assert ids(inbox="other") == ["done2"]
    assert ids(since=2_000.0) == ["held", "done3"]
    assert ids(state="delivered", text="strand", since=0.0, inbox="travel") == ["done1"]
    assert ids(state="failed") == []
    # Of the link's video nobody knows what it weighed: it is delivered, and saved nothing.
    assert store.sums(Wanted()) == Sums(count=4, delivered=3, before=2_000, after=100)
    assert store.sums(Wanted(text="strand")) == Sums(2, 1, 1_000, 50)
    asked = []
    store._db.set_trace_callback(asked.append)
    store.sums(Wanted(text="strand"))
    store.counts()
    store._db.set_trace_callback(None)
    for sql in asked:
        steps = store._db.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()
        assert "COVERING INDEX" in str([row[3] for row in steps])


def test_what_is_learned_later_never_moves_a_job_back(store):
    """A job's shares are counted with what was known when it was made; a new job learns more."""
    delivered(store, 1, 1_000.0)
    running = {"state": State.RUNNING, "step": Step.INSTRUCT, "begun_at": 6_000.0}
    job = a_job(id="runs", created_at=5_000.0, facts=FULL_HD, **running)
    before = prospects(store, [job], 6_010.0)["runs"]
    assert before.eta_seconds == pytest.approx(11 + 60 + 10 + 46, abs=5)  # 46 s: not learned yet
    for number in range(2, 8):  # the agent gets ten times slower
        delivered(store, number, 5_500.0 + number, 10.0)
    after = prospects(store, [job], 6_010.0)["runs"]
    late = replace(job, id="late", created_at=6_000.0)

    assert after == before
    assert prospects(store, [late], 6_010.0)["late"].eta_seconds > before.eta_seconds + 400


def test_a_render_goes_on_between_two_polls(store):
    """Each poll takes the job anew; its step's time counts from the first one."""
    delivered(store, 1, 1_000.0)
    waits = {"state": State.WAITING, "step": Step.RENDER, "reason": Reason.RENDER}
    job = a_job(id="runs", created_at=5_000.0, facts=FULL_HD, begun_at=6_030.0, **waits)
    store.add(job, "")
    lines = [JournalLine(6_000.0, "render", "begun"), JournalLine(6_001.0, "render", "wait", "it")]
    store.write(replace(job, epoch=1), lines, epoch=0)
    seen = [prospects(store, [job], 6_030.0 + n)["runs"].progress for n in range(0, 300, 15)]

    assert seen == sorted(set(seen))
    assert seen[0] > 0.6
    assert seen[-1] < 1


def test_wrong_filters_say_what_is_right():
    """A state that there is none of, a time that is none: a sentence, and nothing is guessed."""
    with pytest.raises(ConfigError, match="known: queued, running"):
        jobs._state("done")
    with pytest.raises(ConfigError, match="'someday' is no time"):
        jobs._since("someday", 1e9)
    assert jobs._since("7d", 1e9) == 1e9 - 7 * 86_400
    assert jobs._since("99999999999w", 1e9) == 0.0
    assert jobs._since("today", 1e9) - jobs._since("yesterday", 1e9) == 86_400
    assert jobs._since("2026-11-01", 1e9) > 1.79e9
