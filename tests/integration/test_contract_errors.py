"""cloud-api.md, "Errors": each row of the table, in every shape, by HTTP status and by code."""

from __future__ import annotations

import json
import re

import pytest
from cloudstage import CARRIERS, MARK, SHAPES, Place, answer, at, good, header, stream

from hotpress.errors import (
    FileTooLarge,
    Lost,
    NotKnown,
    NotSent,
    OutOfCredits,
    PlanRequired,
    RateLimited,
    Refused,
    ScopeMissing,
    SessionGone,
    TokenRejected,
    UnsupportedFormat,
)

# code: what follows, the HTTP status of the `http` carrier, the error, and what its hint says.
ROWS = {
    1001: ("token expired: one new token, the call once more", 401, TokenRejected, "NEMO_TOKEN"),
    1002: ("session not found: a new one", 404, SessionGone, "once more"),
    2001: ("out of credits: work waits", 200, OutOfCredits, "goes on by itself"),
    4001: ("unsupported file type: the formats", 415, UnsupportedFormat, "mkv"),
    4002: ("file too large", 413, FileTooLarge, "local"),
    400: ("no X-Client-Id", 400, Refused, ""),
    402: ("export blocked on the free plan", 402, PlanRequired, "upgrade"),
    403: ("scope missing: final until the token changes", 403, ScopeMissing, "scopes"),
    404: ("not known", 404, NotKnown, ""),
    429: ("rate limited", 429, RateLimited, "by itself"),
}
TABLE = [
    pytest.param(code, carrier, shape, id=f"{code}-{carrier}-{shape}-{ROWS[code][0]}")
    for code in ROWS
    for carrier in CARRIERS
    for shape in SHAPES
    if not (code == 2001 and carrier == "ok")  # under 200 by either carrier
]


@pytest.fixture
def place(tmp_path):
    with Place(tmp_path) as made:
        yield made


def body_of(shape, code, message="no"):
    """An error in one of the service's shapes."""
    body = {"code": code, "message": message}
    return {
        "envelope": {**body, "data": None},
        "success": {"success": False, **body},
        "bare": body,
    }[shape]


@pytest.mark.parametrize(("code", "carrier", "shape"), TABLE)
def test_error_row(place, code, carrier, shape):
    """Each code is its own error, with a next step; as a whole answer it counts as not sent."""
    _, status, error, words = ROWS[code]
    said = {
        "status": status if carrier == "http" else 200,
        "body": json.dumps(body_of(shape, code)),
    }
    place.cloud(at("credits", **said))
    with pytest.raises(error) as caught:
        place.client(token=MARK).call("credits")
    assert type(caught.value) is error
    assert isinstance(caught.value, NotSent)
    assert caught.value.code == code
    assert words in caught.value.hint
    assert len(place.of("credits")) == (2 if code == 1001 else 1)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("code", [0, "0"], ids=["number", "text"])
def test_error_row_0_is_success(place, code, shape):
    """Code 0 is success: go on."""
    data = {"available": 5, "frozen": 0, "total": 5}
    body = {
        "envelope": {"code": code, "message": "success", "data": data},
        "success": {"success": True, "code": code, "data": data},
        "bare": {"code": code, **data},
    }[shape]
    client = place.client(place.odd(answer(200, body)).url, token=MARK)
    assert client.cloud.credits().available == 5


BY_STATUS = {
    400: Refused,
    401: TokenRejected,
    402: PlanRequired,
    403: ScopeMissing,
    404: NotKnown,
    413: FileTooLarge,
    415: UnsupportedFormat,
    422: Refused,
    429: RateLimited,
}
WORDLESS = {
    "detail": {"detail": "no"},
    "error": {"error": "no"},
    "code 0": {"code": 0, "message": "no", "data": None},
    "success false": {"success": False, "message": "no"},
}


@pytest.mark.parametrize("form", WORDLESS)
@pytest.mark.parametrize("status", BY_STATUS)
def test_http_status_alone_carries_the_error(place, status, form):
    """The status says it all where the body has no code, or one that says success."""
    client = place.client(place.odd(answer(status, WORDLESS[form])).url, token=MARK)
    with pytest.raises(BY_STATUS[status]) as caught:
        client.call("credits")
    assert isinstance(caught.value, NotSent)


@pytest.mark.parametrize("code", [1001, 1002, 2001, 402, 4001])
@pytest.mark.parametrize("status", [200, 400, 401, 404, 502])
def test_the_code_wins_over_the_http_status(place, code, status):
    """Where both carry an error, the service's own code is the one that counts."""
    client = place.client(place.odd(answer(status, body_of("envelope", code))).url, token=MARK)
    with pytest.raises(ROWS[code][2]):
        client.call("credits")


@pytest.mark.parametrize("form", ["text", "text with blanks", "float"])
def test_code_in_another_spelling(place, form):
    """A code that comes as text, or as 2001.0, is that code: never a success."""
    code = {"text": "2001", "text with blanks": " 2001 ", "float": 2001.0}[form]
    body = {"code": code, "message": "no", "data": {"id": "r", "status": "pending"}}
    with pytest.raises(OutOfCredits):
        place.client(place.odd(answer(200, body)).url, token=MARK).submit()


@pytest.mark.parametrize("said", ["success", "code"])
def test_success_false_is_no_success(place, said):
    """The render proxy's `success: false` is a refusal, with or without a code."""
    body = {"success": False, "message": "draft rejected"}
    if said == "code":
        body["code"] = 402
    with pytest.raises(PlanRequired if said == "code" else Refused):
        place.client(place.odd(answer(200, body)).url, token=MARK).submit()


def test_error_row_1001_token_expired_really(place):
    """One new token by the same client id, the call once more, and its value comes."""
    place.cloud(at("credits", 2, expire_token=True), renewed_account="same")
    client = place.client()
    client.call("credits")
    assert client.cloud.credits().available == 100
    ids = {header(line, "X-Client-Id") for line in place.of("token")}
    assert (len(place.of("token")), len(ids), len(place.of("credits"))) == (2, 1, 3)


def test_error_row_1002_session_not_found_really(place):
    """The old session's files are gone with it; a new one starts empty."""
    place.cloud(at("state", 2, lose_session=True))
    client = place.client().ready()
    old = client.session
    with pytest.raises(SessionGone):
        client.call("state")
    client.open()
    assert client.session != old
    assert client.cloud.state(client.session, client.number).media == ()


BIND = {
    "anonymous: the registration link": None,
    "registered: top up": MARK,
}


@pytest.mark.parametrize("who", BIND)
@pytest.mark.parametrize("web", ["https://nemovideo.com", "https://nemo.example"])
def test_error_row_2001_out_of_credits(place, who, web):
    """Anonymous: `<web>/register?bind=<id>`; registered: a sentence to top up, and no link."""
    place.cloud(credits=10, out_of_credits_as="envelope", tokens=[MARK])
    client = place.client(token=BIND[who], web_url=web).open()
    with pytest.raises(OutOfCredits):
        client.say()
    told = client.cloud.more_credits()
    if BIND[who] is None:
        (granted,) = place.facts("token_granted")
        assert f"{web}/register?bind={granted['account']}" in told
    else:
        assert "top up" in told.lower()
        assert "http" not in told
    assert MARK not in told
    assert len(place.of("run_sse")) == 1


def test_error_row_2001_without_an_id_has_no_broken_link(place):
    """Where the token came without `user_id`, no link with an empty `bind=` is shown."""
    client = place.client(place.odd(good({"token": MARK})).url)
    client.cloud.tokens.current()
    assert not re.search(r"bind=(\W|$)", client.cloud.more_credits())


def test_error_row_400_no_client_id(place):
    """A client never asks without one: each token request has an `X-Client-Id`."""
    place.cloud(at("token", 1, status=400))
    client = place.client()
    with pytest.raises(Refused):
        client.call("credits")
    client.call("credits")
    assert all(header(line, "X-Client-Id") for line in place.of("token"))


@pytest.mark.parametrize("kind", ["submit", "poll", "cancel", "download"])
def test_error_row_402_attribution_headers_missing(place, kind):
    """An export without them fails with 402: ours has them, so it never does."""
    place.cloud()
    client = place.client().ready()
    client.submit()
    if kind == "download":
        with pytest.raises(NotKnown):
            client.poll("render_2")
    elif kind != "submit":
        client.call(kind)
    assert all(line["skill_headers"] for line in place.standin.requests())
    assert 402 not in {line["status"] for line in place.standin.requests()}


WAITS = {
    "without Retry-After": ({}, None),
    "Retry-After: 7": ({"retry_after": "7"}, 7.0),
    "Retry-After: 0": ({"retry_after": "0"}, 0.0),
    "Retry-After with blanks": ({"retry_after": " 7 "}, 7.0),
    "Retry-After: a date": (
        {
            "date": "Tue, 24 Nov 2026 12:00:00 GMT",
            "retry_after": "Tue, 24 Nov 2026 12:01:30 GMT",
        },
        90.0,
    ),
    "Retry-After: a date in the past": (
        {
            "date": "Tue, 24 Nov 2026 12:00:00 GMT",
            "retry_after": "Tue, 24 Nov 2026 11:00:00 GMT",
        },
        1.0,
    ),
    "Retry-After: a century": ({"retry_after": "3153600000"}, 7 * 86_400.0),
    "Retry-After: nonsense": ({"retry_after": "soon"}, None),
    "Retry-After: negative": ({"retry_after": "-5"}, None),
    "Retry-After: digits of another script": ({"retry_after": "²"}, None),
    "Retry-After: empty": ({"retry_after": ""}, None),
}


@pytest.mark.parametrize("case", WAITS)
@pytest.mark.parametrize("carrier", [429, 200])
def test_error_row_429(place, case, carrier):
    """RateLimited with the time that the cloud names, bounded; without one, none is made up."""
    headers, seconds = WAITS[case]
    server = place.odd(answer(carrier, body_of("envelope", 429), **headers))
    with pytest.raises(RateLimited) as caught:
        place.client(server.url, token=MARK).call("credits")
    assert caught.value.after_seconds == seconds
    assert len(server.asked) == 1


@pytest.mark.parametrize("body", ["html", "empty", "malformed"])
@pytest.mark.parametrize("told", [0, 9], ids=["without Retry-After", "with it"])
def test_error_row_429_by_a_proxy(place, body, told):
    """A proxy that says 429 without a word of JSON is heard all the same."""
    raw = {"html": b"<html>", "empty": b"", "malformed": b'{"code":'}[body]
    headers = {"retry_after": str(told)} if told else {}
    server = place.odd(answer(429, raw, content_type="text/html", **headers))
    with pytest.raises(RateLimited) as caught:
        place.client(server.url, token=MARK).call("credits")
    assert caught.value.after_seconds == (told or None)


@pytest.mark.parametrize("kind", ["session", "upload", "run_sse", "state", "submit", "poll"])
@pytest.mark.parametrize("told", [0, 9], ids=["without Retry-After", "with it"])
def test_error_row_429_at_each_call(place, kind, told):
    """Nothing happened, it is asked once, and the wait is the caller's to make."""
    place.cloud(at(kind, status=429, **({"retry_after": told} if told else {})))
    with pytest.raises(RateLimited) as caught:
        place.client(token=MARK).call(kind)
    assert caught.value.after_seconds == (told or None)
    assert len(place.of(kind)) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("form", ["code", "page", "empty", "words"])
def test_error_row_5xx(place, status, form):
    """A server in trouble may have done it: Lost, in whatever form it says so."""
    said = {
        "code": answer(status, body_of("envelope", status)),
        "page": answer(status, b"<html>oops</html>", content_type="text/html"),
        "empty": answer(status),
        "words": answer(status, {"detail": "Internal Server Error"}),
    }[form]
    server = place.odd(said)
    with pytest.raises(Lost) as caught:
        place.client(server.url, token=MARK).submit()
    assert str(status) in caught.value.why
    assert len(server.asked) == 1


@pytest.mark.parametrize("kind", ["upload", "submit", "run_sse"])
def test_error_row_5xx_after_the_work_was_done(place, kind):
    """The answer is an error, but the cloud has done it: so it must count as Lost."""
    place.cloud(at(kind, 1, status=502, html=True, effect=True))
    client = place.client().open()
    if kind != "upload":
        client.upload()
        client.look()
    with pytest.raises(Lost):
        client.call(kind)
    fact = {"upload": "upload_received", "submit": "render_submitted", "run_sse": "edit_applied"}
    assert len(place.facts(fact[kind])) == 1


UNKNOWN = {
    "7777 under 200": (200, 7777),
    "599 under 200": (200, 599),
    "-1 under 200": (200, -1),
    "9 under 200": (200, 9),
    "4999 under 400": (400, 4999),
    "409 under 409": (409, 409),
    "418 under 200": (200, 418),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_unknown_code_is_no_success(place, case):
    """A code that is not in the table is an error that names it."""
    status, code = UNKNOWN[case]
    server = place.odd(answer(status, body_of("envelope", code)))
    with pytest.raises((Refused, Lost)) as caught:
        place.client(server.url, token=MARK).submit()
    assert str(code) in caught.value.why
    assert len(server.asked) == 1


@pytest.mark.parametrize("code", [409, 418, 4999])
def test_unknown_code_under_4xx_is_a_refusal(place, code):
    """A whole answer with a 4xx says no: nothing happened."""
    status = code if code < 1000 else 400
    server = place.odd(answer(status, body_of("envelope", code)))
    with pytest.raises(Refused):
        place.client(server.url, token=MARK).submit()


MESSAGES = {
    "HTML": "<script>alert(1)</script>",
    "many lines": "no\n\n\nno\r\nno",
    "escapes": "\x1b[31mred\x1b[0m\x07",
    "very long": "x" * 100_000,
    "an object": {"a": {"b": 1}},
    "a list": ["no"],
    "null": None,
}


@pytest.mark.parametrize("form", MESSAGES)
def test_message_of_any_kind(place, form):
    """What the cloud says about an error becomes at most one short line of plain words."""
    server = place.odd(answer(409, {"code": 409, "message": MESSAGES[form]}))
    with pytest.raises(Refused) as caught:
        place.client(server.url, token=MARK).submit()
    why = caught.value.why
    assert len(why) < 300
    assert why.isprintable()


@pytest.mark.parametrize("status", [201, 202])
def test_other_success_statuses(place, status):
    """Accepted or created is a success as well."""
    data = {"id": "r", "status": "pending"}
    server = place.odd(answer(status, {"success": True, "data": data}))
    place.client(server.url, token=MARK).submit()


def test_a_refusal_leaves_the_client_fit_for_use(place):
    """After any error the same client goes on."""
    refusals = [
        answer(status, body_of("bare", status)) for status in (400, 402, 403, 404, 429, 500)
    ]
    server = place.odd(*refusals, b"", good({"available": 1}), stream({"type": "text"}))
    client = place.client(server.url, token=MARK)
    for _ in range(len(refusals) + 1):
        with pytest.raises((Refused, Lost)):
            client.call("credits")
    assert client.cloud.credits().available == 1
    assert client.say().ended == "closed"
