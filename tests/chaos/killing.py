"""Kill -9 at seeded random moments while files come in; what came of it, seen from outside."""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import clips
from stage import Stage, is_note, no_charge_twice, sha256, until

KEEP, ARCHIVE = "Keep", "Archive"
TARGET_BYTES = 60_000
SCENARIO = {
    "credits": 1_000_000,
    "turn_seconds": 8,
    "render_seconds": 8,
    "render_unknown_seconds": 6,
    "state_lag_seconds": 4,
    "disconnect": "mixed",
}
STARTING_SHARE = 0.1  # of the kills come while it still starts, within so many seconds:
STARTING_SECONDS = 0.8
# The others when so many things at most have happened since the start, and a moment later. Counted
# in things, not in seconds: on a slow machine nothing would ever come to its end.
THINGS = 14
MOMENT_SECONDS = 0.4
PATIENCE_SECONDS = 4.0  # nothing may be left that could happen
GAVE_UP = "hotpress stopped three times in this step"
WAITING = 4  # files that are always under way while there are kills to come


@dataclass(frozen=True, slots=True)
class Figures:
    """What `kills` says. Everything but the first two is wrong when it is not 0."""

    kills: int
    files: int
    lost: int
    duplicated: int
    double_charges: int
    orphans: int
    half_files: int
    gave_up: int  # honest: begun three times and once alone without an outcome, then a person
    struck: Counter[str]  # the steps that had begun when a kill came

    def __str__(self) -> str:
        return (
            f"kills survived {self.kills}, files {self.files}, lost {self.lost}, duplicated "
            f"{self.duplicated}, double charges {self.double_charges}, orphans {self.orphans}, "
            f"half files seen {self.half_files}, given up and retried {self.gave_up}; "
            "in the middle of "
            + ", ".join(f"{step} {count}" for step, count in self.struck.most_common())
        )

    @property
    def wrong(self) -> int:
        return self.lost + self.duplicated + self.double_charges + self.orphans + self.half_files


class Watch:
    """Lists outboxes all the time: a file must be whole from the first moment that it is seen."""

    def __init__(self, folders: list[Path]) -> None:
        self.folders = folders
        self.first: dict[Path, tuple[tuple[int, int, int], str]] = {}
        self.half: set[Path] = set()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._look_on, name="watch")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()
        self._look()
        for path, (_, digest) in self.first.items():
            if not path.exists() or sha256(path) != digest:
                self.half.add(path)

    def _look_on(self) -> None:
        while not self._ending.wait(0.005):
            self._look()

    def _look(self) -> None:
        for folder in self.folders:
            for path in folder.iterdir() if folder.is_dir() else ():
                if path.name == ".hotpress" or is_note(path):
                    continue
                status = path.stat()
                facts = (status.st_ino, status.st_size, status.st_mtime_ns)
                if path not in self.first:
                    self.first[path] = facts, sha256(path)
                elif self.first[path][0] != facts:
                    self.half.add(path)


@dataclass(slots=True)
class Field:
    """The stage of one run, and what was dropped there."""

    stage: Stage
    chance: random.Random
    sources: dict[str, str] = field(default_factory=dict)  # name to sha256
    struck: Counter[str] = field(default_factory=Counter)

    def inbox_of(self, name: str) -> str:
        return KEEP if int(Path(name).stem) % 2 else ARCHIVE

    def drop(self) -> None:
        """One more file, in the two inboxes by turns, placed in one step."""
        number = len(self.sources)
        name = f"{number:03}.mp4"
        folder = self.stage.inbox(self.inbox_of(name))
        half = clips.numbered(number, self.stage.folder / name)
        self.sources[name] = sha256(half)
        half.rename(folder / name)

    def open(self) -> int:
        """How many files are still under way."""
        done = sum(
            j["state"] == "delivered" and j["released_at"] is not None for j in self.stage.stored()
        )
        return len(self.sources) - done

    def settled(self) -> bool:
        """Nothing more will happen by itself."""
        ended = [
            j
            for j in self.stage.stored()
            if j["state"] in ("failed", "cancelled", "skipped")
            or (j["state"] == "held" and j["reason"] != "offline")
            or (j["state"] == "delivered" and j["released_at"] is not None)
        ]
        return len(ended) == len(self.sources)

    def retry(self) -> int:
        """What a person does after four kills in a row within one step of one file."""
        given_up = [j["id"] for j in self.stage.stored() if j["why"] == GAVE_UP]
        for job in given_up:
            self.stage.say("retry", job)
        return len(given_up)

    def _let_happen(self, things: int) -> None:
        """Until the new daemon is at work and that many lines came into the jobs' stories."""
        wanted = _things(self.stage) + things
        until(self._at_work, 60, "the start")
        end = time.monotonic() + PATIENCE_SECONDS
        until(
            lambda: _things(self.stage) >= wanted or time.monotonic() > end,
            PATIENCE_SECONDS + 5,
            "something to happen",
        )

    def _at_work(self) -> bool:
        """Does the new daemon hold the state?"""
        lock = self.stage.state / "daemon.lock"
        daemon = self.stage.daemon
        return daemon is not None and lock.exists() and lock.read_text() == f"{daemon.pid}\n"

    def kill(self) -> None:
        """SIGKILL at a random moment: among the steps, and now and then while it starts."""
        if self.chance.random() < STARTING_SHARE:
            seconds = self.chance.uniform(0, STARTING_SECONDS)
        else:
            self._let_happen(self.chance.randint(0, THINGS))
            seconds = self.chance.uniform(0, MOMENT_SECONDS)
        moment = time.monotonic() + seconds
        until(lambda: self.stage.dead() or time.monotonic() >= moment, 30, "the moment of the kill")
        assert not self.stage.dead(), "it ended by itself"
        self.stage.end()
        self.struck.update(
            j["step"]
            for j in self.stage.stored()
            if j["begun_at"] and j["state"] in ("running", "delivered") and not j["released_at"]
        )


def run(folder: Path, seed: int, kills: int, files: int) -> Figures:
    """So many kills over at least so many files, and then the end of all of them."""
    stage = Stage(folder)
    with stage.cloud(SCENARIO, "--kind", "--speed", "20", "--seed", str(seed)):
        rule = {"target_size": f"{TARGET_BYTES} B", "route": "cloud"}
        stage.configure(
            {"name": KEEP, **rule},
            {
                "name": ARCHIVE,
                **rule,
                "source": "archive",
                "archive_to": str(folder / "Archived"),
            },
        )
        place = Field(stage, random.Random(seed))
        with Watch([stage.outbox(KEEP), stage.outbox(ARCHIVE)]) as watch:
            for _ in range(files):
                place.drop()
            try:
                for _ in range(kills):
                    stage.start()
                    place.kill()
                    if place.open() < min(WAITING, files):
                        place.drop()
                stage.start()
                until(place.settled, 300, "an end of every file")
                gave_up = place.retry()
                until(place.settled, 60, "an end of every file that was retried")
                assert place.open() == 0, _undone(stage)
                assert stage.stop() == 0
            finally:
                stage.end()
        return _figures(place, watch, kills, gave_up)


def _things(stage: Stage) -> int:
    """Lines of all jobs' stories."""
    path = stage.state / "hotpress.db"
    if not path.exists():
        return 0
    with closing(sqlite3.connect(path)) as db, suppress(sqlite3.OperationalError):
        return int(db.execute("SELECT count(*) FROM journal").fetchone()[0])
    return 0


def _undone(stage: Stage) -> list[tuple[str, str, str, str]]:
    return [
        (j["relative"], j["state"], j["step"], j["why"])
        for j in stage.stored()
        if j["state"] != "delivered"
    ]


def _figures(place: Field, watch: Watch, kills: int, gave_up: int) -> Figures:
    """Counted in files and the ledger, not in the store."""
    stage = place.stage
    lost = duplicated = 0
    for box in (KEEP, ARCHIVE):
        wanted = {name for name in place.sources if place.inbox_of(name) == box}
        found = Counter(path.name for path in stage.delivered(box))
        lost += len(wanted - set(found))
        duplicated += sum(found.values()) - len(wanted & set(found))
        assert all(p.stat().st_size <= TARGET_BYTES for p in stage.delivered(box))
        assert not list((stage.outbox(box) / ".hotpress/tmp").iterdir())
        left = {path.name for path in stage.inbox(box).iterdir()}
        assert left == (wanted if box == KEEP else set()), left
    for name, digest in place.sources.items():
        kept = stage.inbox(KEEP) if place.inbox_of(name) == KEEP else stage.folder / "Archived"
        lost += not ((kept / name).is_file() and sha256(kept / name) == digest)
    no_charge_twice(stage)
    ledger = stage.ledger()
    uploads = {x["session"]: x["sha256"] for x in ledger if x["fact"] == "upload_received"}
    charged = Counter(uploads[x["session"]] for x in ledger if x["fact"] == "message_charged")
    accepted = {x["id"] for x in ledger if x["fact"] == "render_submitted" and x["accepted"]}
    ended = {x["id"] for x in ledger if x["fact"] in ("render_polled_to_end", "render_cancelled")}
    return Figures(
        kills=kills,
        files=len(place.sources),
        lost=lost,
        duplicated=duplicated,
        double_charges=sum(charged.values()) - len(charged),
        orphans=len(accepted - ended),
        half_files=len(watch.half),
        gave_up=gave_up,
        struck=place.struck,
    )
