"""Parts of a whole hotpress that a test can switch off at any point, and media that need no time.

`Power` goes out before the k-th side effect: a write into the store, a change of a file, a call of
the cloud. What would clean up after that finds it still out. `Recall` does each piece of real work
on a video once and remembers its result; `Watched` is the real store with an eye on each write.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from clips import make_clip

from hotpress.clock import HandClock
from hotpress.errors import HotpressError
from hotpress.media import Encoded, Media, Wish
from hotpress.model import Expected, Facts, Job
from hotpress.store import Store
from hotpress.store.records import to_job

_CHANGES = frozenset(
    {"os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.utime", "os.chmod"}
)
_WRITING = os.O_WRONLY | os.O_RDWR
_HASH_CHARS = 64
MARK_BYTES = 64


class Crash(BaseException):
    """The power is out. No code may catch it; what cleans up meets it again."""


class Power:
    """Counts side effects below `folder`, and goes out before the one that was chosen."""

    on: Power | None = None  # the one whose machine runs now
    _listening = False

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self.left: int | None = None
        self.out = False
        if not Power._listening:  # an audit hook can never be taken away: one, that looks at `on`
            Power._listening = True
            sys.addaudithook(_heard)

    def effect(self) -> None:
        """One more is about to happen."""
        if self.out:
            raise Crash
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.out = True
                raise Crash

    def touches(self, path: object) -> bool:
        """Is this path one of the machine's own?"""
        return isinstance(path, str | os.PathLike) and str(path).startswith(self._folder)


def _heard(event: str, args: tuple[Any, ...]) -> None:
    power = Power.on
    if power is None or (power.left is None and not power.out):
        return
    if event == "open":
        flags = args[2] if isinstance(args[2], int) else 0
        changes = bool(flags & _WRITING) and power.touches(args[0])
    elif event == "ctypes.dlsym":
        changes = args[1] == "renameat2"
    else:
        changes = event in _CHANGES and power.touches(args[0])
    if changes:
        power.effect()


class TwoHands(HandClock):
    """The wall clock may be set; the steady one only goes on."""

    def __init__(self) -> None:
        super().__init__()
        self._steady = 1_000.0

    def steady(self) -> float:
        return self._steady

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        self.move(max(0.0, seconds))
        return stop.is_set()

    def move(self, seconds: float) -> None:
        super().move(seconds)
        self._steady += max(0.0, seconds)


class Watched(Store):
    """The real store: each job that a transaction changed is shown as it was and as it is."""

    def __init__(self, path: Path, power: Power, seen: Callable[[Job | None, Job], None]) -> None:
        super().__init__(path)
        self._power = power
        self._seen = seen
        self._known = self._documents()

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        self._power.effect()
        with super()._write() as db:
            yield db
        now = self._documents()
        before, self._known = self._known, now
        for job_id, document in now.items():
            if before.get(job_id) != document:
                old = to_job(before[job_id]) if job_id in before else None
                self._seen(old, to_job(document))

    def _documents(self) -> dict[str, str]:
        return {r["id"]: r["document"] for r in self._rows("SELECT id, document FROM jobs")}


# --- videos -------------------------------------------------------------------------------------

_MEMORY: dict[tuple[object, ...], Any] = {}


def marked(clip: bytes, mark: str, spare: int = 0) -> bytes:
    """The clip with a box of its own at the end: another content, the same picture."""
    payload = mark.encode().ljust(MARK_BYTES + spare)
    return clip + (8 + len(payload)).to_bytes(4, "big") + b"free" + payload


def mark_of(data: bytes) -> str:
    """What `marked` wrote last, "" when there is no mark."""
    return _parted(data)[1]


def _parted(data: bytes) -> tuple[bytes, str]:
    for size in (8 + MARK_BYTES, 16 + MARK_BYTES):
        if data[-size : -size + 8] == size.to_bytes(4, "big") + b"free":
            return data[:-size], data[-size + 8 :].decode().strip()
    return data, ""


def clip_bytes(kind: str) -> bytes:
    """A made clip's bytes."""

    def read() -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            return make_clip(Path(folder), kind).read_bytes()

    return _recalled(("clip", kind), read)


def small_bytes(content: str) -> bytes:
    """What a good cloud makes of a clip, marked with the hash of what went up."""

    def make() -> bytes:
        media = Media()
        with tempfile.TemporaryDirectory() as folder:
            clip = make_clip(Path(folder), "tiny")
            out = Path(folder) / "small.mp4"
            media.fit(clip, media.probe(clip), out, Wish(frame=(32, 24), target_bytes=None))
            return out.read_bytes()

    return marked(_recalled(("small",), make), content)


class Recall(Media):
    """The real media: each picture is looked at, encoded and checked once in this process.

    What it makes carries the hash of what it was made of.
    """

    def __init__(self, around: Callable[[str], None]) -> None:
        super().__init__()
        self._around = around

    def probe(self, path: Path, **_more: object) -> Facts:
        self._around("probe")
        facts: Facts = self._once("probe", path, super().probe)
        return replace(facts, size_bytes=path.stat().st_size)

    def damage(self, path: Path, facts: Facts) -> str | None:
        found: str | None = self._once(
            "damage", path, lambda p: super(Recall, self).damage(p, facts)
        )
        return found

    def check(
        self,
        path: Path,
        expected: Expected,
        facts_of_source: Facts | None,
        *_source: Path | None,
        **_more: object,
    ) -> Facts:
        self._around("check")
        facts: Facts = self._once(
            f"check {expected}",
            path,
            lambda p: super(Recall, self).check(p, expected, facts_of_source),
        )
        return facts

    def fit(self, material: Path, facts: Facts, out: Path, wish: Wish, **_more: object) -> Encoded:
        self._around("fit")

        def work(path: Path) -> tuple[Encoded, bytes]:
            made = path.with_name("made.mp4")
            found = super(Recall, self).fit(path, facts, made, wish)
            return found, made.read_bytes()

        return self._written(f"fit {wish}", material, out, work)

    def taken_over(
        self, result: Path, source: Path, out: Path, facts: Facts, **_more: object
    ) -> Encoded:
        def work(path: Path) -> tuple[Encoded, bytes]:
            made = path.with_name("made.mp4")
            found = super(Recall, self).taken_over(path, path, made, facts)
            return found, made.read_bytes()

        mark = _parted(result.read_bytes())[1] if result != source else ""
        return self._written("taken over", result, out, work, mark)

    def _written(
        self,
        what: str,
        material: Path,
        out: Path,
        work: Callable[[Path], tuple[Encoded, bytes]],
        mark: str = "",
    ) -> Encoded:
        found, raw = self._once(what, material, work)
        before = _parted(material.read_bytes())[1]
        if len(before) != _HASH_CHARS:  # a source: what the cloud made carries its hash already
            before = sha256(material.read_bytes()).hexdigest()
        made = marked(raw, mark or before)
        out.write_bytes(made)
        return replace(found, size_bytes=len(made))

    def _once(self, what: str, path: Path, work: Callable[[Path], Any]) -> Any:
        picture, mark = _parted(path.read_bytes())

        def really() -> Any:
            with tempfile.TemporaryDirectory() as folder:  # outside of what a crash may tear
                copy = Path(folder) / path.name
                shutil.copyfile(path, copy)
                return work(copy)

        return _recalled((what, sha256(picture).hexdigest(), bool(mark)), really)


def _recalled(key: tuple[object, ...], work: Callable[[], Any]) -> Any:
    if key not in _MEMORY:
        try:
            _MEMORY[key] = (work(), None)
        except HotpressError as error:
            _MEMORY[key] = (None, error)
    value, refused = _MEMORY[key]
    if refused is not None:
        raise refused.with_traceback(None)
    return value
