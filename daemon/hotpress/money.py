"""May another paid job begin? What credits and budgets allow, in words. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from hotpress.model import Reason


@dataclass(frozen=True, slots=True)
class Money:
    """What is known of spending, in credits. `uncharged`: other jobs whose message is to come."""

    estimate: float
    uncharged: int = 0
    spent_today: float = 0.0
    spent_month: float = 0.0
    reserve: float = 0.0
    per_day: float | None = None
    per_month: float | None = None
    own: Own | None = None


@dataclass(frozen=True, slots=True)
class Own:
    """The same of one inbox, within what all together may spend."""

    inbox: str
    uncharged: int = 0
    spent_today: float = 0.0
    spent_month: float = 0.0
    per_day: float | None = None
    per_month: float | None = None


def short_of(available: float, money: Money) -> tuple[Reason, str] | None:
    """What forbids another paid job, or None: credits must cover it and all that is under way."""
    under_way = money.estimate * money.uncharged
    if available - under_way - money.reserve < money.estimate:
        kept = f", {money.reserve:.0f} are kept back" if money.reserve else ""
        taken = f", {under_way:.0f} are for videos under way" if under_way else ""
        words = f"a video costs about {money.estimate:.0f} credits, and {available:.0f} are left"
        return Reason.CREDITS, words + taken + kept
    own = money.own
    return _over(money, money.estimate, "") or (
        _over(own, money.estimate, f" for {own.inbox}") if own else None
    )


def _over(spent: Money | Own, estimate: float, whose: str) -> tuple[Reason, str] | None:
    """The budget, of a day or a month, that another paid job would not keep."""
    under_way = estimate * spent.uncharged
    kept = f", {under_way:.0f} are for videos under way" if under_way else ""
    for limit, credits_, word in (
        (spent.per_day, spent.spent_today, "today"),
        (spent.per_month, spent.spent_month, "this month"),
    ):
        if limit is not None and credits_ + under_way + estimate > limit:
            words = f"{credits_:.0f} of {limit:.0f} credits are spent {word}{whose}"
            return Reason.BUDGET, words + kept
    return None
