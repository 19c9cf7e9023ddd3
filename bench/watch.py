"""Noticing files: drop to job, what watching costs at rest, and the rescan beside `find`.

    python bench/watch.py [--drops 200] [--seconds 60] [--folders 10000] [--files 100000]

Real daemons on this machine with the default settings (settle 1 s). Nothing is made of the videos:
the hours of the cloud are over. The limits stand beside each figure.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from resting import cpu, resident, settled

from hotpress.admission import Admission
from hotpress.clock import SystemClock
from hotpress.config.settings import Inbox, Settings
from hotpress.files import key_of
from hotpress.hotfolder import HotFolder
from hotpress.store import Store
from hotpress.watch.walk import listings, walk

_READY_SECONDS = 300.0
_CONFIG = """\
cloud: {{api_url: "http://127.0.0.1:9"}}
defaults: {{existing: all}}
inboxes: [{{name: Inbox, path: {folder}/Inbox, outbox: {folder}/out, route: cloud}}]
log: {{level: warning, format: json}}
"""


def main() -> int:
    """Print all figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--drops", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--folders", type=int, default=10_000)
    parser.add_argument("--files", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        _drops(Path(name), options.drops)
    for folders, files in ((0, 0), (options.folders, options.files)):
        with tempfile.TemporaryDirectory() as name:
            _rest(Path(name), folders, files, options.seconds)
    return 0


def _drops(folder: Path, count: int) -> None:
    """From a writer's end to the job, for mv and for cp."""
    (folder / "Inbox").mkdir()
    clip = folder / "clip.mp4"
    made = ["-f", "lavfi", "-i", "testsrc=s=320x180:d=1", "-pix_fmt", "yuv420p", str(clip)]
    subprocess.run([_ffmpeg(), "-loglevel", "error", *made], check=True)
    with _daemon(folder):
        for how in ("mv", "cp"):
            waits = sorted(_one_drop(folder, clip, how, n) for n in range(count))
            p50, p99 = statistics.median(waits), waits[int(len(waits) * 0.99) - 1]
            print(f"{how}: p50 {p50:.2f} s, p99 {p99:.2f} s from drop to job (limit 1.5; {count})")


def _one_drop(folder: Path, clip: Path, how: str, number: int) -> float:
    target = folder / f"Inbox/{how} {number}.mp4"
    if how == "mv":
        aside = folder / "aside.mp4"
        shutil.copyfile(clip, aside)
        with aside.open("ab") as file:  # each another content: a free box at the end
            file.write((8).to_bytes(4, "big") + b"free")
        aside.rename(target)
    else:
        subprocess.run(["cp", str(clip), str(target)], check=True)
    ended = time.time()
    db = sqlite3.connect(folder / "state/hotpress.db")
    sql = "SELECT created_at FROM jobs WHERE relative = ?"
    while not (row := db.execute(sql, (target.name,)).fetchone()):
        time.sleep(0.02)
    db.close()
    return float(row[0]) - ended


def _rest(folder: Path, folders: int, files: int, seconds: float) -> None:
    """What it costs to watch so many, and the rescan beside find."""
    inbox = folder / "Inbox"
    inbox.mkdir()
    for n in range(
        folders - folders // 100 - 1
    ):  # with those between and the inbox, as many as asked
        inner = inbox / f"{n // 99:03}" / f"{n % 99:02}"
        inner.mkdir(parents=True)
        for m in range(files // folders):
            (inner / f"{m}.txt").touch()
    with _daemon(folder) as pid:
        before, began = cpu(pid), time.monotonic()
        time.sleep(seconds)
        share = (cpu(pid) - before) / (time.monotonic() - began)
        print(
            f"{folders} folders, {files} files: {share * 100:.3f} % of a core at rest (limit 0.1), "
            f"{resident(pid) / 1e6:.0f} MB resident (limit 80)"
        )
    if files:
        for path in inbox.rglob("*.txt"):
            path.rename(path.with_suffix(".mp4"))
        _beside_find(inbox)


def _beside_find(inbox: Path) -> None:
    """The look at everything, in turns with find: each file's key alone, and as the daemon does it.

    All files are videos that it knows: the most that a rescan at rest can have to do.
    """
    folder = _known_folder(inbox)
    walks, rescans = [], []
    count = len(folder.done)
    for _ in range(5):
        find = _seconds(lambda: _find(inbox))
        walks.append(_seconds(lambda: _keys(inbox)) / find)
        rescans.append(_seconds(folder.rescan) / find)
    for what, ratios in (("every key", walks), ("a whole rescan", rescans)):
        print(f"{what} of {count} videos: {statistics.median(ratios):.2f} x find (limit 2)")


def _known_folder(inbox: Path) -> HotFolder:
    """As a daemon has it that has seen all of it."""
    beside = inbox.parent / "beside"
    beside.mkdir()
    settings = Settings(inboxes=[Inbox(path=inbox, outbox=beside / "out")])
    clock, chance, store = SystemClock(), random.Random(1), Store(beside / "hotpress.db")
    admission = Admission("Inbox", settings.inboxes[0], settings, store, clock, chance)
    store.set_note(f"first:{inbox.resolve()}", "seen")
    folder = HotFolder(settings.inboxes[0], admission)
    keys = ((each.relative, each.entry.stat(follow_symlinks=False)) for each in walk(inbox))
    folder.done.update((relative, hash(key_of(status))) for relative, status in keys)
    return folder


def _keys(inbox: Path) -> int:
    found = (entry for listing in listings(inbox) for entry in listing.files)
    return sum(1 for entry in found if entry.stat(follow_symlinks=False))


def _find(inbox: Path) -> None:
    find = ["find", str(inbox), "-printf", "%p %s %T@\n"]
    subprocess.run(find, stdout=subprocess.DEVNULL, check=True)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@contextmanager
def _daemon(folder: Path) -> Iterator[int]:
    """A real one, once it has come to rest."""
    config = folder / "config.yaml"
    config.write_text(_CONFIG.format(folder=folder))
    words = ["--config", str(config), "--state-dir", str(folder / "state"), "run"]
    command = [sys.executable, "-m", "hotpress", *words]
    with subprocess.Popen(command, env={**os.environ, "HOME": str(folder)}) as daemon:
        try:
            settled(daemon.pid, _READY_SECONDS)
            yield daemon.pid
        finally:
            daemon.send_signal(signal.SIGTERM)


def _ffmpeg() -> str:
    import imageio_ffmpeg  # noqa: PLC0415

    return str(imageio_ffmpeg.get_ffmpeg_exe())


if __name__ == "__main__":
    sys.exit(main())
