"""What a rescan alone found lowers the trust in events; a doubt does not."""

from hotpress.watch.trust import LATE_SECONDS, Trust

BEGAN = 1_000.0
NOW = BEGAN + 600


def found(trust, *paths, changed=NOW - 60, steady=0.0):
    return trust.found([(path, changed) for path in paths], NOW, steady)


def test_two_files_without_an_event_are_enough():
    """One may be a chance; the second is a mount that does not tell."""
    trust = found(Trust(BEGAN), "a").at(LATE_SECONDS)
    assert (trust.misses, trust.is_lost) == (1, False)
    trust = found(trust, "b", steady=90).at(90 + LATE_SECONDS)
    assert (trust.misses, trust.is_lost) == (2, True)


def test_an_event_that_comes_late_is_none_the_less_one():
    """A machine that was stopped has them in its queue still."""
    trust = found(Trust(BEGAN), "a", "b", "c").told(["a", "b", "c", "other"])
    assert trust.at(1e9).misses == 0


def test_it_is_waited_for_by_the_steady_clock_alone():
    """A wall clock that is set makes no file late."""
    trust = found(Trust(BEGAN), "a", "b", steady=50)
    assert trust.at(50 + LATE_SECONDS - 1).misses == 0
    assert trust.at(50 + LATE_SECONDS).misses == 2


def test_what_changed_before_the_watch_or_ahead_of_the_clock_proves_nothing():
    """It could not have been told of, or nobody knows when it was."""
    trust = found(Trust(BEGAN), "old", changed=BEGAN + LATE_SECONDS)
    trust = found(trust, "ahead", changed=NOW + 1)
    assert trust.at(1e9).misses == 0


def test_without_a_watch_nothing_is_missed():
    """A folder that is polled anyhow."""
    assert found(Trust(), "a", "b").at(1e9) == Trust()


def test_a_miss_counts_once_and_a_known_loss_not_at_all():
    """After too many events at once, what a rescan finds says nothing of the next ones."""
    trust = found(Trust(BEGAN), "a").at(LATE_SECONDS)
    assert trust.at(1e9).misses == 1
    assert found(trust, "b", "c").excused().at(1e9).misses == 1


def test_seen_twice_is_waited_for_since_the_first_time():
    """A rescan every second must not put it off for ever."""
    trust = found(found(Trust(BEGAN), "a", "b", steady=0), "a", "b", steady=4)
    assert trust.at(LATE_SECONDS).is_lost
