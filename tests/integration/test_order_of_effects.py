"""What is on disk before what: real files and steps, each call written down on its way through."""

import errno
import os
from dataclasses import replace

import pytest
from cloudstage import Odd, answer
from crew import Crew
from effects import Effects, in_order
from house import House
from integration.test_steps_cloud import FACTS

from hotpress import files, receipts
from hotpress.model import Material, Render, Rule, State, Step
from hotpress.steps import deliver, download, finish, release


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


@pytest.fixture
def crew(tmp_path):
    made = Crew(tmp_path)
    with made.server:
        yield made


def test_a_result_is_synced_then_named_then_recorded(house, tmp_path, monkeypatch):
    """Bytes before the name, the name's folder before the receipt, the receipt before the end."""
    tools, effects = house.tools(), Effects(monkeypatch)
    deliver.run(house.job, tools)
    said = effects.said(tmp_path)
    receipt = f"out/.hotpress/{receipts.own(house.outbox).name}"

    assert in_order(
        said,
        "sync out/clip.mp4",
        "place out/clip.mp4",
        "sync out",
        f"write {receipt}",
        f"sync {receipt}",
        "sync out/.hotpress",
    ), said
    assert said.count(f"write {receipt}") == 1


def test_new_subfolders_of_a_result_are_synced_before_the_receipt(house, tmp_path, monkeypatch):
    """A power cut must not take the folder away from under a recorded result."""
    job = replace(house.job, final=replace(house.job.final, name="a/b/clip.mp4"))
    tools, effects = house.tools(), Effects(monkeypatch)
    deliver.run(job, tools)
    said = effects.said(tmp_path)
    receipt = f"write out/.hotpress/{receipts.own(house.outbox).name}"

    assert in_order(said, "sync out/a/b", "sync out/a", "sync out", receipt), said


def test_a_finished_file_is_on_disk_before_its_outcome(house, tmp_path, monkeypatch):
    """Its hash is recorded: a power cut after that finds the very bytes."""
    made = tmp_path / "made before.mp4"
    made.write_bytes(b"smaller")
    known = Material(path=str(made), size_bytes=7, sha256=files.sha256_at(made))
    job = replace(house.job, step=Step.FINISH, facts=FACTS, reuse=known, final=None)
    tools, effects = house.tools(), Effects(monkeypatch)
    found = finish.run(job, tools)
    said = effects.said(tmp_path)

    assert found.job.final.sha256 == known.sha256
    assert in_order(said, "sync out/.hotpress/tmp/job1.part", "sync out/.hotpress/tmp"), said


def test_a_download_is_on_disk_before_its_outcome(tmp_path, monkeypatch):
    """What the next step trusts is synced, file and folder."""
    with Odd((answer(200, b"a video", content_type="video/mp4"),), tmp_path) as server:
        house = House(tmp_path, server.url)
        link = f"{server.url}/v.mp4"
        render = Render(id="r1", session="s", token=0, draft="{}", ended="done", url=link)
        job = replace(house.job, step=Step.DOWNLOAD, renders=(render,), final=None)
        tools, effects = house.tools(), Effects(monkeypatch)
        found = download.run(job, tools)
        said = effects.said(tmp_path)

    assert found.job.download.size_bytes == 7
    assert in_order(said, "sync spool/job1/r1.mp4", "sync spool/job1"), said


def test_an_archive_on_another_disk_has_the_bytes_before_the_source_goes(
    house, tmp_path, monkeypatch
):
    """Copy, sync, name, sync the folder; the original is removed last of all."""
    ours, crossings = files._rename_noreplace, []

    def across(old, new):
        if not old.name.endswith(".part") and new.parent.name == "Archive":
            crossings.append(new.name)
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        return ours(old, new)

    monkeypatch.setattr(files, "_rename_noreplace", across)
    job = house.archived(tmp_path / "Archive")
    tools, effects = house.tools(), Effects(monkeypatch)
    release.run(job, tools)
    said = effects.said(tmp_path)
    archived = "Archive/clip.mov"

    assert crossings == ["clip.mov"]
    assert (tmp_path / archived).read_bytes() == b"the only copy"
    hidden = f"unlink {job.private_name}"
    wanted = (f"sync {archived}", f"place {archived}", "sync Archive", hidden, "sync in")
    assert in_order(said, *wanted), said


def test_a_copy_in_the_archive_that_differs_leaves_the_source(house, tmp_path, monkeypatch):
    """Another disk, and it kept other bytes than it was given: the original stays where it was."""
    ours = files._rename_noreplace

    def across(old, new):
        if new.parent.name != "Archive":
            return ours(old, new)
        if not old.name.endswith(".part"):
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        old.write_bytes(b"the onny copy")
        return ours(old, new)

    monkeypatch.setattr(files, "_rename_noreplace", across)
    found = release.run(house.archived(tmp_path / "Archive"), house.tools())

    assert [path.name for path in house.inbox.iterdir()] == ["clip.mov"]
    assert house.source.read_bytes() == b"the only copy"
    assert "differs from the original" in found.job.note


def test_killed_just_before_the_receipt_it_is_written(house):
    """The result has its name and nothing half is left: only its record is missing."""
    house.temp.rename(house.outbox / "clip.mp4")
    deliver.resume(house.job, house.tools())

    assert [receipt.job for receipt in receipts.news(house.outbox, {})[0]] == ["job1"]


@pytest.mark.parametrize("source", ["archive", "delete"])
def test_killed_after_the_placing_the_source_is_still_there(house, tmp_path, source):
    """Deliver touches no source: nothing moves before the delivery is written down."""
    rule = Rule(source=source, archive_to=str(tmp_path / "Archive"))
    deliver.run(replace(house.job, rule=rule), house.tools())

    assert house.source.exists()
    assert (house.outbox / "clip.mp4").exists()


def test_the_delivery_is_written_down_before_the_source_moves(crew, tmp_path):
    """Two steps, and between them the outcome: a kill there delivers nothing twice."""
    rule = Rule(source="archive", archive_to=str(tmp_path / "Archive"))
    crew.add(Step.DELIVER, final=crew.house.job.final, rule=rule)
    crew.worker.run_one("job1")
    between = crew.job()

    assert (between.state, between.step) == (State.DELIVERED, Step.RELEASE)
    assert between.placed_at is not None
    assert crew.house.source.exists()

    crew.start()
    crew.worker.run_one("job1")

    assert (tmp_path / "Archive/clip.mov").read_bytes() == b"the only copy"
    assert crew.job().released_at is not None


def test_killed_while_the_source_is_hidden_it_is_found_there(crew, tmp_path):
    """A new file came under its name meanwhile: the old one is archived, the new one stays."""
    house, job = crew.house, crew.house.archived(tmp_path / "Archive")
    crew.house.job = replace(job, state=State.DELIVERED)
    job = crew.add(Step.RELEASE, rule=job.rule, final=job.final)
    crew.die_in(job, lambda taken, _: house.source.rename(house.inbox / taken.private_name))
    house.source.write_bytes(b"new")
    crew.start()
    crew.worker.run_one("job1")

    assert [path.name for path in house.inbox.iterdir()] == ["clip.mov"]
    assert house.source.read_bytes() == b"new"
    assert (tmp_path / "Archive/clip.mov").read_bytes() == b"the only copy"


def test_an_outcome_is_on_disk_before_it_is_believed(house):
    """SQLite syncs at each commit: the only connection that may be lax is the one of progress."""
    [(strict,)] = house.store._db.execute("PRAGMA synchronous").fetchall()

    assert strict == 2


def test_delete_compares_the_very_bytes(house):
    """Same name, inode, size and time, but other bytes: nothing brings them back, so they stay."""
    job = replace(house.archived("unused"), rule=Rule(source="delete"))
    with house.source.open("r+b") as file:
        file.write(b"THE")
    os.utime(house.source, ns=(job.mtime_ns, job.mtime_ns))
    found = release.run(job, house.tools())

    assert house.source.exists()
    assert house.source.read_bytes() == b"THE only copy"
    assert "changed" in found.job.note


def test_what_is_put_back_never_replaces_a_new_file(house, tmp_path):
    """Its name was taken meanwhile: it goes beside it, and both are whole."""
    job = house.archived(tmp_path / "Archive")
    private = house.inbox / job.private_name
    house.source.rename(private)
    private.write_bytes(b"another version")
    house.source.write_bytes(b"a new file")
    found = release.resume(job, house.tools())

    assert house.source.read_bytes() == b"a new file"
    assert (house.inbox / "clip (kept 1).mov").read_bytes() == b"another version"
    assert "kept 1" in found.job.note
