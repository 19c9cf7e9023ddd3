import io
import threading

from hotpress.clock import HandClock
from hotpress.cloud.upload import Multipart, Pace


def test_an_upload_keeps_to_its_rate():
    """8 MB at 8 Mbit/s take eight seconds of the clock that was handed in."""
    clock = HandClock(start=0.0)
    body = io.BytesIO(bytes(8_000_000))
    pace = Pace(clock, threading.Event(), 8_000_000)
    parts = Multipart(body, "v.mp4", 8_000_000, lambda _n: None, threading.Event(), pace)
    size = sum(len(part) for part in parts)

    assert 7.9 <= clock.now() <= 8.1
    assert size == int(parts.headers()["Content-Length"])


def test_without_a_rate_nothing_waits():
    """The default is the line's own speed."""
    clock = HandClock(start=0.0)
    Pace(clock, threading.Event(), None).sent(10**9)

    assert clock.now() == 0.0
