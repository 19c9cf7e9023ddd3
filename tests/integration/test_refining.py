"""One more edit, asked for by who can't reach the cloud: an order that the worker obeys."""

from dataclasses import replace

import pytest
from crew import Crew

from hotpress.model import Route, Rule, State, Step

WORDS = {"words": "no music, please", "id": "new1"}


@pytest.fixture
def crew(tmp_path):
    made = Crew(tmp_path)
    with made.server:
        yield made


def asked(crew, detail=None, job="job1"):
    """Leave the order, have it obeyed; its answer."""
    number = crew.store.ask("ask", job, detail or WORDS, crew.house.clock.now())
    crew.worker.obey(frozenset())
    return crew.store.answer_to(number)


def delivered(crew, **changes):
    return crew.add(Step.RELEASE, state=State.DELIVERED, released_at=1.0, **changes)


def test_an_order_for_an_edit_is_a_new_job_in_the_same_project(crew):
    """As `hotpress ask` makes it: its result appears beside the first one."""
    delivered(crew)
    text, done = asked(crew)
    assert done
    assert "hotpress show new1" in text
    new = crew.job("new1")
    assert (new.asked, new.rule.instructions, new.session.id) == ("message", WORDS["words"], "s1")
    assert new.rule.output_name == "main v2"
    assert new.rule.route is Route.CLOUD


def test_an_order_that_is_obeyed_twice_makes_one_job(crew):
    """A stop between the new job and the answer costs nothing."""
    delivered(crew)
    asked(crew)
    text, done = asked(crew)
    assert done
    assert "on its way" in text
    assert len(crew.store.jobs()) == 2


def test_what_can_not_be_asked_is_refused_with_a_sentence(crew):
    """Still under way, never in the cloud, no job, or what only the terminal answers."""
    job = delivered(crew)
    assert asked(crew, {"words": "how many credits are left?", "id": "x"})[1] is False
    assert "terminal" in asked(crew, {"words": "credits", "id": "x"})[0]
    assert asked(crew, job="nobody") == ("there is no such job", False)
    local = replace(job, id="here", session=None, upload=None, relative="b.mov", rule=Rule())
    assert crew.store.add(local, "made")
    assert "was not made in the cloud" in asked(crew, job="here")[0]
    running = replace(job, id="runs", state=State.QUEUED, relative="c.mov", released_at=None)
    assert crew.store.add(running, "made")
    assert "still under way" in asked(crew, job="runs")[0]
    assert crew.store.get("x") is None
