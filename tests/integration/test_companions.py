"""What lies beside a source comes to lie beside its result: one step, or a whole hotpress."""

import os
import shutil
from dataclasses import replace

import pytest
from effects import Effects, in_order
from house import House
from integration.test_takes import house as machines
from integration.test_whole_house import at, put, run_to, settle
from machine import Machine

from hotpress import receipts
from hotpress.model import Next, Rule, State, Step
from hotpress.steps import companions, deliver

__all__ = ["machines"]
MOST_EFFECTS = 60  # of one delivery with two companions; more is a mistake in this test


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


def beside(house, name, content=b"1\n00:00:00,000 --> 00:00:01,000\nhello\n"):
    (house.inbox / name).write_bytes(content)
    return content


def said(house, **changes):
    job = replace(house.job, **changes)
    found = deliver.run(job, house.tools())
    assert isinstance(found, Next)
    assert (house.outbox / "clip.mp4").read_bytes() == b"smaller"
    return found.job.note


def test_companions_lie_beside_the_result_under_its_name(house):
    """Each with its own ending; what only looks alike stays where it is."""
    job = replace(house.job, final=replace(house.job.final, name="a/clip (mov).mp4"))
    words = {name: beside(house, name, name.encode()) for name in ("clip.srt", "clip.GPX")}
    beside(house, "clip2.srt")
    beside(house, "clip.txt")
    deliver.run(job, house.tools())
    there = {path.name: path.read_bytes() for path in (house.outbox / "a").iterdir()}

    assert there == {
        "clip (mov).mp4": b"smaller",
        "clip (mov).srt": words["clip.srt"],
        "clip (mov).GPX": words["clip.GPX"],
    }
    assert {path.name for path in house.inbox.iterdir()} >= set(words)
    assert (house.outbox / "a/clip (mov).srt").stat().st_mode & 0o777 == 0o666 & ~umask()


def umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_somebody_elses_file_is_never_replaced(house):
    """It is said; the same bytes are no other file."""
    mine = beside(house, "clip.srt")
    beside(house, "clip.vtt", b"mine")
    (house.outbox / "clip.srt").write_bytes(mine)
    (house.outbox / "clip.vtt").write_bytes(b"not mine")
    note = said(house)

    assert note == "clip.vtt was not copied: another file of that name lies in the outbox"
    assert (house.outbox / "clip.vtt").read_bytes() == b"not mine"
    assert list((house.outbox / ".hotpress/tmp").iterdir()) == []


@pytest.mark.parametrize("there", ["folder", "link"])
def test_a_folder_or_a_link_of_that_name_is_left_alone(house, there):
    """Nothing is written through a link."""
    beside(house, "clip.srt")
    elsewhere = house.outbox.parent / "elsewhere"
    if there == "folder":
        (house.outbox / "clip.srt").mkdir()
    else:
        (house.outbox / "clip.srt").symlink_to(elsewhere)

    assert "another file of that name" in said(house)
    assert not elsewhere.exists()


def test_a_link_beside_the_source_is_not_followed(house):
    """It could lead to any file of this machine."""
    secret = house.inbox.parent / "secret"
    secret.write_text("a secret")
    (house.inbox / "clip.srt").symlink_to(secret)

    assert said(house) == ""
    assert not (house.outbox / "clip.srt").exists()


def test_the_rule_may_say_ignore(house):
    """Then nothing but the video comes."""
    beside(house, "clip.srt")

    assert said(house, rule=Rule(companions="ignore")) == ""
    assert not (house.outbox / "clip.srt").exists()


def test_without_metadata_no_place_comes_along(house):
    """A way that was gone tells as much as the place in the video; subtitles tell nothing."""
    for name in ("clip.srt", "clip.gpx", "clip.XMP"):
        beside(house, name)
    said(house, rule=Rule(metadata="strip"))

    assert sorted(p.name for p in house.outbox.glob("clip.*")) == ["clip.mp4", "clip.srt"]


def test_an_edit_may_have_moved_what_the_subtitles_belong_to(house):
    """It is copied, and said."""
    beside(house, "clip.srt")

    assert said(house, rule=Rule(instructions="cut it")) == (
        "the subtitles have the original's times"
    )


def test_one_that_is_too_large_is_left_and_said(house, monkeypatch):
    """Nobody's subtitles fill the outbox."""
    monkeypatch.setattr(companions, "_LIMIT_BYTES", 10)
    beside(house, "clip.srt")

    assert said(house) == "clip.srt was not copied: it is over 10 B"


def test_one_that_may_not_be_read_does_not_fail_the_job(house):
    """The video is delivered; the note says what is missing."""
    beside(house, "clip.srt")
    (house.inbox / "clip.vtt").mkdir()
    tools = house.tools()
    (house.outbox / ".hotpress/tmp/job1.srt.part").mkdir()  # as if the disk refused
    found = deliver.run(house.job, tools)

    assert found.job.placed_at is not None
    assert found.job.note.startswith("not all that lies beside the original was copied: ")


def test_an_inbox_that_is_away_has_no_companions(house):
    """The result is delivered all the same."""
    shutil.rmtree(house.inbox)

    assert said(house) == ""


def test_companions_come_after_the_delivery_is_on_record(house, tmp_path, monkeypatch):
    """The video first, in every respect; a companion's bytes are on disk before its name."""
    beside(house, "clip.srt")
    tools, effects = house.tools(), Effects(monkeypatch)
    deliver.run(house.job, tools)
    told = effects.said(tmp_path)

    wanted = (f"sync out/.hotpress/{receipts.own(house.outbox).name}", "sync out/clip.srt")
    assert in_order(told, *wanted, "place out/clip.srt", "sync out"), told


@pytest.mark.parametrize("policy", ["keep", "archive"])
def test_a_note_of_the_delivery_outlives_the_release(machines, policy):
    """What could not be copied is told as long as the job is known."""
    machine = machines(source=policy)
    put(machine, "clip.mp4")
    (machine.inbox / "clip.srt").write_bytes(b"mine")
    (machine.outbox / "clip.srt").write_bytes(b"not mine")
    settle(machine)
    machine.rest()

    assert "another file of that name" in at(machine, "clip.mp4").note


def test_a_source_that_goes_leaves_its_companions(machines):
    """Only the video is released."""
    machine = machines(source="archive")
    put(machine, "clip.mp4")
    (machine.inbox / "clip.srt").write_bytes(b"mine")
    settle(machine)
    machine.rest()

    assert [p.name for p in machine.inbox.iterdir()] == ["clip.srt"]
    assert (machine.archive / "clip.mp4").exists()
    assert (machine.outbox / "clip.srt").read_bytes() == b"mine"


def test_a_crash_at_any_point_of_the_delivery_leaves_all_of_it(tmp_path):
    """Video and companions once each and whole, nothing half, at every single side effect."""
    for effect in range(MOST_EFFECTS):
        folder = tmp_path / str(effect)
        folder.mkdir()
        if not _crashed(folder.resolve(), effect):
            break
        shutil.rmtree(folder)
    else:
        raise AssertionError("the delivery has more side effects than this test expects")
    assert effect > 10


def _crashed(folder, effect):
    """Deliver with the power going out at this effect; False when it had so many not."""
    machine = Machine(folder, {"route": "local", "existing": "all", "resolution": "32x24"})
    try:
        put(machine, "clip.mp4")
        words = {"clip.srt": b"hello", "clip.gpx": b"there"}
        for name, content in words.items():
            (machine.inbox / name).write_bytes(content)
        settle(machine)
        job = run_to(machine, "clip.mp4", Step.DELIVER)
        machine.power.left = effect
        crashed = machine.guarded(lambda: machine.run(job.id))
        machine.rest()
        found = at(machine, "clip.mp4")
        there = {p.name: p.read_bytes() for p in machine.outbox.iterdir() if p.is_file()}
        assert found.state is State.DELIVERED, (effect, found.why)
        assert found.note == "", effect
        assert set(there) == {"clip.mp4", *words}, effect
        assert {name: there[name] for name in words} == words, effect
        assert list((machine.outbox / ".hotpress/tmp").iterdir()) == [], effect
        return crashed
    finally:
        machine.off()
        machine.cloud.close()


def test_one_that_is_just_being_written_is_not_copied_half(house):
    """It is said, and the video is delivered all the same."""
    beside(house, "clip.srt")
    with (house.inbox / "clip.srt").open("a"):
        note = said(house)

    assert note == "clip.srt was not copied: it is just being written"
    assert not (house.outbox / "clip.srt").exists()
