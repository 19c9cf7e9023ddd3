"""A failed video that its owner mends in place is taken up again, however it was put there."""

import os
import random
from dataclasses import replace

import pytest
from house import House

from hotpress.admission import Admission
from hotpress.config.settings import Inbox, Settings
from hotpress.hotfolder import HotFolder
from hotpress.model import State


@pytest.fixture
def hot(tmp_path):
    """A hot folder with one job that failed, as the daemon left it."""
    house = House(tmp_path)
    house.source.write_bytes(b"x" * 5_000)
    os.utime(house.source, ns=(1, 1_000_000_000))
    inbox = Inbox(path=house.inbox, outbox=house.outbox)
    settings = Settings(inboxes=[inbox])
    admission = Admission("travel", inbox, settings, house.store, house.clock, random.Random(1))
    found = HotFolder(inbox, admission)
    quiet(found, house)
    [job] = house.store.jobs()
    failed = replace(job, state=State.FAILED, finished_at=house.clock.now())
    assert house.store.write(failed, [], epoch=job.epoch)
    return found, house


def quiet(hot, house):
    """Looks until everything has settled."""
    for _ in range(40):
        hot.rescan()
        hot.look_again()
        house.clock.move(1)


def test_the_same_size_and_time_in_place_is_another_try(hot):
    """Seen half-way: written over, then given back its size and its old time."""
    hot, house = hot
    source = house.source
    with source.open("r+b") as file:
        file.truncate(100)
    hot.rescan()
    with source.open("r+b") as file:
        file.write(b"y" * 5_000)
    os.utime(source, ns=(1, 1_000_000_000))
    quiet(hot, house)

    assert [command.verb for command in house.store.commands()].count("back") >= 1


def test_one_that_left_and_came_back_mended_is_another_try(hot):
    """Mended elsewhere, under its old inode, size and time; a rescan saw that it was away."""
    hot, house = hot
    aside = house.source.rename(house.inbox.parent / "aside.mp4")
    hot.rescan()
    with aside.open("r+b") as file:
        file.write(b"y" * 5_000)
    os.utime(aside, ns=(1, 1_000_000_000))
    aside.rename(house.source)
    quiet(hot, house)

    assert [command.verb for command in house.store.commands()] == ["back"]


def test_one_that_was_away_with_its_folder_and_is_the_same_is_no_other_try(hot):
    """Unmounted and mounted again: nothing was mended, and a try may cost."""
    hot, house = hot
    aside = house.inbox.rename(house.inbox.parent / "aside")
    house.inbox.mkdir()
    hot.rescan()
    house.inbox.rmdir()
    aside.rename(house.inbox)
    quiet(hot, house)

    assert house.store.commands() == []
