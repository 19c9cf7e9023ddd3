"""Seven simulated days and more: time is handed in, the service's limits are played by the book."""

import threading
import uuid

import pytest

from hotpress.clock import HandClock
from hotpress.cloud.identity import Identity
from hotpress.cloud.token import TokenKeeper
from hotpress.errors import Lost, RateLimited, Unreachable

WEEK = 7 * 86_400.0
HOUR = 3_600.0


class Service:
    """One anonymous token per client id and week; a little earlier it says 429."""

    def __init__(self, clock, *, early_seconds=0.0, told=True):
        self.clock = clock
        self.early = early_seconds
        self.told = told
        self.granted: dict[str, list[float]] = {}
        self.refused = 0
        self.fails = []

    def __call__(self, client):
        if self.fails:
            raise self.fails.pop(0)
        now = self.clock.now()
        last = self.granted.get(client, [])
        if last and now < last[-1] + WEEK - self.early:
            self.refused += 1
            raise RateLimited("pause", "wait")
        self.granted.setdefault(client, []).append(now)
        found = {"token": f"nmv_usr_{uuid.uuid4().hex}", "user_id": "anon_1"}
        if self.told:
            found["expires_at"] = None
        return found


@pytest.fixture
def clock():
    return HandClock()


def keeper(tmp_path, clock, service, configured=None, said=None):
    return TokenKeeper(
        Identity(tmp_path / "id"),
        "https://api",
        lambda: configured,
        service,
        clock.now,
        (said.append if said is not None else lambda _: None),
    )


@pytest.mark.parametrize("early", [0.0, 6 * HOUR, 24 * HOUR])
def test_seven_days_with_jobs_every_hour_always_have_a_valid_token(tmp_path, clock, early):
    """At most one granted and 12 refused calls a life, whether the service renews early or not."""
    service = Service(clock, early_seconds=early)
    tokens = keeper(tmp_path, clock, service)
    for _minute in range(0, 3 * 7 * 24 * 60, 5):
        tokens.renew_if_due()
        if _minute % 60 == 0:
            token = tokens.current()
            assert token.expires_at > clock.now()
        clock.move(300)
    lives = sum(len(times) for times in service.granted.values())

    assert len(service.granted) == 1
    assert 3 <= lives <= 4
    assert service.refused <= 12 * lives


def test_nothing_is_asked_while_idle(tmp_path, clock):
    """No work, no token: a year of silence costs no call."""
    service = Service(clock)
    tokens = keeper(tmp_path, clock, service)
    for _ in range(365):
        assert tokens.known() is None
        tokens.renew_if_due()
        clock.move(86_400)

    assert (service.granted, service.refused) == ({}, 0)


def test_after_a_long_downtime_the_next_need_gets_a_token(tmp_path, clock):
    """A machine that slept for a month comes back with an expired token, and gets another."""
    service = Service(clock)
    first = keeper(tmp_path, clock, service).current()
    clock.move(30 * 86_400)
    second = keeper(tmp_path, clock, service).current()

    assert second.number == first.number + 1
    assert second.expires_at > clock.now()


def test_a_clock_that_jumps_back_and_forth_does_no_harm(tmp_path, clock):
    """Days both ways: there is a token afterwards, and the id is still the same."""
    service = Service(clock, early_seconds=WEEK)
    tokens = keeper(tmp_path, clock, service)
    for jump in (0, 8 * 86_400, -16 * 86_400, 30 * 86_400):
        clock.move(jump)
        tokens.renew_if_due()
        assert tokens.current().expires_at > clock.now()
    assert len(service.granted) == 1


def test_the_first_connection_says_one_brief_line(tmp_path, clock):
    """Setting up is said once, and never the token."""
    said = []
    tokens = keeper(tmp_path, clock, Service(clock), said=said)
    tokens.current()
    tokens.current()

    assert said == ["Setting up a free connection ..."]
    assert "nmv_usr_" not in repr(tokens.current())


def test_a_configured_token_is_never_replaced_by_an_anonymous_one(tmp_path, clock):
    """A refused one is repeated as it is configured, and then it is a person's turn."""
    service = Service(clock)
    tokens = keeper(tmp_path, clock, service, configured="nmv_usr_mine")
    first = tokens.current()

    assert tokens.replace(first).value == "nmv_usr_mine"
    assert tokens.renew().value == "nmv_usr_mine"
    assert service.granted == {}


def test_a_rejected_anonymous_token_is_replaced_with_the_same_client_id(tmp_path, clock):
    """1001: one new token, for the same id; others that were faster are believed."""
    service = Service(clock, early_seconds=WEEK)
    tokens = keeper(tmp_path, clock, service)
    first = tokens.current()
    second = tokens.replace(first)

    assert second.number > first.number
    assert tokens.replace(first) == second
    assert len(service.granted) == 1


def test_a_lost_answer_costs_no_week(tmp_path, clock):
    """The one token of the id is gone with its answer: then, and once, an id of our own."""
    service = Service(clock)
    tokens = keeper(tmp_path, clock, service)
    client = Identity(tmp_path / "id").client()
    service.granted[client] = [clock.now()]  # granted, and the answer was lost on the way
    service.fails = [Lost("broke", "look")]
    with pytest.raises(Lost):
        tokens.current()
    token = tokens.current()

    assert token.client_id != client
    assert len(service.granted) == 2
    assert Identity(tmp_path / "id").client() == client


def test_a_429_without_a_lost_answer_is_waited_out(tmp_path, clock):
    """Another client of the service has the token: no other id is made."""
    service = Service(clock)
    tokens = keeper(tmp_path, clock, service)
    client = Identity(tmp_path / "id").client()
    service.granted[client] = [clock.now()]
    service.fails = [Unreachable("no net", "wait")]
    for error in (Unreachable, RateLimited, RateLimited, RateLimited):
        with pytest.raises(error):
            tokens.current()

    assert list(service.granted) == [client]


def test_many_threads_ask_once(tmp_path, clock):
    """A folder of files dropped at once needs one token."""
    service = Service(clock)
    tokens = keeper(tmp_path, clock, service)
    found = []
    threads = [threading.Thread(target=lambda: found.append(tokens.current())) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({token.number for token in found}) == 1
    assert sum(len(times) for times in service.granted.values()) == 1
