"""Whatever bytes or words come in: the same result, or the documented error."""

import contextlib
import itertools
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from hotpress.cloud.draft import Draft
from hotpress.cloud.envelope import data_of
from hotpress.cloud.sse import Event, Parser
from hotpress.errors import Lost, Refused
from hotpress.names import safe_name

LINES = st.lists(
    st.sampled_from(["data: a", "data:b", ": ping", "", "id: 7", "data: \u2028", "event: x", "x"])
)
BREAKS = st.sampled_from(["\n", "\r\n", "\r"])


def events(chunks):
    parser = Parser()
    found = [e for chunk in chunks for e in parser.feed(chunk)]
    return found + parser.close()


@given(LINES, BREAKS, st.lists(st.integers(0, 400), max_size=8))
def test_a_stream_means_the_same_however_it_is_cut(lines, end, cuts):
    """Chunks are the network's business: events don't depend on them."""
    whole = (end.join([*lines, "", "data: z"]) + end + end).encode()
    places = sorted({min(cut, len(whole)) for cut in cuts} | {0, len(whole)})
    pieces = [whole[a:b] for a, b in itertools.pairwise(places)]

    assert events(pieces) == events([whole])
    assert events([whole])[-1] == Event("z")


@given(st.binary(max_size=2_000))
def test_any_bytes_are_events_or_lost(data):
    """A hostile stream never raises anything else."""
    with contextlib.suppress(Lost):
        events([data])


@given(st.integers(100, 599), st.binary(max_size=300) | st.from_type(type(None)))
def test_any_answer_is_a_value_a_refusal_or_lost(status, body):
    """HTTP status and body in any combination."""
    with contextlib.suppress(Refused, Lost):
        data_of(status, {}, body or b"")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["code", "data", "message", "t", "sg", "m", "x"]), inner)
    ),
    max_leaves=20,
)


@given(JSON, st.sampled_from([200, 401, 404, 429, 500]))
def test_any_json_answer_is_a_value_a_refusal_or_lost(value, status):
    """Wrong types inside the envelope are no crash."""
    with contextlib.suppress(Refused, Lost):
        data_of(status, {}, json.dumps(value).encode())


@given(JSON)
def test_any_draft_is_read_or_none(value):
    """A draft of any shape: its timeline can be told, and it can be cut down."""
    draft = Draft.parse(value)
    if draft is not None:
        draft.timeline()
        draft.only(frozenset({"x"}))


@settings(max_examples=200)
@given(st.text(min_size=1, max_size=300))
def test_any_name_becomes_one_safe_component(name):
    """No separator, no device, no more than 255 bytes."""
    safe = safe_name(name)

    assert safe
    assert not set('/<>:"|?*\\') & set(safe)
    assert len(safe.encode()) <= 255
