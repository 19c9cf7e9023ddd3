"""Videos whose bytes lie elsewhere: left, or read through once, and then judged like any other."""

import os
import threading
from types import SimpleNamespace

import mounts
import pytest
from house import House
from integration.test_known_content import admission
from stage import until

from hotpress import online
from hotpress.clock import HandClock
from hotpress.config.settings import Inbox
from hotpress.hotfolder import HotFolder

SIZE = 5_000_000


@pytest.fixture
def house(tmp_path):
    found = House(tmp_path)
    found.source.unlink()
    return found


@pytest.fixture
def stop():
    found = threading.Event()
    yield found
    found.set()


def fetcher(clock, stop, free_space=1):
    return online.Fetcher(clock, stop, lambda: free_space)


def placeholder(folder, name="clip.mp4", size=SIZE):
    """As a sync client leaves it: its size is there, and not one block."""
    path = folder / name
    path.touch()
    os.truncate(path, size)
    assert path.stat().st_blocks == 0
    return path


def hot(house, stop, policy):
    inbox = Inbox(path=house.inbox, outbox=house.outbox, online_only=policy)
    return HotFolder(inbox, admission(house), fetcher=fetcher(house.clock, stop))


def told(folder):
    return [one["why"] for one in folder.arriving()]


def later(house, folder, seconds):
    house.clock.move(seconds)
    folder.look_again()


def test_one_that_is_to_wait_is_not_opened(house, stop):
    """`online_only: wait`: it arrives for as long as it is elsewhere, and nobody reads it."""
    path = placeholder(house.inbox)
    os.utime(path, (1, 1_700_000_000))
    folder = hot(house, stop, "wait")
    folder.rescan()
    later(house, folder, 100_000)

    assert told(folder) == ["online only"]
    assert path.stat().st_atime == 1
    assert house.store.jobs() == []


def test_a_reserved_file_is_not_taken_for_a_fetched_one(house, stop):
    """Read through, it still is nothing but holes: it arrives, and fails after `patience`."""
    placeholder(house.inbox)
    folder = hot(house, stop, "fetch")
    folder.rescan()
    assert told(folder)[0].startswith("being fetched")

    def fetched():
        later(house, folder, 1)
        return not any(why.startswith("being fetched") for why in told(folder))

    until(fetched, 20, "the end of the fetch")
    assert house.store.jobs() == []
    assert "not been written" in told(folder)[0]
    for _ in range(100):
        later(house, folder, 10)

    [job] = house.store.jobs()
    assert "not been written" in job.damage
    assert told(folder) == []


def test_one_at_a_time_and_then_like_any_other(house, stop):
    """The second waits for the first; each is read to its end, whatever it is read by."""
    first, second = (placeholder(house.inbox, f"{n}.mp4") for n in range(2))
    os.truncate(first, 40_000_000_000)  # longer than this test
    seen = first.stat()
    one = fetcher(house.clock, stop)

    assert one.fetch(first, seen).comes
    assert "another" in one.fetch(second, second.stat()).why
    os.truncate(first, SIZE)
    until(lambda: not one.fetch(first, seen).why, 20, "the first")
    assert one.fetch(second, second.stat()).comes
    until(lambda: not one.fetch(second, second.stat()).why, 20, "the second")


def test_without_room_nothing_is_fetched(house, stop):
    """What would fill the disk stays where it is, with the key's name; tried again later."""
    path = placeholder(house.inbox, size=2**43)
    one = fetcher(house.clock, stop)

    assert "limits.free_space" in one.fetch(path, path.stat()).why
    os.truncate(path, SIZE)
    house.clock.move(1_000)
    assert one.fetch(path, path.stat()).comes


def test_what_can_not_be_fetched_says_why_and_is_tried_again(house, stop):
    """A client that is offline refuses: the sentence is the system's, the next try comes."""
    path = placeholder(house.inbox)
    status = path.stat()
    path.rename(aside := path.with_name("aside.mp4"))
    one = fetcher(house.clock, stop)
    one.fetch(path, status)
    until(lambda: not one.fetch(path, status).comes, 10, "the refusal")

    assert "can't be fetched" in one.fetch(path, status).why
    aside.rename(path)
    house.clock.move(1_000)
    assert one.fetch(path, status).comes


@pytest.mark.system
def test_one_that_hangs_keeps_nobody_else(tmp_path, stop):
    """A read that never comes back has its own thread; after ten minutes the next has its turn."""
    clock, one = HandClock(), None
    with mounts.own_namespace():
        share = mounts.Hanging(tmp_path / "real", tmp_path / "share")
        try:
            (tmp_path / "real/a.mp4").write_bytes(b"x" * SIZE)
            hung, good = tmp_path / "a.mp4", placeholder(tmp_path, "b.mp4")
            hung.touch()
            mounts._mount(str(tmp_path / "share/a.mp4"), hung, "none", mounts._BIND)
            status = hung.stat()
            share.hang()
            one = fetcher(clock, stop)
            assert one.fetch(hung, status).comes
            assert "another" in one.fetch(good, good.stat()).why
            clock.move(601)
            assert "does not send it" in one.fetch(hung, status).why
            until(lambda: not one.fetch(good, good.stat()).why, 10, "the one that answers")
        finally:
            share.answer()
            until(lambda: one is None or not one.fetch(hung, status).why, 10, "its end")
            share.end()


@pytest.mark.parametrize(
    ("values", "kind", "away"),
    [
        ({"st_blocks": 0}, "ext4", True),
        ({"st_blocks": 8}, "ext4", False),
        ({"st_blocks": 0}, "fuse.rclone", False),
        ({"st_blocks": 0}, "zfs", False),
        ({"st_blocks": 0, "st_size": 900}, "btrfs", False),
        ({"st_blocks": 8, "st_flags": 0x40000000}, "", True),
        ({"st_blocks": 8, "st_flags": 0x20}, "", False),
        ({"st_file_attributes": 0x400020}, "", True),
        ({"st_file_attributes": 0x20}, "", False),
    ],
)
def test_how_systems_say_online_only(values, kind, away):
    """No blocks where blocks are counted; macOS' flag; Windows' recall attributes."""
    status = SimpleNamespace(**{"st_size": SIZE, **values})

    assert online.is_elsewhere(status, lambda: kind) is away


def test_very_many_that_wait_cost_next_to_nothing(house, stop):
    """A cloud drive of them: few looks a second in all, and one that comes is seen at once."""
    folder = hot(house, stop, "wait")
    for number in range(1_000):
        placeholder(house.inbox, f"{number}.mp4")
    folder.rescan()
    later(house, folder, 60)
    waits = [at - house.clock.steady() for at in folder.due.values()]
    came = house.inbox / "7.mp4"
    came.write_bytes(b"here, but no video" * 1_000)
    folder.nudge(came)

    assert len(waits) == 1_000
    assert sum(1 / each for each in waits) <= 25
    assert folder.due["7.mp4"] - house.clock.steady() <= 1
    assert len(folder.arriving()) == 200
