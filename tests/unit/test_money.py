from dataclasses import replace

from hotpress.model import Reason
from hotpress.money import Money, Own, short_of


def test_credits_must_cover_the_job_and_all_that_is_under_way():
    """100 credits are one upload when another of 50 is still to be charged, not two."""
    assert short_of(100, Money(50)) is None
    assert short_of(100, Money(50, uncharged=1)) is None
    assert short_of(100, Money(50, uncharged=2))[0] is Reason.CREDITS
    assert short_of(49, Money(50))[0] is Reason.CREDITS


def test_a_reserve_is_never_spent():
    """The last credits are kept back when somebody wants that."""
    found = short_of(100, Money(50, reserve=60))

    assert found == (
        Reason.CREDITS,
        "a video costs about 50 credits, and 100 are left, 60 are kept back",
    )


def test_budgets_of_a_day_and_a_month_hold():
    """What is under way counts, and is said: a budget that nobody has spent yet may be full."""
    day = Money(50, spent_today=50, per_day=100)
    assert short_of(1000, day) is None
    assert short_of(1000, Money(50, uncharged=1, spent_today=50, per_day=100)) == (
        Reason.BUDGET,
        "50 of 100 credits are spent today, 50 are for videos under way",
    )
    assert short_of(1000, Money(50, uncharged=1, per_day=50)) == (
        Reason.BUDGET,
        "0 of 50 credits are spent today, 50 are for videos under way",
    )
    assert short_of(1000, Money(50, spent_month=980, per_month=1000))[0] is Reason.BUDGET


def test_an_inbox_has_a_budget_of_its_own_within_that_of_all():
    """Its sentence names the inbox; what others spend does not count for it."""
    own = Own("travel", spent_today=50, per_day=100)
    assert short_of(1000, Money(50, spent_today=500, own=own)) is None
    assert short_of(1000, Money(50, own=replace(own, uncharged=1))) == (
        Reason.BUDGET,
        "50 of 100 credits are spent today for travel, 50 are for videos under way",
    )
    month = Own("travel", spent_month=90, per_month=100)
    assert short_of(1000, Money(50, own=month)) == (
        Reason.BUDGET,
        "90 of 100 credits are spent this month for travel",
    )
    assert short_of(1000, Money(50, spent_today=90, per_day=100, own=own)) == (
        Reason.BUDGET,
        "90 of 100 credits are spent today",
    )
