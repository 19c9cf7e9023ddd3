"""The steps that touch people's files, with a real store, real folders and time by hand."""

import os
from dataclasses import replace

import pytest
from house import House

from hotpress import outbox, policy, receipts, trash
from hotpress.errors import FolderMissing, HotpressError
from hotpress.model import Next, Step
from hotpress.steps import deliver, release


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


def test_deliver_places_syncs_and_records(house):
    """One file, one receipt, no half file left."""
    found = deliver.run(house.job, house.tools())

    assert isinstance(found, Next)
    assert (house.outbox / "clip.mp4").read_bytes() == b"smaller"
    assert not house.temp.exists()
    assert [r.job for r in receipts.news(house.outbox, {})[0]] == ["job1"]


def test_deliver_again_after_a_crash_makes_what_is_missing(house):
    """The final name is there with our bytes: the receipt is written, once."""
    (house.outbox / "clip.mp4").write_bytes(b"smaller")
    deliver.resume(house.job, house.tools())
    deliver.resume(house.job, house.tools())

    assert [r.job for r in receipts.news(house.outbox, {})[0]] == ["job1"]
    assert not house.temp.exists()


@pytest.mark.parametrize(
    "stranger", ["file", "dangling link", "link to our bytes", "folder", "pipe"]
)
def test_a_strangers_thing_at_the_final_name_is_never_touched(house, stranger):
    """Whatever lies there: back for another name, nothing replaced, nothing lost."""
    final = house.outbox / "clip.mp4"
    if stranger == "file":
        final.write_bytes(b"theirs")
    elif stranger == "pipe":
        os.mkfifo(final)
    elif stranger == "folder":
        final.mkdir()
    else:
        final.symlink_to(house.temp if "our" in stranger else house.outbox / "nothing")
    found = deliver.run(house.job, house.tools())

    assert found.to is Step.FINISH
    assert house.temp.read_bytes() == b"smaller"
    assert receipts.news(house.outbox, {})[0] == []
    if stranger == "file":
        assert final.read_bytes() == b"theirs"
    assert stranger == "file" or final.is_symlink() or final.is_dir() or final.is_fifo()


def test_a_torn_finished_file_is_made_again(house):
    """A power cut tore it: its hash says so, and it is not delivered."""
    house.temp.write_bytes(b"small")
    found = deliver.run(house.job, house.tools())

    assert found.to is Step.FINISH
    assert not (house.outbox / "clip.mp4").exists()


def test_another_folder_in_the_outboxs_place_gets_nothing(house):
    """Unmounted, or another disk at the same place: the marker tells."""
    house.store.set_note(f"outbox:{house.outbox}", house.marker)
    house.outbox.rename(house.outbox.with_name("away"))
    outbox.make(house.outbox)

    with pytest.raises(FolderMissing):
        deliver.run(house.job, house.tools())
    assert [p.name for p in house.outbox.iterdir()] == [".hotpress"]


def test_release_moves_the_very_file_into_the_archive(house, tmp_path):
    """The source lies in the archive, whole, and nowhere else."""
    found = release.run(house.archived(tmp_path / "Archive"), house.tools())

    assert (tmp_path / "Archive/clip.mov").read_bytes() == b"the only copy"
    assert list(house.inbox.iterdir()) == []
    assert found.job.released_at is not None


def test_release_puts_back_what_is_no_longer_the_file_that_was_read(house, tmp_path):
    """Somebody saved a new version meanwhile: it stays under its own name."""
    house.source.write_bytes(b"a new and longer version")
    found = release.run(house.archived(tmp_path / "Archive"), house.tools())

    assert house.source.read_bytes() == b"a new and longer version"
    assert [p.name for p in house.inbox.iterdir()] == ["clip.mov"]
    assert "it stays where it was" in found.job.note


def test_release_looks_for_the_private_name_first(house, tmp_path):
    """A crash came after the move, and a new file has the old name: neither is lost."""
    job = house.archived(tmp_path / "Archive")
    house.source.rename(house.inbox / job.private_name)
    house.source.write_bytes(b"new")
    release.resume(job, house.tools())

    assert (tmp_path / "Archive/clip.mov").read_bytes() == b"the only copy"
    assert house.source.read_bytes() == b"new"


def test_a_source_that_cannot_be_archived_is_put_back_at_once(house, tmp_path):
    """A file lies where the archive should be: the source is not left under a hidden name."""
    (tmp_path / "Archive").write_bytes(b"a file")
    with pytest.raises(HotpressError):
        release.run(house.archived(tmp_path / "Archive"), house.tools())

    assert [p.name for p in house.inbox.iterdir()] == ["clip.mov"]


def test_a_release_that_was_stopped_again_and_again_puts_back_first(house, tmp_path):
    """After its last try the source is where its owner left it."""
    job = house.archived(tmp_path / "Archive")
    house.source.rename(house.inbox / job.private_name)
    job = replace(job, begins=policy.BEGINS_TOGETHER + 2)
    found = release.resume(job, house.tools())

    assert house.source.read_bytes() == b"the only copy"
    assert found.job.released_at is not None


def test_giving_up_leaves_no_half_copy_in_the_archive(house, tmp_path):
    """Stopped again and again while it copied: the source is back, and the copy goes."""
    job = house.archived(tmp_path / "Archive")
    house.source.rename(house.inbox / job.private_name)
    (tmp_path / "Archive").mkdir()
    (tmp_path / "Archive" / f".hotpress-{job.id}.part").write_bytes(b"the on")
    release.resume(replace(job, begins=policy.BEGINS_TOGETHER + 2), house.tools())

    assert house.source.read_bytes() == b"the only copy"
    assert list((tmp_path / "Archive").iterdir()) == []


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_the_trash_has_no_note_without_a_file_after_a_crash(tmp_path, monkeypatch, share):
    """A crash came between the note, perhaps torn, and the move: the name is used after all."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    hidden, original = tmp_path / ".hotpress-x.mov", tmp_path / "clip.mov"
    hidden.write_bytes(b"1")
    first = trash.put(hidden, original, 0.0)
    note = tmp_path / "data/Trash/info/clip.mov.trashinfo"
    text = note.read_text()
    first.rename(hidden)
    note.write_text(text[: round(len(text) * share)])
    again = trash.put(hidden, original, 1.0)

    assert (again, [p.name for p in note.parent.iterdir()]) == (first, [note.name])
    assert "Path=" in note.read_text()


def test_the_trash_notes_no_file_of_somebody_else(tmp_path, monkeypatch):
    """A file without a note has the name already: none is written for it."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "data/Trash/files").mkdir(parents=True)
    (tmp_path / "data/Trash/files/clip.mov").write_bytes(b"theirs")
    (tmp_path / ".hotpress-x.mov").write_bytes(b"1")
    trash.put(tmp_path / ".hotpress-x.mov", tmp_path / "clip.mov", 0.0)

    notes = [p.name for p in (tmp_path / "data/Trash/info").iterdir()]
    assert notes == ["clip.2.mov.trashinfo"]


def test_the_trash_takes_a_file_once_after_a_crash_between_link_and_unlink(tmp_path, monkeypatch):
    """Without renameat2 it lies there already, under both names: no second copy is put beside."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    hidden, original = tmp_path / ".hotpress-x.mov", tmp_path / "clip.mov"
    hidden.write_bytes(b"1")
    first = trash.put(hidden, original, 0.0)
    hidden.hardlink_to(first)
    again = trash.put(hidden, original, 1.0)

    assert (again, hidden.exists()) == (first, False)
    assert [p.name for p in first.parent.iterdir()] == ["clip.mov"]


def test_an_archive_name_that_is_taken_gets_a_version(house, tmp_path):
    """Nothing in the archive is replaced."""
    (tmp_path / "Archive").mkdir()
    (tmp_path / "Archive/clip.mov").write_bytes(b"older")
    release.run(house.archived(tmp_path / "Archive"), house.tools())

    assert (tmp_path / "Archive/clip.mov").read_bytes() == b"older"
    assert (tmp_path / "Archive/clip v2.mov").read_bytes() == b"the only copy"
