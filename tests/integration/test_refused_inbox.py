"""The look at every inbox when hotpress has started, where the system refuses one of them."""

import errno
import io
import json
import os
import random
import sys
import threading
from pathlib import Path

import pytest
from saying import log_as_it_was
from stage import until

from hotpress import log
from hotpress.admission import Admission
from hotpress.clock import HandClock
from hotpress.config.settings import Inbox, Settings
from hotpress.config.terms import terms_of
from hotpress.hotfolder import HotFolder
from hotpress.ingest import Ingest
from hotpress.rights import Here
from hotpress.store import Store
from hotpress.telling.gather import gathered
from hotpress.watch.obstacles import away

_REFUSED: dict[str, set[str]] = {}  # folder -> threads that tried to look into it


def _heard(event: str, args: tuple[object, ...]) -> None:
    """As a Mac answers who may not: the folder is there, and nobody looks into it."""
    if event == "os.scandir" and (tries := _REFUSED.get(str(args[0]))) is not None:
        tries.add(threading.current_thread().name)
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), str(args[0]))


@pytest.fixture
def refused(tmp_path):
    """An inbox that the system keeps to itself."""
    folder = tmp_path / "Desktop"
    folder.mkdir()
    _REFUSED[str(folder)] = set()
    sys.addaudithook(_heard)  # it stays, and looks at the table alone
    yield folder
    del _REFUSED[str(folder)]


@pytest.fixture
def logged():
    """What the log says, whatever the tests before have made of it."""
    with log_as_it_was():
        lines = io.StringIO()
        log.setup("info", "json", lines)
        yield lines


def test_each_inbox_is_read_once_at_the_start_and_a_refusal_is_said(tmp_path, refused, logged):
    """In status, in the note of the outbox and in the log, by its own thread; the others go on."""
    fine = tmp_path / "fine"
    fine.mkdir()
    (fine / "a.txt").write_text("no video")
    store, clock, stop = Store(tmp_path / "hotpress.db"), HandClock(1e9), threading.Event()
    inboxes = [
        Inbox(name=path.name, path=path, outbox=tmp_path / f"{path.name} out")
        for path in (refused, fine)
    ]
    settings = Settings(inboxes=inboxes)

    def make(terms):
        chance = random.Random(1)
        return HotFolder(
            terms.inbox, Admission(terms.name, terms.inbox, settings, store, clock, chance)
        )

    def note(path: Path) -> dict[str, object]:
        return json.loads(store.note(f"inbox:{path.name}") or "{}")

    ingest = Ingest(make, terms_of(settings), stop)
    ingest.start()
    try:
        until(lambda: note(refused) and note(fine), 20, "both looks")
    finally:
        stop.set()
        assert ingest.rest(10)

    assert _REFUSED[str(refused)] == {f"inbox {refused.name}"}
    assert note(refused)["watch"] == "unreachable"
    assert f"{refused} may not be looked into" in str(note(refused)["why"])
    assert note(fine)["watch"] != "unreachable"
    told = gathered(store, {refused.name: refused, fine.name: fine}, [], 600.0, clock.now())
    [trouble] = told.troubles
    assert str(refused) in trouble
    said = [line for line in logged.getvalue().splitlines() if "unreachable" in line]
    assert len(said) == 1
    store.close()


def test_a_mac_names_its_setting_and_the_program_to_add():
    """For the whole inbox, as for one file."""
    error = PermissionError(errno.EPERM, "Operation not permitted")
    here = Here("darwin", "launchd", "/opt/python3.12")

    said = away(Path("/Users/anna/Desktop"), error, here)

    assert said.startswith("/Users/anna/Desktop may not be looked into: In System Settings > ")
    assert "Privacy & Security > Full Disk Access, add /opt/python3.12" in said
    assert "Files and Folders" in said
