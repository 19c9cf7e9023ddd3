"""Times of day: whose clock counts, and which rate holds when."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from hotpress import opening

BERLIN = ZoneInfo("Europe/Berlin")


def at(text):
    """UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def test_hours_are_those_of_the_time_zone_that_is_named():
    """22:00 in Berlin is 21:00 UTC in winter, and 20:00 in summer."""
    assert opening.opens_in(("22:00-07:00",), at("2026-01-10T20:00"), BERLIN) == 3_600
    assert opening.opens_in(("22:00-07:00",), at("2026-07-10T20:00"), BERLIN) == 0
    assert opening.opens_in(("22:00-07:00",), at("2026-01-10T21:30"), BERLIN) == 0


@pytest.mark.parametrize(
    ("when", "rate"),
    [
        ("2026-11-27T09:00", 5),  # a Friday
        ("2026-11-27T17:30", 50),  # half past six in Berlin
        ("2026-11-28T09:00", 50),  # a Saturday
        ("2026-11-28T20:00", None),
    ],
)
def test_the_first_span_that_holds_gives_the_rate(when, rate):
    """Days and times as in `hours`; outside of all of them the last row holds."""
    rates = (("Mo-Fr 08:00-18:00", 5), ("08:00-20:00", 50), ("", None))

    assert opening.rate_at(rates, at(when), BERLIN) == rate


def test_without_any_rate_the_line_is_free():
    """The default."""
    assert opening.rate_at((), at("2026-11-28T09:00")) is None
    assert opening.rate_at((("", 7),), at("2026-11-28T09:00")) == 7


def test_a_zone_that_has_gone_is_this_machines_own():
    """A name that was good when the job was made, on a system that lost its table."""
    assert opening.zone_of("local") is None
    assert opening.zone_of("Mars/Olympus") is None
    assert opening.zone_of("Europe/Berlin") == BERLIN
