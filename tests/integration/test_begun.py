"""`begun` is intent (docs/decisions/0005): deaths, stops, holds and waits after a side effect."""

import json
from dataclasses import replace

import pytest
from cloudstage import answer
from crew import Crew
from integration.test_steps_cloud import DRAFT, state

from hotpress import courtesy, receipts
from hotpress.courtesy import Peer
from hotpress.model import Asked, Message, Reason, Render, State, Step
from hotpress.steps import instruct, submit, upload


@pytest.fixture
def crew(tmp_path):
    made = Crew(tmp_path)
    with made.server:
        yield made


def test_killed_after_the_message_nothing_is_said_again(crew):
    """The message went out, the outcome was never written: noted as doubt, and only looked at."""
    crew.die_in(crew.add(Step.INSTRUCT), instruct.run)
    crew.start()
    crew.work(Step.SUBMIT)

    assert crew.asked["run_sse"] == 1
    assert (crew.job().message.doubt, crew.job().messages_sent) == (True, 1)


def test_a_draft_that_shows_late_is_waited_for_without_another_word(crew):
    """The step that sends ends; another one looks, as often as it takes."""
    crew.says["state"] = [state(""), state(""), state()]
    crew.add(Step.INSTRUCT)
    crew.work(Step.SUBMIT)

    assert (crew.asked["run_sse"], crew.job().step) == (1, Step.SUBMIT)


def test_stopped_while_the_agent_works_nothing_is_said_again(crew):
    """An orderly stop cuts the stream and leaves `begun` set; the next start only looks."""

    def stopping(_asked):
        crew.stop.set()
        crew.worker.interrupt()
        yield b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 999\r\n\r\n"

    crew.says["run_sse"].insert(0, stopping)
    crew.add(Step.INSTRUCT)
    crew.work(Step.SUBMIT)
    stopped = crew.job()
    crew.start()
    crew.work(Step.SUBMIT)

    assert (stopped.step, stopped.stopped) == (Step.INSTRUCT, True)
    assert crew.asked["run_sse"] == 1
    assert crew.job().message.doubt


@pytest.mark.parametrize(
    ("refusals", "waits_as"),
    [([403], State.HELD), ([500, 500], State.WAITING)],
    ids=["hold", "wait"],
)
def test_what_went_up_is_not_sent_again_after_a_hold_or_a_wait(crew, refusals, waits_as):
    """The upload happened, the look at it was refused or lost: only the look is repeated."""
    crew.says["state"] = [*(answer(code, {"code": code}) for code in refusals), state()]
    crew.add(Step.UPLOAD, upload=None)
    crew.worker.run_one("job1")
    waiting = crew.job()
    crew.wake_held()
    crew.work(Step.INSTRUCT)

    assert (waiting.state, waiting.step) == (waits_as, Step.UPLOAD)
    assert (crew.asked["upload"], crew.job().step) == (1, Step.INSTRUCT)


def test_killed_after_an_upload_nothing_goes_up_again(crew):
    """The cloud's own list answers whether it arrived."""
    crew.die_in(crew.add(Step.UPLOAD, upload=None), upload.run)
    crew.start()
    crew.work(Step.INSTRUCT)

    assert crew.asked["upload"] == 1


def test_killed_after_a_render_was_ordered_it_is_looked_for_under_its_id(crew):
    """One order, one id; the next start polls."""
    drafted = Render(id="r1", session="s1", token=0, draft='{"t":[]}')
    message = Message(session="s1", settled_at=1.0, doubt=False)
    crew.die_in(crew.add(Step.SUBMIT, renders=(drafted,), message=message), submit.run)
    crew.start()
    crew.work(Step.RENDER)

    assert crew.asked["submit"] == 1
    assert [(r.id, r.sent) for r in crew.job().renders] == [("r1", True)]


def test_what_was_reviewed_is_rendered_though_the_draft_changed_since(crew):
    """The agent worked on after the review: nobody has looked at that."""
    later = json.dumps({"t": [{"tt": 0, "sg": [{"d": 9000, "src": "other.mp4"}]}]})
    ordered = []
    accepted = crew.says["submit"][0]

    def ordering(asked):
        ordered.append(asked.json["draft"])
        return iter([accepted])

    crew.says["state"] = [state(), state(later)]
    crew.says["submit"] = [ordering]
    message = Message(session="s1", settled_at=crew.house.clock.now(), doubt=False)
    crew.add(Step.REVIEW, message=message)
    crew.work(Step.RENDER)

    assert ordered == [json.loads(DRAFT)]


def test_the_outbox_says_that_the_agent_is_asked_before_it_is(crew):
    """A lost state directory finds it there, and does not ask a second time."""
    on_record = []
    said = crew.says["run_sse"][0]

    def listening(_asked):
        on_record.extend(receipts.news(crew.house.outbox, {})[0])
        return iter([said])

    crew.says["run_sse"] = [listening]
    job = crew.add(Step.INSTRUCT)
    crew.work(Step.SUBMIT)

    assert [type(receipt) for receipt in on_record] == [Asked]
    assert (on_record[0].work_key, on_record[0].said) == (job.work_key, True)


def test_the_second_copy_of_one_video_waits_and_costs_nothing(crew):
    """Two files with the same bytes, side by side in the cloud: one message."""
    first = crew.add(Step.UPLOAD, upload=None)
    second = crew.house.inbox / "copy.mov"
    second.write_bytes(crew.house.source.read_bytes())
    mtime_ns = second.stat().st_mtime_ns
    crew.add(Step.UPLOAD, upload=None, id="job2", relative="copy.mov", mtime_ns=mtime_ns)
    crew.worker.run_one("job1")
    crew.worker.run_one("job2")
    waiting = crew.job("job2")
    for job_id in ("job1", "job2"):
        crew.worker.run_one(job_id)

    assert first.work_key == waiting.work_key
    assert (waiting.waits_on, waiting.step) == ("job1", Step.UPLOAD)
    assert crew.asked["run_sse"] == 1


def test_a_hold_of_the_money_is_taken_up_where_it_was(crew):
    """402 refuses the render as a whole: the same id is sent again, later, and only then."""
    drafted = Render(id="r1", session="s1", token=0, draft='{"t":[]}')
    accepted = crew.says["submit"][0]
    crew.says["submit"] = [answer(402, {"code": 402}), accepted]
    crew.add(Step.SUBMIT, renders=(drafted,))
    crew.worker.run_one("job1")
    held = crew.job()
    crew.wake_held()
    crew.worker.run_one("job1")

    assert (held.reason, held.begun_at) == (Reason.PLAN, None)
    assert crew.asked["submit"] == 2
    assert crew.job().renders == (replace(drafted, sent=True, settled_at=crew.house.clock.now()),)


def test_a_look_for_the_source_begins_no_upload(crew):
    """Woken to see whether the source is back, and it is not: later it is uploaded, not looked for.

    An upload that never began would else be missed in the cloud, and count against the line.
    """
    hold = {"state": State.HELD, "reason": Reason.INBOX_MISSING, "why": "gone", "hint": "bring it"}
    crew.add(Step.UPLOAD, upload=None, **hold)
    away = crew.house.source.rename(crew.house.inbox.parent / "away.mov")
    crew.wake_held()
    crew.work()
    held = crew.job()
    assert (held.state, held.reason, held.begun_at) == (State.HELD, Reason.INBOX_MISSING, None)
    away.rename(crew.house.source)
    crew.says["state"] = [state(media=("v.mp4",))]
    crew.wake_held()
    crew.work(Step.INSTRUCT)

    assert crew.asked["upload"] == 1
    assert crew.job().tally.upload_absent == 0


def test_a_folder_left_to_another_computer_begins_no_message(crew):
    """Held elsewhere before the message, then alone again: it is sent, and nobody doubts it."""
    now = crew.house.clock.now()
    crew.me = Peer("2-me", "here", 1, "", now)
    first = Peer("1-first", "studio", 1, "", now)
    courtesy.announce(crew.house.outbox, first)
    crew.add(Step.INSTRUCT, source_sha256=crew.house.job.source_sha256)
    crew.work()
    held = crew.job()
    assert (held.state, held.reason, held.begun_at) == (State.HELD, Reason.ELSEWHERE, None)
    courtesy.withdraw(crew.house.outbox, first)
    crew.wake_held()
    crew.work(Step.REVIEW)

    assert crew.asked["run_sse"] == 1
    assert not crew.job().message.doubt
