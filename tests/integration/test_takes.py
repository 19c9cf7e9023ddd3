"""What a hot folder takes, and what it leaves alone: real files, a whole hotpress in one thread."""

import json
import os
import shutil

import pytest
from integration.test_whole_house import ONE, TWO, at, put, settle
from machine import Machine
from makers import a_delivery
from switch import clip_bytes

from hotpress import files
from hotpress.admission import Admission
from hotpress.leaves import result_at
from hotpress.media.length import film_seconds
from hotpress.model import State
from hotpress.store import Store


@pytest.fixture
def house(tmp_path):
    """(rule) -> a machine that makes all by itself."""
    built = []

    def build(**rule):
        values = {"route": "local", "existing": "all", "resolution": "32x24", **rule}
        built.append(Machine(tmp_path.resolve(), values))
        return built[-1]

    yield build
    for machine in built:
        machine.off()
        machine.cloud.close()


def jobs(machine):
    return sorted(job.relative for job in machine.store.jobs())


def ignored(machine):
    machine.clock.move(2.0)
    machine.hotfolder.tell()
    return json.loads(machine.store.note("inbox:in"))["ignored"]


def test_the_length_is_read_from_a_real_film(tmp_path):
    """As every player shows it; no program is started."""
    clip = tmp_path / "a.mp4"
    clip.write_bytes(clip_bytes("tiny"))
    (tmp_path / "link.mp4").symlink_to(clip)

    assert film_seconds(clip) == pytest.approx(1.0, abs=0.1)
    assert film_seconds(tmp_path / "link.mp4") is None


@pytest.mark.parametrize("still", ["IMG_1.HEIC", "IMG_1.jpg", "IMG_1.png", "IMG_1.DNG"])
def test_a_live_photos_film_is_left_alone(house, still):
    """It is a part of the picture; a film without a picture is a video."""
    machine = house()
    (machine.inbox / still).write_bytes(b"a picture")
    put(machine, "IMG_1.MOV")
    put(machine, "IMG_2.MOV", TWO)
    settle(machine)

    assert jobs(machine) == ["IMG_2.MOV"]
    assert ignored(machine)["live_photo"] == 1


def test_a_film_whose_picture_is_deleted_is_a_video(house):
    """Whoever keeps the film alone wants it."""
    machine = house()
    (machine.inbox / "IMG_1.HEIC").write_bytes(b"a picture")
    put(machine, "IMG_1.MOV")
    settle(machine)
    (machine.inbox / "IMG_1.HEIC").unlink()
    settle(machine)

    assert jobs(machine) == ["IMG_1.MOV"]
    assert "live_photo" not in ignored(machine)


def test_a_film_that_becomes_another_file_is_judged_anew(house):
    """What was a picture's film may be replaced by one that is longer."""
    machine = house()
    (machine.inbox / "clip.jpg").write_bytes(b"a thumbnail")
    put(machine, "clip.mp4")
    settle(machine)
    (machine.inbox / "clip.mp4").write_bytes(clip_bytes("silent"))
    settle(machine)

    assert jobs(machine) == ["clip.mp4"]


def test_films_of_pictures_are_no_old_videos_that_somebody_is_asked_about(house):
    """Of a phone's folder only the videos are counted."""
    machine = house(existing="ask")
    for n in range(11):
        (machine.inbox / f"IMG_{n}.HEIC").write_bytes(b"a picture")
        put(machine, f"IMG_{n}.MOV", f"content {n}")
    put(machine, "film.mp4", "a film")
    settle(machine)

    assert [(job.relative, job.state) for job in machine.store.jobs()] == [
        ("film.mp4", State.QUEUED)
    ]


def test_what_the_rules_leave_out_is_no_job_and_is_counted(house):
    """By event or by rescan, at any depth."""
    machine = house(exclude=["*draft*"], include=["*.mp4"])
    (machine.inbox / "a").mkdir()
    put(machine, "my draft.mp4")
    put(machine, "a/Draft 2.mp4")
    put(machine, "clip.mov")
    put(machine, "clip.mp4", TWO)
    machine.hotfolder.nudge(machine.inbox / "a/Draft 2.mp4")
    settle(machine)

    assert jobs(machine) == ["clip.mp4"]
    assert ignored(machine) == {"excluded": 3}


def test_proxies_photos_and_half_files_are_counted_by_kind(house):
    """DJI's and GoPro's small copies are no videos; each chapter of a GoPro is one."""
    machine = house()
    for name in ("DJI_1.LRF", "GL010001.LRV", "GH010001.THM", "a.jpg", "b.mp4.part"):
        (machine.inbox / name).write_bytes(b"x" * 100)
    put(machine, "GH010001.MP4", ONE)
    put(machine, "GH020001.MP4", TWO)
    settle(machine)

    assert jobs(machine) == ["GH010001.MP4", "GH020001.MP4"]
    assert ignored(machine) == {"proxy": 3, "jpg": 1, "arriving": 1}


def test_libraries_and_system_folders_are_not_entered(house):
    """A library counts as one thing."""
    machine = house()
    for folder in ("My.photoslibrary/originals", "@eaDir", ".Trash-1000/files", "Trip"):
        (machine.inbox / folder).mkdir(parents=True)
        put(machine, f"{folder}/a.mp4", folder)
        machine.hotfolder.nudge(machine.inbox / folder / "a.mp4")
    settle(machine)

    assert jobs(machine) == ["Trip/a.mp4"]
    assert ignored(machine) == {"bundle": 1}


def test_a_result_that_is_copied_into_the_inbox_makes_no_job(house):
    """Known by its bytes, whatever it is called, also after a restart."""
    machine = house()
    put(machine, "clip.mov")
    settle(machine)
    machine.rest()
    result = at(machine, "clip.mov").output
    shutil.copy(result, machine.inbox / "again.mp4")
    os.utime(machine.inbox / "again.mp4")
    settle(machine)
    assert (jobs(machine), ignored(machine)) == (["clip.mov"], {"result": 1})

    machine.crash()
    settle(machine)
    assert (jobs(machine), ignored(machine)) == (["clip.mov"], {"result": 1})


def test_a_result_is_known_after_the_state_directory_was_lost(house):
    """The receipts in the outbox know it."""
    machine = house()
    put(machine, "clip.mov")
    settle(machine)
    machine.rest()
    result = at(machine, "clip.mov").output
    machine.off()
    machine.store_path.unlink()
    machine.boot()
    (machine.inbox / "clip.mov").unlink()
    shutil.move(result, machine.inbox / "moved back.mp4")
    settle(machine)

    assert jobs(machine) == []


@pytest.mark.parametrize("as_it_is", [False, True])
def test_what_was_delivered_as_it_is_stays_a_source(tmp_path, as_it_is):
    """Its result has its very bytes: a second drop of it is a second drop."""
    clip = tmp_path / "clip.mkv"
    clip.write_bytes(b"small enough")
    sha256 = files.sha256_at(clip)
    source = {"sha256": sha256, "size": 12} if as_it_is else {}
    store = Store(tmp_path / "hotpress.db")
    known = a_delivery(output_sha256=sha256, output_size=12, **source)
    store.learn([known], ("receipts:/out", "{}"))
    found = result_at(store, tmp_path, "clip.mkv", files.key_of(clip.lstat()))
    store.close()

    assert found == (None if as_it_is else known)


def test_an_outbox_inside_an_inbox_is_not_entered(house):
    """Somebody's hotpress delivers there: its results are no new videos."""
    machine = house()
    (machine.inbox / "Small/.hotpress").mkdir(parents=True)
    (machine.inbox / "Small/.hotpress/receipts-nas.jsonl").touch()
    put(machine, "Small/clip.mp4")
    settle(machine)
    machine.hotfolder.nudge(machine.inbox / "Small/clip.mp4")
    settle(machine)

    assert jobs(machine) == []


def test_names_that_meet_elsewhere_are_two_names_in_the_outbox(house):
    """Also when the first was delivered long ago: on a Mac both would be one file."""
    machine = house()
    for name, content in (("Clip.mp4", ONE), ("clip.mp4", TWO), ("cLIP.mov", "three")):
        put(machine, name, content)
        settle(machine)
        machine.rest()
    results = {path.name for path in machine.outbox.glob("*.mp4")}

    assert results == {"Clip.mp4", "clip v2.mp4", "cLIP (mov).mp4"}


def test_a_date_that_is_too_far_away_for_a_database_stops_nobody(house):
    """A camera whose clock is wrong: its video is made, once, and so are those beside it."""
    machine = house()
    year_2300 = 10_413_792_000
    put(machine, "a far away.mp4")
    put(machine, "b.mp4", TWO)
    os.utime(machine.inbox / "a far away.mp4", (year_2300, year_2300))
    settle(machine)
    machine.rest()
    settle(machine)

    assert (machine.inbox / "a far away.mp4").stat().st_mtime == year_2300
    assert jobs(machine) == ["a far away.mp4", "b.mp4"]
    assert {job.state for job in machine.store.jobs()} == {State.DELIVERED}


class Mistaken(Admission):
    """As ours, but for a mistake that one file brings out."""

    __slots__ = ()

    def admit(self, root, relative, settled):
        """The mistake."""
        if relative == "b.mp4":
            raise ZeroDivisionError
        return super().admit(root, relative, settled)


def test_a_mistake_of_ours_about_one_file_keeps_no_other(house):
    """The others of its folder are taken, also those that come after it; it is tried again."""
    machine = house()
    machine.hotfolder.admission.__class__ = Mistaken
    for name, content in (("a.mp4", ONE), ("b.mp4", TWO), ("c.mp4", "three")):
        put(machine, name, content)
    settle(machine)
    machine.hotfolder.rescan()
    taken = jobs(machine)
    machine.hotfolder.admission.__class__ = Admission
    machine.clock.move(400)
    settle(machine)

    assert taken == ["a.mp4", "c.mp4"]
    assert jobs(machine) == ["a.mp4", "b.mp4", "c.mp4"]


def test_an_inbox_that_leads_back_to_itself_is_said_and_watched_on(house):
    """A loop of links is a folder that is away; when it is a folder again, its videos are taken."""
    machine = house()
    aside = machine.inbox.rename(machine.inbox.with_name("aside"))
    machine.inbox.symlink_to(machine.inbox)
    machine.hotfolder.rescan()
    said = machine.hotfolder.root_missing
    machine.inbox.unlink()
    aside.rename(machine.inbox)
    put(machine, "a.mp4", ONE)
    settle(machine)

    assert str(machine.inbox) in said
    assert jobs(machine) == ["a.mp4"]
    assert machine.hotfolder.root_missing == ""
