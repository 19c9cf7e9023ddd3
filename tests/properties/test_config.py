"""Whatever stands in a config: the values that were meant, or ConfigError with lines."""

import contextlib
import re
from fractions import Fraction
from pathlib import Path

import yaml
from hypothesis import given
from hypothesis import strategies as st

from hotpress.config import units
from hotpress.config.read import read_text
from hotpress.config.settings import Inbox, RuleSettings
from hotpress.errors import ConfigError

PLACE = re.compile(r"config\.yaml:\d+  \S")
KEYS = st.sampled_from([*Inbox.model_fields, "defaults", "inboxes", "cloud", "limits", "<<", "x"])
WORDS = st.sampled_from(
    [
        *("60 MB", "40 %", "none", "off", "1080", "22:00", "22:00-07:00", "1:30", "true", "~", ""),
        *(
            "1_000",
            "0o17",
            ".nan",
            ".inf",
            "-1",
            "8 Mbit/s",
            "1h",
            "/in",
            "${X}",
            "*a",
            "&a x",
            "!t x",
        ),
        *("{a: 1}", "[1, 2]", "'x'", '"', "'", "- a", "a: b", "\t", "\ufeff", "\u2028", "é", "…"),
    ]
)
LINES = st.lists(
    st.tuples(st.integers(0, 6), st.booleans(), KEYS | st.just(""), WORDS | st.text(max_size=8)),
    max_size=12,
).map(
    lambda rows: "\n".join(
        f"{' ' * indent}{'- ' if item else ''}{key + ': ' if key else ''}{value}"
        for indent, item, key, value in rows
    )
)


def problems_of(text):
    """None: it is a config."""
    try:
        read_text(text, Path("config.yaml"), {})
    except ConfigError as error:
        return error.problems
    return None


def refused_with_lines(text):
    """Read it; every problem must say where."""
    problems = problems_of(text)
    assert problems != []
    for problem in problems or ():
        assert PLACE.match(problem), problem
        assert "\n" not in problem


@given(LINES)
def test_anything_like_a_config_is_read_or_refused_with_its_line(text):
    """Keys, traps and slips in any order and depth."""
    refused_with_lines(text)


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_any_text_and_any_bytes_are_read_or_refused_with_their_line(text):
    """Nothing else ever comes out of the reader."""
    refused_with_lines(text)


@given(st.text(max_size=60))
def test_words_come_back_as_they_were_written(words):
    """What a program writes as YAML, in quotes or not, is what the rule says."""
    text = yaml.safe_dump({"defaults": {"instructions": words}}, allow_unicode=True)
    problems = problems_of(text)
    if problems is not None:  # refused on purpose: curly quotes, variables, what nobody sees
        assert re.search("is no quote|is not set|invisible", problems[0])
    elif "${" not in words:
        found = read_text(text, Path("config.yaml"), {})
        assert found.settings.defaults.instructions == words


@given(
    st.integers(0, 10**6),
    st.integers(0, 999),
    st.sampled_from([("B", 1), ("kB", 10**3), ("MB", 10**6), ("GB", 10**9), ("MiB", 2**20)]),
    st.sampled_from(["", " ", "  ", "\u00a0"]),
)
def test_a_size_is_exact_to_the_byte(whole, thousandths, unit, space):
    """Decimals are decimals, in every unit."""
    number = f"{whole}.{thousandths:03}"
    assert units.size(f"{number}{space}{unit[0]}") == int(Fraction(number) * unit[1])


@given(st.text(max_size=12))
def test_what_is_no_value_is_refused_by_every_unit(text):
    """A sentence, or a value within its bounds: never another exception."""
    for parse in (
        *(units.size, units.target, units.rate, units.duration, units.pause, units.resolution),
        *(units.share, units.floor, units.frame_rate, units.sound_rate, units.hours, units.rates),
        units.timezone,
    ):
        with contextlib.suppress(ValueError):
            parse(text)


@given(st.sets(st.sampled_from(sorted(RuleSettings.model_fields)), min_size=1))
def test_the_example_means_its_own_defaults(keys):
    """Any lines of the sample's defaults, copied alone, change nothing."""
    sample = (Path(__file__).parents[2] / "config.example.yaml").read_text()
    section = sample.partition("\ndefaults:")[2].partition("\n\n")[0].split("\n")[1:]
    rows = [row for row in section if row.strip().partition(":")[0] in keys]
    found = read_text("defaults:\n" + "\n".join(rows), Path("config.yaml"), {})

    assert found.settings.defaults == RuleSettings()
