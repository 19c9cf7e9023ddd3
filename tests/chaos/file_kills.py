"""One file through a local run whose daemon dies at its n-th file operation, seen from outside.

The daemon is the product as it is: a small preloaded library (file_kills.c) counts what it does in
the inbox, the outbox, the archive and the trash, and ends it there. What is read is the media
children's business; they get no preload, and the library's log shows that.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import clips
from stage import Stage, sha256, until

CODE = Path(__file__).with_name("file_kills.c")
RELATIVE = "Trip/a.mp4"  # in a subfolder: those of outbox and archive are made on the way
OTHER_FILE_SYSTEM = Path("/dev/shm")
WRITES = ("write", "pwrite", "pwrite64", "copy_file_range", "sendfile", "sendfile64")


@dataclass(frozen=True)
class Case:
    """A policy, on a file system with or without the calls that hotpress likes best."""

    source: str
    elsewhere: bool = False  # the archive lies on another file system
    refuse: str = ""  # calls that this file system has not


CASES = {
    "keep": Case("keep"),
    "archive": Case("archive"),
    "archive elsewhere": Case("archive", elsewhere=True),
    "trash": Case("trash"),
    "delete": Case("delete"),
    "keep, links": Case("keep", refuse="renameat2"),
    "archive, links": Case("archive", refuse="renameat2"),
    "archive elsewhere, links": Case("archive", elsewhere=True, refuse="renameat2"),
    "trash, links": Case("trash", refuse="renameat2"),
    "delete, links": Case("delete", refuse="renameat2"),
}


@dataclass
class Seen:
    """How often the kill came in a run, and what was found wrong."""

    kills: int = 0
    note: str = ""
    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    half_files: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    left_over: list[str] = field(default_factory=list)

    def faults(self) -> dict[str, list[str]]:
        """Each kind of fault, in words, with what was found."""
        return {
            "lost": self.lost,
            "duplicated": self.duplicated,
            "half files seen": self.half_files,
            "hidden": self.hidden,
            "left over": self.left_over,
        }

    def wrong(self) -> str:
        """All that was wrong, "" when nothing was."""
        return "; ".join(f"{kind}: {found}" for kind, found in self.faults().items() if found)

    def counts(self) -> dict[str, int]:
        return {"kills": self.kills, **{k: len(found) for k, found in self.faults().items()}}


@dataclass(frozen=True)
class Kill:
    """Where the daemon dies: at which operation of its first life, of its second ..., and how."""

    case: str
    when: str
    at: tuple[int, ...]


def kills(case: str, operations: list[str]) -> list[Kill]:
    """Before and after each operation, and in the middle of each write.

    Up to the release all policies do the same: that part is `keep`'s.
    """
    found = []
    kept = CASES[case].source == "keep"
    for n in range(1 if kept else len(operations) - len(released(operations)), len(operations) + 1):
        found += [Kill(case, "before", (n,)), Kill(case, "after", (n,))]
        if operations[n - 1].split()[1] in WRITES:
            found.append(Kill(case, "half", (n,)))
    return found


def released(operations: list[str]) -> range:
    """The operations of the release: it begins at the source."""
    moved = [n for n, line in enumerate(operations, 1) if "/Inbox/" in line]
    return range(moved[0], len(operations) + 1) if moved else range(0)


RESUMED = range(6, 10)  # of a later life's operations: after those of its start
TIMES = 4  # more often than hotpress tries it again


def again_and_again(case: str, operations: list[str]) -> list[Kill]:
    """Killed in release, and as often again as hotpress tries it, so that it gives up."""
    return [
        Kill(case, "half" if (n + m) % 2 else "before", (n, *[m] * TIMES))
        for n in released(operations)
        for m in RESUMED
    ]


def build(folder: Path) -> Path:
    """The library, made by the system's C compiler."""
    library = folder / "file_kills.so"
    command = ["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", str(library), str(CODE)]
    subprocess.run([*command, "-ldl"], check=True)
    return library


class Watcher(threading.Thread):
    """Looks at outbox and archive as a person's file browser does, almost without a pause."""

    def __init__(self, folders: list[Path], seen: Seen) -> None:
        super().__init__(daemon=True)
        self._folders, self._seen = folders, seen
        self._over = threading.Event()
        self.hashes: dict[Path, set[str]] = {}

    def run(self) -> None:
        known: dict[Path, tuple[int, ...]] = {}
        while not self._over.wait(0.002):
            self.look(known)

    def look(self, known: dict[Path, tuple[int, ...]]) -> None:
        """Each name's bytes, at its first appearance and whenever anything of it changes."""
        for path in [p for folder in self._folders for p in visible(folder)]:
            try:
                status = path.stat()
                key = (status.st_ino, status.st_size, status.st_mtime_ns)
                if known.get(path) != key:
                    known[path] = key
                    self.hashes.setdefault(path, set()).add(sha256(path))
            except FileNotFoundError:
                self._seen.lost.append(f"{path.name} appeared and went away")

    def end(self) -> None:
        self._over.set()
        self.join()
        self.look({})

    def now(self) -> dict[Path, set[str]]:
        """One look, without a thread."""
        self.look({})
        return self.hashes


def visible(folder: Path) -> list[Path]:
    """All files that have a person's name."""
    return [p for p in files_below(folder) if not any(n.startswith(".hotpress") for n in p.parts)]


def files_below(folder: Path) -> list[Path]:
    found = [Path(at) / name for at, _, names in os.walk(folder) for name in names]
    return sorted(found)


class Run:
    """One run of one case in a folder of its own."""

    def __init__(self, folder: Path, case: Case, library: Path) -> None:
        self.stage = Stage(folder.resolve())
        self.case, self.library = case, library
        self.seen = Seen()
        self.log = self.stage.folder / "operations"
        self.archive = self.stage.folder / "Archive"
        self.lives = 0  # with the library
        self._made: Path | None = None

    @contextmanager
    def ready(self) -> Iterator[Stage]:
        """Folders, config and the file that is dropped."""
        if self.case.elsewhere:
            self._made = Path(tempfile.mkdtemp(dir=OTHER_FILE_SYSTEM))
            assert self._made.stat().st_dev != self.stage.folder.stat().st_dev
            self.archive = self._made / "Archive"
        rule = {"source": self.case.source, "route": "local", "resolution": "source"}
        if self.case.source == "archive":
            rule["archive_to"] = str(self.archive)
        self.stage.api_url = "http://127.0.0.1:9"  # nobody: route local opens no connection
        self.stage.configure(rule, watch={"settle": "100ms"})
        self.source = self.stage.inbox() / RELATIVE
        self.source.parent.mkdir()
        shutil.copy2(clips.make_clip(self.stage.folder, "tiny"), self.source)
        self.digest = sha256(self.source)
        try:
            yield self.stage
        finally:
            self.stage.end()
            if self._made is not None:
                shutil.rmtree(self._made)

    def shown(self) -> list[Path]:
        """Where hotpress puts files for people to find."""
        return [self.stage.outbox(), self.archive]

    def folders(self) -> list[Path]:
        """Where people's files lie, and may come to lie."""
        trash = self.stage.home / ".local/share/Trash"
        return [self.stage.inbox(), self.stage.outbox(), self.archive, trash]

    def preload(self, at: int = 0, when: str = "after") -> dict[str, str]:
        """The environment of one life that ends at operation `at` (0: does not)."""
        self.lives += 1
        return {
            "LD_PRELOAD": str(self.library),
            "FILEOPS_BELOW": ":".join(map(str, self.folders())),
            "FILEOPS_LOG": str(self.log),
            "FILEOPS_AT": str(at),
            "FILEOPS_WHEN": when,
            "FILEOPS_REFUSE": self.case.refuse,
        }

    def learn(self) -> list[str]:
        """A run without a kill: its operations, in order."""
        with self.ready() as stage:
            stage.start(self.preload())
            until(self.ended, 30, "the end without a kill")
            stage.end()
            self.look_at_the_end(Watcher(self.shown(), self.seen).now())
        assert not self.seen.wrong(), self.seen.wrong()
        return self.operations()

    def go(self, when: str, *kills: int) -> Seen:
        """The daemon dies at that operation of its first life, of its second ...; then it lives."""
        seen = self.seen
        with self.ready() as stage:
            watcher = Watcher(self.shown(), seen)
            watcher.start()
            try:
                for at in kills:
                    stage.start(self.preload(at, when))
                    until(lambda: stage.dead() or self.ended(), 30, f"an end or a kill at {at}")
                    if not stage.dead():
                        stage.end()
                        break
                    seen.kills += 1
                    self.look_at_the_moment()
                # A file system that has no such calls has none after a restart.
                stage.start(self.preload() if self.case.refuse else None)
                until(self.ended, 30, f"the end after {kills} {when}")
                stage.end()
            finally:
                watcher.end()
            self.look_at_the_end(watcher.hashes)
        self.operations()
        return seen

    def ended(self) -> bool:
        return self.stage.ended(1)

    def operations(self) -> list[str]:
        """All that was counted. Only daemons count: a child would have begun a line, too."""
        lines = self.log.read_text().splitlines()
        assert sum(line.startswith("0 begin") for line in lines) <= self.lives, "a child counts"
        return [line for line in lines if not line.startswith("0 ")]

    # --- what a person finds ---------------------------------------------------------------------

    def copies(self) -> list[Path]:
        """Where the source's bytes lie, under whatever name."""
        outbox = self.stage.outbox()
        places = [folder for folder in self.folders() if folder != outbox]
        return [p for folder in places for p in files_below(folder) if sha256(p) == self.digest]

    def receipts(self) -> list[dict[str, Any]]:
        """Whole lines of receipts."""
        found = []
        for path in (self.stage.outbox() / ".hotpress").glob("receipts*"):
            for line in path.read_bytes().splitlines():
                with suppress(ValueError):
                    found.append(json.loads(line))
        return found

    def look_at_the_moment(self) -> None:
        """While it is dead: nothing is lost, and no half file has a person's name."""
        delivered = len(self.receipts()) == 1 and len(visible(self.stage.outbox())) == 1
        if not self.copies() and not (self.case.source == "delete" and delivered):
            self.seen.lost.append("no copy of the source while the daemon is dead")
        for folder in (self.stage.inbox(), self.archive):
            half = [p.name for p in visible(folder) if sha256(p) != self.digest]
            self.seen.half_files += half

    def look_at_the_end(self, hashes: dict[Path, set[str]]) -> None:
        seen, outbox = self.seen, self.stage.outbox()
        jobs = self.stage.stored()
        job = jobs[0]
        assert job["state"] == "delivered", (job["state"], job["why"], job["step"])
        seen.note = job["note"]
        results = visible(outbox)
        final = job["final"]
        if not results or sha256(results[0]) != final["sha256"]:
            seen.lost.append(f"the result is not the recorded one: {results}")
        else:
            decode(results[0], final["sha256"])
        for path, found in hashes.items():
            whole = final["sha256"] if outbox in path.parents else self.digest
            seen.half_files += [path.name] if found != {whole} else []
        seen.duplicated += [f"job {extra['id']}" for extra in jobs[1:]]
        seen.duplicated += [str(extra) for extra in results[1:]]
        receipts = self.receipts()
        if [receipt["job"] for receipt in receipts] != [job["id"]]:
            seen.duplicated.append(f"receipts: {receipts}")
        self._look_at_the_source(self.copies())
        known = ("id", "daemon-", "receipts")
        private = files_below(outbox / ".hotpress")
        seen.left_over += [str(p) for p in private if not p.name.startswith(known)]
        for folder in (self.stage.inbox(), self.archive):
            others = [p for p in files_below(folder) if sha256(p) != self.digest]
            seen.left_over += map(str, others)

    def _look_at_the_source(self, copies: list[Path]) -> None:
        seen = self.seen
        wanted = self.wanted_place()
        if wanted is None:
            back = self.gave_up() and copies == [self.source]
            seen.left_over += [] if back else map(str, copies)
            return
        if not copies:
            seen.lost.append("the source")
        if not (self.gave_up() and self.source in copies):
            # Who gives up puts back first; a whole copy may lie in the archive already.
            seen.duplicated += map(str, copies[1:])
        seen.hidden += [str(p) for p in copies if p.name.startswith(".")]
        if wanted not in copies and not (self.gave_up() and self.source in copies):
            seen.lost.append(f"the source is not at {wanted}: {copies}")

    def gave_up(self) -> bool:
        """Stopped again and again in release, it leaves the source where its owner had it."""
        return self.seen.kills > 1 and "stopped in this step" in self.seen.note

    def wanted_place(self) -> Path | None:
        """Where the policy puts the source; None: nowhere."""
        trash = self.stage.home / ".local/share/Trash/files"
        places = {
            "keep": self.source,
            "archive": self.archive / RELATIVE,
            "trash": trash / self.source.name,
        }
        return places.get(self.case.source)


_DECODED: set[str] = set()


def decode(result: Path, digest: str) -> None:
    """Every frame of it can be shown; the same bytes are tried once."""
    if digest not in _DECODED:
        clips.ffmpeg("-xerror", "-i", str(result), "-f", "null", "-")
        _DECODED.add(digest)
