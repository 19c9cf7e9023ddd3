"""A notice on the desktop: over a real session bus, seen by who listens on it."""

import shutil
import subprocess
from threading import Event

import pytest
from stage import until

from hotpress.config.notify import Notify
from hotpress.telling import sending

pytestmark = pytest.mark.slow
TO = Notify(url="desktop://")
TITLE, TEXT = "hotpress: 2 videos failed", "A \"note\" says why;\n- é/clip $(id) \\ 'x'.mov"


@pytest.fixture
def bus(tmp_path, monkeypatch):
    """A session bus of its own, and all that is called on it."""
    if not (shutil.which("dbus-daemon") and shutil.which("busctl")):
        pytest.skip("needs dbus and busctl")
    words = ["dbus-daemon", "--session", "--nofork", "--print-address"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as daemon:
        address = daemon.stdout.readline().strip()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        seen = tmp_path / "seen"
        with seen.open("w") as out:
            listen = ["dbus-monitor", "--address", address, "member='Notify'"]
            with subprocess.Popen(listen, stdout=out) as monitor:
                until(lambda: "NameAcquired" in seen.read_text(), 20, "the listener")
                yield seen
                monitor.terminate()
        daemon.terminate()


def test_a_notice_goes_to_the_desktop_as_it_stands(bus):
    """Title and text are two words of one call, whatever is in them; who shows none is told of."""
    why = sending.send(TO, TITLE, TEXT, "{}", Event())
    until(lambda: "member=Notify" in bus.read_text(), 20, "the call")

    assert f'string "{TITLE}"' in bus.read_text()
    assert f'string "{TEXT}"' in bus.read_text()
    assert why.startswith("desktop: ")  # nobody shows notices on this bus


def test_without_a_desktop_it_is_no_trouble(monkeypatch):
    """A sentence for the log, and the notice is sent again later."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")
    assert sending.send(TO, TITLE, TEXT, "{}", Event()).startswith("desktop: ")
