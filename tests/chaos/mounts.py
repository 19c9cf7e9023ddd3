"""Disks and folders that fill up, go away, refuse or hang, in a mount namespace of the test's own.

The namespace belongs to this thread and to the programs that it starts, the daemon among them, and
ends with the last of them: nobody else sees its mounts, and none is left over.
"""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import clips
from stage import Stage, sha256, until

SMALL = {"target_size": "40 kB", "route": "local"}
_NEW_NAMESPACE = 0x20000  # CLONE_NEWNS, linux/sched.h
_READ_ONLY, _REMOUNT, _BIND, _ALL_BELOW, _PRIVATE = 1, 1 << 5, 1 << 12, 1 << 14, 1 << 18
_AT_ONCE = 2  # MNT_DETACH, linux/fs.h
_BALLAST = "ballast"
# Root as anybody else: it may read and write only what its rights say.
NO_BYPASS = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


def _system(name: str, *words: object) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*words) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")


def _mount(what: str, where: Path, kind: str, flags: int = 0, options: str = "") -> None:
    _system("mount", what.encode(), os.fsencode(where), kind.encode(), flags, options.encode())


@contextmanager
def own_namespace() -> Iterator[None]:
    """Mounts of this thread, and of the programs that it starts, until the block ends."""
    here = Path.cwd()
    before = os.open("/proc/thread-self/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
    try:
        _system("unshare", _NEW_NAMESPACE)
        try:
            _mount("none", Path("/"), "none", _ALL_BELOW | _PRIVATE)
            yield
        finally:
            _system("setns", before, _NEW_NAMESPACE)
            os.chdir(here)  # it had put us at the root
    finally:
        os.close(before)


def disk(where: Path, options: str = "size=16m") -> Path:
    """A disk of its own at `where`."""
    where.mkdir(parents=True, exist_ok=True)
    _mount("tmpfs", where, "tmpfs", 0, options)
    return where


def roomier(where: Path, options: str) -> None:
    """The same disk with more room: `size=64m`, `nr_inodes=100`."""
    _mount("tmpfs", where, "tmpfs", _REMOUNT, options)


def read_only(where: Path) -> None:
    """The same folder, and nothing may be written through this path.

    A second mount over the first: a real change is refused while the daemon has its lock open.
    """
    _mount(str(where), where, "none", _BIND)
    _mount("none", where, "none", _REMOUNT | _BIND | _READ_ONLY)


def writable(where: Path) -> None:
    """As before `read_only`."""
    _system("umount2", os.fsencode(where), _AT_ONCE)


def away(where: Path, aside: Path) -> None:
    """Unmounted: the disk goes on living at `aside`, and an empty folder lies in its place."""
    aside.mkdir()
    _mount(str(where), aside, "none", _BIND)
    _system("umount2", os.fsencode(where), _AT_ONCE)


def back(where: Path, aside: Path) -> None:
    """Mounted again."""
    _mount(str(aside), where, "none", _BIND)


def fill(folder: Path, left_bytes: int = 0) -> Path:
    """Somebody else writes until only so much is free; the file to delete."""
    ballast = folder / _BALLAST
    with ballast.open("wb") as file:
        until(lambda: _filled(file.fileno(), left_bytes), 10, "a full disk")
    return ballast


def _filled(descriptor: int, left_bytes: int) -> bool:
    """False when another one was faster: then it is less that is free."""
    found = os.fstatvfs(descriptor)
    room = found.f_bavail * found.f_frsize - left_bytes
    try:
        if room > 0:
            os.posix_fallocate(descriptor, 0, room)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return False
    return True


class Hanging:
    """A folder behind a program, as a network share is: when that stops, no call comes back."""

    def __init__(self, real: Path, where: Path) -> None:
        """Show `real` at `where`."""
        self._real, self._where = real, where
        for folder in (real, where):
            folder.mkdir(parents=True, exist_ok=True)
        self._outside = where.stat().st_dev
        self.mount()

    def mount(self) -> None:
        self._program = subprocess.Popen(
            ["bindfs", "-f", str(self._real), str(self._where)], stdin=subprocess.DEVNULL
        )
        until(lambda: self._where.stat().st_dev != self._outside, 10, "the mount")

    def hang(self) -> None:
        self._program.send_signal(signal.SIGSTOP)

    def answer(self) -> None:
        self._program.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """It dies, and every call is an error from now on."""
        self._program.kill()
        self._program.wait()

    def mount_again(self) -> None:
        _system("umount2", os.fsencode(self._where), _AT_ONCE)
        self.mount()


class PatientStage(Stage):
    """A stage whose daemon's clock can be set forward: nobody waits for the looks at held jobs."""

    def __init__(self, folder: Path, *before: str) -> None:
        """The daemon is started by `before`, for example with fewer rights."""
        super().__init__(folder)
        self._before = before
        self._ahead_seconds = 0
        self._set_clock()
        self.api_url = "http://127.0.0.1:9"
        self.clip = "carphone_pristine.mp4"
        self._dropped: dict[Path, str] = {}

    def later(self, seconds: int) -> None:
        """The daemon's clock jumps forward, as after a suspend."""
        self._ahead_seconds += seconds
        self._set_clock()

    def _set_clock(self) -> None:
        fresh = self.folder / "clock.new"
        fresh.write_text(str(self._ahead_seconds))
        fresh.replace(self.folder / "clock")

    def start(self) -> None:
        ahead = {
            "PYTHONPATH": str(Path(__file__).with_name("ahead")),
            "CLOCK_AHEAD": str(self.folder / "clock"),
        }
        with (self.folder / "daemon.log").open("ab") as log:
            self.daemon = subprocess.Popen(
                [*self._before, *self.command("run")],
                env={**self.env(), **ahead},
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Nothing moves, until `move` or the block's end."""
        self.daemon.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.move()

    def move(self) -> None:
        self.daemon.send_signal(signal.SIGCONT)

    def drop(self, name: str = "a.mp4", inbox: str = "Inbox", *, alike: bool = False) -> Path:
        """A clip of a content of its own and, if not `alike`, of a size of its own."""
        to = self.inbox(inbox) / name
        mark = str(to).encode() + b" " * (0 if alike else 1000 * len(self._dropped))
        box = (8 + len(mark)).to_bytes(4, "big") + b"free" + mark
        draft = to.with_name(f".{to.name}.draft")
        draft.write_bytes(clips.real(self.clip).read_bytes() + box)
        self._dropped[to] = sha256(draft)
        return draft.rename(to)

    def job(self, inbox: str = "Inbox") -> dict[str, object]:
        """The newest job of an inbox."""
        found = [job for job in self.stored() if job["inbox"] == inbox]
        return found[-1] if found else {"state": "", "reason": "", "step": "", "why": ""}

    def is_held(self, reason: str, inbox: str = "Inbox") -> bool:
        job = self.job(inbox)
        assert job["state"] not in ("failed", "cancelled", "skipped"), (job["state"], job["why"])
        return (job["state"], job["reason"]) == ("held", reason)

    def hold(self, reason: str, inbox: str = "Inbox", seconds: float = 20) -> dict[str, object]:
        """Wait until the job is held for that, and the daemon lives."""
        until(lambda: self.is_held(reason, inbox), seconds, f"held: {reason}")
        assert not self.dead()
        return self.job(inbox)

    def goes_on(self, *inboxes: str, at_most: int = 40_000, seconds: float = 30) -> None:
        """By itself, to one whole result each, with nothing half left and the source untouched."""
        for inbox in inboxes or ("Inbox",):
            until(lambda i=inbox: self._delivered(i), seconds, f"the result of {inbox}")
            [result] = [p for p in self.delivered(inbox) if p.name != _BALLAST]
            final = self.job(inbox)["final"]
            assert sha256(result) == final["sha256"]
            assert 0 < result.stat().st_size <= at_most
            assert list((self.outbox(inbox) / ".hotpress/tmp").iterdir()) == []
            [source] = [p for p in self.inbox(inbox).rglob("*.mp4") if p.is_file()]
            assert sha256(source) == self._dropped[source]

    def _delivered(self, inbox: str) -> bool:
        job = self.job(inbox)
        assert job["state"] not in ("failed", "cancelled", "skipped"), (job["state"], job["why"])
        return job["state"] == "delivered" and job["released_at"] is not None

    def encoding(self) -> bool:
        """Is the encoder at work? Then the look at the free space lies behind."""
        return any((self.state / "spool").glob("*/*.work"))

    def said(self) -> str:
        """The daemon's log."""
        return (self.folder / "daemon.log").read_text()
