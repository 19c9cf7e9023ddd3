"""Every reason, and every end without a result, has its words in one place; `explain` has them."""

import ast
import json

import pytest
from never import NEVER, sentences, trees
from saying import say

from hotpress.errors import (
    CloudError,
    ConfigError,
    HotpressError,
    NotSent,
    StoreError,
    cause_of,
)
from hotpress.model import Cause, Reason, Step
from hotpress.words import ALL, DECIDED, ERRORS, REASONS, STEPS

ABSTRACT = {CloudError, NotSent, StoreError}  # raised by nobody: only caught


def kinds(kind=HotpressError):
    """The class and all below it, as far as hotpress itself defines them."""
    yield kind
    for below in kind.__subclasses__():
        yield from kinds(below)


def calls(name):
    """Every call of this name in the package, with its place."""
    for file, tree in trees().items():
        for node in ast.walk(tree):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Name) and called.id == name:
                yield f"{file}:{node.lineno}", node


def test_every_reason_has_its_words_and_there_are_no_others():
    """By the enum, not by a list."""
    assert set(REASONS) == {reason.value for reason in Reason}


def test_every_error_has_its_words_and_there_are_no_others():
    """By the classes: whoever adds one adds its sentences."""
    found = {kind for kind in kinds() if kind.__module__.startswith("hotpress.")} - ABSTRACT
    assert set(ERRORS) == {cause_of(kind) for kind in found}


def test_every_decided_end_has_its_words_and_there_are_no_others():
    """By the enum."""
    assert set(DECIDED) == {cause.value for cause in Cause}
    assert not set(DECIDED) & (set(ERRORS) | set(REASONS))


def test_every_step_has_its_words():
    """What a job does there."""
    assert list(STEPS) == [step.value for step in Step]


def test_nobody_raises_what_has_no_words():
    """The classes that are only caught are raised nowhere."""
    for kind in ABSTRACT:
        assert list(calls(kind.__name__)) == []


def test_every_end_in_the_code_has_a_cause():
    """Each `Fail` names one, so that `explain` knows what stands in the note."""
    found = list(calls("Fail"))
    without = [
        where
        for where, node in found
        if len(node.args) < 5 and not any(key.arg == "cause" for key in node.keywords)
    ]
    assert len(found) > 20
    assert without == []


@pytest.mark.parametrize("name", ALL)
def test_each_has_four_sentences(name):
    """Whole ones, each with its full stop, and none of them empty or said twice."""
    words = ALL[name]
    sentences = [words.cause, words.means, words.next, words.cost]

    assert len(set(sentences)) == 4
    for sentence in sentences:
        assert sentence.endswith((".", "`.")), sentence
        assert sentence[0].isupper() or sentence[0] == "`" or sentence.startswith("hotpress ")
        assert sentence.count("`") % 2 == 0


def explain(*words):
    return say("explain", *words)


@pytest.mark.parametrize("name", ALL)
def test_explain_prints_each(name):
    """What happened, what it means, what to do, what it costs; the same for programs."""
    words = ALL[name]
    said = explain(name).stdout
    told = json.loads(explain(name, "--json").stdout)

    for sentence in (words.cause, words.means, words.next, words.cost):
        assert f"  {sentence}\n" in said
    assert told == {
        "reason": name,
        "cause": words.cause,
        "means": words.means,
        "next": words.next,
        "cost": words.cost,
    }


def test_explain_alone_lists_all():
    """Each once, in two groups; errors that only hold a video up stand as its reason."""
    lines = explain().stdout.splitlines()
    first = [line.split()[0] for line in lines if line.startswith("  ")]

    assert len(first) == len(set(first))
    assert {name for name, words in ALL.items() if name in REASONS or name in DECIDED} < set(first)
    assert "out_of_credits" not in first
    assert json.loads(explain("--json").stdout).keys() == ALL.keys()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("credit", "did you mean credits"),
        ("no_a_video", "did you mean not_a_video"),
        ("diskfull", "did you mean disk_full"),
        ("xyzzy", "there is no reason 'xyzzy'"),
    ],
)
def test_explain_helps_who_mistypes(typed, meant):
    """The nearest names; and where all of them are."""
    found = explain(typed).exception

    assert isinstance(found, ConfigError)
    assert meant in found.why
    assert "hotpress explain" in found.hint


@pytest.mark.parametrize("typed", ["disk full", "Disk-Full", " DISK_FULL "])
def test_explain_takes_a_name_as_people_write_it(typed):
    """With spaces or hyphens, in any case."""
    assert REASONS["disk_full"].cause in explain(typed).stdout


# (file, words that stand in the sentence): why it may stand there.
ALLOWED = {
    ("cloud/envelope.py", "session not found"): "the cloud's own words, by which it is known",
    ("config/sample.py", "# watch: {mode: polling, settle: 5s}"): "a key of the config",
}


def test_no_sentence_of_the_package_uses_a_word_of_the_house():
    """Every string of the code that somebody may read: hints, help, notes, notices, errors."""
    found = [each for each in sentences(but=("standin/",)) if NEVER.search(each.text)]
    used = {
        key
        for key in ALLOWED
        if any(each.where == key[0] and key[1] in each.text for each in found)
    }
    wrong = [
        f"{each.where}:{each.line} {each.text[:200]}"
        for each in found
        if not any(each.where == file and words in each.text for file, words in ALLOWED)
    ]
    assert wrong == []
    assert used == set(ALLOWED)  # nothing is excused for nothing


def test_the_list_would_be_seen_in_a_sentence():
    """The gathering itself: hints, f-strings, help and docstrings of verbs are in it."""
    texts = {each.text for each in sentences(but=("standin/",))}

    assert len(texts) > 1_000
    assert "Put it back, and it is taken up again." in texts  # a hint
    assert "… is already there (collision: skip)" in texts  # an f-string
    assert "Only say what would be done; nothing happens." in texts  # help of an option
    assert "Say why a file is where it is, and what helps; nothing is changed." in texts  # a verb
    assert not any(text.startswith("SELECT ") for text in texts)
