from dataclasses import replace

import pytest
from makers import a_job

from hotpress import errors, policy
from hotpress.errors import HotpressError
from hotpress.model import (
    Fail,
    Hold,
    Next,
    Reason,
    Render,
    Route,
    Rule,
    State,
    Step,
    Tally,
    Wait,
)

PAUSES = policy.Pauses(rate_limit=30, jitter=0.5)


def leaves(kind=HotpressError):
    below = kind.__subclasses__()
    return [kind] if not below else [leaf for one in below for leaf in leaves(one)]


def made(kind):
    if kind is errors.ConfigError:
        return kind(["line 1"])
    if kind is errors.InputGone:
        return kind("gone", "download")
    if kind is errors.Stopping:
        return kind()
    return kind("why", "hint")


@pytest.mark.parametrize("kind", leaves(), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("route", list(Route))
def test_every_error_has_a_verdict(kind, route):
    """policy.verdict is total over the drawn tree, for every route."""
    job = replace(a_job(), rule=Rule(route=route), step=Step.UPLOAD)

    assert isinstance(policy.verdict(made(kind), job, PAUSES), Next | Wait | Hold | Fail)


def test_the_drawn_tree_is_the_real_one():
    """errors.py opens with the tree; every class stands in it."""
    for kind in leaves():
        assert (
            f"{kind.__name__} " in errors.__doc__
            or f"{kind.__name__}(" in errors.__doc__
            or (f"{kind.__name__}\n" in errors.__doc__)
        ), kind


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (errors.OutOfCredits, Reason.CREDITS),
        (errors.PlanRequired, Reason.PLAN),
        (errors.ScopeMissing, Reason.SCOPE),
        (errors.TokenRejected, Reason.TOKEN),
        (errors.DiskFull, Reason.DISK_FULL),
        (errors.NotAllowed, Reason.PERMISSION),
        (errors.FolderMissing, Reason.OUTBOX_MISSING),
    ],
)
def test_what_a_person_can_change_is_held(kind, reason):
    """Nothing fails for want of credits, rights or room: it waits."""
    job = replace(a_job(), rule=Rule(route=Route.CLOUD))
    found = policy.verdict(made(kind), job, PAUSES)

    assert isinstance(found, Hold)
    assert found.reason is reason


@pytest.mark.parametrize("kind", [errors.OutOfCredits, errors.PlanRequired, errors.FileTooLarge])
def test_auto_goes_on_at_this_machine(kind):
    """route: auto makes it here when credits or plan end, but never when words need the cloud."""
    auto = a_job()
    found = policy.verdict(made(kind), auto, PAUSES)
    with_words = policy.verdict(made(kind), replace(auto, rule=Rule(instructions="cut")), PAUSES)

    assert isinstance(found, Next)
    assert (found.to, found.job.route) == (Step.FINISH, Route.LOCAL)
    assert not isinstance(with_words, Next)


def test_only_a_refused_side_effect_clears_begun():
    """A wait, a hold or a lost read leaves `begun` set; NotSent of the effect itself clears it."""
    job = replace(a_job(), begun_at=5.0)
    lost = policy.verdict(errors.Lost("w", "h"), job, PAUSES)
    read = policy.verdict(errors.Unreachable("w", "h"), job, PAUSES)
    sent = policy.nothing_happened(errors.Unreachable("w", "h"), job, PAUSES)

    assert lost.job.begun_at == 5.0
    assert read.job.begun_at == 5.0
    assert sent.job.begun_at is None


def test_each_way_back_has_its_limit():
    """1002 gives one new session; a second one is the end."""
    gone = errors.SessionGone("gone", "h")
    first = policy.verdict(gone, a_job(), PAUSES)
    second = policy.verdict(gone, first.job, PAUSES)

    assert (first.to, first.job.session) == (Step.SESSION, None)
    assert isinstance(second, Fail)


@pytest.mark.parametrize(
    ("of_bytes", "same_bytes", "bad_downloads", "wanted"),
    [
        (True, False, 0, True),
        (True, False, policy.LIMITS["bad_downloads"], False),
        (True, True, 1, False),
        (False, False, 0, False),
        (False, True, 0, False),
    ],
)
def test_only_spoiled_bytes_are_fetched_again(of_bytes, same_bytes, bad_downloads, wanted):
    """A wrong render and the very bytes of before are rendered again; others up to the limit."""
    job = a_job(tally=Tally(bad_downloads=bad_downloads))

    assert policy.fetch_again(job, of_bytes=of_bytes, same_bytes=same_bytes) is wanted


def test_going_back_never_forgets_a_render():
    """A job ends only when all its renders have ended: the list is kept on every way back."""
    render = Render(id="r", session="s", token=1, draft="{}", sent=True)
    job = replace(a_job(), renders=(render,))

    assert policy.cleared(job, Step.SESSION).renders == (render,)
    assert policy.open_renders(job) == ["r"]


def test_offline_is_three_times_in_a_row():
    """One refused connection is a hiccup; three are offline."""
    job = a_job()
    kinds = []
    for _ in range(3):
        found = policy.verdict(errors.Unreachable("w", "h"), job, PAUSES)
        kinds.append(type(found))
        job = found.job

    assert kinds == [Wait, Wait, Hold]


def test_a_pause_is_as_long_as_the_cloud_says_and_grows_when_it_does_not():
    """429: Retry-After, or 30 s, then twice as long each time."""
    job = a_job()
    said = policy.verdict(errors.RateLimited("w", "h", after_seconds=7), job, PAUSES)
    first = policy.verdict(errors.RateLimited("w", "h"), job, PAUSES)
    second = policy.verdict(errors.RateLimited("w", "h"), first.job, PAUSES)

    assert [said.seconds, first.seconds, second.seconds] == [7, 30, 60]


@pytest.mark.parametrize(
    ("begins", "step", "wanted"),
    [
        (2, Step.FINISH, "go"),
        (3, Step.FINISH, "alone"),
        (4, Step.FINISH, "give_up"),
        (4, Step.DELIVER, "alone"),
        (9, Step.RELEASE, "alone"),
    ],
)
def test_a_step_that_never_ends_is_run_alone_and_then_given_up(begins, step, wanted):
    """Three begins without an outcome: once more alone, then failed; never the last two steps."""
    assert policy.start_anew(replace(a_job(), step=step), begins) == wanted


def test_an_orderly_stop_and_a_power_cut_in_an_encode_are_not_counted():
    """Only hotpress's own deaths count, and a restart of the machine is no fault of the file."""
    job = replace(a_job(), step=Step.FINISH, begun_at=1.0, begins=3, boot="b1")

    assert policy.begun(job, 2.0, "b1").begins == 4
    assert policy.begun(replace(job, stopped=True), 2.0, "b1").begins == 3
    assert policy.begun(job, 2.0, "b2").begins == 1
    assert policy.begun(replace(job, step=Step.UPLOAD), 2.0, "b2").begins == 4


def test_a_changed_source_cancels():
    """It is the owner's doing, no failure."""
    found = policy.verdict(errors.SourceChanged("w", "h"), a_job(), PAUSES)

    assert isinstance(found, Fail)
    assert found.end is State.CANCELLED


def test_a_source_that_is_gone_waits_for_the_look_at_its_folder():
    """Alone or with many? The folder's own look decides; without one the job is cancelled."""
    first = policy.verdict(errors.SourceGone("w", "h"), a_job(), PAUSES)
    late = a_job(tally=Tally(retries=policy.GONE_LOOKS))

    assert isinstance(first, Wait)
    assert policy.verdict(errors.SourceGone("w", "h"), late, PAUSES).end is State.CANCELLED


def test_an_hour_without_the_cloud_and_auto_goes_on_here():
    """Held at first, counted from the first refusal; never once the agent was asked."""
    gone = errors.Unreachable("no connection", "look at the network")
    job = replace(a_job(), step=Step.UPLOAD, tally=replace(a_job().tally, retries=2))
    early = policy.verdict(gone, job, replace(PAUSES, now=1_000.0))
    assert isinstance(early, Hold)
    assert early.job.offline_since == 1_000.0
    later = policy.verdict(gone, early.job, replace(PAUSES, now=4_599.0))
    assert isinstance(later, Hold)

    late = policy.verdict(gone, later.job, replace(PAUSES, now=4_600.0))
    assert isinstance(late, Next)
    assert (late.to, late.job.route) == (Step.FINISH, Route.LOCAL)
    assert "out of reach for 1 h" in late.why
    asked = policy.verdict(gone, replace(later.job, messages_sent=1), replace(PAUSES, now=9_999.0))
    assert isinstance(asked, Hold)
    only = replace(later.job, rule=Rule(route=Route.CLOUD))
    assert isinstance(policy.verdict(gone, only, replace(PAUSES, now=9_999.0)), Hold)
