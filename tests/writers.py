"""How files come into a folder: real programs, and the habits of others. Each takes its time.

Times are in `settle`s of the daemon that watches: a pause of `LONG_PAUSE` is one of 30 seconds
where `settle` is one second.
"""

from __future__ import annotations

import mmap
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import clips

SETTLE_SECONDS = 0.2
LONG_PAUSE = 30 * SETTLE_SECONDS
PIECES = 6
OLD = 1_000_000_000  # September 2001
_NOISY = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=2", "-vf", "noise=alls=60:allf=t"]
_FORMS = {
    "front": (".mp4", ["-movflags", "+faststart"]),
    "back": (".mp4", []),
    "pieces": (".mp4", ["-movflags", "+frag_keyframe+empty_moov+skip_trailer"]),
    "mkv": (".mkv", []),
    "ts": (".ts", []),
}
Habit = Callable[[Path, Path], None]


@lru_cache(maxsize=1)
def _master() -> Path:
    kept = clips.CACHE / "writers-1.mp4"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        draft = kept.with_suffix(f".{os.getpid()}.mp4")
        rate = ["-b:v", "8M", "-minrate", "8M", "-maxrate", "8M", "-bufsize", "1M"]
        clips.ffmpeg(*_NOISY, "-c:v", "libx264", "-preset", "ultrafast", *rate, "-g", "5",
                     "-pix_fmt", "yuv420p", str(draft))  # fmt: skip
        draft.replace(kept)
    return kept


def film(folder: Path, name: str, form: str = "front") -> Path:
    """A finished video of about 2 MB in `folder`, of a content that no other name has."""
    suffix, options = _FORMS[form]
    folder.mkdir(parents=True, exist_ok=True)
    to = folder / f"{name}{suffix}"
    words = ["-metadata", f"title={name}", "-metadata", f"service_name={name}"]
    clips.ffmpeg("-i", str(_master()), "-c", "copy", *words, *options, str(to))
    return to


def run(*words: str | Path, **more: object) -> None:
    """A program, to its end."""
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, check=False,
                          timeout=100, **more)  # type: ignore[call-overload] # fmt: skip
    assert done.returncode == 0, f"{words}: {done.stdout[-500:]} {done.stderr[-500:]}"


def pieces(data: bytes, count: int = PIECES) -> Iterator[tuple[int, bytes]]:
    """The data in `count` pieces, each with its place."""
    step = -(-len(data) // count)
    for at in range(0, len(data), step):
        yield at, data[at : at + step]


# --- copies -------------------------------------------------------------------------------------


def cp(film: Path, to: Path) -> None:
    run("cp", film, to)


def cp_with_its_old_date(film: Path, to: Path) -> None:
    os.utime(film, (OLD, OLD))
    run("cp", "-p", film, to)


def mv(film: Path, to: Path) -> None:
    shutil.copy(film, film.with_suffix(".moving"))
    run("mv", film.with_suffix(".moving"), to)


def mv_across_file_systems(film: Path, to: Path) -> None:
    memory = Path("/dev/shm")
    other = memory / f"hotpress-{os.getpid()}-{film.name}"
    assert memory.stat().st_dev != to.parent.stat().st_dev
    shutil.copy(film, other)
    run("mv", other, to)


def ln(film: Path, to: Path) -> None:
    run("ln", film, to)


def ln_of_one_still_written(film: Path, to: Path) -> None:
    """The name in the folder is a second one; the writer knows only the first."""
    other = film.with_suffix(".growing")
    with other.open("wb") as out:
        for number, (_, piece) in enumerate(pieces(film.read_bytes())):
            out.write(piece)
            out.flush()
            if not number:
                run("ln", other, to)
            time.sleep(SETTLE_SECONDS * 3)


def old_date_first(film: Path, to: Path) -> None:
    """A copier that sets the date of the original again and again, before it has finished."""
    for at, piece in pieces(film.read_bytes()):
        with to.open("ab" if at else "wb") as out:
            out.write(piece)
        os.utime(to, (OLD, OLD))
        time.sleep(SETTLE_SECONDS * 4)


# --- writers ------------------------------------------------------------------------------------


def held_open_with_pauses(film: Path, to: Path) -> None:
    with to.open("wb", buffering=0) as out:
        for number, (_, piece) in enumerate(pieces(film.read_bytes(), 4)):
            time.sleep(LONG_PAUSE if number else 0)
            out.write(piece)


def reopened_with_pauses(film: Path, to: Path) -> None:
    for at, piece in pieces(film.read_bytes(), 3):
        with to.open("ab" if at else "wb") as out:
            out.write(piece)
        time.sleep(LONG_PAUSE if at + len(piece) < film.stat().st_size else 0)


def appended_slower_and_slower(film: Path, to: Path) -> None:
    """Pauses that only a longer patience bears, for a container that says nothing of its end."""
    # In settles; the last are far beyond ten. Each is half as long again as the one before: twice
    # is what is borne, and a busy machine writes late.
    pauses = iter((1, 6, 9, 14, 21, 31))
    for at, piece in pieces(film.read_bytes(), 7):
        with to.open("ab" if at else "wb") as out:
            out.write(piece)
        time.sleep(next(pauses, 0) * SETTLE_SECONDS)


def fragment_by_fragment(film: Path, to: Path) -> None:
    """A recorder that closes its file on the border of two fragments: nothing is cut."""
    data = film.read_bytes()
    cuts = [at - 4 for at in range(4, len(data)) if data[at : at + 4] == b"moof"]
    for start, end in zip([0, *cuts[1:]], [*cuts[1:], len(data)], strict=True):
        with to.open("ab" if start else "wb") as out:
            out.write(data[start:end])
        time.sleep(SETTLE_SECONDS * 4)


def reserved(film: Path, to: Path) -> None:
    """The full size first, then piece by piece, closed in between; the last one is small."""
    data = film.read_bytes()
    with to.open("wb") as out:
        os.posix_fallocate(out.fileno(), 0, len(data))
    last = len(data) - 30_000
    for at, piece in [*pieces(data[:last]), (last, data[last:])]:
        with to.open("r+b") as out:
            out.seek(at)
            out.write(piece)
        time.sleep(SETTLE_SECONDS * 4)


def reserved_and_filled_in_any_order(film: Path, to: Path) -> None:
    """As peers send their pieces: the first and the last come early; and somebody looks at it."""
    found = list(pieces(film.read_bytes(), 9))
    with to.open("wb") as out:
        os.posix_fallocate(out.fileno(), 0, film.stat().st_size)
    for at, piece in [found[0], found[-1], *found[1:-1:2], *found[2:-1:2]]:
        with to.open("r+b") as out:
            out.seek(at)
            out.write(piece)
        to.read_bytes()
        time.sleep(SETTLE_SECONDS * 4)


def sparse_and_filled_in_any_order(film: Path, to: Path) -> None:
    found = list(pieces(film.read_bytes(), 9))
    with to.open("wb") as out:
        out.truncate(film.stat().st_size)
    for at, piece in [found[-1], *found[1:-1:2], *found[0:-1:2]]:
        with to.open("r+b") as out:
            out.seek(at)
            out.write(piece)
        time.sleep(SETTLE_SECONDS * 4)


def through_a_memory_map(film: Path, to: Path) -> None:
    """Closed before it is written: no event ever comes for the bytes."""
    data = film.read_bytes()
    with to.open("w+b") as out:
        out.truncate(len(data))
        memory = mmap.mmap(out.fileno(), len(data))
    for at, piece in reversed(list(pieces(data))):
        memory[at : at + len(piece)] = piece
        time.sleep(SETTLE_SECONDS * 4)
    memory.close()


# --- rsync --------------------------------------------------------------------------------------

_SLOWLY = "--bwlimit=800"  # kB a second: two or three seconds


def rsync(film: Path, to: Path) -> None:
    run("rsync", "-a", _SLOWLY, film, to)


def rsync_in_place(film: Path, to: Path) -> None:
    run("rsync", "-a", "--inplace", _SLOWLY, film, to)


def rsync_delayed(film: Path, to: Path) -> None:
    run("rsync", "-a", "--delay-updates", _SLOWLY, film, to)


def rsync_preallocated_in_place(film: Path, to: Path) -> None:
    run("rsync", "-a", "--inplace", "--preallocate", _SLOWLY, film, to)


def rsync_cut_off(film: Path, to: Path, how: int, *options: str) -> None:
    """Half of it, and then nothing for longer than any container has to rest."""
    process = subprocess.Popen(["rsync", "-a", "--bwlimit=400", *options, str(film), str(to)],
                               stderr=subprocess.DEVNULL)  # fmt: skip
    time.sleep(1.5)
    process.send_signal(how)
    process.wait(10)
    time.sleep(SETTLE_SECONDS * 20)


def rsync_partial_killed(film: Path, to: Path) -> None:
    """Half of it lies there under its own name for a while; then the rest comes."""
    rsync_cut_off(film, to, signal.SIGTERM, "--partial")
    assert 0 < to.stat().st_size < film.stat().st_size
    assert int(to.stat().st_mtime) == 0
    run("rsync", "-a", "--partial", film, to)


def rsync_in_place_killed(film: Path, to: Path) -> None:
    rsync_cut_off(film, to, signal.SIGKILL, "--inplace")
    assert 0 < to.stat().st_size < film.stat().st_size
    run("rsync", "-a", "--inplace", film, to)


def rsync_partial_folder_killed(film: Path, to: Path) -> None:
    rsync_cut_off(film, to, signal.SIGTERM, "--partial", "--partial-dir=.rsync-partial")
    assert (to.parent / ".rsync-partial" / film.name).exists()
    run("rsync", "-a", "--partial-dir=.rsync-partial", film, to)


def rsync_killed_hard(film: Path, to: Path) -> None:
    """Its half file stays under a name of rsync's own for ever."""
    rsync_cut_off(film, to, signal.SIGKILL)
    run("rsync", "-a", film, to)
