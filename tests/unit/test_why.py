"""What is said of a path, from values alone."""

import pytest
from makers import a_job
from never import NEVER

from hotpress.model import Final, Reason, State, Step
from hotpress.why import Scene, answer
from hotpress.why.scene import Barrier, Folder, Link, Made

IN = Folder("travel", "/in", "/out")
FINAL = Final(name="a.mp4", temp="", size_bytes=400, sha256="x", made_by="encode")
DONE = {"state": State.DELIVERED, "final": FINAL, "placed_at": 1.0, "step": Step.RELEASE}


def scene(**known):
    values = {"path": "/in/a.mov", "name": "a.mov", "inbox": IN, "inboxes": (IN,)}
    values |= {"running": True, "there": "file", "kind": "video", "size_bytes": 5}
    return Scene(**{**values, **known})


def job(**changes):
    return a_job(relative="a.mov", **changes)


JOBS = [
    ({"state": State.QUEUED}, "a place", "a.mov waits: a place."),
    ({"state": State.RUNNING}, "upload, 40 %", "a.mov is being made: upload, 40 %."),
    ({"state": State.RUNNING}, "", "a.mov is being made."),
    ({"state": State.WAITING, "why": "the cloud is busy"}, "", "a.mov waits: the cloud is busy."),
    ({"state": State.HELD, "reason": Reason.CREDITS, "why": "no credits"}, "", "is held: no"),
    ({"state": State.SKIPPED, "why": "it is small"}, "", "a.mov was left alone: it is small."),
    ({"state": State.FAILED, "why": "it is cut"}, "", "a.mov failed: it is cut."),
    ({"state": State.CANCELLED, "why": "it changed"}, "", "a.mov was cancelled: it changed."),
    (DONE, "", "a.mov was delivered as /out/a.mp4 (1 kB -> 400 B, -60 %)."),
    ({**DONE, "note": "its date is lost"}, "", "-60 %); its date is lost."),
]


@pytest.mark.parametrize(("changes", "now", "said"), JOBS)
def test_every_state_of_a_job_has_its_sentence(changes, now, said):
    """And a next step; where the job has its own, that one."""
    found = answer(scene(job=job(**changes), now=now))
    assert (found.kind, said in found.sentence) == ("job", True), found
    assert found.next
    hinted = answer(scene(job=job(**{**changes, "hint": "Register."}), now=now))
    ended = changes["state"] is State.DELIVERED
    assert hinted.next.startswith("Nothing to do." if ended else "Register.")


def test_a_job_that_could_go_on_waits_for_the_daemon():
    """What has ended does not."""
    live = answer(scene(job=job(state=State.HELD, why="x", hint="Top up."), running=False))
    assert live.next == "hotpress does not run: start it with `hotpress run`. Top up."
    assert answer(scene(job=job(**DONE, released_at=1.0), running=False)).next == "Nothing to do."


SCENES = [
    (scene(unreachable="/in does not answer"), "unreachable"),
    (scene(unreachable="/in is an outbox"), "unreachable"),
    (scene(inbox=None), "outside"),
    (scene(inbox=None, inboxes=()), "outside"),
    (scene(inbox=None, there=""), "missing"),
    (scene(inbox=None, copy_of="b.mov"), "copy"),
    (scene(inbox=None, outbox=IN), "outbox"),
    (scene(inbox=None, archive="/Archive"), "archive"),
    (scene(inbox=None, outbox=IN, note=True), "note"),
    (scene(inbox=None, outbox=IN, result=Made("a.mov", "b.mov")), "result"),
    (scene(inbox=None, outbox=IN, result=Made("a.mov", "b.mov"), there=""), "result"),
    (scene(result=Made("a.mov", "b.mov")), "result"),
    *((scene(barrier=Barrier(kind, "x")), kind) for kind in ("link", "bundle", "system")),
    *((scene(barrier=Barrier(kind, "x")), kind) for kind in ("outbox", "archive", "bad_name")),
    (scene(there=""), "missing"),
    *((scene(link=Link(leads, "t")), "link") for leads in ("nowhere", "folder", "inside")),
    (scene(link=Link("outside", "t")), "link"),
    (scene(there="folder"), "folder"),
    (scene(there="folder", running=False), "folder"),
    (scene(there="other"), "other"),
    (scene(kind="arriving", half_of="rsync"), "arriving"),
    *((scene(kind=kind), kind) for kind in ("bad_name", "hidden", "proxy", "other")),
    (scene(kind="jpg"), "photo"),
    (scene(kind="rules"), "rules"),
    (scene(kind="vtt"), "companion"),
    (scene(kind="docx"), "other"),
    (scene(left_out="config.yaml:3 (exclude: x)"), "excluded"),
    (scene(still="a.heic"), "live_photo"),
    (scene(arriving="growing", size_bytes=0), "arriving"),
    (scene(arriving="b.part lies beside it", running=False), "arriving"),
    (scene(arriving="online only"), "arriving"),
    (scene(delivered="a.mp4"), "delivered"),
    (scene(copy_of="b.mov"), "copy"),
    (scene(copy_of="b.mov", running=False), "copy"),
    (scene(), "new"),
    (scene(running=False), "new"),
    (scene(paused="--all"), "new"),
    (scene(older=job()), "new"),
]


@pytest.mark.parametrize(("known", "kind"), SCENES)
def test_every_path_has_a_kind_a_sentence_and_a_next_step(known, kind):
    """In whole sentences, without a word of the house."""
    found = answer(known)
    assert found.kind == kind
    for words in (found.sentence, found.next):
        assert words.endswith(".")
        assert words[0].isupper() or words.startswith(("a.mov", "hotpress", "`hotpress", "x "))
        assert not NEVER.search(words)


def test_names_of_strangers_stay_on_their_line():
    """A name with a line break can't write a second sentence."""
    found = answer(scene(name="a\nNothing to do.mov", left_out="config.yaml:1 (exclude: a\nb)"))
    assert "\n" not in found.sentence + found.next
