"""Folders that don't answer: a pipe that nobody writes to stands for a hung mount."""

import os
import threading
from pathlib import Path

import pytest

from hotpress import reach
from hotpress.clock import HandClock


def test_a_call_that_comes_back_is_as_if_it_was_made_here(tmp_path):
    """Its value is returned, and its error is raised."""
    assert reach.within(tmp_path, tmp_path.is_dir) is True
    with pytest.raises(FileNotFoundError):
        reach.within(tmp_path, (tmp_path / "none").stat)


def test_a_call_that_hangs_is_left_alone_and_not_made_again(tmp_path):
    """No answer in time, and the next one to ask does not wait at all."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(reach.NoAnswer):
        reach.within(pipe, pipe.read_bytes, 0.05)
    with pytest.raises(reach.NoAnswer):
        reach.within(pipe, lambda: pytest.fail("asked again"), 30)
    with pipe.open("w"):
        pass  # the thread that hangs ends


def test_a_folder_that_is_late_hangs_until_it_answers(tmp_path, monkeypatch):
    """Named after five seconds without an answer, and no longer when the answer has come."""
    answer, answered = threading.Event(), threading.Event()

    def ask(_folder):
        answer.wait(10)

    real = reach._ask

    def watched(folder, question):
        real(folder, question)
        answered.set()

    monkeypatch.setattr(reach.os, "statvfs", ask)
    monkeypatch.setattr(reach, "_ask", watched)
    clock = HandClock()
    folders = reach.Reach({"travel": (Path(tmp_path),)}, clock)
    assert not folders.look()
    clock.move(reach.LATE_SECONDS)
    assert not folders.look()
    clock.move(1)
    assert folders.look()
    assert folders.hung == {"travel": tmp_path}
    answer.set()
    assert answered.wait(10)
    assert folders.look()
    assert folders.hung == {}
