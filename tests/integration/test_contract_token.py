"""cloud-api.md, "Token": where it comes from, how long it serves, and where it never is."""

from __future__ import annotations

import json
import logging
import os
import stat
import subprocess
import sys
import threading
import time
import uuid
from contextlib import ExitStack

import pytest
from cloudstage import CALLS, CARRIERS, MARK, Place, answer, at, good, header, rendered, stream
from integration.test_standin_program import Caller

from hotpress.clock import HandClock
from hotpress.errors import CloudError, Lost, RateLimited, Refused, ScopeMissing, TokenRejected

DAY_SECONDS = 86_400.0
RENEWABLE_DAYS = 0.4
"""A life so short that the cloud gives a new token at once: within the last 12 hours."""


@pytest.fixture
def place(tmp_path):
    with Place(tmp_path) as made:
        yield made


def bearers(place, kind="credits"):
    """The fingerprints of the tokens that calls of this kind came with."""
    return [line["bearer"] for line in place.of(kind)]


def client_ids(place):
    """The client ids that asked for a token, in their order."""
    return [header(line, "X-Client-Id") for line in place.of("token")]


def kept(place):
    """The file of anonymous tokens."""
    return place.folder / "identity/hotpress_token.json"


def test_nemo_token_set_use_it(place):
    """A configured token is used, and no anonymous one is ever asked for."""
    place.cloud(tokens=[MARK])
    client = place.client(token=MARK)
    client.ready().say()
    assert place.of("token") == []
    assert client.number == 0
    assert client.said == []
    assert not kept(place).exists()


def test_otherwise_an_anonymous_token(place):
    """Without one, an anonymous token comes: `X-Client-Id` is a uuid; no body, no bearer."""
    place.cloud()
    place.client().call("credits")
    (line,) = place.of("token")
    assert str(uuid.UUID(header(line, "X-Client-Id"))) == header(line, "X-Client-Id")
    assert (line["bytes_in"], line["bearer"]) == (0, None)
    (granted,) = place.facts("token_granted")
    assert bearers(place) == [granted["bearer"]]


def test_first_connection_says_one_brief_line(place):
    """The first connection says "Setting up ...", once, and never an answer or a token."""
    place.cloud()
    client = place.client()
    client.call("credits")
    client.call("credits")
    (said,) = client.said
    assert said.startswith("Setting up")
    assert client.cloud.tokens.current().value not in said


@pytest.mark.parametrize("field", ["data.user_id", "data.expires_at", "data.credits"])
def test_answer_field(place, field):
    """What comes with the token is taken as the contract means it."""
    place.cloud()
    client = place.client()
    token = client.cloud.tokens.current()
    (granted,) = place.facts("token_granted")
    if field == "data.user_id":
        assert token.user_id == granted["account"]
    if field == "data.expires_at":
        assert token.expires_at == pytest.approx(granted["at"] + 7 * DAY_SECONDS, abs=2)
    if field == "data.credits":
        assert client.cloud.credits().available == granted["credits"]


def test_expires_at_missing_means_7_days(place):
    """A token without its end is taken to live 7 days."""
    place.cloud(tell_expiry=False)
    clock = HandClock(time.time())
    token = place.client(clock=clock).cloud.tokens.current()
    assert token.expires_at == clock.now() + 7 * DAY_SECONDS


EXPIRY = {
    "Z": "2027-01-20T08:00:00Z",
    "offset": "2027-01-20T10:30:00+02:30",
    "no zone is UTC": "2027-01-20T08:00:00",
    "fractions": "2027-01-20T08:00:00.000Z",
    "a blank for the T": "2027-01-20 08:00:00+00:00",
}


@pytest.mark.parametrize("form", EXPIRY)
def test_expires_at(place, form):
    """`expires_at` is ISO 8601 in UTC, in every way to write it."""
    server = place.odd(good({"token": MARK, "expires_at": EXPIRY[form]}))
    token = place.client(server.url).cloud.tokens.current()
    assert token.expires_at == 1_800_432_000.0


@pytest.mark.parametrize("value", ["soon", "", 5, None, [], "9999-99-99"])
def test_expires_at_unreadable_means_7_days(place, value):
    """An end that no one can read counts as missing."""
    server = place.odd(good({"token": MARK, "expires_at": value}))
    clock = HandClock()
    token = place.client(server.url, clock=clock).cloud.tokens.current()
    assert token.expires_at == clock.now() + 7 * DAY_SECONDS


def test_valid_7_days_one_request(place):
    """Within its life the token is asked for once, whatever is called and however often started."""
    place.cloud()
    clock = HandClock(time.time())
    for _ in range(7):
        place.client(clock=clock).call("credits")
        clock.move(DAY_SECONDS * 0.9)
    assert len(place.of("token")) == 1
    assert len(set(bearers(place))) == 1


def test_no_client_id_400(place):
    """A cloud that misses the client id says 400: refused with a sentence, nothing is kept."""
    place.cloud(at("token", status=400))
    with pytest.raises(Refused) as caught:
        place.client().call("credits")
    assert caught.value.code == 400
    assert place.of("credits") == []


def test_the_client_id_is_made_once_and_kept(place):
    """The file `client_id` holds what was sent, for this user alone, and serves the next start."""
    place.cloud(token_days=RENEWABLE_DAYS)
    for _ in range(2):
        place.client().cloud.tokens.renew()
    path = place.folder / "identity/client_id"
    assert client_ids(place) == [path.read_text().strip()] * 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_client_id_of_another_client_is_shared(place):
    """An id that another client of the service left in the file is the one that is sent."""
    path = place.folder / "identity/client_id"
    path.parent.mkdir()
    path.write_text("of-another-client\n")
    place.cloud()
    place.client().call("credits")
    assert client_ids(place) == ["of-another-client"]
    assert path.read_text() == "of-another-client\n"


@pytest.mark.parametrize(
    "content", [b"", b" \n", b"\0" * 36], ids=["empty", "blank", "zeros after a power cut"]
)
def test_a_torn_client_id_file_is_not_a_fresh_id_per_request(place, content):
    """A file without an id is mended: all requests have one and the same new id, and one token."""
    path = place.folder / "identity/client_id"
    path.parent.mkdir()
    path.write_bytes(content)
    place.cloud()
    client = place.client()
    for _ in range(3):
        client.call("credits")
    assert len(client_ids(place)) == 1
    assert path.read_text().strip() == client_ids(place)[0]


def test_nemo_client_id_is_used_and_no_file_is_made(place):
    """A client id that a person has set is sent; the shared file is left alone."""
    place.cloud()
    place.client(client_id="mine").call("credits")
    assert client_ids(place) == ["mine"]
    assert not (place.folder / "identity/client_id").exists()


@pytest.mark.parametrize(
    "limit", ["one per client id per 7 days", "about 10 per address per 7 days"]
)
def test_429(place, limit):
    """Over the service's limits: RateLimited, with the time to wait; then no second request."""
    per_address = 0 if limit.startswith("about") else 10
    place.cloud(tokens_per_ip=per_address, token_retry_after=3600)
    if per_address:
        with Caller(place.standin, "mine") as other:
            assert other.token().status_code == 200
    with pytest.raises(RateLimited) as caught:
        place.client(client_id="mine").call("credits")
    assert caught.value.after_seconds == 3600
    assert [line["status"] for line in place.of("token")][-1] == 429
    assert len(place.of("token")) == (2 if per_address else 1)
    assert place.of("credits") == []


def test_an_expired_token_is_replaced_by_asking_again_with_the_same_id(place):
    """After its end the token is never sent again; the same client id gets the next one."""
    place.cloud(token_again="new")
    clock = HandClock(time.time())
    client = place.client(clock=clock)
    client.call("credits")
    clock.move(7 * DAY_SECONDS + 1)
    client.call("credits")
    assert len(set(client_ids(place))) == 1
    assert len(set(bearers(place))) == 2
    assert {line["status"] for line in place.of("credits")} == {200}


REFRESH = {
    "429: the old one works on": "refuse",
    "a new token: it is used": "new",
    "the same token: it works on": "same",
}


@pytest.mark.parametrize("said", REFRESH)
def test_a_refresh_a_little_before_expiry(place, said):
    """Asked for within 12 hours of the end; whatever the answer, a living token serves."""
    place.cloud(token_again=REFRESH[said], token_retry_after=600)
    clock = HandClock(time.time())
    client = place.client(clock=clock)
    client.call("credits")
    assert not client.cloud.tokens.renew_if_due()
    assert len(place.of("token")) == 1
    clock.move(6.6 * DAY_SECONDS)
    client.cloud.tokens.renew_if_due()
    client.call("credits")
    assert len(place.of("token")) == 2
    assert len(set(bearers(place))) == (2 if REFRESH[said] == "new" else 1)
    assert {line["status"] for line in place.of("credits")} == {200}


def test_a_refused_refresh_waits_for_retry_after(place):
    """After a 429 the refresh is not asked for again before its time."""
    place.cloud(token_again="refuse", token_retry_after=600)
    clock = HandClock(time.time())
    client = place.client(clock=clock)
    client.call("credits")
    clock.move(6.6 * DAY_SECONDS)
    asked = []
    for _ in range(4):
        client.cloud.tokens.renew_if_due()
        asked.append(len(place.of("token")))
        clock.move(250)
    assert asked == [2, 2, 2, 3]


def test_a_refusal_that_names_no_time_waits_as_long_as_is_set(place):
    """`timing.token_retry`, where the cloud does not say when to ask again."""
    place.cloud(token_again="refuse", token_retry_after=0)
    clock = HandClock(time.time())
    client = place.client(clock=clock, token_retry_seconds=300)
    client.call("credits")
    clock.move(6.6 * DAY_SECONDS)
    asked = []
    for _ in range(4):
        client.cloud.tokens.renew_if_due()
        asked.append(len(place.of("token")))
        clock.move(160)
    assert asked == [2, 2, 3, 3]


@pytest.mark.parametrize("account", ["same", "other"])
def test_a_session_keeps_its_token_after_a_refresh(place, account):
    """A session is called with the token that it was made with while that lives."""
    place.cloud(token_days=RENEWABLE_DAYS, renewed_account=account)
    client = place.client().open()
    renewed = client.cloud.tokens.renew()
    client.call("state")
    client.cloud.credits()
    assert renewed.number != client.number
    assert bearers(place, "state") == bearers(place, "session")
    assert bearers(place) != bearers(place, "session")


@pytest.mark.parametrize("kind", CALLS)
@pytest.mark.parametrize("errors_as", CARRIERS)
def test_1001_gives_one_new_token_and_one_repetition(place, kind, errors_as):
    """An expired token: the same client id asks once, and the same call is made once more."""
    place.cloud(at(kind, 1, expire_token=True), errors_as=errors_as, renewed_account="same")
    client = place.client()
    if kind not in ("session", "credits"):
        client.open()
    if kind in ("submit", "poll", "cancel", "download"):
        client.upload()
        client.look()
    if kind == "download":
        rendered(client)
    elif kind in ("poll", "cancel"):
        client.submit()
    client.call(kind)
    assert len(place.facts("token_granted")) == 2
    assert len(set(client_ids(place))) == 1
    assert len(place.of(kind)) == 2
    assert len(set(bearers(place, kind))) == 2


@pytest.mark.parametrize("kind", CALLS)
def test_1001_twice_ends_in_token_rejected(place, kind):
    """The call is repeated once: a second 1001 is told, and no third try is made."""
    place.cloud(at(kind, code=1001), token_again="new")
    client = place.client()
    client.number = client.cloud.tokens.current().number
    with pytest.raises(TokenRejected):
        client.call(kind)
    assert len(place.of(kind)) == 2
    assert len(place.of("token")) == 2


@pytest.mark.parametrize("kind", CALLS)
def test_a_configured_token_is_never_replaced_by_an_anonymous_one(place, kind):
    """Repeated once with the token as it is configured; a second 1001 raises TokenRejected."""
    place.cloud(tokens=["another"])
    client = place.client(token=MARK)
    with pytest.raises(TokenRejected):
        client.call(kind)
    assert len(place.of(kind)) == 2
    assert place.of("token") == []
    assert not kept(place).exists()


def test_a_configured_token_that_was_changed_meanwhile_is_taken(place):
    """The one repetition is made with the token as it is configured now."""
    place.cloud(tokens=[MARK])
    client = place.client(token="nmv_usr_old")
    values = iter(["nmv_usr_old", MARK])
    client.cloud.tokens._configured = lambda: next(values, MARK)
    assert client.cloud.credits().available == 100
    assert len(place.of("credits")) == 2


SCOPES = {"read": "credits", "write": "session", "upload": "upload", "render": "submit"}


@pytest.mark.parametrize("scope", [*SCOPES, "*"])
def test_scope(place, scope):
    """A call that the hand-made token has no scope for is ScopeMissing; `*` is for all."""
    has = scope if scope == "*" else " ".join(set(SCOPES) - {scope})
    place.cloud(tokens=[{"token": MARK, "scopes": has}])
    client = place.client(token=MARK)
    if scope == "*":
        client.ready().submit()
        return
    with pytest.raises(ScopeMissing) as caught:
        client.call(SCOPES[scope])
    assert "scopes" in caught.value.hint
    assert len(place.of(SCOPES[scope])) == 1


@pytest.mark.parametrize("web", ["https://nemovideo.com", "https://nemo.example"])
def test_claim_token(place, web):
    """A claim link opens the project in a browser: `<web>/workspace/claim?ct=clm_...`."""
    place.cloud()
    client = place.client(web_url=web).open()
    link = client.call("claim")
    assert link.startswith(f"{web}/workspace/claim?ct=clm_")
    (made,) = place.facts("claim_made")
    assert made["session"] == client.session


def test_never_in_an_address(place):
    """No token and no client id stands in an address of any request."""
    place.cloud()
    client = place.client().ready()
    client.say()
    client.submit()
    for kind in ("credits", "poll", "cancel", "claim"):
        client.call(kind)
    assert place.facts("token_in_url") == []
    secrets = {client.cloud.tokens.current().value, client_ids(place)[0]}
    places = [line["path"] + json.dumps(line["query"]) for line in place.standin.requests()]
    assert not [where for where in places for secret in secrets if secret in where]


def test_never_in_a_log_line(place, caplog):
    """Not even at the finest level does any library write the token down."""
    caplog.set_level(logging.DEBUG)
    place.cloud(at("state", 2, drop_before=True))
    client = place.client().ready()
    client.say()
    with pytest.raises(Lost):
        client.call("state")
    assert caplog.text
    assert client.cloud.tokens.current().value not in caplog.text


def test_never_in_its_own_repr(place):
    """A token that is printed hides its value."""
    place.cloud()
    token = place.client().cloud.tokens.current()
    assert token.value not in f"{token!r} {token} {[token]}"


ECHO = {"message": f"bad header: Bearer {MARK}", "error": f"token {MARK} is bad"}
ECHOES = {
    "400 with the token in its message": answer(400, {"code": 400, **ECHO}),
    "404": answer(404, {"code": 404, **ECHO}),
    "422 without a code": answer(422, {"detail": f"{MARK} is no token"}),
    "500": answer(500, {"code": 500, **ECHO}),
    "an unknown code": answer(200, {"code": 7777, **ECHO}),
    "1001": answer(401, {"code": 1001, **ECHO}),
    "a page": answer(502, f"<html>{MARK}</html>".encode(), content_type="text/html"),
    "a broken answer": f"HTTP/1.1 {MARK}\r\n\r\n".encode(),
}


@pytest.mark.parametrize("said", ECHOES)
@pytest.mark.parametrize("kind", ["credits", "run_sse"])
def test_never_in_an_error_message(place, said, kind):
    """A cloud that repeats the token in its answer does not bring it into our sentences."""
    server = place.odd(ECHOES[said])
    with pytest.raises(CloudError) as caught:
        place.client(server.url, token=MARK).call(kind)
    assert MARK not in f"{caught.value.why} {caught.value.hint} {caught.value!r}"


def test_never_in_a_turn_or_a_poll(place):
    """Nor does what an agent or a render says bring it onto a page."""
    failed = {"success": True, "data": {"status": "failed", "error": f"Bearer {MARK} expired"}}
    server = place.odd(stream({"error": f"RuntimeError: Bearer {MARK}"}), answer(200, failed))
    client = place.client(server.url, token=MARK)
    assert MARK not in repr(client.say())
    assert MARK not in repr(client.poll())


def test_the_file_is_for_this_user_alone(place):
    """The token lies in a 0600 file in a 0700 folder, whatever the umask or an older file says."""
    place.cloud(token_days=RENEWABLE_DAYS)
    before = os.umask(0)
    try:
        client = place.client()
        client.call("credits")
        kept(place).chmod(0o644)
        client.cloud.tokens.renew()
    finally:
        os.umask(before)
    value = client.cloud.tokens.current().value
    holders = [path for path in kept(place).parent.iterdir() if value in path.read_text()]
    assert holders == [kept(place)]
    assert stat.S_IMODE(kept(place).stat().st_mode) == 0o600
    assert stat.S_IMODE(kept(place).parent.stat().st_mode) == 0o700


def test_another_address_has_another_token(tmp_path):
    """A token is never sent to an address that did not grant it."""
    values = []
    with ExitStack() as stack:
        for name in ("one", "two"):
            folder = tmp_path / name
            folder.mkdir()
            place = stack.enter_context(Place(folder))
            place.cloud()
            client = place.client(folder="../identity")
            client.call("credits")
            values.append(client.cloud.tokens.current().value)
            assert len(place.facts("token_granted")) == 1
    assert len(set(values)) == 2


def test_an_answer_that_was_lost_is_asked_for_once_under_an_id_of_our_own(place):
    """Decision 0004: the granted token is gone, the cloud says 429; one other id, and only once."""
    place.cloud(at("token", 1, drop_after=True))
    client = place.client()
    with pytest.raises(Lost):
        client.call("credits")
    client.call("credits")
    client.call("credits")
    first, second, third = client_ids(place)
    assert first == second != third
    assert len(place.facts("token_granted")) == 2
    assert (place.folder / "identity/client_id").read_text().strip() == first


def test_a_client_id_that_is_set_is_never_given_up(place):
    """With `NEMO_CLIENT_ID` a lost answer is waited out: 429, and no other id."""
    place.cloud(at("token", 1, drop_after=True))
    client = place.client(client_id="mine")
    with pytest.raises(Lost):
        client.call("credits")
    with pytest.raises(RateLimited):
        client.call("credits")
    assert set(client_ids(place)) == {"mine"}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"tokens": 5}', b"\xff"])
def test_a_torn_token_file_is_no_crash(place, content):
    """A file that no one can read counts as none: a token is asked for."""
    place.cloud()
    kept(place).parent.mkdir()
    kept(place).write_bytes(content)
    place.client().call("credits")
    assert len(place.facts("token_granted")) == 1


def test_four_threads_at_1001_get_one_new_token(place):
    """All see the old token refused at once; one asks, all go on with what it got."""
    place.cloud(at("credits", [1], expire_token=True), at("credits", [2, 3, 4], delay=0.05))
    client = place.client()
    client.cloud.tokens.current()
    together = threading.Barrier(4)
    seen = []

    def one() -> None:
        together.wait(5)
        seen.append(client.cloud.credits().available)

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [100] * 4
    assert len(place.facts("token_granted")) == 2


PROCESS = """
import sys, threading
from pathlib import Path
from hotpress.clock import SystemClock
from hotpress.cloud import Cloud, Identity
from hotpress.cloud.client import Address
address, folder, what = sys.argv[1:]
print("ready", flush=True)
for line in sys.stdin:
    identity = Identity(Path(folder, line.strip()))
    if what == "id":
        print(identity.client(), flush=True)
        continue
    cloud = Cloud(Address(address), identity, SystemClock(), threading.Event())
    cloud.credits()
    print(cloud.tokens.current().number, flush=True)
    cloud.close()
"""


def two_processes(folder, address, what, rounds):
    """What two real processes answer to the same question at the same moment, round by round."""
    words = [sys.executable, "-c", PROCESS, address, str(folder), what]
    with ExitStack() as stack:
        pair = [
            stack.enter_context(
                subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            )
            for _ in range(2)
        ]
        for process in pair:
            assert process.stdout.readline() == "ready\n"
        for number in range(rounds):
            for process in pair:
                process.stdin.write(f"{number}\n")
                process.stdin.flush()
            yield [process.stdout.readline().strip() for process in pair]
        for process in pair:
            process.stdin.close()


def test_two_processes_at_once_make_one_client_id(tmp_path):
    """Both read the id of the one that was first; nothing else is left in the folder."""
    for number, (one, other) in enumerate(two_processes(tmp_path, "http://x", "id", 40)):
        assert one == other != ""
        assert [path.name for path in (tmp_path / str(number)).iterdir()] == ["client_id"]


def test_two_processes_at_once_get_one_grant(place):
    """The second process finds the token of the first: one grant, one token for both."""
    place.cloud()
    rounds = 5
    for number, (one, other) in enumerate(
        two_processes(place.folder, place.standin.api_url, "token", rounds), 1
    ):
        assert one == other == "1"
        assert len(place.of("token")) == number
    assert len(place.facts("token_granted")) == rounds
    assert place.facts("token_refused") == []
    assert len(set(bearers(place))) == rounds
    assert len(bearers(place)) == 2 * rounds
