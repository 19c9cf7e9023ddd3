"""Five files in one session, with one fault at one request."""

import clips
from stage import Stage, no_charge_twice, until

from hotpress.media import Media

COUNT = 5


def drop(stage):
    """Five contents of a real clip."""
    for n in range(COUNT):
        clips.distinct(clips.real("carphone_pristine.mp4"), stage.inbox() / f"{n}.mp4")


def right_results(stage):
    """Five results at most their target, each as long as its source, nothing paid twice."""
    states = [(j["relative"], j["state"], j["why"]) for j in stage.stored()]
    assert len(stage.delivered()) == COUNT, states
    for result in stage.delivered():
        facts = Media().probe(result)
        assert result.stat().st_size <= 40_000
        assert abs(facts.duration_seconds - 4.0) < 0.5
    no_charge_twice(stage)


def run(folder, k, do):
    """One batch with a kill (before, swallow, after) or a lost session at request k.

    True when the fault came.
    """
    stage = Stage(folder)
    action = {"lose_session": True} if do == "lose" else {"kill": do}
    scenario = {"credits": 2000, "faults": [{"at": k, "do": action}]}
    with stage.cloud(scenario, "--kind", "--speed", "20"):
        stage.configure({"target_size": "40 kB", "session": "inbox"})
        drop(stage)
        stage.start()
        try:
            until(lambda: stage.dead() or stage.ended(COUNT), 90, f"an end or a kill at {k}")
            if stage.dead():
                stage.start()
            until(lambda: stage.ended(COUNT), 90, f"five ends after {do} at {k}")
            stage.stop()
        finally:
            stage.end()
        right_results(stage)
        facts = stage.facts()
        return bool(facts["killed"] or facts["session_lost"])
