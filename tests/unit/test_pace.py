import io
import threading

from hotpress.clock import HandClock
from hotpress.cloud.upload import Multipart, Pace


def test_an_upload_keeps_to_its_rate():
    """8 MB at 8 Mbit/s take eight seconds of the clock that was handed in."""
    clock = HandClock(start=0.0)
    body = io.BytesIO(bytes(8_000_000))
    pace = Pace(clock, threading.Event(), lambda: 8_000_000)
    parts = Multipart(body, "v.mp4", 8_000_000, lambda _n: None, threading.Event(), pace)
    size = sum(len(part) for part in parts)

    assert 7.9 <= clock.now() <= 8.1
    assert size == int(parts.headers()["Content-Length"])


def test_without_a_rate_nothing_waits():
    """The default is the line's own speed."""
    clock = HandClock(start=0.0)
    Pace(clock, threading.Event(), lambda: None).sent(10**9)

    assert clock.now() == 0.0


def test_a_rate_that_changes_counts_at_once():
    """A megabyte at 20 kbit/s would take seven minutes; at six o'clock the line is free."""
    clock = HandClock(start=0.0)
    pace = Pace(clock, threading.Event(), lambda: 20_000 if clock.now() < 60 else None)
    pace.sent(1_000_000)

    assert 60 <= clock.now() <= 65


def test_a_cancel_ends_the_wait_for_the_rate():
    """Nobody waits minutes for a piece of an upload that is not wanted any more."""
    clock, stop = HandClock(start=0.0), threading.Event()
    stop.set()
    Pace(clock, stop, lambda: 20_000).sent(1_000_000)

    assert clock.now() == 0.0
