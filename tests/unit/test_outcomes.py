from dataclasses import replace

import pytest
from makers import a_job

from hotpress import policy
from hotpress.model import (
    BY_HAND,
    Cause,
    Fail,
    Hold,
    Material,
    Next,
    Reason,
    Render,
    Route,
    State,
    Step,
    Tally,
    Wait,
)
from hotpress.outcomes import written
from hotpress.verbs import asked
from hotpress.words import REASONS

RENDER = Render(id="r1", session="s", token=1, draft="{}", sent=True)


def running(**changes):
    return a_job(state=State.RUNNING, owner="me", epoch=3, begun_at=50.0, begins=1, **changes)


def test_a_next_clears_begun_and_goes_on():
    """Only an outcome clears `begun`; the next step starts afresh."""
    job = running(step=Step.UPLOAD, tally=Tally(retries=2))
    done, line = written(job, Next(job), 100.0)

    assert (done.step, done.begun_at, done.begins, done.owner) == (Step.INSTRUCT, None, 0, "")
    assert (done.tally.retries, line.what) == (0, "next")


def test_a_local_job_skips_the_cloud():
    """probe, finish, deliver, release."""
    job = running(step=Step.PROBE, route=Route.LOCAL)

    assert written(job, Next(job), 1.0)[0].step is Step.FINISH


@pytest.mark.parametrize("outcome", ["wait", "hold"])
def test_a_wait_and_a_hold_leave_begun_set(outcome):
    """The side effect may have happened: the step is resumed, not run, afterwards."""
    job = running(step=Step.UPLOAD)
    ending = Wait(job, 5, "w") if outcome == "wait" else Hold(job, Reason.OFFLINE, "w", "h")
    done, _ = written(job, ending, 100.0)

    assert done.begun_at == 50.0
    assert done.begins == 0


def test_a_good_poll_ends_a_row_of_hiccups():
    """Three unreachables in an hour of good polls are not offline."""
    job = running(step=Step.RENDER, tally=Tally(retries=2))
    done, _ = written(job, Wait(job, 30, "renders", Reason.RENDER), 1.0)

    assert done.tally.retries == 0


def test_a_job_does_not_end_while_a_render_may_run_on():
    """A failure waits until each render that may have been sent has ended."""
    job = running(step=Step.RENDER, renders=(RENDER,))
    done, _ = written(job, Fail(job, "no", "h"), 1.0)

    assert (done.state, done.ending) == (State.QUEUED, State.FAILED)


def test_a_submit_that_was_begun_counts_as_sent():
    """Killed inside it, then cancelled: the render may run, and is ended first."""
    job = running(step=Step.SUBMIT, renders=(replace(RENDER, sent=False),))
    job = replace(job, state=State.QUEUED, owner="")
    changed, _ = asked(job, "cancel", {})

    assert policy.open_renders(changed) == ["r1"]
    assert (changed.ending, changed.renders[0].sent) == (State.CANCELLED, True)


def test_retry_keeps_a_render_that_is_done():
    """Held in the download: only the download goes on; nothing is rendered or paid again."""
    job = a_job(
        state=State.HELD, step=Step.DOWNLOAD, renders=(replace(RENDER, ended="done", url="u"),)
    )
    changed, _ = asked(job, "retry", {})

    assert (changed.step, changed.renders) == (Step.DOWNLOAD, job.renders)


def test_retry_after_too_many_stops_in_verify_orders_no_second_render():
    """The download was never found bad: it goes on where it was."""
    whole = Material(path="/spool/r1.mp4", size_bytes=5, sha256="x")
    done = replace(RENDER, ended="done")
    job = a_job(state=State.FAILED, step=Step.VERIFY, renders=(done,), download=whole)
    changed, _ = asked(job, "retry", {})

    assert (changed.step, changed.renders) == (Step.VERIFY, (done,))


def test_retry_after_a_bad_result_reviews_again():
    """The cloud's file was bad, twice: a new render, from the draft."""
    job = a_job(state=State.FAILED, step=Step.VERIFY, renders=(replace(RENDER, ended="done"),))
    changed, _ = asked(job, "retry", {})

    assert (changed.step, changed.tally) == (Step.REVIEW, Tally())


def test_again_never_sends_a_local_job_to_the_cloud():
    """`route: local` never opens a connection, whatever is retried."""
    job = a_job(state=State.FAILED, step=Step.FINISH, route=Route.LOCAL)

    assert asked(job, "retry", {"again": True})[0].step is Step.FINISH


def test_no_cancel_once_deliver_has_begun():
    """Its result may stand in the outbox already."""
    job = a_job(state=State.RUNNING, step=Step.DELIVER, begun_at=1.0)

    assert asked(job, "cancel", {})[0] is None


def test_a_failed_release_is_a_note_on_a_delivered_job():
    """The result is delivered, whatever becomes of the source."""
    job = running(step=Step.RELEASE, placed_at=90.0)
    job = replace(job, state=State.DELIVERED)
    done, _ = written(job, Fail(job, "the archive is full", "h"), 100.0)
    held, _ = written(job, Hold(job, Reason.DISK_FULL, "full", "h"), 100.0)

    assert (done.state, done.live, done.note) == (State.DELIVERED, False, "the archive is full")
    assert (held.state, held.live, held.wake_at) == (State.DELIVERED, True, 130.0)


def test_cancelled_by_hand_is_said_so():
    """Only a person takes such a job up again."""
    assert asked(a_job(), "cancel", {})[0].why == BY_HAND


def test_what_has_no_next_step_of_its_own_has_that_of_its_reason_or_cause():
    """And a command that names no job names this one: it can be typed as it stands."""
    job = running(step=Step.FINISH)
    held, _ = written(job, Hold(job, Reason.DISK_FULL, "full"), 1.0)
    failed, _ = written(job, Fail(job, "it broke", cause=Cause.TRIED_OFTEN), 1.0)
    own, _ = written(job, Fail(job, "x", "`hotpress retry --again`, or `hotpress retry j2`."), 1.0)

    assert held.hint == REASONS["disk_full"].next
    assert (failed.hint, failed.cause) == (
        *("`hotpress retry job1` goes on with all that is known.", "tried_often"),
    )
    assert own.hint == "`hotpress retry --again job1`, or `hotpress retry j2`."
    assert asked(failed, "retry", {})[0].cause == ""
