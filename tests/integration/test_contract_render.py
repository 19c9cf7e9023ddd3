"""cloud-api.md, "Export": submit, poll in every shape, cancel, and the download from the CDN."""

from __future__ import annotations

import gzip
import json

import pytest
from cloudstage import CARRIERS, MARK, Place, answer, at, header, rendered, sha256

from hotpress.errors import (
    CloudError,
    Lost,
    NotKnown,
    NotSent,
    RateLimited,
    Refused,
    ScopeMissing,
    Stopping,
    TokenRejected,
)
from hotpress.standin.ledger import draft_sha256

RENDER_SHAPES = ("top", "data")
URL = "https://cdn.example/r/1.mp4"
VIDEO = bytes(range(256)) * 4096
CUT = 600_000
"""Where the line breaks: the client writes in pieces of 256 KiB, so it has two of them then."""


@pytest.fixture
def place(tmp_path):
    with Place(tmp_path) as made:
        yield made


@pytest.mark.parametrize("shape", RENDER_SHAPES)
def test_submit(place, shape):
    """Exactly the given draft is submitted, under the client's own id; an export costs nothing."""
    place.cloud(render_shape=shape)
    client = place.client().ready()
    before = client.cloud.credits(client.number)
    client.submit("render_abc")
    (fact,) = place.facts("render_submitted")
    assert (fact["id"], fact["session"], fact["accepted"]) == ("render_abc", client.session, True)
    assert fact["draft_sha256"] == draft_sha256(json.loads(client.draft))
    assert client.cloud.credits(client.number) == before


def test_submit_of_a_draft_that_is_not_ready(place):
    """A draft without a segment is refused with 400, and no render was taken."""
    place.cloud()
    client = place.client().open()
    with pytest.raises(Refused) as caught:
        client.submit()
    assert caught.value.code == 400
    assert [fact["accepted"] for fact in place.facts("render_submitted")] == [False]


@pytest.mark.parametrize("errors_as", CARRIERS)
def test_submit_of_an_id_that_was_used(place, errors_as):
    """An id must be new; refused after our own lost answer it means that it arrived."""
    place.cloud(at("submit", 1, drop_after=True), errors_as=errors_as)
    client = place.client().ready()
    with pytest.raises(Lost):
        client.submit()
    with pytest.raises(Refused) as caught:
        client.submit()
    assert caught.value.code == 409
    assert client.poll().status in ("running", "done")
    assert [fact["accepted"] for fact in place.facts("render_submitted")] == [True, False]


@pytest.mark.parametrize("errors_as", CARRIERS)
def test_at_most_one_active_export_per_session(place, errors_as):
    """A second export while one runs is RateLimited; another session's is not."""
    place.cloud(at("submit", 1, render_sticks=True), one_export=True, errors_as=errors_as)
    client = place.client().ready()
    client.submit("render_1")
    with pytest.raises(RateLimited):
        client.submit("render_2")
    client.ready().submit("render_3")
    client.cloud.cancel("render_1", client.number)
    codes = [fact["code"] for fact in place.facts("render_submitted")]
    assert codes == [0, 429, 0]


STATUSES = {
    "pending": "running",
    "processing": "running",
    "completed": "done",
    "failed": "failed",
    "cancelled": "cancelled",
}


def polled(place, body):
    """What the client reads out of this answer to a poll."""
    return place.client(place.odd(answer(200, body)).url, token=MARK).poll()


def in_shape(shape, data):
    """An answer of the render proxy, at top level or inside `data`."""
    bodies = {
        "top": data,
        "data": {"success": True, "data": data},
        "envelope": {"code": 0, "message": "success", "data": data},
    }
    return bodies[shape]


@pytest.mark.parametrize("shape", ["top", "data", "envelope"])
@pytest.mark.parametrize("status", STATUSES)
def test_poll_status(place, status, shape):
    """Each status of the contract is understood in each shape."""
    data = {"id": "r", "status": status, "progress": 45}
    if status == "completed":
        data["outputUrl"] = URL
    poll = polled(place, in_shape(shape, data))
    assert (poll.status, poll.progress) == (STATUSES[status], 0.45)


WHERE = {
    "top-output.url": ("top", {"output": {"url": URL}}),
    "top-outputUrl": ("top", {"outputUrl": URL}),
    "data.outputUrl": ("data", {"outputUrl": URL}),
    "data-output.url": ("data", {"output": {"url": URL}}),
    "data-output null": ("data", {"output": None, "outputUrl": URL}),
    "envelope-outputUrl": ("envelope", {"outputUrl": URL}),
}


@pytest.mark.parametrize("row", WHERE)
def test_render_shape(place, row):
    """The link of a finished render is found wherever the service puts it."""
    shape, where = WHERE[row]
    poll = polled(place, in_shape(shape, {"id": "r", "status": "completed", **where}))
    assert (poll.status, poll.url) == ("done", URL)


@pytest.mark.parametrize("shape", RENDER_SHAPES)
def test_render(place, shape):
    """A real render from submit to its link, and the link's bytes, in either shape."""
    place.cloud(render_shape=shape)
    client = place.client().ready()
    poll = rendered(client)
    assert (poll.status, poll.progress) == ("done", 1.0)
    assert poll.url.startswith(place.standin.cdn_url)
    (done,) = place.facts("render_done")
    assert client.fetch(poll.url).stat().st_size == done["bytes"]


@pytest.mark.parametrize("shape", RENDER_SHAPES)
def test_render_fails(place, shape):
    """A failed render is told with what the cloud says about it."""
    place.cloud(at("submit", 1, render_fails=True), render_shape=shape)
    client = place.client().ready()
    poll = rendered(client)
    assert (poll.status, poll.message) == ("failed", "render node lost")


@pytest.mark.parametrize("shape", RENDER_SHAPES)
def test_cancel(place, shape):
    """A stuck render is cancelled, and a poll says so."""
    place.cloud(at("submit", 1, render_sticks=True), render_shape=shape)
    client = place.client().ready()
    client.submit()
    assert client.poll().status == "running"
    client.call("cancel")
    assert client.poll().status == "cancelled"
    assert [fact["id"] for fact in place.facts("render_cancelled")] == ["render_1"]


@pytest.mark.parametrize("errors_as", CARRIERS)
def test_poll_of_an_id_that_is_not_known_yet(place, errors_as):
    """A render shows only after a while: until then NotKnown, and nothing was submitted again."""
    place.cloud(render_unknown_seconds=60, errors_as=errors_as)
    client = place.client().ready()
    client.submit()
    with pytest.raises(NotKnown):
        client.poll()
    assert len(place.of("submit")) == 1


NO_POLL = {
    "completed without a link": {"status": "completed"},
    "completed with an empty link": {"status": "completed", "output": {"url": ""}},
    "no status": {"id": "r", "progress": 5},
    "nothing": {},
}


@pytest.mark.parametrize("shape", RENDER_SHAPES)
@pytest.mark.parametrize("case", NO_POLL)
def test_poll_that_says_nothing(place, case, shape):
    """An answer without a status, or done without a link, is Lost: looked at again."""
    with pytest.raises(Lost):
        polled(place, in_shape(shape, NO_POLL[case]))


def test_poll_with_a_status_of_its_own_runs_on(place):
    """An unheard-of status is no end."""
    assert polled(place, {"status": "queued_for_upscaling"}).status == "running"


@pytest.fixture
def done(place):
    """Start a stand-in with these faults; a client, its finished render, and the true bytes."""

    def make(*faults, **knobs):
        place.cloud(*faults, **knobs)
        client = place.client().ready()
        poll = rendered(client)
        (fact,) = place.facts("render_done")
        made = place.standin._running.cloud.renders._renders["render_1"]
        assert made.size_bytes == fact["bytes"]
        return client, poll.url, made.sha256

    return make


def test_cdn_gets_no_secret(place, done):
    """The CDN is another host: no token, no client id, no attribution header, no cookie."""
    client, url, digest = done()
    assert sha256(client.fetch(url)) == digest
    assert place.facts("cdn_got_secret") == []
    (line,) = place.of("cdn")
    names = {name.lower() for name in line["headers"]}
    assert not [name for name in names if name.startswith(("x-", "authorization", "cookie"))]


def test_download_resumes(place, done):
    """A broken line is Lost; the next call goes on from the bytes that are here."""
    client, url, digest = done(at("cdn", 1, drop_mid=True), lie="oversize")
    with pytest.raises(Lost):
        client.fetch(url)
    size = (place.folder / "got.mp4").stat().st_size
    assert size > 0
    assert sha256(client.fetch(url)) == digest
    lines = place.of("cdn")
    assert [line["status"] for line in lines] == [200, 206]
    assert header(lines[0], "Range") is None
    assert header(lines[1], "Range") == f"bytes={size}-"
    assert header(lines[1], "If-Range").startswith('"')


def test_download_progress(place, done):
    """Progress tells the bytes so far and the whole, also where it goes on."""
    client, url, _ = done(at("cdn", 1, drop_mid=True), lie="oversize")
    told = []
    path = place.folder / "got.mp4"
    with pytest.raises(Lost):
        client.fetch(url)
    size = client.cloud.download(url, path, lambda done, total: told.append((done, total)))
    assert told[-1] == (size, size)
    assert {total for _, total in told} == {size}


def test_download_of_what_is_here_already(place, done):
    """A whole file is not fetched a second time."""
    client, url, digest = done()
    client.fetch(url)
    before = place.of("cdn")[0]["bytes_out"]
    assert sha256(client.fetch(url)) == digest
    assert place.of("cdn")[1]["status"] == 416
    assert before > 0


def test_link_goes_stale(place, done):
    """A stale link is NotKnown; a poll gives a new one, and the bytes go on where they were."""
    client, url, digest = done(
        at("cdn", 1, drop_mid=True), at("cdn", 2, stale_link=True), lie="oversize"
    )
    with pytest.raises(Lost):
        client.fetch(url)
    with pytest.raises(NotKnown):
        client.fetch(url)
    fresh = client.poll().url
    assert fresh != url
    assert sha256(client.fetch(fresh)) == digest
    assert [line["status"] for line in place.of("cdn")][-1] == 206
    assert place.facts("cdn_got_secret") == []


@pytest.mark.parametrize("status", [403, 404, 410])
def test_stale_link(place, status):
    """Each way of a CDN to say that a link has gone is NotKnown, and leaves the file alone."""
    server = place.odd(answer(status, b"<Error>expired</Error>", content_type="application/xml"))
    client = place.client(server.url, token=MARK)
    path = place.folder / "got.mp4"
    path.write_bytes(b"half")
    with pytest.raises(NotKnown):
        client.fetch(f"{server.url}/r/1.mp4")
    assert path.read_bytes() == b"half"


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_cdn_5xx(place, status):
    """A CDN in trouble is Lost: tried again, and what is here is kept."""
    server = place.odd(answer(status, b"oops", content_type="text/html"))
    client = place.client(server.url, token=MARK)
    (place.folder / "got.mp4").write_bytes(b"half")
    with pytest.raises(Lost):
        client.fetch(f"{server.url}/r/1.mp4")
    assert (place.folder / "got.mp4").read_bytes() == b"half"


def test_cdn_429(place):
    """A CDN that asks for a pause says for how long."""
    server = place.odd(answer(429, b"slow down", content_type="text/plain", retry_after="7"))
    with pytest.raises(RateLimited) as caught:
        place.client(server.url, token=MARK).fetch(f"{server.url}/r/1.mp4")
    assert caught.value.after_seconds == 7


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "Text/HTML", "application/json"])
def test_page_instead_of_a_video(place, kind):
    """200 with a page is a link to ask anew for, and no byte of it is taken for video."""
    server = place.odd(answer(200, b"<html></html>", content_type=kind))
    with pytest.raises(NotKnown):
        place.client(server.url, token=MARK).fetch(f"{server.url}/r/1.mp4")
    assert not (place.folder / "got.mp4").exists()


def begun(place, *then, **first):
    """A client that has the first part of VIDEO, and a CDN that says these answers now."""
    given = {"content_type": "video/mp4", "etag": '"one"', "content_length": str(len(VIDEO))}
    server = place.odd(answer(200, VIDEO[:CUT], **{**given, **first}), *then)
    client = place.client(server.url, token=MARK)
    with pytest.raises(Lost):
        client.fetch(f"{server.url}/r/1.mp4")
    size = (place.folder / "got.mp4").stat().st_size
    assert 0 < size <= CUT
    return client, server, size


def again(client, server):
    """Download until it is whole; its bytes."""
    for _ in range(3):
        try:
            return client.fetch(f"{server.url}/r/1.mp4").read_bytes()
        except Lost:
            continue
    pytest.fail("it never came")


def rest(body, etag, *, shift=0, told=True):
    """206 with the rest of `body`, `shift` bytes later than asked for."""

    def say(asked):
        start = int(asked.headers["range"].removeprefix("bytes=").removesuffix("-")) + shift
        place = f"bytes {start}-{len(body) - 1}/{len(body)}"
        more = {"content_range": place} if told else {}
        return answer(206, body[start:], content_type="video/mp4", etag=etag, **more)

    return say


OTHER = VIDEO[::-1]
WHOLE = answer(200, OTHER, content_type="video/mp4", etag='"two"')
TOO_LONG = answer(416, b"", content_type="video/mp4", content_range="bytes */100")
RESUMED = {
    "206 from where it broke": (rest(VIDEO, '"one"'), VIDEO),
    "If-Range: 200 with another file": (WHOLE, OTHER),
    "206 of another file in spite of If-Range": (rest(OTHER, '"two"'), OTHER),
    "206 from elsewhere": (rest(VIDEO, '"one"', shift=1000), OTHER),
    "206 without a Content-Range": (rest(VIDEO, '"one"', told=False), OTHER),
    "416: what is here is too long": (TOO_LONG, OTHER),
}


@pytest.mark.parametrize("case", RESUMED)
def test_range_and_if_range(place, case):
    """Old and new bytes are never mixed: the file is one or the other, whole."""
    first, wanted = RESUMED[case]
    client, server, size = begun(place, first, WHOLE)
    assert again(client, server) == wanted
    assert server.asked[1].headers["range"] == f"bytes={size}-"
    assert server.asked[1].headers["if-range"] == '"one"'


@pytest.mark.parametrize("etag", ['W/"one"', "", "one"], ids=["weak", "none", "no quotes"])
def test_without_a_strong_etag_it_starts_anew(place, etag):
    """Only a strong ETag can say that it is still the same file."""
    client, server, _ = begun(place, WHOLE, etag=etag)
    assert again(client, server) == OTHER
    assert "range" not in server.asked[1].headers


@pytest.mark.parametrize("how", ["shorter than announced", "a chunked body that breaks"])
def test_download_that_ends_early_is_lost(place, how):
    """A file that isn't whole is never taken for one."""
    cut = answer(200, VIDEO[:100], content_type="video/mp4", content_length=str(len(VIDEO)))
    if how.startswith("a chunked"):
        head = b"HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\ntransfer-encoding: chunked\r\n\r\n"
        cut = head + b"64\r\n" + VIDEO[:100] + b"\r\n"
    server = place.odd(cut)
    with pytest.raises(Lost):
        place.client(server.url, token=MARK).fetch(f"{server.url}/r/1.mp4")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_cdn_redirect(place, status):
    """A redirect of the CDN is followed, with nothing of ours, also back to the API's host."""
    there = place.odd(answer(200, VIDEO, content_type="video/mp4"))
    here = place.odd(answer(status, location=f"{there.url}/moved.mp4"))
    path = place.client(there.url, token=MARK).fetch(f"{here.url}/r/1.mp4")
    assert path.read_bytes() == VIDEO
    for asked in (*here.asked, *there.asked):
        assert not [name for name in asked.headers if name.startswith(("x-", "authorization"))]


def test_cdn_redirect_in_circles(place):
    """A chain without an end is refused after a few steps."""
    server = place.odd(answer(302, location="/again"))
    with pytest.raises(Refused):
        place.client(server.url, token=MARK).fetch(f"{server.url}/r/1.mp4")
    assert len(server.asked) <= 10


NOWHERE = ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://x", "javascript:1", "x", ""]
BROKEN = ["http://[", "http://127.0.0.1:99999/x", "http://a b/x", "http://\x00/x", "http:///x"]


@pytest.mark.parametrize("address", [*NOWHERE, *BROKEN, "http://user:secret@127.0.0.1/x"])
@pytest.mark.parametrize("how", ["link", "redirect"])
def test_download_address_that_is_none(place, address, how):
    """A link, or a redirect, that is no web address is NotSent with a sentence, never a crash."""
    server = place.odd(answer(302, **({"location": address} if address.isprintable() else {})))
    client = place.client(server.url, token=MARK)
    link = address if how == "link" else f"{server.url}/r/1.mp4"
    with pytest.raises(NotSent if how == "link" else CloudError):
        client.fetch(link)
    assert not (place.folder / "got.mp4").exists()


PRIVATE = {
    "plain http": "http://cdn.example/x.mp4",
    "127.0.0.1": "https://127.0.0.1/x.mp4",
    "localhost": "https://localhost/x.mp4",
    "[::1]": "https://[::1]/x.mp4",
    "0.0.0.0": "https://0.0.0.0/x.mp4",
    "10.0.0.1": "https://10.0.0.1/x.mp4",
    "192.168.1.1": "https://192.168.1.1/x.mp4",
    "169.254.169.254": "https://169.254.169.254/latest/meta-data",
    "mapped": "https://[::ffff:127.0.0.1]/x.mp4",
    "a number": "https://2130706433/x.mp4",
}


@pytest.mark.parametrize("where", PRIVATE)
def test_download_address_inside_the_house_is_refused(place, where):
    """With the API far away, a link into this machine or network, or in plain http, is refused."""
    client = place.client("https://api.nemovideo.example", token=MARK)
    with pytest.raises(Refused):
        client.fetch(PRIVATE[where])


def test_plain_http_that_is_allowed_does_not_open_the_house(place):
    """`plain_http: allow` is about the line, not about private addresses."""
    server = place.odd(answer(200, VIDEO, content_type="video/mp4"))
    client = place.client("http://api.nemovideo.example", token=MARK, plain_http=True)
    with pytest.raises(Refused):
        client.fetch(f"{server.url}/r/1.mp4")
    assert server.asked == []


def test_fallback_download(place, done):
    """`GET /api/render/proxy/<id>/download` brings the same bytes, with the token."""
    client, _, digest = done()
    assert sha256(client.fetch_through_api()) == digest
    (line,) = place.of("download")
    assert header(line, "Authorization") == "Bearer <set>"
    assert place.of("cdn") == []


def test_fallback_download_that_redirects_is_refused(place, done):
    """An API call's redirect isn't followed: the CDN hears nothing, least of all the bearer."""
    client, _, _ = done(download_redirects=True)
    with pytest.raises(Refused):
        client.fetch_through_api()
    assert place.of("cdn") == []


def test_fallback_download_before_it_is_rendered(place):
    """Not rendered yet is NotKnown."""
    place.cloud(at("submit", 1, render_sticks=True))
    client = place.client().ready()
    client.submit()
    with pytest.raises(NotKnown):
        client.fetch_through_api()
    client.call("cancel")


@pytest.mark.parametrize("path", ["CDN", "API"])
def test_download_asks_for_the_bytes_as_they_are(place, path):
    """A host that would compress when asked to is not asked: the file holds the video's bytes."""

    def willing(asked):
        small = "gzip" in asked.headers.get("accept-encoding", "")
        body = gzip.compress(VIDEO) if small else VIDEO
        coded = {"content_encoding": "gzip"} if small else {}
        return answer(200, body, content_type="video/mp4", **coded)

    client = place.client(place.odd(willing).url, token=MARK)
    got = (
        client.fetch(f"{client.cloud.address.api_url}/r/1.mp4")
        if path == "CDN"
        else client.fetch_through_api()
    )
    assert got.read_bytes() == VIDEO


FALLBACK = {
    "401 with 1001": (answer(401, {"code": 1001}), TokenRejected),
    "200 with 1001": (answer(200, {"code": 1001}), TokenRejected),
    "403: scope missing": (answer(403, {"code": 403}), ScopeMissing),
    "429": (answer(429, {"code": 429}, retry_after="9"), RateLimited),
    "404": (answer(404, {"code": 404}), NotKnown),
    "502": (answer(502, b"<html>", content_type="text/html"), Lost),
}


@pytest.mark.parametrize("said", FALLBACK)
def test_fallback_download_refused(place, said):
    """On the API's own host an error is what the table of codes says, not a stale link."""
    raw, error = FALLBACK[said]
    with pytest.raises(error):
        place.client(place.odd(raw).url, token=MARK).fetch_through_api()


def test_stop_inside_a_download_keeps_what_is_here(place):
    """A stop ends it at once; the next start goes on from the bytes on disk."""
    given = {"content_type": "video/mp4", "etag": '"one"'}
    server = place.odd(answer(200, VIDEO, **given), rest(VIDEO, '"one"'))
    client = place.client(server.url, token=MARK)
    url, path = f"{server.url}/r/1.mp4", place.folder / "got.mp4"
    with pytest.raises((Stopping, Lost)):
        client.cloud.download(url, path, lambda _done, _total: client.stop.set())
    size = path.stat().st_size
    assert 0 < size < len(VIDEO)
    client.stop.clear()
    assert client.fetch(url).read_bytes() == VIDEO
    assert server.asked[1].headers["range"] == f"bytes={size}-"
