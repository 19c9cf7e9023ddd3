"""Slips of the pen, as people make them: each gets its line and what to write instead."""

from pathlib import Path

import pytest

from hotpress.config.read import read_text
from hotpress.errors import ConfigError

TABLE = Path(__file__).parents[1] / "data/config_slips.txt"
SLIPS = [part.strip("\n").split("\n=>\n") for part in TABLE.read_text().split("\n----\n")[1:]]
UNSEEN = [  # what an editor does not show
    ("\x00", "1  an invisible character (U+0000); take it out"),
    ("log:\n  level: \x07info", "2  an invisible character (U+0007); take it out"),
    ("log: {}\r\ndefaults:\r  words: off\u200b", "3  an invisible character (U+200B); take it out"),
    (b"log:\n  level: \xe9", "2  this is no UTF-8 text; save it as such"),
    ("log:\n  \u00a0level: info", "2  log.\u00a0level: is no key of hotpress; did you mean level?"),
    (
        "defaults:\n  instructions: " + "x" * 2_001,
        "2  defaults.instructions: is too long; write at most 2000 characters",
    ),
    ("#" * 256_001, "1  over 256 kB; a config is a page of text"),
    ("a: [" + "1," * 30_000 + "]", "1  too long or too deeply nested for a config"),
    ("[" * 500, "1  too long or too deeply nested for a config"),
]


def said_of(text):
    with pytest.raises(ConfigError) as caught:
        read_text(text, Path("config.yaml"), {})
    return caught.value.problems


@pytest.mark.parametrize(("text", "said"), SLIPS)
def test_each_slip_gets_its_line_and_what_to_write_instead(text, said):
    """The whole of what a person is told, word for word."""
    assert said_of(text) == said.split("\n")


@pytest.mark.parametrize(("text", "said"), UNSEEN)
def test_what_nobody_sees_is_told_with_its_line_too(text, said):
    """Characters, encodings and sizes that no config has."""
    assert said_of(text) == [f"config.yaml:{said}"]


def test_every_slip_is_told_with_its_mend():
    """What to write instead stands behind a semicolon."""
    for _, said in SLIPS:
        assert all("; " in sentence for sentence in said.split("\n")), said


def test_an_alias_bomb_is_refused_before_it_grows():
    """Nine lines that would be a thousand million values: refused in no time and no memory."""
    rows = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    rows += [
        f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]"
        for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    ]

    assert said_of("\n".join(rows))[-1].endswith("too long or too deeply nested for a config")
