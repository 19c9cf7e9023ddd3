"""The steps that talk to the cloud: each row of the step table, answers scripted, time by hand."""

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
    Fail,
    Hold,
    Message,
    Next,
    Reason,
    Render,
    Route,
    Rule,
    Session,
    State,
    Step,
    Upload,
    Wait,
)
from hotpress.steps import closing, instruct, render, review, submit, upload

DRAFT = json.dumps({"t": [{"tt": 0, "sg": [{"d": 4000, "src": "v.mp4"}]}]})
UNKNOWN = answer(404, {"code": 404, "message": "no such render"})
GONE = answer(404, {"code": 1002, "message": "session not found"})
RUNNING = good({"id": "r1", "status": "processing", "progress": 40})
DONE = good({"id": "r1", "status": "completed", "outputUrl": "http://127.0.0.1:9/v.mp4"})
FACTS = Facts(
    container="mp4", duration_seconds=4, width=640, height=360, fps=25, codec="h264", size_bytes=9
)


def state(draft=DRAFT, media=("v.mp4",), generated=()):
    infos = [{"filename": name, "duration": 4} for name in media]
    inner = {"draft": json.loads(draft) if draft else None, "video_infos": infos}
    return good({"state": {**inner, "generated_media": list(generated)}})


def credits_of(available, frozen=0, total=100):
    return good({"available": available, "frozen": frozen, "total": total})


@pytest.fixture
def scene(tmp_path):
    """(answers, changes) -> job, house, server: a job in the middle of the cloud."""
    open_servers = []

    def build(*answers, **changes):
        server = Odd(answers, tmp_path).__enter__()
        open_servers.append(server)
        house = House(tmp_path, server.url)
        now = house.clock.now()
        session = Session(id="s1", token=0, upload_name="v.mp4", made_at=now)
        before = Before(draft="", media=(), credits=Credits(100, 0, 100), at=now)
        values = {
            "facts": FACTS,
            "session": session,
            "upload": Upload(name="v.mp4", size_bytes=13, sha256="x", before=before),
            "message": Message(session="s1", settled_at=now, doubt=False),
            "messages_sent": 1,
            "renders": (Render(id="r1", session="s1", token=0, draft=DRAFT),),
            "final": None,
            **changes,
        }
        house.job = replace(house.job, **values)
        return house, server

    yield build
    for server in open_servers:
        server.__exit__()


def sent(house, **more):
    now = house.clock.now()
    first = Render(id="r1", session="s1", token=0, draft=DRAFT, sent=True, settled_at=now, **more)
    return replace(house.job, renders=(first,), step=Step.RENDER)


def test_submit_sends_exactly_the_stored_draft_under_the_stored_id(scene):
    """Nothing is read again: what was reviewed is what is rendered."""
    house, server = scene(good({"id": "r1", "status": "pending"}), step=Step.SUBMIT)
    found = submit.run(house.job, house.tools())

    [asked] = server.asked
    assert asked.json["id"] == "r1"
    assert asked.json["draft"] == json.loads(DRAFT)
    assert (found.to, found.job.render.sent) == (None, True)


def test_a_refused_id_that_was_ever_sent_has_arrived(scene):
    """Refused after our own lost answer: poll it, never a new id."""
    house, _ = scene(answer(409, {"code": 409, "message": "exists"}), step=Step.SUBMIT)
    found = submit.run(sent(house), house.tools())

    assert isinstance(found, Next)
    assert (found.to, [r.id for r in found.job.renders]) == (None, ["r1"])


def test_an_id_refused_at_its_very_first_send_gets_a_new_one_stored_first(scene):
    """The new id is an outcome before it is used."""
    house, server = scene(answer(409, {"code": 409, "message": "exists"}), step=Step.SUBMIT)
    found = submit.run(house.job, house.tools())

    assert (found.to, found.job.renders[0].ended) == (Step.SUBMIT, "unsent")
    assert found.job.render.id != "r1"
    assert found.job.render.draft == DRAFT
    assert len(server.asked) == 1


@pytest.mark.parametrize(("status", "reason"), [(402, Reason.PLAN), (403, Reason.SCOPE)])
def test_a_refused_account_says_nothing_of_the_id(scene, status, reason):
    """402 and 403 hold the job; the same id is sent again later."""
    house, _ = scene(
        answer(status, {"code": status}), step=Step.SUBMIT, rule=Rule(route=Route.CLOUD)
    )
    found = submit.run(replace(house.job, begun_at=5.0), house.tools())

    assert isinstance(found, Hold)
    assert (found.reason, found.job.begun_at) == (reason, None)
    assert found.job.render.id == "r1"


def test_a_crash_in_submit_is_polled(scene):
    """Resume sends nothing."""
    house, server = scene(DONE, step=Step.SUBMIT)
    found = submit.resume(house.job, house.tools())

    assert server.asked == []
    assert (found.job.render.sent, found.job.render.doubt_at) == (True, house.clock.now())


def test_render_is_never_polled_sooner_than_every_thirty_seconds(scene):
    """Also after a restart: the last poll is stored."""
    house, server = scene(RUNNING)
    job = sent(house)
    first = render.run(job, house.tools())
    house.clock.move(30)
    second = render.run(job, house.tools())
    house.clock.move(10)
    third = render.run(second.job, house.tools())

    assert (first.seconds, second.seconds, third.seconds) == (30, 30, 20)
    assert len(server.asked) == 1


def test_an_unknown_render_is_looked_for_and_then_sent_again_under_its_id(scene):
    """At least 3 looks and 60 s; then the same id with the same draft."""
    house, _ = scene(UNKNOWN)
    job = sent(house)
    kinds = []
    for _ in range(4):
        house.clock.move(30)
        found = render.run(job, house.tools())
        kinds.append(type(found))
        job = found.job
        if isinstance(found, Next):
            break

    assert kinds == [Wait, Wait, Next]
    assert (found.to, [r.id for r in job.renders]) == (Step.SUBMIT, ["r1"])


def test_a_render_that_was_seen_is_polled_on_through_a_lost_session(scene):
    """1002 with a known id says nothing of the render."""
    house, _ = scene(GONE)
    job = sent(house, seen=True)
    for _ in range(12):
        house.clock.move(30)
        found = render.run(job, house.tools())
        job = found.job

        assert isinstance(found, Wait)


def test_a_failed_render_is_made_once_more_under_a_new_id_and_then_fails(scene):
    """One retry, counted; both ids stay on the list."""
    house, _ = scene(good({"id": "r", "status": "failed", "message": "gpu on fire"}))
    house.clock.move(60)
    found = render.run(sent(house, polled_at=1.0), house.tools())

    assert (found.to, found.job.tally.bad_renders) == (Step.SUBMIT, 1)
    assert found.job.renders[0].ended == "failed"

    again = found.job.with_render(replace(found.job.render, sent=True, settled_at=1.0))
    ended = render.run(again, house.tools())
    assert isinstance(ended, Fail)
    assert "gpu on fire" in ended.why
    assert policy.open_renders(ended.job) == []


def test_a_render_that_never_ends_is_cancelled_after_an_hour(scene):
    """One new id, the old one is cancelled in the cloud; the second time it is the end."""
    house, server = scene(RUNNING, good({"id": "r1", "status": "cancelled"}), RUNNING)
    job = sent(house)
    house.clock.move(policy.STUCK_SECONDS + 60)
    found = render.run(job, house.tools())

    assert (found.to, found.job.tally.stuck_renders) == (Step.SUBMIT, 1)
    assert server.asked[1].path.endswith("/r1/cancel")
    assert found.job.renders[0].ended == "cancelled"


def test_a_done_render_gives_its_link(scene):
    """The next step downloads."""
    house, _ = scene(DONE)
    job = sent(house)
    house.clock.move(30)
    found = render.run(job, house.tools())

    assert (found.to, found.job.render.ended) == (None, "done")
    assert found.job.render.url == "http://127.0.0.1:9/v.mp4"


def test_a_job_ends_only_when_its_renders_have_ended(scene):
    """Cancelled in the cloud first; three looks where the cloud does not know it."""
    house, server = scene(RUNNING, good({"status": "cancelled"}), UNKNOWN)
    job = replace(sent(house), ending=State.CANCELLED, why="w", hint="h")
    ended = closing.run(job, house.tools())

    assert (ended.end, len(server.asked)) == (State.CANCELLED, 2)

    other = replace(sent(house), ending=State.FAILED, why="w", hint="h")
    kinds = []
    for _ in range(4):
        found = closing.run(other, house.tools())
        kinds.append(type(found))
        other = found.job
        house.clock.move(house.tools().timing.render_look / 3)
    assert kinds == [Wait, Wait, Wait, Fail]


def test_review_without_instructions_is_ready_when_the_draft_covers_the_source(scene):
    """Whatever the stream said; a new id each time, of exactly that draft."""
    house, _ = scene(state(), credits_of(50), state(), credits_of(50))
    tools = house.tools()
    found, again = review.run(house.job, tools), review.run(house.job, tools)

    assert isinstance(found, Next)
    assert json.loads(found.job.render.draft) == json.loads(DRAFT)
    assert found.job.render.id not in ("r1", again.job.render.id)
    assert found.job.credits_spent == 50
    assert found.job.expected.duration_seconds == 4


def test_review_takes_out_what_nobody_asked_for(scene):
    """A music track and a title that the agent added on its own are not rendered, and said."""
    extra = json.loads(DRAFT)
    extra["t"] += [
        {"tt": 1, "sg": [{"d": 4000, "m": {"title": "Lo-fi"}}]},
        {"tt": 7, "sg": [{"d": 3000, "m": {"title": "Urban Dreams"}}]},
    ]
    house, _ = scene(state(json.dumps(extra)), credits_of(50))
    found = review.run(house.job, house.tools())

    assert json.loads(found.job.render.draft) == json.loads(DRAFT)
    assert "taken out, nobody asked for it: BGM: Lo-fi" in found.why


def test_review_with_instructions_needs_a_draft_that_differs_from_before(scene):
    """An upload that makes a draft by itself is no edit."""
    rule = Rule(instructions="cut", route=Route.CLOUD)
    house, _ = scene(state(), credits_of(50), state(), rule=rule)
    same = replace(house.job.upload, before=replace(house.job.upload.before, draft=""))
    canonical = '{"t":[{"sg":[{"d":4000,"src":"v.mp4"}],"tt":0}]}'
    unchanged = replace(same, before=replace(same.before, draft=canonical))

    assert isinstance(review.run(replace(house.job, upload=same), house.tools()), Next)
    assert isinstance(review.run(replace(house.job, upload=unchanged), house.tools()), Wait)


def test_an_edit_after_a_broken_stream_is_taken_only_when_it_stays(scene):
    """It could be half done: the same draft twice, a recheck apart."""
    house, _ = scene(state(), state(), credits_of(50), rule=Rule(instructions="cut"))
    job = replace(house.job, message=replace(house.job.message, doubt=True))
    kinds = []
    for _ in range(2):
        found = review.run(job, house.tools())
        kinds.append(type(found))
        job = found.job
        house.clock.move(60)

    assert kinds == [Wait, Next]


def looks(house, job):
    """Review until it no longer waits; the waits, and how it ended."""
    waits = []
    for _ in range(40):
        found = review.run(job, house.tools())
        if not isinstance(found, Wait):
            return waits, found
        waits.append(found.seconds)
        house.clock.move(found.seconds)
        job = found.job
    raise AssertionError("it waits for ever")


def test_looks_after_a_broken_stream_go_on_until_its_limit(scene):
    """30 s, 5 times 60 s, then every 60 s until 15 minutes have passed since the doubt."""
    answers = [state("") for _ in range(17)]
    house, _ = scene(*answers, credits_of(50), rule=Rule(route=Route.CLOUD))
    job = replace(house.job, message=replace(house.job.message, doubt=True))
    waits, found = looks(house, job)

    assert waits[:7] == [30, 60, 60, 60, 60, 60, 60]
    assert 900 <= sum(waits) <= 960
    assert isinstance(found, Hold)


@pytest.mark.parametrize(
    ("balance", "generated", "wanted"),
    [
        (credits_of(100), (), Step.SESSION),
        (credits_of(50), (), None),
        (credits_of(100, total=150), (), None),
        (credits_of(50, frozen=50), (), None),
        (credits_of(100), ({"type": "bgm"},), None),
    ],
    ids=["nothing happened", "charged", "topped up", "reserved", "something was made"],
)
def test_what_counts_as_evidence(scene, balance, generated, wanted):
    """Only when all equal: a new session; else it is unclear, and never asked again by itself."""
    found_state = state("", generated=generated)
    house, server = scene(found_state, balance, rule=Rule(route=Route.CLOUD))
    job = replace(house.job, message=replace(house.job.message, looks=99))
    found = review.run(job, house.tools())

    if wanted is Step.SESSION:
        assert (found.to, found.job.tally.evidence, found.job.session) == (wanted, 1, None)
    else:
        assert isinstance(found, Hold)
        assert found.reason is Reason.UNCLEAR
        assert "--again" in found.hint
    assert len(server.asked) == 2


def test_an_unclear_edit_under_auto_is_made_on_this_machine(scene):
    """No message a second time, and no job that hangs."""
    house, _ = scene(state(""), credits_of(50))
    job = replace(house.job, message=replace(house.job.message, looks=99))
    found = review.run(job, house.tools())

    assert (found.to, found.job.route) == (Step.FINISH, Route.LOCAL)


def test_an_upload_in_doubt_is_answered_by_the_clouds_list(scene):
    """There: go on, with the evidence of that moment. Absent for 30 s: another session."""
    house, server = scene(state("", media=()), state("", media=()), upload=None)
    first = upload.resume(house.job, house.tools())
    house.clock.move(31)
    second = upload.resume(first.job, house.tools())

    assert isinstance(first, Wait)
    assert (second.to, second.job.tally.upload_absent) == (Step.SESSION, 1)
    assert all(asked.method == "GET" for asked in server.asked)


def test_an_upload_that_arrived_is_never_sent_again(scene):
    """Its outcome stores draft, media and all three credit figures as they were."""
    house, server = scene(state(), credits_of(100), upload=None)
    found = upload.resume(house.job, house.tools())

    assert isinstance(found, Next)
    assert found.job.upload.before.credits == Credits(100, 0, 100)
    assert [asked.method for asked in server.asked] == ["GET", "GET"]


def test_a_crash_in_instruct_notes_the_doubt_and_sends_nothing(scene):
    """From then on only reads."""
    house, server = scene(DONE, step=Step.INSTRUCT, message=None)
    found = instruct.resume(house.job, house.tools())

    assert server.asked == []
    assert (found.job.message.doubt, found.job.message.settled_at) == (True, house.clock.now())


@pytest.mark.parametrize("code", [2001, 402, 429])
def test_a_refused_message_was_not_sent(scene, code):
    """An error envelope as the whole answer clears `begun`: the message is still to be said."""
    house, _ = scene(
        answer(200, {"code": code}),
        step=Step.INSTRUCT,
        message=None,
        rule=Rule(route=Route.CLOUD),
    )
    found = instruct.run(replace(house.job, begun_at=3.0), house.tools())

    assert isinstance(found, Hold | Wait)
    assert (found.job.begun_at, found.job.message) == (None, None)
