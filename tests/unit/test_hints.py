"""Hints: each path once, in order, and never too many."""

import threading

from hotpress.watch.hints import Hints


def test_a_path_is_hinted_at_once_however_often_it_changed():
    """A writer of a large file makes one hint, not thousands."""
    hints = Hints()
    for path in ("b", "a", "b", "b"):
        hints.add(path)
    assert hints.take(0) == ["b", "a"]
    assert hints.take(0) == []


def test_more_than_are_kept_ask_for_a_look_at_everything():
    """Memory stays bounded, and no file is lost by it."""
    hints = Hints()
    for n in range(20_001):
        hints.add(str(n))
    assert (hints.rescan_asked, hints.spilled) == (True, True)
    hints.add("later")
    assert hints.take(0) == ["later"]
    hints.rescan_begins()
    assert (hints.rescan_asked, hints.spilled) == (False, False)


def test_what_is_asked_while_a_rescan_runs_asks_for_another():
    """It may have passed the place already."""
    hints = Hints()
    hints.ask_rescan()
    hints.rescan_begins()
    hints.ask_rescan()
    assert hints.rescan_asked


def test_whoever_waits_is_woken_by_each_of_them():
    """A hint, an order to look, and a stop come at once, not at the end of the wait."""
    for say in (lambda h: h.add("a"), Hints.ask_rescan, Hints.wake):
        hints = Hints()
        woken = threading.Thread(target=hints.take, args=(60,))
        woken.start()
        say(hints)
        woken.join(10)
        assert not woken.is_alive()
