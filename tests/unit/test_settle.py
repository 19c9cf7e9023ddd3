import pytest

from hotpress.settle import Later, Look, Patience, SettledFile, judge, needed_seconds, seen

PATIENCE = Patience(settle=1.0, patience=600.0)


def key(size=100, mtime=1_700_000_000_000_000_000):
    return (1, 2, size, mtime, mtime)


def history(*looks):
    candidate = None
    for look in looks:
        candidate = seen(candidate, look)
    return judge(candidate, PATIENCE)


def look(at, size=100, **more):
    return Look(at, key(size), **{"writer": "none", "whole": "complete", **more})


def test_a_whole_file_that_nobody_writes_is_settled_after_the_settle_time():
    """One second of quiet is enough when the container is complete and no writer is there."""
    assert isinstance(history(look(0)), Later)
    assert history(look(0), look(1.0)) == SettledFile(key())


def test_a_file_that_grows_is_never_settled():
    """Every change of size or time starts the quiet anew."""
    looks = [look(n * 0.9, size=100 + n) for n in range(50)]

    assert isinstance(history(*looks), Later)


def test_an_old_mtime_says_nothing():
    """Copiers such as rsync set times of years ago: only change counts."""
    old = Look(0, (1, 2, 100, 1_000_000_000, 0), "none", "complete")

    assert isinstance(history(old), Later)


def test_an_open_writer_keeps_it_arriving():
    """A refused read lease means that somebody writes, however quiet it is."""
    found = history(look(0, writer="some"), look(100, writer="some"), look(200, writer="some"))

    assert found == Later(1.0, "still being written")


def test_an_incomplete_container_is_told_and_waits_for_patience():
    """It looks cut off: arriving at once, and a job that fails after it has rested."""
    cut = {"whole": "incomplete", "why": "it ends in the middle"}
    early = history(look(0, **cut), look(599, **cut))
    late = history(look(0, **cut), look(600, **cut))

    assert isinstance(early, Later)
    assert "it ends in the middle" in early.why
    assert late == SettledFile(key(), "it ends in the middle")


def test_a_container_that_says_nothing_rests_longer():
    """Where no length is written in the file, ten times the settle time."""
    unknown = {"whole": "unknown"}

    assert isinstance(history(look(0, **unknown), look(9.9, **unknown)), Later)
    assert isinstance(history(look(0, **unknown), look(10, **unknown)), SettledFile)


def test_where_nobody_can_tell_of_writers_the_longest_gap_counts_twice():
    """On network folders a writer may pause: twice the longest pause that was seen."""
    remote = {"writer": "unknown"}
    looks = [look(0, 1, **remote), look(40, 2, **remote), look(119, 2, **remote)]

    assert isinstance(history(*looks), Later)
    assert isinstance(history(*looks, look(121, 2, **remote)), SettledFile)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"elsewhere": "online only"}, "online only"),
        ({"side_file": "clip.mp4.aria2"}, "still being fetched: clip.mp4.aria2 lies beside it"),
    ],
)
def test_placeholders_and_side_files_are_never_settled(more, why):
    """What is online only, or has an unfinished file beside it, is arriving."""
    assert history(look(0, **more), look(9_999, **more)).why == why


def test_an_empty_file_is_arriving():
    """0 bytes is what a browser leaves while it downloads beside it."""
    assert history(look(0, size=0), look(9_999, size=0)).why == "empty so far"


def test_a_silent_container_rests_twice_the_longest_pause():
    """Its writer closes it and comes back: ten seconds are too few once it paused for eight."""
    silent = {"whole": "unknown"}
    looks = [look(0, 1, **silent), look(8, 2, **silent), look(22, 2, **silent)]

    assert isinstance(history(*looks), Later)
    assert history(*looks, look(24, 2, **silent)) == SettledFile(key(2))


def test_a_gap_that_may_be_meant_waits_for_patience_and_is_no_damage():
    """Nobody can tell, so it is given time, told as arriving, and then taken as it is."""
    doubt = {"whole": "doubtful", "why": "a part of it may not have been written yet"}
    early = history(look(0, **doubt), look(599, **doubt))

    assert "may not have been written" in early.why
    assert history(look(0, **doubt), look(600, **doubt)) == SettledFile(key())


def dated_1970(at, whole):
    """As rsync leaves what it did not finish: second 0, but with the source's nanoseconds."""
    return Look(at, (1, 2, 100, 123_456_789, 5), "none", whole)


def test_what_rsync_did_not_finish_waits_and_fails():
    """A transport stream says nothing of its length; rsync's own mark on it does."""
    early = history(dated_1970(0, "unknown"), dated_1970(599, "unknown"))
    late = history(dated_1970(0, "unknown"), dated_1970(600, "unknown"))

    assert isinstance(early, Later)
    assert "1 January 1970" in early.why
    assert "1 January 1970" in late.damage


def test_a_whole_file_of_1970_is_whole():
    """Some archives keep no dates: what a container proves stands above them."""
    found = history(dated_1970(0, "complete"), dated_1970(1, "complete"))

    assert isinstance(found, SettledFile)
    assert not found.damage


@pytest.mark.parametrize(("dated", "need"), [(10, 20), (1, 16), (1_000, 32)])
def test_a_pause_whose_start_was_seen_late_counts_in_full(dated, need):
    """By the dates of its changes; a clock that was set meanwhile at most doubles what was seen."""
    first = (1, 2, 100, 10**18, 10**18)
    second = (1, 2, 200, 10**18, 10**18 + dated * 10**9)
    candidate = seen(seen(None, Look(0, first)), Look(8, second))

    assert needed_seconds(candidate, PATIENCE) == need
