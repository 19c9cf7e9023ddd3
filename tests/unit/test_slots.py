"""Whose turn it is: shares between inboxes, limits of each, alone where it must be."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from makers import a_job

from hotpress.engine.slots import Places, Share, Turns, admit
from hotpress.model import Step


def jobs(inbox, count, step=Step.SESSION, begins=0):
    return [
        a_job(id=f"{inbox}{n:04}", inbox=inbox, step=step, mtime_ns=n, begins=begins)
        for n in range(count)
    ]


def served(turns, waiting, places, rounds):
    """Who is started, one at a time, when there is always a job of each that waits."""
    found = []
    for _ in range(rounds):
        due = [job for name in sorted(waiting) for job in waiting[name]]
        if not due:
            break
        [job, *_] = admit(turns.order(due, places), {}, {}, replace(places, cloud_jobs=1))
        turns.took(job, places)
        waiting[job.inbox].remove(job)
        found.append(job.inbox)
    return found


def test_one_clip_beside_a_dump_of_five_hundred_is_next():
    """Also when the dump was there first, and has had many turns."""
    turns, places = Turns(), Places()
    waiting = {"dump": jobs("dump", 500)}
    served(turns, waiting, places, 40)
    waiting["other"] = jobs("other", 1)

    assert "other" in served(turns, waiting, places, 2)


def test_an_inbox_that_was_idle_has_saved_up_no_turns():
    """It comes in beside the others: they wait for one turn each, not for all that it missed."""
    turns, places = Turns(), Places()
    waiting = {"a": jobs("a", 200)}
    served(turns, waiting, places, 100)
    waiting["b"] = jobs("b", 50)

    assert served(turns, waiting, places, 20).count("a") in (9, 10, 11)


def test_what_is_probed_takes_no_turn_in_the_cloud():
    """Each kind of place has turns of its own."""
    turns, places = Turns(), Places()
    for job in jobs("a", 300, Step.PROBE):
        turns.took(job, places)
    waiting = {"a": jobs("a", 20), "b": jobs("b", 20)}

    assert served(turns, waiting, places, 10).count("a") == 5


names = st.sampled_from(["a", "b", "c", "d"])
weights = st.sampled_from([0.25, 1.0, 4.0])


@settings(deadline=None, max_examples=30)
@given(st.dictionaries(names, weights, min_size=2), st.integers(0, 9))
def test_each_has_its_share_while_others_wait(given_weights, head_start):
    """Counted in turns, two that have something to do are never further apart than one of each."""
    turns = Turns()
    places = Places(shares={name: Share(weight) for name, weight in given_weights.items()})
    first = min(given_weights)
    served(turns, {first: jobs(first, 10)}, places, head_start)
    waiting = {name: jobs(name, 25) for name in given_weights}
    found = served(turns, waiting, places, 25)

    for one, its in given_weights.items():
        for other, weight in given_weights.items():
            apart = found.count(one) / its - found.count(other) / weight
            assert abs(apart) <= 1 / its + 1 / weight


def test_an_inbox_has_at_most_what_its_limits_say():
    """Within the places of all, which others may take meanwhile."""
    places = Places(uploads=3, shares={"a": Share(uploads=1)})
    due = [*jobs("a", 3, Step.UPLOAD), *jobs("b", 3, Step.UPLOAD)]

    chosen = admit(Turns().order(due, places), {}, {}, places)

    assert sorted(job.inbox for job in chosen) == ["a", "b", "b"]


def test_jobs_in_the_cloud_count_for_their_inbox_alone():
    """One of two inboxes is full, the other is not."""
    places = Places(cloud_jobs=4, shares={"a": Share(cloud_jobs=2)})
    due = [*jobs("a", 2), *jobs("b", 3)]

    chosen = admit(Turns().order(due, places), {}, {"a": 2}, places)

    assert [job.inbox for job in chosen] == ["b"]


def test_two_jobs_never_look_at_once_whether_the_credits_cover_them():
    """Neither would count the other, and both would be paid from a budget for one."""
    due = [*jobs("a", 2), *jobs("b", 2)]

    assert len(admit(due, {}, {}, Places())) == 1
    assert admit(due, {"x": a_job(id="x", step=Step.SESSION)}, {}, Places()) == []


def test_limits_of_an_inbox_never_give_it_more_than_there_is():
    """An inbox may not have two encodes at once where all together may have one."""
    places = Places(encodes=1, shares={"a": Share(encodes=2)})

    assert len(admit(jobs("a", 3, Step.FINISH), {}, {}, places)) == 1


def test_a_job_that_must_run_alone_has_the_empty_house():
    """However many others are before it in turn."""
    turns, places = Turns(), Places()
    alone = jobs("b", 1, Step.FINISH, begins=3)
    turns.took(alone[0], places)
    due = [*jobs("a", 3, Step.FINISH), *alone]

    assert admit(turns.order(due, places), {}, {}, places) == alone
    running = {"x": a_job(id="x", inbox="a", step=Step.RENDER)}
    assert alone[0] not in admit(turns.order(due, places), running, {}, places)
