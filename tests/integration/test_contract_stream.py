"""cloud-api.md, "Talking to the agent": every kind of event, odd thing, end and break of a turn."""

from __future__ import annotations

import contextlib
import json
import threading
import time

import pytest
from cloudstage import CARRIERS, DIALECTS, MARK, SHAPES, Place, Ticking, answer, at, stream
from integration.test_standin_program import until

from hotpress.cloud.agent import Limits
from hotpress.cloud.intent import Act, translated
from hotpress.errors import Lost, NotKnown, OutOfCredits, Refused, SessionGone, Stopping

DONE = "Done: the frame is 160x90"
PLAIN = f"{DONE}, the file stays under 0.1 MB."
SPECIAL = " ✓ 你好 \u2028\u2029\u0085 😀"
FRAGMENT = "data: " + json.dumps({"type": "text", "content": "on it"}) + "\n\n"
HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n"
    b"connection: close\r\n\r\n"
)


@pytest.fixture
def place(tmp_path):
    with Place(tmp_path) as made:
        yield made


def chunk(text):
    raw = text if isinstance(text, bytes) else text.encode()
    return f"{len(raw):x}\r\n".encode() + raw + b"\r\n"


def event(dialect, text="", **adk):
    """Words as an event of this dialect."""
    if dialect == "simple":
        return {"type": "text", "content": text}
    parts = {"role": "model", "parts": [{"text": text}]}
    return {
        "id": "1",
        "invocationId": "e-1",
        "author": "a",
        "timestamp": 1.0,
        "content": parts,
    } | adk


def turn_of(place, *events, **given):
    """What the client makes of these events over HTTP."""
    return place.client(place.odd(stream(*events)).url, token=MARK, **given).say()


def said(place, dialect, message="compress to under 60 KB", **do):
    """One turn of the stand-in's agent in this dialect, and the client that had it."""
    faults = [at("run_sse", 1, **do)] if do else []
    place.cloud(*faults, dialect=dialect, heartbeat_seconds=0.05)
    client = place.client().ready()
    return client.say(message), client


EVENTS = {
    "text": {},
    "tool call / result": {},
    "heartbeat": {"turn_seconds": 0.4, "sse": ["heartbeats"]},
    "stream closes": {},
    "stream closes with no text at all": {"sse": ["no_text"]},
    "stream breaks": {"break_stream": "mid"},
}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("row", EVENTS)
def test_event(place, row, dialect):
    """Each row of the table of events: one message, one price, and the state has the edit."""
    turn, client = said(place, dialect, **EVENTS[row])
    spoke = row not in ("stream closes with no text at all", "stream breaks")
    assert turn.text == (PLAIN if spoke else "")
    assert turn.tool_calls == 1
    assert turn.ended == ("broken" if row == "stream breaks" else "closed")
    assert (turn.refusal, turn.error) == (0, "")
    until(lambda: place.facts("edit_applied"))
    before = client.draft
    assert client.look().draft != before
    assert len(place.facts("message_received")) == 1
    balance = client.cloud.credits(client.number)
    assert (balance.available, balance.frozen) == (50, 0)


ODDITIES = {
    "bom": DONE,
    "comments": DONE,
    "crlf": DONE,
    "split_utf8": f"{DONE}, the file stays under 0.1 MB. ✓ 你好",
    "u2028": f"{DONE}, the file stays under 0.1 MB.{SPECIAL}",
    "multi_line_data": DONE,
    "empty_data": DONE,
    "partial": DONE,
    "thought": DONE,
    "text_and_call": f"Let me look.\n{DONE}",
    "temporary_issue": DONE,
    "no_trailing_blank": DONE,
}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("odd", ODDITIES)
def test_odd_stream(place, odd, dialect):
    """The words are exactly the agent's, whatever the wire looks like around them."""
    turn, _ = said(place, dialect, sse=[odd])
    wanted = ODDITIES[odd]
    wanted = wanted if "under" in wanted else wanted.replace(DONE, PLAIN)
    assert turn.text == wanted
    assert (turn.ended, turn.tool_calls, turn.refusal, turn.error) == ("closed", 1, 0, "")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_odd_stream_all_at_once(place, dialect):
    """All oddities together are still the same words."""
    turn, _ = said(place, dialect, sse=[odd for odd in ODDITIES if odd != "text_and_call"])
    assert turn.text == f"{PLAIN}{SPECIAL}"
    assert turn.ended == "closed"


ERRORS = {
    "error_event": ("", "bad call"),
    "error_first": ("", "RuntimeError: boom before any event"),
    "error_late": (PLAIN, "RuntimeError: boom after text"),
}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("odd", ERRORS)
def test_error_in_the_stream(place, odd, dialect):
    """An exception arrives under 200 and closes cleanly: told, and never a second message."""
    turn, _ = said(place, dialect, sse=[odd])
    assert (turn.text, turn.error) == ERRORS[odd]
    assert turn.ended == "closed"
    assert len(place.of("run_sse")) == 1


@pytest.mark.parametrize("dialect", DIALECTS)
def test_turn_without_events(place, dialect):
    """200 with 0 bytes is a turn that is over; the state shows the edit."""
    turn, client = said(place, dialect, sse=["nothing"])
    assert (turn.text, turn.ended, turn.tool_calls) == ("", "closed", 0)
    before = client.draft
    assert client.look().draft != before


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("errors_as", CARRIERS)
def test_unknown_session(place, errors_as, dialect):
    """An unknown session is SessionGone: a 404 JSON with `detail` in ADK, else 1002."""
    place.cloud(dialect=dialect, errors_as=errors_as)
    client = place.client()
    client.number = client.cloud.tokens.current().number
    with pytest.raises(SessionGone):
        client.say()
    assert len(place.of("run_sse")) == 1


POVERTY = ("envelope", "event", "text")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("how", POVERTY)
def test_out_of_credits(place, how, dialect):
    """2001 is known in all three forms, and the message counts as never heard."""
    place.cloud(credits=10, out_of_credits_as=how, dialect=dialect)
    client = place.client().open()
    if how == "envelope":
        with pytest.raises(OutOfCredits):
            client.say()
    else:
        turn = client.say()
        assert (turn.refusal, turn.ended) == (2001, "closed")
    assert len(place.facts("message_refused")) == 1
    assert place.facts("message_received") == []


@pytest.mark.parametrize("code", [1001, 1002, 2001, 402, 403, 429])
@pytest.mark.parametrize("form", ["type: error", "errorCode", "errorCode in words"])
def test_error_code_inside_a_stream(place, code, form):
    """A code of the table that arrives as an event is the turn's refusal."""
    events = {
        "type: error": {"type": "error", "code": code, "message": "no"},
        "errorCode": {"author": "a", "errorCode": code, "errorMessage": "no"},
        "errorCode in words": {"author": "a", "errorCode": str(code), "errorMessage": "no"},
    }
    turn = turn_of(place, events[form])
    assert (turn.refusal, turn.error, turn.text) == (code, "no", "")


CODES = ["²", "MALFORMED_FUNCTION_CALL", 9_999, 2001.5, True, None, [2001], {"code": 2001}, ""]


@pytest.mark.parametrize("code", CODES, ids=str)
def test_code_inside_a_stream_that_is_none_of_the_table(place, code):
    """Any other code is an error with its words, and neither a refusal nor a crash."""
    turn = turn_of(place, {"author": "a", "errorCode": code, "errorMessage": "odd"})
    assert (turn.refusal, turn.error) == (0, "odd")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "words",
    [
        'Done: I added the title "Summer 2001".',
        "Trimmed to 12001 frames.",
        "I moved your name out of credits and into the opening.",
    ],
    ids=["a year", "a number", "the credits of a film"],
)
def test_text_that_only_looks_like_2001(place, words, dialect):
    """Words about an edit that was made are no refusal because 2001 stands in them."""
    work = {"type": "tool_call", "name": "edit", "args": {}}
    if dialect == "adk":
        work = event("adk") | {"content": {"parts": [{"functionCall": {"name": "edit"}}]}}
    turn = turn_of(place, work, event(dialect, words))
    assert (turn.text, turn.refusal) == (words, 0)


PARTS = {
    "several parts": ([{"text": "One."}, {"text": "Two."}], "One.\nTwo."),
    "thought: true": ([{"text": "hidden", "thought": True}, {"text": "Shown."}], "Shown."),
    "text and functionCall": ([{"text": "Look."}, {"functionCall": {"name": "x"}}], "Look."),
    "functionResponse": ([{"functionResponse": {"response": {"text": "hidden"}}}], ""),
    "unknown parts": ([{"inlineData": {"data": "x"}}, 5, None, {"text": 7}], ""),
}


@pytest.mark.parametrize("case", PARTS)
def test_adk_parts(place, case):
    """Only what is said counts; thoughts, results and unknown parts are never shown."""
    parts, wanted = PARTS[case]
    odd = {"author": "a", "invocationId": "e", "nodeInfo": {"path": ""}, "unheard": [1]}
    turn = turn_of(place, {**odd, "content": {"role": "model", "parts": parts}})
    assert turn.text == wanted
    assert turn.tool_calls == sum("functionCall" in str(part) for part in parts)


FRAGMENTS = {
    "repeated whole": ([("Hel", True), ("lo.", True), ("Hello.", False)], "Hello."),
    "never closed": ([("Hel", True), ("lo.", True)], "Hello."),
    "two texts": ([("A.", True), ("A.", False), ("B.", True), ("B.", False)], "A.\nB."),
    "partial: false alone": ([("Hello.", False)], "Hello."),
}


@pytest.mark.parametrize("case", FRAGMENTS)
def test_adk_partial(place, case):
    """`partial: true` texts are fragments that the closing event repeats: told once."""
    pieces, wanted = FRAGMENTS[case]
    assert turn_of(place, *(event("adk", t, partial=p) for t, p in pieces)).text == wanted


def test_adk_partial_thoughts(place):
    """A thought is not shown in fragments either."""
    parts = {"parts": [{"text": "secret", "thought": True}]}
    turn = turn_of(
        place, {"author": "a", "partial": True, "content": parts}, event("adk", "Shown.")
    )
    assert turn.text == "Shown."


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        (["Done.", "I encountered a temporary issue. Please try again."], "Done."),
        (["I encountered a temporary issue."], "I encountered a temporary issue."),
        (["I encountered a temporary issue.", "Done."], "I encountered a temporary issue.\nDone."),
    ],
    ids=["after normal replies", "alone", "before a reply"],
)
def test_trailing_temporary_issue(place, texts, wanted, dialect):
    """Behind normal replies it means nothing; elsewhere it is what the agent says."""
    assert turn_of(place, *(event(dialect, text) for text in texts)).text == wanted


LIFE = {
    "heartbeat": b'data: {"type": "heartbeat"}\n\n',
    "empty data:": b"data:\n\n",
    "an SSE comment": b": ping\n\n",
    "a line that nobody can read": b"data: {broken\n\n",
}


def beating(place, clock, *pieces):
    """A server whose stream is these pieces, one by one, and a client with this clock."""
    server = place.odd(answer(500))
    server.answers = [server.beats(clock, HEAD, *map(chunk, pieces), b"0\r\n\r\n")]
    return place.client(server.url, token=MARK, clock=clock), server


@pytest.mark.parametrize("sign", LIFE)
def test_still_alive(place, sign):
    """A sign of life keeps the turn going and is never shown."""
    client, _ = beating(place, Ticking(1), *[LIFE[sign]] * 5, FRAGMENT)
    turn = client.say()
    assert (turn.text, turn.ended, turn.error) == ("on it", "closed", "")


@pytest.mark.parametrize("sign", LIFE)
def test_still_working_every_2_minutes(place, sign):
    """While only signs of life come, people hear "still working" every 2 minutes."""
    client, _ = beating(place, Ticking(30), *[LIFE[sign]] * 17, FRAGMENT)
    client.say()
    assert client.notes == 4


@pytest.mark.parametrize("sign", LIFE)
@pytest.mark.parametrize("spoke", [False, True], ids=["before the first event", "after it"])
def test_10_minutes_of_nothing_but_signs_of_life(place, sign, spoke):
    """That is a time-out: Lost before the first event, a value after it; never sent again."""
    clock = Ticking(60)
    first = [FRAGMENT] if spoke else []
    client, server = beating(place, clock, *first, *[LIFE[sign]] * 14, FRAGMENT)
    began = clock.now()
    if spoke:
        turn = client.say()
        assert (turn.text, turn.ended) == ("on it", "silent")
    else:
        with pytest.raises(Lost):
            client.say()
    assert 600 <= clock.now() - began <= 780
    assert len(server.asked) == 1


def test_at_most_15_minutes(place):
    """A turn that talks on and on is left after 15 minutes, as a value."""
    clock = Ticking(30)
    client, _ = beating(place, clock, *[FRAGMENT] * 40)
    began = clock.now()
    assert client.say().ended == "too_long"
    assert 900 <= clock.now() - began <= 960


def silent(place, *pieces, **limits):
    """A client before a stream that stops after these pieces, with limits in real seconds."""
    server = place.odd(answer(500))
    server.answers = [server.silence(HEAD, *map(chunk, pieces))]
    return place.client(server.url, token=MARK, limits=Limits(**limits)), server


def test_at_most_15_minutes_also_in_silence(place):
    """The limit of the stream ends a silent one, too: it does not wait out the silence's own."""
    client, _ = silent(place, FRAGMENT, stream_seconds=0.3, silence_seconds=3.0)
    began = time.monotonic()
    with contextlib.suppress(Lost):
        client.say()
    assert time.monotonic() - began < 2.5


def test_still_working_also_in_silence(place):
    """A long step of an ADK server is silence: people hear "still working" all the same."""
    client, _ = silent(place, FRAGMENT, silence_seconds=1.2, note_seconds=0.2)
    with contextlib.suppress(Lost):
        client.say()
    assert client.notes >= 1


@pytest.mark.parametrize("spoke", [False, True], ids=["before the first event", "after it"])
def test_silence(place, spoke):
    """No byte at all for as long as a silence may be: Lost, or a value after the first event."""
    client, server = silent(place, *([FRAGMENT] if spoke else []), silence_seconds=0.8)
    if spoke:
        assert client.say().text == "on it"
    else:
        with pytest.raises(Lost):
            client.say()
    assert len(server.asked) == 1


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("where", ["before_first", "mid", "half an event"])
def test_stream_breaks(place, where, dialect):
    """Never sent again: Lost before the first event, then a value; the state has the answer."""
    do = {"drop_mid": True} if where == "half an event" else {"break_stream": where}
    place.cloud(at("run_sse", 1, **do), dialect=dialect)
    client = place.client().ready()
    if where == "before_first":
        with pytest.raises(Lost):
            client.say()
    else:
        turn = client.say()
        assert (turn.ended, turn.tool_calls) == ("broken", 1)
    until(lambda: place.facts("edit_applied"))
    assert len(place.facts("message_received")) == 1
    before = client.draft
    assert client.look().draft != before


NO_ANSWER = {
    "drop_before": {"drop_before": True},
    "drop_after": {"drop_after": True},
    "500": {"status": 500},
    "502 as a page": {"status": 502, "html": True},
    "503": {"status": 503},
    "504 after the work": {"status": 504, "effect": True},
    "an empty answer": {"empty": True},
    "half a value": {"malformed": True},
    "a page": {"html": True},
}


@pytest.mark.parametrize("how", NO_ANSWER)
def test_message_is_never_sent_again(place, how):
    """Whatever breaks, the message leaves once: Lost."""
    place.cloud(at("run_sse", **NO_ANSWER[how]))
    client = place.client().ready()
    with pytest.raises(Lost):
        client.say()
    assert len(place.of("run_sse")) == 1


NO_STREAM = {
    "JSON of a success": answer(200, {"code": 0, "data": {}}),
    "JSON of a success, bare": answer(200, {"ok": True}),
    "JSON of a success, for the proxy": answer(200, {"success": True, "data": {}}),
    "plain words": answer(200, b"done", content_type="text/plain"),
    "an event without its type": answer(200, b"data: {}\n\n", content_type="text/plain"),
}


@pytest.mark.parametrize("how", NO_STREAM)
def test_answer_that_is_no_stream(place, how):
    """200 without a stream says nothing about the message: Lost."""
    server = place.odd(NO_STREAM[how])
    with pytest.raises(Lost):
        place.client(server.url, token=MARK).say()
    assert len(server.asked) == 1


@pytest.mark.parametrize("kind", ["text/event-stream; charset=utf-8", "Text/Event-Stream"])
def test_content_type_in_any_spelling(place, kind):
    """A media type has no letter case, and may have parameters."""
    raw = FRAGMENT.encode()
    server = place.odd(answer(200, raw, content_type=kind))
    assert place.client(server.url, token=MARK).say().text == "on it"


def test_event_over_16_mib(place):
    """An endless event is refused before it fills the memory."""
    taken = []

    def endless(_asked):
        yield HEAD
        for _ in range(64):
            taken.append(1)
            yield chunk(b"data: " + b"x" * (1 << 20) + b"\n")

    with pytest.raises(Lost):
        place.client(place.odd(endless).url, token=MARK).say()
    assert len(taken) < 30


def test_event_over_16_mib_after_words_is_a_broken_turn(place):
    """What was said before it stays said."""
    line = b"data: " + b"x" * (1 << 20) + b"\n"
    raw = FRAGMENT.encode() + line * 18
    server = place.odd(answer(200, raw, content_type="text/event-stream"))
    turn = place.client(server.url, token=MARK).say()
    assert (turn.text, turn.ended) == ("on it", "broken")


def test_tail_without_a_blank_line_that_is_cut(place):
    """Half an event at a clean end is no event."""
    raw = FRAGMENT.encode() + b'data: {"type": "text", "content": "ha'
    server = place.odd(answer(200, raw, content_type="text/event-stream"))
    turn = place.client(server.url, token=MARK).say()
    assert (turn.text, turn.ended) == ("on it", "closed")


@pytest.mark.parametrize("spoke", [False, True], ids=["before the first event", "after it"])
def test_stop_inside_a_stream_is_a_doubt(place, spoke):
    """SIGTERM in a stream: the reader ends at once, and what became of it is not known: Lost."""
    client, server = silent(place, *([FRAGMENT] if spoke else []))
    (ended,) = cut_short(client, lambda: client.cloud._wire._open)
    assert isinstance(ended, Lost | Stopping)
    assert len(server.asked) == 1


def cut_short(client, begun):
    """What a turn in another thread ends in, when hotpress is stopped after `begun`."""
    ends: list[object] = []

    def talk() -> None:
        try:
            ends.append(client.say())
        except (Lost, Stopping) as error:
            ends.append(error)

    thread = threading.Thread(target=talk)
    thread.start()
    until(begun)
    client.stop.set()
    client.cloud.cut()
    thread.join(5)
    assert not thread.is_alive()
    return ends


@pytest.mark.parametrize(
    ("disconnect", "turn_seconds", "fact"),
    [("cancels", 60, "turn_cancelled"), ("continues", 2, "edit_applied")],
    ids=["cancels", "continues"],
)
def test_a_client_that_disconnects(place, disconnect, turn_seconds, fact):
    """It may cancel the agent mid-work, or not: either way the message has left once."""
    place.cloud(turn_seconds=turn_seconds, disconnect=disconnect)
    client = place.client().ready()
    (ended,) = cut_short(client, lambda: place.facts("message_received"))
    assert isinstance(ended, Lost | Stopping)
    until(lambda: place.facts(fact))
    assert len(place.facts("message_received")) == 1


@pytest.mark.parametrize("shape", SHAPES)
def test_refusal_before_the_stream(place, shape):
    """An error as the whole answer counts as never heard: Refused, in every shape."""
    body = {"code": 400, "message": "no"}
    extra = {"envelope": {"data": None}, "success": {"success": False}, "bare": {}}[shape]
    server = place.odd(answer(400, {**body, **extra}))
    with pytest.raises(Refused) as caught:
        place.client(server.url, token=MARK).say()
    assert not isinstance(caught.value, NotKnown)
    assert len(server.asked) == 1


TRANSLATED = {
    "click": ("Click the button on the right.", Act.CLICK),
    "点击": ("点击右上角的按钮。", Act.CLICK),
    "open": ("Open the settings panel to see it.", Act.OPEN),
    "打开": ("打开右侧的面板。", Act.OPEN),
    "drag/drop": ("Drag the clip onto the timeline and drop it there.", Act.DRAG),
    "拖拽": ("把视频拖拽到时间线上。", Act.DRAG),
    "preview in timeline": ("You can preview the result in the timeline.", Act.PREVIEW),
    "Export": ('Press "Export" when you are ready.', Act.EXPORT),
    "导出": ("完成后请导出视频。", Act.EXPORT),
    "check account/billing": ("Please check your account and billing page.", Act.ACCOUNT),
}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("row", TRANSLATED)
def test_agents_words(place, row, dialect):
    """A screen instruction becomes the matching act and is not shown; what was done is."""
    words, act = TRANSLATED[row]
    done = "I compressed it to under 60 MB." if words.isascii() else "已压缩到60MB以下。"
    found = translated(turn_of(place, event(dialect, f"{done} {words}")).text)
    assert (found.text, found.acts) == (done, (act,))


CONTENT = [
    "The clip shows a waiter with a menu.",
    "A panel of experts talks about the sea.",
    "There is a drop of rain on the lens.",
    "The shop is open until eight.",
    "Export size: 58 MB, 1080p.",
    "I removed the click at 0:03 from the sound.",
    "视频里一个人打开了门。",
]


@pytest.mark.parametrize("words", CONTENT)
def test_agents_words_about_the_content_are_kept(place, words):
    """A description of the content is kept, also when a word of the screen occurs in it."""
    found = translated(turn_of(place, event("adk", words)).text)
    assert (found.text, found.acts) == (words, ())


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("message", ["compress to under 60 KB", "压缩到不超过60KB"])
def test_agents_words_as_before_a_screen(place, message, dialect):
    """What the stand-in's agent says, as if to a screen, is shown without the instruction."""
    place.cloud(dialect=dialect, screen_words=True)
    found = translated(place.client().ready().say(message).text)
    assert "160x90" in found.text
    assert "Export" not in found.text
    assert "导出" not in found.text
    assert found.acts == (Act.EXPORT,)
