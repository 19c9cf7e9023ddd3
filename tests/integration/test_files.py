import errno
import mmap
import os
import subprocess
import sys
import threading
from dataclasses import replace

import pytest
from makers import a_delivery

from hotpress import files, outbox, receipts
from hotpress.errors import FolderMissing, NotAllowed, SourceChanged, SourceGone
from hotpress.watch.walk import is_outbox


def source(path):
    status = path.lstat()
    return files.Source(path.parent, path.name, status.st_size, status.st_mtime_ns, status.st_dev)


def test_placing_never_replaces(tmp_path):
    """A stranger's file keeps its name and its bytes."""
    temp, final = tmp_path / "t.part", tmp_path / "clip.mp4"
    temp.write_bytes(b"ours")
    final.write_bytes(b"theirs")

    with pytest.raises(FileExistsError):
        files.place(temp, final)
    assert final.read_bytes() == b"theirs"
    assert temp.read_bytes() == b"ours"


def test_placing_without_renameat2_never_replaces_either(tmp_path, monkeypatch):
    """The way of other systems: link and unlink."""
    monkeypatch.setattr(files, "_rename_noreplace", lambda _old, _new: False)
    temp, final = tmp_path / "t.part", tmp_path / "clip.mp4"
    temp.write_bytes(b"ours")
    files.place(temp, final)

    assert (final.read_bytes(), temp.exists()) == (b"ours", False)

    temp.write_bytes(b"second")
    with pytest.raises(FileExistsError):
        files.place(temp, final)
    assert final.read_bytes() == b"ours"


def test_placing_goes_on_after_a_crash_between_link_and_unlink(tmp_path, monkeypatch):
    """Both names are the same file: the temporary one goes, and no second copy is made."""
    monkeypatch.setattr(files, "_rename_noreplace", lambda _old, _new: False)
    temp, final = tmp_path / "t.part", tmp_path / "clip.mp4"
    temp.write_bytes(b"ours")
    final.hardlink_to(temp)
    files.place(temp, final)

    assert [p.name for p in tmp_path.iterdir()] == ["clip.mp4"]


def test_moving_aside_leaves_no_second_name(tmp_path, monkeypatch):
    """Without renameat2, too, the original is never there under two names: one rename."""
    monkeypatch.setattr(files, "_rename_noreplace", lambda _old, _new: False)
    monkeypatch.setattr(files.os, "link", lambda _old, _new: pytest.fail("linked"))
    source, private = tmp_path / "clip.mov", tmp_path / ".hotpress-x.mov"
    source.write_bytes(b"theirs")
    files.move_aside(source, private)

    assert [p.name for p in tmp_path.iterdir()] == [".hotpress-x.mov"]


def test_a_copy_never_writes_into_what_a_crash_left(tmp_path):
    """The half name may be a second link of what was placed already."""
    placed, half = tmp_path / "clip.mov", tmp_path / "half.part"
    placed.write_bytes(b"whole")
    half.hardlink_to(placed)
    (tmp_path / "source").write_bytes(b"other")
    with (tmp_path / "source").open("rb") as file:
        files.copy_synced(file, half)

    assert (placed.read_bytes(), half.read_bytes()) == (b"whole", b"other")


def test_a_source_is_opened_only_as_the_very_file_that_settled(tmp_path):
    """Another size or time, a link, or nothing there: said as what it is."""
    path = tmp_path / "clip.mov"
    path.write_bytes(b"video")
    with files.open_source(source(path)) as file:
        assert file.read() == b"video"

    with pytest.raises(SourceChanged), files.open_source(replace(source(path), size_bytes=99)):
        pass
    with pytest.raises(SourceGone), files.open_source(replace(source(path), relative="no")):
        pass
    (tmp_path / "link.mov").symlink_to(path)
    with pytest.raises(files.FileError), files.open_source(source(tmp_path / "link.mov")):
        pass


def test_an_inbox_that_is_away_is_never_taken_for_a_deleted_source(tmp_path):
    """An unmounted or missing root is the folder's fault: the job waits for it."""
    root = tmp_path / "in"
    root.mkdir()
    path = root / "clip.mov"
    path.write_bytes(b"video")
    before = source(path)
    path.unlink()
    assert isinstance(before.missing(), SourceGone)
    other_device = replace(before, device=before.device + 1)
    assert isinstance(other_device.missing(), FolderMissing)
    root.rmdir()
    assert isinstance(before.missing(), FolderMissing)
    assert before.missing().which == "inbox"


def test_a_source_that_changes_while_it_is_read_is_noticed(tmp_path):
    """The check comes after the reading, too."""
    path = tmp_path / "clip.mov"
    path.write_bytes(b"video")
    with (
        pytest.raises(SourceChanged),
        files.open_source(source(path)) as file,
    ):
        file.read()
        path.write_bytes(b"other bytes")


def test_a_writer_is_noticed(tmp_path):
    """An open writer refuses the read lease; a reader does not."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"x")
    assert files.writer_of(path) == "none"
    with path.open("rb"):
        assert files.writer_of(path) == "none"
    with path.open("ab"):
        assert files.writer_of(path) == "some"


def test_a_memory_map_is_a_writer(tmp_path):
    """Its file is closed, no event ever comes, and bytes may still change."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"x" * 5_000)
    with path.open("r+b") as file:
        memory = mmap.mmap(file.fileno(), 5_000)
    assert files.writer_of(path) == "some"
    memory.close()
    assert files.writer_of(path) == "none"


def test_where_nobody_can_tell_of_writers(tmp_path):
    """Leases are for the owner, and for plain files: everything else is unknown, never "none"."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"x")
    path.chmod(0o644)
    (tmp_path / "folder").mkdir()
    assert files.writer_of(tmp_path / "gone") == "unknown"
    assert files.writer_of(tmp_path / "folder") == "unknown"
    if os.geteuid() == 0:
        os.chown(path, 65_534, 65_534)
        code = (
            "import pathlib, sys; from hotpress.files import writer_of; "
            "print(writer_of(pathlib.Path(sys.argv[1])))"
        )
        words = ["setpriv", "--bounding-set=-lease", sys.executable, "-c", code, str(path)]
        assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == (
            "unknown\n"
        )


@pytest.mark.parametrize(
    ("number", "kind"),
    [(13, NotAllowed), (28, files.DiskFull), (2, FolderMissing), (30, NotAllowed)],
)
def test_errors_of_the_system_say_what_to_do(number, kind, tmp_path):
    """Each has its own next step."""
    found = files.as_file_error(OSError(number, os.strerror(number)), tmp_path / "x")

    assert isinstance(found, kind)
    assert found.hint


def test_an_outbox_is_known_by_its_marker(tmp_path):
    """An empty folder in the place of an unmounted outbox is not the outbox."""
    out = tmp_path / "out"
    out.mkdir()
    first = outbox.make(out)

    assert outbox.make(out) == first
    assert outbox.check(out) == out / ".hotpress/tmp"

    out.rename(tmp_path / "moved")
    out.mkdir()
    with pytest.raises(FolderMissing):
        outbox.check(out)


def test_a_crash_between_claim_and_placing_is_gone_on_from(tmp_path, monkeypatch):
    """Where the system has no atomic way (exFAT): our own claim is no stranger's file."""

    def refused(*_):
        raise PermissionError(errno.EPERM, "no links here")

    monkeypatch.setattr(files, "_rename_noreplace", lambda _old, _new: False)
    monkeypatch.setattr(os, "link", refused)
    temp, final = tmp_path / "job1.part", tmp_path / "clip.mp4"
    temp.write_bytes(b"whole")
    final.write_bytes(b"hotpress places job1.part here\n")
    files.place(temp, final)
    assert final.read_bytes() == b"whole"

    temp.write_bytes(b"again")
    with pytest.raises(FileExistsError):
        files.place(temp, final)
    assert (temp.read_bytes(), final.read_bytes()) == (b"again", b"whole")


def test_receipts_survive_torn_lines_and_conflict_copies(tmp_path):
    """A line torn by a power cut takes no other with it; copies of sync clients count, too."""
    out = tmp_path / "out"
    outbox.make(out)
    receipts.add(out, a_delivery(job="a"))
    path = receipts.own(out)
    with path.open("ab") as file:
        file.write(b'{"job": "tor')
    receipts.add(out, a_delivery(job="b"))
    copy = path.with_name("receipts-nas.sync-conflict-2026.jsonl")
    copy.write_text(path.read_text().splitlines()[0].replace('"a"', '"c"') + "\n")

    assert {r.job for r in receipts.news(out, {})[0]} == {"a", "b", "c"}
    assert receipts.has(out, "b")
    assert is_outbox(out)


def test_two_threads_placing_one_name_have_one_winner(tmp_path):
    """The name is taken in one atomic step."""
    for n in range(20):
        (tmp_path / f"{n}.part").write_bytes(str(n).encode())
    won = []

    def run(n):
        try:
            files.place(tmp_path / f"{n}.part", tmp_path / "clip.mp4")
            won.append(n)
        except FileExistsError:
            pass

    threads = [threading.Thread(target=run, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == 1
    assert (tmp_path / "clip.mp4").read_bytes() == str(won[0]).encode()
