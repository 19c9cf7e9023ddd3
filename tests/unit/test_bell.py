"""The bell: a command that another process leaves is obeyed at once, and nothing hangs on it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotpress.store import Bell, Store
from hotpress.store.bell import ring

_LONG_SECONDS = 30.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """One that nobody else has open."""
    found = Store(tmp_path / "hotpress.db")
    yield found
    found.close()


def test_who_leaves_a_command_is_heard(store: Store) -> None:
    """A command that is left in the store rings, and one more ring after it is heard, too."""
    heard = threading.Semaphore(0)
    bell = Bell(store.path, heard.release)
    assert bell.hang()
    for _ in range(2):
        store.ask("pause", "", {}, 0.0)
        assert heard.acquire(timeout=_LONG_SECONDS)
    bell.take_down(_LONG_SECONDS)
    assert [path.name for path in store.path.parent.glob("*.bell")] == []


def test_where_nobody_listens_a_command_is_left_all_the_same(store: Store) -> None:
    """With no daemon, or the pipe of one that was killed, nothing waits and nothing fails."""
    assert store.ask("pause", "", {}, 0.0) == 1
    os.mkfifo(store.path.with_name("daemon.bell"))
    assert store.ask("pause", "", {}, 0.0) == 2
    bell = Bell(store.path, lambda: None)
    assert bell.hang()  # in the place of the dead one's
    bell.take_down(_LONG_SECONDS)


def test_a_bell_that_nobody_hears_never_holds_up(store: Store) -> None:
    """A daemon that hangs does not keep those who ring, however often they do."""
    pipe = store.path.with_name("daemon.bell")
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDWR)
    for _ in range(100_000):  # more than a pipe holds
        ring(store.path)
    os.close(reader)


@pytest.mark.parametrize("kind", ["file", "link"])
def test_what_is_no_bell_is_not_written_to(store: Store, tmp_path: Path, kind: str) -> None:
    """A file, or a link, in the bell's place stays as it is."""
    other = tmp_path / "film.mp4"
    other.write_bytes(b"a film")
    bell = store.path.with_name("daemon.bell")
    if kind == "link":
        bell.symlink_to(other)
    else:
        other.rename(bell)
        other = bell
    store.ask("pause", "", {}, 0.0)
    assert other.read_bytes() == b"a film"


def test_without_pipes_it_says_so(tmp_path: Path) -> None:
    """Where none can be made the daemon is told, and looks more often instead."""
    bell = Bell(tmp_path / "away/hotpress.db", lambda: None)
    assert not bell.hang()
    bell.take_down(_LONG_SECONDS)
