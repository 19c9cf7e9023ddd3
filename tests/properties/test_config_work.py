"""How much work and memory a text may cost its reader: counted in calls and bytes, never timed."""

import sys
import tracemalloc
from pathlib import Path

import pytest
from heavy_texts import ENVIRONMENT, HEAVY
from hypothesis import given, settings
from hypothesis import strategies as st

from hotpress.config.fields import MOST
from hotpress.config.read import read_text
from hotpress.errors import ConfigError

CALLS = 400_000  # some 100 ms (bench/config.py)
BYTES = 32_000_000
PIECES = st.sampled_from(
    [
        *(
            "- ",
            "[",
            "{",
            "a: ",
            "a\n",
            "? ",
            "#\n",
            '"',
            "'",
            "x",
            "1, ",
            "\n",
            "  ",
            "&a ",
            "*a, ",
        ),
        *(
            "inboxes:\n",
            "- path: /a\n",
            "  outbox: /b\n",
            "${X}",
            "<<: ",
            "é",
            "|\n",
            ">\n",
            "--- ",
        ),
    ]
)


def read(text):
    try:
        read_text(text, Path("config.yaml"), ENVIRONMENT)
    except ConfigError as error:
        return error.problems
    return []


def calls_of(text):
    """How many functions, Python's own and others, are called to read it."""
    count = 0

    def counted(_frame, event, _what):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        problems = read(text)
    finally:
        sys.setprofile(None)
    return count, problems


@pytest.mark.parametrize("what", HEAVY)
def test_no_text_costs_more_than_a_page_of_text_may(what):
    """Bombs, floods and depth: refused before they grow, with at most a hundred sentences."""
    read("notify: [nowhere://x]")  # Apprise lists what it knows, once
    count, problems = calls_of(HEAVY[what])
    assert count < CALLS
    assert len(problems) <= MOST + 1
    assert sum(map(len, problems)) < 200 * (MOST + 1)


@pytest.mark.parametrize("what", ["10 MB", "aliases", "long variables", "a list of one line"])
def test_no_text_takes_more_memory_than_a_page_of_text_may(what):
    """What a few bytes stand for is never put together when it is too much."""
    text = HEAVY[what]
    tracemalloc.start()
    try:
        read(text)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < BYTES


@settings(max_examples=25, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=6).map("".join), st.integers(1_000, 256_000))
def test_a_piece_that_is_repeated_costs_no_more(piece, size):
    """Any few marks of YAML, as often as fit into the largest config."""
    count, _ = calls_of(piece * (size // len(piece)))
    assert count < CALLS


def test_of_thousands_of_problems_a_hundred_are_told_and_how_many_are_left():
    """`status` keeps them all: it must stay readable."""
    problems = read("defaults:\n" + "".join(f"  k{n}: 1\n" for n in range(150)))
    assert len(problems) == MOST + 1
    assert problems[-1].endswith("more; mend these first")
