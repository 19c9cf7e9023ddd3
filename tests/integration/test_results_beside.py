"""Small stories of a source with several results, in a whole hotpress of one thread."""

import os
from dataclasses import replace

import pytest
from machine import Machine
from switch import clip_bytes, marked

from hotpress.model import BY_HAND, Reason, State, Step
from hotpress.verbs import anew

RESULTS = [{"name": "web"}, {"name": "chat", "fps": 10, "output": "{stem} chat.mp4"}]
EDIT = {
    "route": "cloud",
    "existing": "all",
    "resolution": "32x24",
    "instructions": "brighter",
    "outputs": RESULTS,
}


@pytest.fixture
def house(tmp_path):
    """(rule) -> a machine with one settled source, a.mp4."""
    built = []

    def build(**rule):
        machine = Machine(tmp_path.resolve(), {**EDIT, **rule})
        built.append(machine)
        put(machine)
        settle(machine)
        return machine

    yield build
    for machine in built:
        machine.off()
        machine.cloud.close()


def put(machine, content="content 1"):
    path = machine.inbox / "a.mp4"
    path.write_bytes(marked(clip_bytes("tiny"), content, 0))
    at = int(machine.clock.now() * 1e9)
    os.utime(path, ns=(at, at))


def settle(machine):
    for _ in range(3):
        machine.look()
        machine.clock.move(1.5)


def result(machine, name):
    jobs = machine.store.at_path(str(machine.inbox), "a.mp4")
    return next(job for job in jobs if job.rule.output_name == name)


def order(machine, verb, job, **detail):
    machine.store.ask(verb, job.id, detail, machine.clock.now())
    machine.obey()


def test_the_results_of_a_drop_are_made_at_once_or_not_at_all(house):
    """One transaction: no crash leaves a source with half of its jobs."""
    machine = house()
    web = result(machine, "web")
    assert result(machine, "chat").created_at == web.created_at
    again = [web, result(machine, "chat")]
    assert not machine.store.add_drop(again, "settled")
    machine.crash()
    settle(machine)
    assert len(machine.store.jobs()) == 2


def test_a_failed_lead_ends_its_followers_and_takes_them_along_when_retried(house):
    """They say whom they waited for; one order is enough for all."""
    machine = house()
    lead = result(machine, "web")
    for _ in range(3):
        machine.run(result(machine, "chat").id)
    assert result(machine, "chat").waits_on == lead.id
    failed = replace(lead, state=State.FAILED, why="it broke", epoch=lead.epoch + 1)
    machine.store.write(failed, [], epoch=failed.epoch - 1)
    machine.run(result(machine, "chat").id)
    chat = result(machine, "chat")
    assert chat.state is State.FAILED
    assert "web has the edit" in chat.why
    assert lead.id in chat.hint
    order(machine, "retry", failed)
    machine.rest()

    assert {job.state for job in machine.store.jobs()} == {State.DELIVERED}
    assert len(machine.sky.said) == 1


def test_cancelled_with_its_lead_it_stays_cancelled(house):
    """By hand: a new look at the folder takes neither of them up again."""
    machine = house()
    machine.run(result(machine, "chat").id)
    order(machine, "cancel", result(machine, "web"))
    machine.rest()
    machine.crash()
    machine.rest()

    assert {(job.state, job.why) for job in machine.store.jobs()} == {(State.CANCELLED, BY_HAND)}


def test_cancelled_with_its_lead_it_goes_on_with_its_lead(house):
    """One order is enough for both: the other one was never cancelled by itself."""
    machine = house()
    lead = result(machine, "web")
    machine.run(result(machine, "chat").id)
    order(machine, "cancel", lead)
    machine.rest()
    assert lead.id in result(machine, "chat").hint
    order(machine, "retry", lead)
    machine.rest()
    assert {job.state for job in machine.store.jobs()} == {State.DELIVERED}
    assert len(machine.sky.said) == 1


def test_what_a_person_cancelled_by_itself_stays_so(house):
    """The retry of the one that has the edit is not meant for it."""
    machine = house()
    order(machine, "cancel", result(machine, "chat"))
    order(machine, "cancel", result(machine, "web"))
    order(machine, "retry", result(machine, "web"))
    machine.rest()
    states = [result(machine, name).state for name in ("web", "chat")]
    assert states == [State.DELIVERED, State.CANCELLED]


def test_the_same_video_elsewhere_goes_on_with_the_first(house):
    """It ended because the first had asked the agent and was cancelled: one order is for both."""
    machine = house(outputs=[])
    first = result(machine, "main")
    copy = machine.inbox / "b.mp4"
    copy.write_bytes((machine.inbox / "a.mp4").read_bytes())
    settle(machine)
    while not machine.store.get(first.id).messages_sent:
        machine.run(first.id)
        machine.clock.move(20.0)
    order(machine, "cancel", first)
    machine.rest()
    [second] = machine.store.at_path(str(machine.inbox), "b.mp4")
    assert (second.state, first.id in second.hint) == (State.FAILED, True)
    order(machine, "retry", first)
    machine.rest()
    assert {job.state for job in machine.store.jobs()} == {State.DELIVERED}
    assert len(machine.sky.said) == 1


@pytest.mark.parametrize("effects", range(0, 60, 3))
def test_the_power_may_go_out_anywhere_between_two_results(house, effects):
    """One message, two results, and the source goes once, after the last."""
    machine = house(source="archive")
    machine.power.left = effects
    machine.guarded(machine.rest)
    machine.rest()

    assert {job.state for job in machine.store.jobs()} == {State.DELIVERED}
    assert len(machine.sky.said) == 1
    assert sorted(p.name for p in machine.outbox.glob("*.mp4")) == ["a chat.mp4", "a.mp4"]
    assert not (machine.inbox / "a.mp4").exists()
    assert [p.name for p in machine.archive.iterdir()] == ["a.mp4"]


def test_a_vanished_source_ends_all_its_jobs_and_brings_all_back(house):
    """One file that is gone is one file, however many results it was to have."""
    machine = house()
    kept = (machine.inbox / "a.mp4").read_bytes()
    status = (machine.inbox / "a.mp4").stat()
    (machine.inbox / "a.mp4").unlink()
    for _ in range(3):
        machine.look()
        machine.clock.move(3.0)
    machine.obey()
    assert {job.state for job in machine.store.jobs()} == {State.CANCELLED}
    (machine.inbox / "a.mp4").write_bytes(kept)
    os.utime(machine.inbox / "a.mp4", ns=(status.st_atime_ns, status.st_mtime_ns))
    settle(machine)
    machine.rest()

    assert [job.state for job in machine.store.jobs()] == [State.DELIVERED] * 2
    assert len(machine.sky.said) == 1


def test_a_new_version_ends_the_old_ones_jobs(house):
    """All of the old are cancelled, all of the new are made: one message for each content."""
    machine = house()
    for _ in range(2):
        machine.run(result(machine, "web").id)
    put(machine, "content 2")
    settle(machine)
    machine.rest()

    states = sorted(job.state.value for job in machine.store.jobs())
    assert states == ["cancelled", "cancelled", "delivered", "delivered"]
    assert len(machine.sky.said) == 1


def test_the_newest_videos_are_approved_with_all_their_results(house):
    """`approve --newest 1` means one video, not one job."""
    machine = house(existing="ask")
    jobs = machine.store.jobs()
    for job in jobs:
        held = replace(job, state=State.HELD, reason=Reason.APPROVAL, why="w", hint="h", epoch=9)
        machine.store.write(held, [], epoch=job.epoch)
    machine.store.ask("approve", "", {"newest": 1, "inbox": "in"}, machine.clock.now())
    machine.obey()

    assert {job.state for job in machine.store.jobs()} == {State.QUEUED}
    assert all(job.step is Step.PROBE for job in machine.store.jobs())


def test_a_result_that_was_wanted_later_keeps_the_source_until_it_is_made(house):
    """Whoever of the drop is delivered last does not take it away from under that one."""
    machine = house(source="delete", instructions="", route="local")
    chat = result(machine, "chat")
    failed = replace(chat, state=State.FAILED, why="it broke", epoch=chat.epoch + 1)
    machine.store.write(failed, [], epoch=chat.epoch)
    machine.rest()
    web = result(machine, "web")
    assert (web.state, chat.rule.source) == (State.DELIVERED, "delete")
    rule = replace(web.rule, output_name="small", output="{stem} small.mp4", resolution="16x12")
    late = anew(web, rule, job_id="late", now=machine.clock.now() + 60)
    machine.store.add(late, "wanted by another rule")
    order(machine, "pause", late)
    order(machine, "retry", failed)
    machine.rest()
    assert result(machine, "chat").state is State.DELIVERED
    assert (machine.inbox / "a.mp4").exists()
    assert "small" in result(machine, "chat").note
    order(machine, "resume", late)
    machine.rest()

    assert machine.store.get("late").state is State.DELIVERED
