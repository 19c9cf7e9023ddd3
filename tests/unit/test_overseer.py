import errno
import socket
import threading

import pytest

from hotpress.alive import Alive
from hotpress.clock import HandClock
from hotpress.errors import StateUnusable
from hotpress.overseer import Overseer, from_environment, status, take_credentials
from hotpress.rights import Here, next_step


@pytest.fixture
def heard(tmp_path):
    """An overseer that listens, and all that it has heard."""
    line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    line.bind(str(tmp_path / "a line"))
    line.setblocking(False)

    def all_of_it():
        found = []
        while True:
            try:
                found.append(line.recv(4096).decode())
            except BlockingIOError:
                return found

    yield str(tmp_path / "a line"), all_of_it
    line.close()


def alive(address, loops, says=lambda: "watches"):
    return Alive(Overseer(address, 8.0), HandClock(), threading.Event(), loops, says)


def test_the_variables_are_taken_out_and_another_ones_watchdog_is_not_ours():
    """What hotpress starts must not speak in its name."""
    environ = {"NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "7", "A": "b"}

    assert from_environment(dict(environ), 7) == Overseer("@x", 3.0)
    assert from_environment(dict(environ), 8) == Overseer("@x", None)
    from_environment(environ, 7)
    assert environ == {"A": "b"}


@pytest.mark.parametrize("address", ["", "/", "@", "vsock:2:1", "relative"])
def test_an_address_that_is_none_is_passed_over(address):
    """It runs without systemd as well."""
    assert from_environment({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "1"}, 1) == Overseer()


@pytest.mark.parametrize("address", ["", "/nowhere/at/all", "@nobody", "/" + "x" * 300, "/a\0b"])
def test_nobody_there_is_no_reason_to_stop(address):
    """False, and no error."""
    assert not Overseer(address).say("READY=1")


def test_a_status_is_one_line_and_cannot_say_more_than_it_is():
    """A file's name may hold a line's end."""
    assert status("a\nREADY=1") == "STATUS=a READY=1"
    assert len(status("x" * 1_000)) < 400


def test_life_is_told_only_when_each_loop_has_answered_since(heard):
    """One that is late keeps it back; that it is stuck is said at the second look in a row."""
    address, all_of_it = heard
    asked = []
    found = alive(address, {"engine": asked.append, "timetable": lambda answer: answer()})

    assert found.look() == []
    assert all_of_it() == ["WATCHDOG=1", "STATUS=watches"]
    assert found.look() == []
    assert all_of_it() == []
    assert found.look() == ["engine"]
    assert all_of_it() == ["STATUS=engine does not go on"]
    assert len(asked) == 1
    asked.pop()()
    assert found.look() == []
    assert all_of_it() == ["WATCHDOG=1", "STATUS=watches"]


def test_a_store_that_has_no_room_is_told_and_is_no_death(heard):
    """A start anew would not make room."""
    address, all_of_it = heard

    def full():
        raise StateUnusable("the store can't be used now", "Free some space.")

    alive(address, {}, full).look()

    assert all_of_it() == ["WATCHDOG=1", "STATUS=the store can't be used now"]


def test_a_credential_is_the_token_unless_the_environment_has_one(tmp_path):
    """LoadCredential=NEMO_TOKEN:... shows it as a file."""
    (tmp_path / "NEMO_TOKEN").write_text("nmv_usr_x\n")
    shown = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    take_credentials(shown)
    both = {"CREDENTIALS_DIRECTORY": str(tmp_path), "NEMO_TOKEN": "nmv_usr_y"}
    take_credentials(both)
    none = {"CREDENTIALS_DIRECTORY": str(tmp_path / "gone")}
    take_credentials(none)

    assert shown["NEMO_TOKEN"] == "nmv_usr_x"
    assert both["NEMO_TOKEN"] == "nmv_usr_y"
    assert "NEMO_TOKEN" not in none


@pytest.mark.parametrize(
    ("number", "here", "says"),
    [
        (errno.EROFS, Here("linux", "system", "p"), "service install --system --now"),
        (errno.EPERM, Here("darwin", "launchd", "/v/bin/python"), "Full Disk Access, add /v/bin/p"),
    ],
)
def test_a_refusal_by_the_system_itself_names_what_to_do_there(number, here, says):
    """The unit's sandbox, or a Mac's privacy setting; elsewhere it is a matter of rights."""
    assert says in next_step(number, here)
    assert next_step(number, Here("linux", "user", "p")) == ""
    assert next_step(errno.EACCES, here) == ""
