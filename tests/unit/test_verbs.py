"""What a person's word makes of a job, where it decides over money."""

import dataclasses
from dataclasses import replace

import pytest
from makers import a_job

from hotpress import verbs
from hotpress.model import Material, Route, Rule, State, Step

DOWNLOAD = Material(path="/spool/x.mp4", size_bytes=5, sha256="a" * 64)
PAID = replace(
    a_job(),
    state=State.FAILED,
    step=Step.FINISH,
    route=Route.CLOUD,
    messages_sent=1,
    download=DOWNLOAD,
)


def retried(job, rule):
    """`hotpress retry --target` as the command line leaves it."""
    return verbs.asked(job, "retry", {"rule": dataclasses.asdict(rule)})


def test_another_target_needs_no_second_payment():
    """What the cloud has made is still right: only the last step is done again."""
    job, text = retried(PAID, replace(PAID.rule, target_bytes=640_000_000))

    assert job.step is Step.FINISH
    assert job.download == DOWNLOAD
    assert job.rule.target_bytes == 640_000_000
    assert "nothing is asked or paid again" in text


def test_other_words_are_never_asked_without_a_yes():
    """A rule that differs in more than the target would need another message."""
    job, text = retried(PAID, Rule(target_bytes=1, instructions="cut"))
    assert job is None
    assert "--again" in text


@pytest.mark.parametrize(
    ("by", "hint"),
    [
        ("", "`hotpress resume job1` lets it go on."),
        ("travel", "`hotpress resume travel` lets them go on."),
        ("--all", "`hotpress resume --all` lets them go on."),
    ],
)
def test_the_videos_of_a_paused_folder_are_told_of_together(by, hint):
    """One cause and one next step for all: the word that lets the whole folder go on."""
    job, _ = verbs.asked(a_job(), "pause", {"by": by} if by else {})

    assert (job.why, job.hint) == ("somebody paused it", hint)
