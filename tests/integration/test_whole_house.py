"""Small stories of a whole hotpress: what the state machine found, each as short as it can be."""

import os
from dataclasses import replace

import pytest
from machine import Machine
from switch import clip_bytes, marked

from hotpress.model import BY_HAND, Reason, Render, State, Step

ONE, TWO = "content 1", "content 2"
CLOUD = {"route": "cloud", "existing": "all", "resolution": "32x24"}


@pytest.fixture
def house(tmp_path):
    """(rule) -> a machine."""
    built = []

    def build(**rule):
        machine = Machine(tmp_path.resolve(), {**CLOUD, **rule})
        built.append(machine)
        return machine

    yield build
    for machine in built:
        machine.off()
        machine.cloud.close()


def put(machine, name, content=ONE, *, spare=0):
    """A whole video, new at this very second."""
    path = machine.inbox / name
    path.write_bytes(marked(clip_bytes("tiny"), content, spare))
    at = int(machine.clock.now() * 1e9)
    os.utime(path, ns=(at, at))


def settle(machine):
    for _ in range(3):
        machine.look()
        machine.clock.move(1.5)


def at(machine, name):
    return machine.store.at_path(str(machine.inbox), name)[0]


def run_to(machine, name, step):
    """Let it work until the job stands before this step."""
    for _ in range(60):
        job = at(machine, name)
        if job.step is step and job.begun_at is None:
            return job
        machine.clock.move(max(0.0, (job.wake_at or 0.0) - machine.clock.now()))
        machine.run(job.id)
    raise AssertionError(f"it never came to {step}")


def order(machine, verb, job, **detail):
    machine.store.ask(verb, job.id, detail, machine.clock.now())
    machine.obey()


def test_a_twin_that_runs_is_left_alone_when_the_first_one_ends(house):
    """Its outcome counts: nothing is written over a job whose step runs."""
    machine = house(route="local")
    put(machine, "a.mp4")
    put(machine, "b.mp4")
    settle(machine)
    first, second = at(machine, "a.mp4"), at(machine, "b.mp4")
    machine.run(first.id)
    machine.run(second.id)
    assert at(machine, "b.mp4").waits_on == first.id
    machine.clock.move(601.0)
    machine.meanwhile.append((0, lambda: order(machine, "cancel", first)))
    machine.run(second.id)

    assert (at(machine, "b.mp4").owner, at(machine, "b.mp4").state) != ("me:1", State.RUNNING)


def test_a_video_whose_random_id_is_taken_gets_another_one(house):
    """Two ids may meet; the second file is not lost over it."""
    machine = house(route="local")
    dice = machine.chance.getstate()
    put(machine, "a.mp4")
    settle(machine)
    machine.chance.setstate(dice)
    put(machine, "b.mp4", TWO)
    settle(machine)

    assert {job.relative for job in machine.store.jobs()} == {"a.mp4", "b.mp4"}


def test_the_accounts_first_job_lets_the_twin_go_first_that_it_waits_for(house):
    """The one that is waited for starts in the cloud, though no job has come to its end yet."""
    machine = house()
    put(machine, "a.mp4")
    put(machine, "b.mp4")
    settle(machine)
    first, second = run_to(machine, "a.mp4", Step.UPLOAD), at(machine, "b.mp4")
    db = machine.store._db  # the second has taken the content, as after a retry of the first
    db.execute("UPDATE contents SET job = ?", (second.id,))
    second = replace(second, step=Step.SESSION, facts=first.facts, epoch=second.epoch + 1)
    second = replace(second, source_sha256=first.source_sha256)
    machine.store.write(second, [], epoch=second.epoch - 1)
    machine.rest()

    assert {job.state for job in machine.store.jobs()} == {State.DELIVERED}


def test_a_job_that_is_cancelled_before_its_second_render_ends(house):
    """Of two renders one is open, the other was never sent: only the first has to be ended."""
    machine = house()
    put(machine, "a.mp4")
    settle(machine)
    job = run_to(machine, "a.mp4", Step.RENDER)
    sent, unsent = job.renders[0], Render(id="r2", session="s", token=0, draft="{}")
    machine.store.write(
        replace(job, step=Step.SUBMIT, renders=(sent, unsent), epoch=job.epoch + 1),
        [],
        epoch=job.epoch,
    )
    machine.clock.move(30.0)
    order(machine, "cancel", job)
    machine.run(job.id)

    assert at(machine, "a.mp4").state is State.CANCELLED


def test_what_was_cancelled_by_hand_stays_so_when_its_render_had_to_be_awaited(house):
    """The sentence of the end is the one that was said first: nothing takes it up again."""
    machine = house()
    put(machine, "a.mp4")
    settle(machine)
    job = run_to(machine, "a.mp4", Step.RENDER)
    order(machine, "cancel", job)  # its render does not show yet, so that it can't be ended
    machine.run(job.id)
    assert at(machine, "a.mp4").state is State.WAITING
    machine.rest()
    machine.crash()
    machine.rest()

    assert (at(machine, "a.mp4").state, at(machine, "a.mp4").why) == (State.CANCELLED, BY_HAND)


def test_an_arriving_file_settles_though_the_clock_is_set_back(house):
    """Quiet is measured by the steady clock."""
    machine = house()
    put(machine, "a.mp4")
    machine.look()
    machine.clock_set(-4 * 86_400.0)
    settle(machine)

    assert len(machine.store.jobs()) == 1


def test_a_half_file_does_not_fail_early_because_the_clock_is_set_forward(house):
    """Its patience is time that passed, not what the wall says."""
    machine = house()
    path = machine.inbox / "a.mp4"
    path.write_bytes(clip_bytes("tiny")[:3_000])
    machine.look()
    machine.clock_set(86_400.0)
    settle(machine)

    assert machine.store.jobs() == []


def test_one_deleted_file_with_two_jobs_is_one_file(house):
    """Two versions of it have jobs: it is still one person who deleted one file."""
    machine = house()
    put(machine, "a.mp4")
    settle(machine)
    run_to(machine, "a.mp4", Step.SESSION)
    put(machine, "a.mp4", TWO, spare=8)
    settle(machine)
    assert len(machine.store.jobs(live_only=True)) == 2
    (machine.inbox / "a.mp4").unlink()
    for _ in range(3):
        machine.look()
        machine.clock.move(3.0)
    machine.obey()

    assert {job.state for job in machine.store.jobs()} == {State.CANCELLED}


def test_a_held_job_does_not_keep_the_shared_session_for_ever(house):
    """The others of its folder go on in a new one."""
    machine = house(session="inbox")
    put(machine, "a.mp4")
    settle(machine)
    first = run_to(machine, "a.mp4", Step.REVIEW)
    order(machine, "pause", first)
    put(machine, "b.mp4", TWO, spare=8)
    settle(machine)
    machine.rest()

    assert at(machine, "b.mp4").state is State.DELIVERED
    assert at(machine, "a.mp4").reason is Reason.PAUSED


def test_who_waits_for_a_twin_lets_it_have_the_shared_session(house):
    """One has the session, the other the content: none of them waits for ever."""
    machine = house(session="inbox")
    put(machine, "a.mp4")
    settle(machine)
    first = run_to(machine, "a.mp4", Step.UPLOAD)
    put(machine, "b.mp4")
    settle(machine)
    order(machine, "cancel", first)
    second = run_to(machine, "b.mp4", Step.UPLOAD)
    order(machine, "retry", first)
    assert (at(machine, "a.mp4").step, second.step) == (Step.UPLOAD, Step.UPLOAD)
    machine.run(first.id)
    machine.clock.move(6.0)
    machine.run(first.id)
    machine.rest()

    assert {job.state for job in machine.store.jobs()} == {State.DELIVERED}


def test_a_result_is_not_used_again_for_a_source_that_has_changed_since(house):
    """The old version's job ends; the new version's makes the one result."""
    machine = house()
    put(machine, "a.mp4")
    put(machine, "b.mp4")
    settle(machine)
    twin = replace(run_to(machine, "b.mp4", Step.PROBE), step=Step.SESSION)
    machine.run(at(machine, "a.mp4").id)
    sha256 = at(machine, "a.mp4").source_sha256
    facts = at(machine, "a.mp4").facts
    twin = replace(twin, source_sha256=sha256, facts=facts, epoch=twin.epoch + 1)
    machine.store.write(twin, [], epoch=twin.epoch - 1)
    run_to(machine, "a.mp4", Step.RELEASE)
    put(machine, "b.mp4")
    machine.run(twin.id)
    machine.run(twin.id)

    assert at(machine, "b.mp4").state is State.CANCELLED
    assert "new version" in at(machine, "b.mp4").why


@pytest.mark.parametrize("collision", ["replace", "keep_both"])
def test_a_new_version_of_a_file_takes_the_place_of_its_earlier_result(house, collision):
    """Only where the rule says so; another source of the same name is never in the way of it."""
    machine = house(route="local", collision=collision, source="keep")
    put(machine, "a.mp4")
    settle(machine)
    machine.rest()
    [first] = results(machine)
    put(machine, "a.mp4", TWO)
    settle(machine)
    machine.rest()
    put(machine, "a.mov", "content 3")
    settle(machine)
    machine.rest()

    assert {job.state for job in machine.store.jobs()} == {State.DELIVERED}
    beside = set() if collision == "replace" else {"a v2.mp4"}
    assert results(machine).keys() == {"a.mp4", "a (mov).mp4", *beside}
    assert list((machine.outbox / ".hotpress/tmp").iterdir()) == []
    assert first == "a.mp4"


def results(machine):
    return {p.name: p.read_bytes() for p in machine.outbox.iterdir() if p.is_file()}


def test_whoever_wakes_it_a_video_whose_rules_are_wrong_does_nothing(house):
    """Retried, paused and resumed: by the config's rule alone it would go to the cloud."""
    machine = house(route="cloud")
    rules = machine.inbox / "hotpress.yaml"
    rules.write_text("route: lokal\n")
    put(machine, "a.mp4")
    settle(machine)
    job = at(machine, "a.mp4")
    for verb in ("retry", "pause", "resume"):
        order(machine, verb, job)
        machine.run(job.id)
        held = at(machine, "a.mp4")
        assert (held.state, held.step) == (State.HELD, Step.PROBE), verb
    assert at(machine, "a.mp4").reason is Reason.RULES

    rules.write_text("route: local\n")
    settle(machine)
    machine.rest()
    done = at(machine, "a.mp4")
    assert (done.state, done.rule.route.value, done.session) == (State.DELIVERED, "local", None)


def test_an_upload_keeps_to_the_rate_of_its_inbox(house):
    """2 MB at 1 Mbit/s take 16 s, whatever all inboxes together may use."""
    machine = house(limits={"upload_rate": "1 Mbit/s"})
    put(machine, "a.mp4", spare=2_000_000)
    settle(machine)
    job = run_to(machine, "a.mp4", Step.UPLOAD)
    began, seen = machine.clock.steady(), []
    machine.sky.around = lambda _what: seen.append(machine.store.uploading())
    machine.run(job.id)
    assert seen[0] == {"in": 1}
    assert machine.clock.steady() - began == pytest.approx(job.size_bytes * 8 / 1e6, rel=0.1)
