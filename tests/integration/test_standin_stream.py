"""The stream of a turn: both dialects, every oddity of the wire, and every way to break it."""

from __future__ import annotations

import json
import time

import pytest
from integration.test_standin_program import BROKEN, Caller, Inside, until, until_broken

DIALECTS = ["simple", "adk"]


@pytest.fixture(params=DIALECTS)
def cloud(request, tmp_path):
    """Start a stand-in of one dialect whose first message gets the given actions."""

    def start(turn_seconds=0.0, heartbeat_seconds=5.0, **do):
        scenario = {
            "kind": True,
            "dialect": request.param,
            "turn_seconds": turn_seconds,
            "heartbeat_seconds": heartbeat_seconds,
        }
        if do:
            scenario["faults"] = [{"kind": "run_sse", "occurrence": 1, "do": do}]
        running = Inside(tmp_path, scenario)
        caller = Caller(running)
        request.addfinalizer(lambda: (caller.http.close(), running.__exit__()))
        return running, caller.ready()

    start.dialect = request.param
    return start


def events(raw: bytes) -> list[dict]:
    """The JSON of a well-formed stream's events."""
    blocks = raw.decode("utf-8-sig").replace("\r\n", "\n").split("\n\n")
    found = []
    for block in blocks:
        lines = [line for line in block.split("\n") if line.startswith("data:")]
        text = "\n".join(line.removeprefix("data:").removeprefix(" ") for line in lines)
        if text.strip():
            found.append(json.loads(text))
    return found


def texts(raw: bytes) -> list[str]:
    """All words shown: no thoughts, no fragments."""
    found = []
    for event in events(raw):
        if event.get("type") == "text":
            found.append(event["content"])
        parts = event.get("content", {}).get("parts", []) if "author" in event else []
        shown = [part["text"] for part in parts if "text" in part and not part.get("thought")]
        if not event.get("partial"):
            found.extend(shown)
    return found


def applied(caller: Caller) -> bool:
    """Whether the message changed the draft."""
    return caller.state()["draft"]["m"].get("revision") == 1


def test_a_plain_turn(cloud):
    """A call, its result, one text; then the server closes the stream, without a `done`."""
    _, caller = cloud()
    answer = caller.say()
    assert answer.headers["transfer-encoding"] == "chunked"
    first, second, third = events(answer.content)
    if cloud.dialect == "adk":
        assert {"id", "invocationId", "author", "timestamp", "actions"} <= set(first)
        assert first["content"]["parts"][0]["functionCall"]["name"] == "edit_video"
        assert second["content"]["parts"][0]["functionResponse"]["response"] == {"ok": True}
    else:
        assert [event["type"] for event in (first, second)] == ["tool_call", "tool_result"]
    assert texts(answer.content) == texts(b"data: " + json.dumps(third).encode())
    assert applied(caller)


@pytest.mark.parametrize(
    ("oddity", "sign"),
    [
        ("bom", b"\xef\xbb\xbfdata: "),
        ("comments", b": ping\n\n"),
        ("crlf", b"}\r\n\r\n"),
        ("split_utf8", "✓ 你好".encode()),
        ("u2028", "\u2028\u2029\u0085".encode()),
        ("multi_line_data", b"data: {\ndata:  "),
        ("empty_data", b"data:\n\n"),
        ("thought", b"secret reasoning"),
        ("text_and_call", b"Let me look."),
        ("temporary_issue", b"I encountered a temporary issue"),
    ],
)
def test_an_oddity_changes_the_wire_and_not_the_words(cloud, oddity, sign):
    """The odd bytes are there, the edit is made, and the words can be read."""
    _, caller = cloud(sse=[oddity])
    answer = caller.say()
    assert sign in answer.content
    assert any(words.startswith("Done: the frame is") for words in texts(answer.content))
    assert "secret reasoning" not in texts(answer.content)
    assert applied(caller)


def test_no_trailing_blank(cloud):
    """The last event ends with one line end."""
    _, caller = cloud(sse=["no_trailing_blank"])
    raw = caller.say().content
    assert raw.endswith(b"}\n")
    assert not raw.endswith(b"\n\n")


@pytest.mark.parametrize("oddity", ["no_text", "nothing"])
def test_an_edit_without_words(cloud, oddity):
    """The stream closes with no text, or with no byte at all; the draft shows the edit."""
    _, caller = cloud(sse=[oddity])
    raw = caller.say().content
    assert texts(raw) == []
    assert (raw == b"") is (oddity == "nothing")
    assert applied(caller)


def test_partial_fragments_are_repeated_whole(cloud):
    """ADK's fragments come before the event that holds all of their text."""
    _, caller = cloud(sse=["partial"])
    found = events(caller.say().content)
    fragments = [e["content"]["parts"][0]["text"] for e in found if e.get("partial")]
    assert bool(fragments) is (cloud.dialect == "adk")
    if fragments:
        assert "".join(fragments) == found[-1]["content"]["parts"][0]["text"]


@pytest.mark.parametrize("oddity", ["error_event", "error_first", "error_late"])
def test_errors_in_the_stream(cloud, oddity):
    """An error ends the stream under HTTP 200; only after real words was the edit made."""
    _, caller = cloud(sse=[oddity])
    answer = caller.say()
    last = events(answer.content)[-1]
    assert answer.status_code == 200
    if oddity == "error_event":
        code = last.get("errorCode", last.get("code"))
        assert code == "MALFORMED_FUNCTION_CALL"
    else:
        assert last["error"].startswith("RuntimeError: boom")
    assert bool(texts(answer.content)) is (oddity == "error_late")
    assert applied(caller) is (oddity == "error_late")
    assert caller.credits()[0] == (50 if oddity == "error_late" else 100)


def test_heartbeats_between_the_events(cloud):
    """A long turn shows that it is alive."""
    _, caller = cloud(turn_seconds=0.5, heartbeat_seconds=0.1, sse=["heartbeats"])
    began = time.monotonic()
    raw = caller.say().content
    assert time.monotonic() - began >= 0.5
    assert raw.count(b'{"type":"heartbeat"}' if cloud.dialect == "simple" else b"data:\n\n") > 1
    assert applied(caller)


@pytest.mark.parametrize("place", ["before_first", "mid"])
@pytest.mark.parametrize("edit", [None, False], ids=["edit", "no-edit"])
def test_break_stream(cloud, place, edit):
    """The stream breaks; the edit comes all the same, or doesn't and costs nothing."""
    do = {"break_stream": place} | ({} if edit is None else {"edit": edit})
    standin, caller = cloud(turn_seconds=0.1, **do)
    with pytest.raises(BROKEN):
        caller.say()
    until(lambda: standin.facts("edit_applied", "edit_unchanged"))
    assert applied(caller) is (edit is None)
    assert caller.credits() == ((50, 0, 100) if edit is None else (100, 0, 100))


def test_drop_mid_leaves_half_an_event(cloud):
    """The second event is cut in the middle of its bytes."""
    _, caller = cloud(drop_mid=True)
    body = caller.message("to 90p")
    with caller.http.stream("POST", "/run_sse", json=body) as answer:
        raw = until_broken(answer)
    assert raw.count(b"data: ") == 2
    assert b"\n\n" not in raw.partition(b"\n\n")[2]


def test_music_and_title_that_no_one_asked_for(cloud):
    """The agent adds a music track and a title on its own."""
    _, caller = cloud(music=True, title=True)
    caller.say()
    assert [track["tt"] for track in caller.state()["draft"]["t"]] == [0, 1, 7]


@pytest.mark.parametrize(("disconnect", "left"), [("cancels", 100), ("continues", 50)])
def test_a_client_that_goes_away(tmp_path, disconnect, left):
    """Its turn ends unpaid, as with ADK's own server, or goes on without it."""
    scenario = {"kind": True, "disconnect": disconnect, "turn_seconds": 1}
    with Inside(tmp_path, scenario) as standin, Caller(standin) as caller:
        caller.ready()
        body = caller.message("to 90p")
        with caller.http.stream("POST", "/run_sse", json=body):
            assert caller.credits() == (50, 50, 100)
        until(lambda: standin.facts("turn_cancelled", "edit_applied"))
        assert caller.credits() == (left, 0, 100)
