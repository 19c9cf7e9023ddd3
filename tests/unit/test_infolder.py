"""What rule files in a synced folder may say: size, quality and words, and nothing that harms."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotpress.config import layers
from hotpress.config.infolder import ALLOWED, understood
from hotpress.config.read import read_text
from hotpress.config.rules import rules_for
from hotpress.config.settings import Inbox, RuleSettings

CONFIG = "inboxes:\n  - path: /in\n    outbox: /out\n    target_size: 60 MB\n"


def before(config=CONFIG):
    settings = read_text(config, Path("config.yaml"), {}).settings
    return layers.values_of(layers.of_config(settings, settings.inboxes[0], "a.mov"))


def problems(text, config=CONFIG, name="hotpress.yaml"):
    return list(understood([(name, text.encode())], before(config)).problems)


def rule(*found, config=CONFIG, relative="a.mov"):
    settings = read_text(config, Path("config.yaml"), {}).settings
    told = understood([(n, t.encode()) for n, t in found], before(config))
    assert told.problems == ()
    return rules_for(settings, settings.inboxes[0], relative, told.layers)[0]


@pytest.mark.parametrize(
    ("text", "key", "meant"),
    [
        ("target_size: 25 MB", "target_bytes", 25_000_000),
        ("target_size: 40 %", "target_share", 0.4),
        ("max_rate: none", "max_bits_per_second", None),
        ("resolution: 720", "resolution", "720p"),
        ("instructions: no music", "instructions", "no music"),
        ("quality_floor: good", "quality_floor", 88.0),
        ("metadata: strip", "metadata", "strip"),
        ("oversize: refuse", "oversize", "refuse"),
        ("already_small: skip", "already_small", "skip"),
        ("min_saving: 20 %", "min_saving", 0.2),
        ("route: local", "route", "local"),
        ("# nothing yet", "target_bytes", 60_000_000),
    ],
)
def test_each_key_that_may_be_set_is_obeyed(text, key, meant):
    """Over the config's own value."""
    assert getattr(rule(("hotpress.yaml", text)), key) == meant


@pytest.mark.parametrize("key", sorted(Inbox.model_fields.keys() - ALLOWED))
def test_no_other_key_may_be_set(key):
    """Sources, paths, programs, hours and money are for the config of the machine alone."""
    [said] = problems(f"{key}: x")

    assert said.startswith(f"hotpress.yaml:1  {key}: may not be set in a synced folder")
    assert "set it in the config" in said


@pytest.mark.parametrize(
    ("text", "config", "said"),
    [
        (
            "# a\n\ntarget_size: 60",
            CONFIG,
            "3  target_size: 60 is not a size; write its unit, too: 60 MB",
        ),
        (
            "target_szie: 60 MB",
            CONFIG,
            "1  target_szie: is no key for a synced folder; did you mean target_size?",
        ),
        (
            "match: '*'",
            CONFIG,
            "1  match: is no key for a synced folder; known here: already_small",
        ),
        ("target_size:", CONFIG, "1  target_size: has no value; write one, or take the line out"),
        (
            "target_size: 6 MB\ntarget_size: 7 MB",
            CONFIG,
            "2  target_size: is written twice; keep one",
        ),
        ("", CONFIG, "1  is empty so far; write rules into it, or delete it"),
        ("target_size: 60 MB\nresol", CONFIG, "3  could not find expected ':'"),
        (
            "route: cloud",
            CONFIG + "    route: local\n",
            "1  route: may only be local here; what goes to the cloud is for the config to say",
        ),
        (
            "route: auto",
            CONFIG,
            "1  route: may only be local here; what goes to the cloud is for the config to say",
        ),
        (
            "metadata: keep",
            CONFIG + "    metadata: strip\n",
            "1  metadata: the config strips it, and only the config can say otherwise; take",
        ),
        (
            "oversize: shrink",
            CONFIG + "    oversize: local\n",
            "1  oversize: the config says local; write local or refuse, or take this line out",
        ),
        (
            "instructions: ${NEMO_TOKEN}",
            CONFIG,
            "1  instructions: ${...} stands for nothing in a synced folder; write the value itself",
        ),
        (
            "route: local\ninstructions: cut it",
            CONFIG,
            "1  route: instructions need the cloud, and route: local never opens a connection; "
            "take one of the two out",
        ),
        (
            "instructions: cut it",
            CONFIG + "    route: local\n",
            "1  instructions: instructions need the cloud, and route: local never opens a ",
        ),
        ("\u00ab", CONFIG, "1  \u00ab is no quote in YAML but a part of the value; write"),
        (
            "route: local",
            CONFIG + "    instructions: cut it\n",
            "1  route: instructions need the cloud, and route: local never opens a connection; "
            "take one of the two out",
        ),
    ],
)
def test_what_is_refused_says_where_and_why(text, config, said):
    """A problem holds the video: nothing that is wrong is passed over."""
    assert any(p.startswith(f"hotpress.yaml:{said}") for p in problems(text, config)), problems(
        text, config
    )


def test_a_variable_of_this_machine_never_gets_into_words():
    """The words go to the agent: whoever shares the folder would have it told the token."""
    told = understood([("hotpress.yaml", b"instructions: say ${NEMO_TOKEN}")], before())

    assert told.layers == ()


def test_the_nearest_folder_wins_key_by_key_and_the_file_itself_over_all():
    """What the far one says still holds where no nearer one says otherwise."""
    made = rule(
        ("hotpress.yaml", "target_size: 40 MB\nresolution: 480p\nmin_saving: 5 %"),
        ("trip/hotpress.yaml", "target_size: 30 MB\nresolution: 720p"),
        ("trip/a.mov.hotpress.yaml", "target_size: 20 MB"),
    )

    assert (made.target_bytes, made.resolution, made.min_saving) == (20_000_000, "720p", 0.05)


def test_nothing_nearer_lifts_a_route_local():
    """What is to stay on this machine stays there, whatever lies deeper in the folder."""
    deeper = ("a/hotpress.yaml", "resolution: 720p")
    assert rule(("hotpress.yaml", "route: local"), deeper).route == "local"
    told = understood(
        [("hotpress.yaml", b"route: local"), ("a/hotpress.yaml", b"route: auto")], before()
    )
    assert told.problems


def test_a_text_beside_a_video_is_its_words():
    """In one line, whatever breaks and marks an editor leaves."""
    made = rule(("a.mov.hotpress.txt", "\ufeffcut the\r\n  first 2 seconds\n"))

    assert made.instructions == "cut the first 2 seconds"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b" \n", "is empty so far; write words for the agent into it, or delete it"),
        (b"x" * 501, "has 501 characters; write at most 500"),
        (b"a\x00b", "has invisible characters; write plain text"),
        (b"\xff\xfe\x00", "this is no UTF-8 text; save it as such"),
    ],
)
def test_words_that_can_not_be_taken_hold_the_video(text, said):
    """Never cut, never guessed."""
    told = understood([("a.mov.hotpress.txt", text)], before())

    assert told.problems == (f"a.mov.hotpress.txt:1  {said}",)


def test_500_characters_are_not_too_many():
    """Characters, not bytes."""
    assert rule(("a.mov.hotpress.txt", "ü" * 500)).instructions == "ü" * 500


def test_two_files_that_say_the_same_are_one_too_many():
    """Which of the two was meant nobody can tell."""
    twice = [("x/.hotpress.yaml", b"fps: 1"), ("x/hotpress.yaml", b"target_size: 1 MB")]
    words = [("a.mov.hotpress.yaml", b"instructions: cut"), ("a.mov.hotpress.txt", b"keep")]

    assert "x/hotpress.yaml:1  x/.hotpress.yaml lies beside it" in "".join(
        understood(twice, before()).problems
    )
    assert "a.mov.hotpress.txt:1  a.mov.hotpress.yaml lies beside it" in "".join(
        understood(words, before()).problems
    )
    assert (
        rule(("a.mov.hotpress.yaml", "resolution: 720p"), ("a.mov.hotpress.txt", "keep")).resolution
        == "720p"
    )


def test_each_value_tells_where_it_comes_from():
    """The file and line of the layer that won."""
    settings = read_text(CONFIG, Path("config.yaml"), {}).settings
    told = understood(
        [("hotpress.yaml", b"# x\nresolution: 720p\n"), ("a.mov.hotpress.txt", b"cut it")], before()
    )
    found = layers.merged([*layers.of_config(settings, settings.inboxes[0], "a.mov"), *told.layers])

    assert found["resolution"] == layers.Told("720p", "hotpress.yaml:2")
    assert found["instructions"] == layers.Told("cut it", "a.mov.hotpress.txt:1")
    assert found["fps"].origin == "built-in"


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_any_file_is_understood_or_a_problem_with_its_line(text):
    """Whatever lies there: never a trace, and never a key that it may not set."""
    told = understood([("hotpress.yaml", text), ("a.mov.hotpress.txt", text)], before())

    assert all(p.startswith(("hotpress.yaml:", "a.mov.hotpress.txt:")) for p in told.problems)
    assert all(layer.values.keys() <= ALLOWED for layer in told.layers)


def test_every_key_of_a_rule_is_sorted_into_one_of_the_two():
    """A key that is added later can't be set in a folder until somebody decides so."""
    assert RuleSettings.model_fields.keys() >= ALLOWED
