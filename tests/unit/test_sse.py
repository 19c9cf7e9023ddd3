import json
from pathlib import Path

import pytest

from hotpress.cloud.agent import Fold, Limits, listen
from hotpress.cloud.sse import EVENT_LIMIT_CHARS, Comment, Event, Parser
from hotpress.errors import Lost

ADK = Path(__file__).parents[1] / "data/adk"


def events(*chunks):
    parser = Parser()
    found = [e for chunk in chunks for e in parser.feed(chunk)]
    return found + parser.close()


def turn(*chunks, **limits):
    return listen(
        iter(chunks),
        Limits(**limits),
        steady=iter(range(10_000)).__next__,
        still_working=lambda: None,
        stopping=lambda: False,
    )


def broken(*chunks):
    yield from chunks
    raise Lost("cut", "look")


@pytest.mark.parametrize(
    ("chunks", "wanted"),
    [
        ([b"data: a\n\n"], [Event("a")]),
        ([b"data:a\r\n\r\ndata: b\r\r"], [Event("a"), Event("b")]),
        ([b"\xef\xbb\xbfdata: first\n\n"], [Event("first")]),
        ([b": ping\n\ndata:\n\n"], [Comment(), Event("")]),
        ([b"data: a\ndata: b\n\n"], [Event("a\nb")]),
        ([b"data: a\r", b"\n\r", b"\n"], [Event("a")]),
        (["data: 你好\n\n".encode()[:8], "data: 你好\n\n".encode()[8:]], [Event("你好")]),
        (["data: a\u2028b\u0085c\n\n".encode()], [Event("a\u2028b\u0085c")]),
        ([b'data: {"a": 1}'], [Event('{"a": 1}')]),
        ([b'data: {"a": '], []),
        ([b"event: x\nid: 1\nretry: 5\ndata: a\n\n"], [Event("a")]),
        ([b"data: \xff\n\n"], [Event("\ufffd")]),
    ],
)
def test_bytes_become_events(chunks, wanted):
    """Every line end, split, mark and tail of the contract is read as it is meant."""
    assert events(*chunks) == wanted


def test_an_endless_event_is_refused():
    """Memory is bounded: 16 MiB an event."""
    with pytest.raises(Lost):
        events(b"data: " + b"x" * (EVENT_LIMIT_CHARS + 1))


@pytest.mark.parametrize(
    ("name", "text", "tools", "error"),
    [
        ("text", "Hello\nsecond line", 0, ""),
        ("partial", "Hello world", 0, ""),
        ("llm", "Let me look.\nTrimmed to 5 seconds.", 1, ""),
        ("llm_streaming", "Let me look.\nTrimmed to 5 seconds.", 1, ""),
        ("tools", "Done.", 1, ""),
        ("thought", "answer", 0, ""),
        ("empty", "", 0, ""),
        ("nothing", "", 0, ""),
        ("exc", "", 0, "RuntimeError: boom before any event"),
        ("exc_late", "part one", 0, "RuntimeError: boom after text"),
        ("error_event", "", 0, "bad call"),
        ("state", "state set", 0, ""),
        ("gap20s", "before\nafter", 0, ""),
    ],
)
def test_recordings_of_a_real_agent_server(name, text, tools, error):
    """What Google ADK's own server sent is read as one turn."""
    found = turn((ADK / f"{name}.sse").read_bytes())

    assert (found.text, found.tool_calls, found.error) == (text, tools, error)
    assert found.ended == "closed"


def test_the_simple_dialect():
    """Typed events: text is told, calls are counted, heartbeats are signs of life."""
    lines = [
        {"type": "text", "content": "Done."},
        {"type": "heartbeat"},
        {"type": "tool_call", "name": "trim", "args": {}},
        {"type": "tool_result", "name": "trim", "result": "secret"},
    ]
    found = turn(*(f"data: {json.dumps(line)}\n\n".encode() for line in lines))

    assert (found.text, found.tool_calls) == ("Done.", 1)


@pytest.mark.parametrize(
    "event",
    [
        {"type": "error", "code": 2001, "message": "insufficient"},
        {"type": "text", "content": "You are out of credits."},
        {"errorCode": "2001", "errorMessage": "no credits"},
    ],
)
def test_out_of_credits_inside_a_stream(event):
    """2001 may come as an event or as words."""
    assert turn(f"data: {json.dumps(event)}\n\n".encode()).refusal == 2001


def test_a_break_before_the_first_event_is_lost():
    """Nobody knows then whether the message was seen."""
    with pytest.raises(Lost):
        listen(
            broken(b": ping\n\n"),
            Limits(),
            steady=lambda: 0.0,
            still_working=lambda: None,
            stopping=lambda: False,
        )


def test_a_break_after_the_first_event_is_a_value():
    """Something was said: the turn is broken, and it is known that the message was seen."""
    found = listen(
        broken(b'data: {"type": "text", "content": "on it"}\n\n'),
        Limits(),
        steady=lambda: 0.0,
        still_working=lambda: None,
        stopping=lambda: False,
    )

    assert (found.ended, found.text) == ("broken", "on it")


def test_only_heartbeats_is_silence():
    """Ten minutes of nothing but heartbeats is a time-out."""
    beats = [b'data: {"type": "heartbeat"}\n\n'] * 30
    with pytest.raises(Lost):
        turn(*beats, silence_seconds=10)


def test_a_trailing_temporary_issue_means_nothing():
    """After normal replies it is noise."""
    fold = Fold()
    for text in ("Done.", "I encountered a temporary issue."):
        fold.take(Event(json.dumps({"type": "text", "content": text})))

    assert fold.turn("closed").text == "Done."
