"""Answers that take minutes: every deadline is kept by the clock that was handed in."""

import json
from dataclasses import replace

import pytest
from cloudstage import Odd, answer, good
from house import House

from hotpress import policy
from hotpress.model import (
    Before,
    Credits,
    Facts,
    Hold,
    Message,
    Next,
    Reason,
    Render,
    Route,
    Rule,
    Session,
    Step,
    Upload,
    Wait,
)
from hotpress.steps import render, review, upload

FACTS = Facts(
    container="mp4", duration_seconds=4, width=640, height=360, fps=25, codec="h264", size_bytes=9
)
DRAFT = json.dumps({"t": [{"tt": 0, "sg": [{"d": 4000, "src": "v.mp4"}]}]})
LIMIT_SECONDS = 900.0  # stream_limit
UPLOAD_LOOK_SECONDS = 30.0
RENDER_LOOK_SECONDS = 60.0
UNKNOWN = answer(404, {"code": 404, "message": "no such render"})
BALANCE = good({"available": 50, "frozen": 0, "total": 100})


def state(*media, draft=None):
    infos = [{"filename": name, "duration": 4} for name in media]
    return good({"state": {"draft": draft and json.loads(draft), "video_infos": infos}})


@pytest.fixture
def slow(tmp_path):
    """(minutes, answers) -> house, server: each answer comes after so many minutes of its clock.

    The credits are always half spent; of the others the last is given again and again.
    """
    open_servers = []

    def build(minutes, *answers):
        left = list(answers)

        def late(asked):
            house.clock.move(minutes * 60)
            if "/credits/" in asked.path:
                return BALANCE
            return left[0] if len(left) == 1 else left.pop(0)

        server = Odd((late,), tmp_path).__enter__()
        open_servers.append(server)
        house = House(tmp_path, server.url)
        now = house.clock.now()
        before = Before(draft="", media=(), credits=Credits(100, 0, 100), at=now)
        house.job = replace(
            house.job,
            facts=FACTS,
            rule=Rule(route=Route.CLOUD),
            session=Session(id="s1", token=0, upload_name="v.mp4", made_at=now),
            upload=Upload(name="v.mp4", size_bytes=13, sha256="x", before=before),
            message=Message(session="s1", settled_at=now, doubt=True),
            messages_sent=1,
            renders=(),
            final=None,
        )
        return house, server

    yield build
    for server in open_servers:
        server.__exit__()


def walked(house, step, job):
    """One step until it no longer waits: its outcomes, with the time at which each came."""
    found, tools = [], house.tools()
    for _ in range(60):
        outcome = step(job, tools)
        found.append((house.clock.now(), outcome))
        if not isinstance(outcome, Wait):
            return found
        house.clock.move(outcome.seconds)
        job = outcome.job
    raise AssertionError("it waits for ever")


@pytest.mark.parametrize("minutes", [1, 3, 7])
def test_review_looks_until_the_streams_limit_however_slow_the_answers_are(slow, minutes):
    """Neither given up before the limit has passed, nor much later than one more look."""
    house, server = slow(minutes, state("v.mp4"))
    began = house.clock.now()
    found = walked(house, review.run, house.job)
    ended_at, ended = found[-1]
    looks = sum("/state/" in asked.path for asked in server.asked)

    assert ended_at - began >= LIMIT_SECONDS
    assert looks >= 7  # 30 s, then 5 times 60 s, also where each look takes minutes
    assert isinstance(ended, Hold)
    last_wait_at = found[-2][0]
    assert last_wait_at - began < LIMIT_SECONDS or looks == 7


def test_a_draft_that_comes_in_a_late_answer_is_taken(slow):
    """Ten minutes for the state that shows the edit: it counts, and nothing is asked again."""
    house, server = slow(10, state("v.mp4"), state("v.mp4", draft=DRAFT))
    found = [outcome for _, outcome in walked(house, review.run, house.job)]

    assert [type(outcome) for outcome in found] == [Wait, Next]
    assert (found[-1].to, found[-1].job.message) == (None, found[-2].job.message)
    assert {asked.method for asked in server.asked} == {"GET"}


def test_an_edit_that_nobody_can_prove_undone_is_held_after_late_answers(slow):
    """State and credits in minutes each: charged, so it is a person's decision, never a repeat."""
    house, _ = slow(4, state("v.mp4"))
    _, ended = walked(house, review.run, house.job)[-1]

    assert isinstance(ended, Hold)
    assert (ended.reason, ended.job.messages_sent) == (Reason.UNCLEAR, 1)


@pytest.mark.parametrize("minutes", [0.1, 2])
def test_an_upload_is_absent_only_after_a_look_that_began_past_its_limit(slow, minutes):
    """A single late answer is no proof, though it took longer than the limit."""
    house, server = slow(minutes, state())
    job = replace(house.job, upload=None, message=None, step=Step.UPLOAD)
    began = house.clock.now()
    found = walked(house, upload.resume, job)
    _, ended = found[-1]
    looks = [at for at, _ in found]

    assert (ended.to, ended.job.tally.upload_absent) == (Step.SESSION, 1)
    assert len(looks) >= 2
    assert looks[-1] - minutes * 60 - began >= UPLOAD_LOOK_SECONDS
    assert all(asked.method == "GET" for asked in server.asked)


def test_an_upload_that_shows_in_a_late_answer_is_not_sent_again(slow):
    """Two empty looks of minutes would be too many; the first that shows it ends the doubt."""
    house, server = slow(3, state("v.mp4"))
    job = replace(house.job, upload=None, message=None, step=Step.UPLOAD)
    [(_, ended)] = walked(house, upload.resume, job)

    assert (ended.to, ended.job.upload_doubt_at) == (None, None)
    assert ended.job.upload.before.credits == Credits(50, 0, 100)
    assert len(server.asked) == 2


@pytest.mark.parametrize("minutes", [0.1, 2])
def test_an_unknown_render_is_looked_for_at_least_three_times(slow, minutes):
    """And for `render_look`; then the same id with the same draft goes out again, no other."""
    house, server = slow(minutes, UNKNOWN)
    now = house.clock.now()
    sent = Render(
        id="r1", session="s1", token=0, draft=DRAFT, sent=True, doubt_at=now, settled_at=now
    )
    job = replace(house.job, renders=(sent,), step=Step.RENDER)
    ended_at, ended = walked(house, render.run, job)[-1]

    assert (ended.to, [r.id for r in ended.job.renders]) == (Step.SUBMIT, ["r1"])
    assert len(server.asked) >= policy.UNKNOWN_LOOKS
    assert ended_at - now >= RENDER_LOOK_SECONDS


def test_polls_that_take_minutes_are_counted_from_their_start_to_the_hour(slow):
    """A render that stays at work is polled at most every 30 s, and cancelled after an hour."""
    running = good({"id": "r1", "status": "processing", "progress": 10})
    house, server = slow(5, running)
    now = house.clock.now()
    sent = Render(id="r1", session="s1", token=0, draft=DRAFT, sent=True, settled_at=now)
    job = replace(house.job, renders=(sent,), step=Step.RENDER)
    ended_at, ended = walked(house, render.run, job)[-1]

    assert (ended.to, ended.job.tally.stuck_renders) == (Step.SUBMIT, 1)
    assert policy.STUCK_SECONDS <= ended_at - now <= policy.STUCK_SECONDS + 2 * (5 * 60 + 60)
    assert server.asked[-1].path.endswith("/r1/cancel")
