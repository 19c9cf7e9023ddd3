"""Progress and the time that is left: over all steps, learned, and never ahead of the truth."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from makers import FULL_HD, a_job

from hotpress.model import Material, Reason, Route, State, Step
from hotpress.pacing import Pace, Past, Stand, eta_seconds, learned, progress, rate, step_seconds

CLOUD = {
    Step.PREPARE: 1.0,
    Step.SESSION: 1.0,
    Step.UPLOAD: 100.0,
    Step.INSTRUCT: 30.0,
    Step.REVIEW: 2.0,
    Step.SUBMIT: 1.0,
    Step.RENDER: 60.0,
    Step.DOWNLOAD: 5.0,
    Step.VERIFY: 10.0,
    Step.FINISH: 1.0,
    Step.DELIVER: 1.0,
}


def past(factor=1.0, **changes):
    values = {"route": Route.CLOUD, "size_bytes": 200_000_000, "duration_seconds": 100.0}
    seconds = {step: factor * each for step, each in CLOUD.items()}
    return Past(**{**values, "seconds": seconds, **changes})


PACE = learned([past()])
BASE = a_job(size_bytes=200_000_000, facts=FULL_HD, state=State.RUNNING, step=Step.UPLOAD)


def at(step, passed=0.0, fraction=None, note="", **changes):
    """A job whose step has run for so long."""
    return Stand(replace(BASE, step=step, **changes), 1_000.0 - passed, fraction, note)


def test_only_steps_that_went_through_without_a_break_teach_anything():
    """A night in a hold says nothing of the next upload; polls and retries belong to a step."""
    lines = [
        (0.0, "", "made"),
        (1.0, "probe", "begun"),
        (2.0, "probe", "next"),
        (2.0, "upload", "begun"),
        (3.0, "upload", "hold"),
        (9_000.0, "upload", "next"),
        (9_000.0, "render", "begun"),
        (9_001.0, "render", "wait"),
        (9_061.0, "render", "next"),
        (9_061.0, "finish", "begun"),
        (9_070.0, "finish", "stopped"),
        (9_900.0, "finish", "next"),
    ]
    assert step_seconds(lines) == {Step.PROBE: 1.0, Step.RENDER: 61.0}


def test_a_step_grows_with_what_it_works_on():
    """Twice the bytes, twice the upload; twice as long, twice the check; a render does not care."""
    twice = replace(BASE, size_bytes=400_000_000, facts=replace(FULL_HD, duration_seconds=200.0))
    assert PACE.seconds(twice, Step.UPLOAD) == pytest.approx(200.0)
    assert PACE.seconds(twice, Step.VERIFY) == pytest.approx(20.0)
    assert PACE.seconds(twice, Step.RENDER) == pytest.approx(60.0)


def test_the_median_is_learned_and_each_route_for_itself():
    """One odd job changes nothing, and an encode here says nothing of the cloud's finish."""
    here = Past(Route.LOCAL, 1, 100.0, {Step.FINISH: 300.0})
    pace = learned([past(), past(50.0), past(1.1), here])

    assert pace.seconds(BASE, Step.UPLOAD) == pytest.approx(110.0)
    assert pace.seconds(BASE, Step.FINISH) == pytest.approx(1.1)
    assert pace.seconds(replace(BASE, route=Route.LOCAL), Step.FINISH) == pytest.approx(300.0)


def test_nothing_learned_is_no_reason_to_say_nothing():
    """The first video of all has a time, too; none of its steps takes nothing."""
    assert eta_seconds(at(Step.UPLOAD), Pace(), 1_000.0) > 60
    assert all(Pace().seconds(BASE, step) > 0 for step in Step)


def walk():
    """A job from the first look to its delivery: time, where it stands; polls each half minute."""
    for fraction in (None, 0.0, 0.2, 0.5, 1.0):
        yield at(Step.UPLOAD, 100 * (fraction or 0), fraction, "uploading")
    for passed in (0.0, 10.0, 29.0, 40.0, 500.0):
        yield at(Step.INSTRUCT, passed, None, "the agent works on it")
    for passed in (0.0, 1.0, 3.0):
        yield at(Step.REVIEW, passed, state=State.WAITING, reason=Reason.STREAM)
    for passed in range(0, 200, 5):  # the cloud's own figure moves at polls only
        waits = {"state": State.WAITING, "reason": Reason.RENDER}
        yield at(Step.RENDER, passed, passed // 30 * 0.15, "the cloud renders it", **waits)
    for fraction in (None, 0.3, 1.0):
        yield at(Step.DOWNLOAD, 5 * (fraction or 0), fraction, "downloading")
    for fraction in (None, 0.5, 1.0):
        yield at(Step.VERIFY, 10 * (fraction or 0), fraction, "checking every frame")
    yield at(Step.FINISH, 1.0)
    yield at(Step.FINISH, 1.0, 1.0, "comparing it")  # something before its main work
    yield at(Step.DELIVER, 0.5)


def test_progress_only_moves_forward_between_polls_too_and_is_one_at_the_end():
    """From the first look to the delivery, a late render included; and less than 1 until then."""
    shares = [progress(stand, PACE, 1_000.0) for stand in walk()]

    assert shares == sorted(shares)
    assert 0 < shares[0] < 0.02
    assert shares[-1] < 1
    renders = [progress(s, PACE, 1_000.0) for s in walk() if s.job.step is Step.RENDER]
    assert len(set(renders)) == len(renders)
    assert progress(Stand(replace(BASE, state=State.DELIVERED)), PACE, 1_000.0) == 1
    assert progress(Stand(replace(BASE, state=State.FAILED)), PACE, 1_000.0) is None
    assert progress(Stand(replace(BASE, step=Step.PROBE)), PACE, 1_000.0) == 0


def test_the_time_left_is_that_of_all_steps_to_come_and_shrinks():
    """212 s for the whole way after the first look; what runs as usual needs what is left of it."""
    whole = sum(CLOUD.values())
    assert eta_seconds(at(Step.PREPARE), PACE, 1_000.0) == pytest.approx(whole, abs=1)
    half = eta_seconds(at(Step.UPLOAD, 50.0, 0.5, "uploading"), PACE, 1_000.0)
    assert half == pytest.approx(whole - 52, abs=1)
    slow = eta_seconds(at(Step.UPLOAD, 150.0, 0.5, "uploading"), PACE, 1_000.0)
    assert half + 40 < slow < half + 110  # by its own pace the more, the further it is
    waits = {"state": State.WAITING, "reason": Reason.RENDER}
    left = [eta_seconds(at(Step.RENDER, n, **waits), PACE, 1_000.0) for n in range(0, 300, 10)]
    assert left == sorted(left, reverse=True)
    assert left[-1] >= sum(CLOUD[s] for s in (Step.DOWNLOAD, Step.VERIFY, Step.FINISH))


def test_a_working_copy_goes_up_in_its_own_time():
    """What goes up is the copy, not the 200 MB that were dropped."""
    copy = Material(path="/s/copy.mp4", size_bytes=20_000_000, sha256="")
    stand = at(Step.UPLOAD, prepared=copy)
    assert eta_seconds(stand, PACE, 1_000.0) == pytest.approx(10 + sum(CLOUD.values()) - 102, abs=1)
    assert rate(at(Step.UPLOAD, 2.0, 0.5, "uploading", prepared=copy), 1_000.0) == (5e6, "bytes")
    assert rate(at(Step.FINISH, 10.0, 0.5, "encoding here"), 1_000.0) == (5.0, "video")
    assert rate(at(Step.UPLOAD, 2.0, 0.5, "reading it again"), 1_000.0) is None


def test_a_wait_with_a_time_counts_it_and_nobody_guesses_where_it_can_t_be_known():
    """Until 60 s from now and then the step again; in line, held, behind a twin: no figure."""
    wait = {"state": State.WAITING, "reason": Reason.RATE_LIMIT, "wake_at": 1_060.0}
    later = sum(CLOUD.values()) - 102
    assert eta_seconds(at(Step.INSTRUCT, **wait), PACE, 1_000.0) == pytest.approx(later + 60, abs=1)
    for unknown in (
        {"state": State.HELD, "reason": Reason.CREDITS},
        {"state": State.QUEUED, "updated_at": 900.0},
        {"state": State.QUEUED, "updated_at": 999.0, "waits_on": "job2"},
        {"ending": State.CANCELLED},
        {"state": State.FAILED},
    ):
        assert eta_seconds(at(Step.INSTRUCT, **unknown), PACE, 1_000.0) is None
    handed_over = at(Step.INSTRUCT, state=State.QUEUED, updated_at=999.0)
    assert eta_seconds(handed_over, PACE, 1_000.0) is not None


@given(
    step=st.sampled_from(list(Step)),
    route=st.sampled_from(list(Route)),
    passed=st.floats(0, 1e7),
    fraction=st.none() | st.floats(0, 1),
    note=st.sampled_from(["", "uploading", "encoding here", "the cloud renders it"]),
    size=st.integers(0, 10**13),
)
def test_whatever_comes_the_figures_are_figures(step, route, passed, fraction, note, size):
    """Between 0 and 1 and never 1, and no negative time: for any size, step and report."""
    stand = at(step, passed, fraction, note, route=route, size_bytes=size, facts=None)
    for pace in (Pace(), PACE):
        share = progress(stand, pace, 1_000.0)
        left = eta_seconds(stand, pace, 1_000.0)
        assert 0 <= share < 1
        assert left is None or left >= 0


def test_of_a_link_nothing_is_claimed_before_its_video_was_seen():
    """Its file's size says nothing: the progress would have to go back."""
    link = at(Step.UPLOAD, 5.0, relative="talk.url", facts=None)
    assert progress(link, Pace(), 5.0) == 0.0
    assert eta_seconds(link, Pace(), 5.0) is None
    seen = at(Step.INSTRUCT, 5.0, relative="talk.url")
    assert progress(seen, Pace(), 5.0) > 0.0
