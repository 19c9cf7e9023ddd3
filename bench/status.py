"""What a person waits for: status, jobs and show with a hundred thousand jobs in the store.

    python bench/status.py [--jobs 100000] [--held 200] [--rounds 9] [--keep FOLDER]

Medians of paired runs beside `python -c "import rich, typer"`, in turns, so that whatever else the
machine does hits both. A daemon's lock is held and its notes are there, as while it runs; the last
lines are without one, when the config must be read, too. Limit: 0.3 s each.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from hotpress import serving
from hotpress.model import Facts, Final, Job, Reason, Route, Rule, State, Step
from hotpress.store import JournalLine, Progress, StateLock, Store
from hotpress.store.records import columns

_FLOOR = ["-c", "import rich, typer"]
_LIMIT_SECONDS = 0.3
_DAY = 86_400.0
_HELD = (
    (Reason.CREDITS, "no credits left", "Top up: hotpress credits shows the link."),
    (Reason.APPROVAL, "412 videos lay here before", "hotpress approve Inbox"),
)


def main() -> int:
    """Print the medians; 1 when one is over the limit."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=100_000)
    parser.add_argument("--held", type=int, default=200, help="so many of them")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--keep", type=Path, help="a folder to fill and leave, or one left before")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = options.keep or Path(name)
        if not (folder / "state").exists():
            fill(folder, options.jobs, options.held)
        size = (folder / "state/hotpress.db").stat().st_size
        print(f"{options.jobs:,} jobs, {options.held:,} held, {size / 1e6:.0f} MB of store")
        lock = StateLock(folder / "state/daemon.lock")
        lines = [["status"], ["status", "--json"], ["jobs"], ["jobs", "--json"]]
        lines += [["jobs", "--state", "held", "--text", "7777"], ["show", "77777000"]]
        lines += [["show", str(folder / "Inbox/clip 50000.mov")], ["why", str(folder / "Inbox")]]
        slow = [line for line in lines[:-1] if not told(folder, line, options.rounds)]
        told(folder, lines[-1], options.rounds)
        lock.release()
        print("without a daemon:")
        for line in (["status"], ["status", "--json"]):
            told(folder, line, options.rounds)
    return int(bool(slow))


def told(folder: Path, words: list[str], rounds: int) -> bool:
    """One line of the table."""
    program = ["-m", "hotpress", "--config", str(folder / "config.yaml")]
    program += ["--state-dir", str(folder / "state"), *words]
    pairs = [(seconds(_FLOOR), seconds(program)) for _ in range(rounds)]
    floor, own = (statistics.median(each) for each in zip(*pairs, strict=True))
    ratio = statistics.median(b / a for a, b in pairs)
    shown = " ".join(words).replace(str(folder), "")
    print(f"{shown:40} {own:.3f} s   floor {floor:.3f} s   {ratio:.2f} x", flush=True)
    return own < _LIMIT_SECONDS


def seconds(words: list[str]) -> float:
    """Of one run, from its start to its end."""
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, *words], capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr.decode())
    return time.perf_counter() - begun


def fill(folder: Path, count: int, held: int) -> None:
    """A year of jobs: nearly all delivered, some failed, some held, a few under way."""
    (folder / "state").mkdir(parents=True)
    for name in ("Inbox", "out"):
        (folder / name).mkdir()
    (folder / "config.yaml").write_text(
        json.dumps({"inboxes": [{"path": str(folder / "Inbox"), "outbox": str(folder / "out")}]})
    )
    store, now = Store(folder / "state/hotpress.db"), time.time()
    chance = random.Random(1)
    served = serving.Serving(
        (("Inbox", str(folder / "Inbox"), str(folder / "out")),), "http://x", False, 50.0
    )
    serving.leave(store, served)
    with store._write() as db:  # noqa: SLF001 - a hundred thousand transactions would take hours
        for number in range(count):
            job = one(folder, number, (count, held), now, chance)
            row = columns(job)
            marks = ", ".join("?" * len(row))
            db.execute(f"INSERT INTO jobs ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))
            db.executemany(
                "INSERT INTO journal (job, at, step, what, text) VALUES (?, ?, ?, ?, ?)",
                [(job.id, x.at, x.step, x.what, x.text) for x in story(job)],
            )
    for job in store.jobs(limit=5):
        store.report(job.id, Progress(job.step.value, 0.4, "uploading", now))
    store.close()


def one(folder: Path, number: int, of: tuple[int, int], now: float, chance: random.Random) -> Job:
    """Job `number` of so many, of which so many are held; the last one is the newest."""
    count, waiting = of
    size = chance.randrange(1_000_000, 4_000_000_000)
    made = now - 365 * _DAY * (1 - number / count)
    job = Job(
        id=f"{number:08}"[::-1],
        inbox="Inbox",
        root=str(folder / "Inbox"),
        relative=f"clip {number}.mov",
        outbox=str(folder / "out"),
        size_bytes=size,
        mtime_ns=number,
        device=1,
        inode=number,
        rule=Rule(),
        created_at=made,
        updated_at=made + 120,
        facts=Facts(
            container="mov",
            duration_seconds=size / 2e6,
            width=1920,
            height=1080,
            fps=30,
            codec="h264",
            size_bytes=size,
        ),
        route=Route.CLOUD,
        source_sha256=f"{number:064x}",
    )
    left = count - number
    if left <= 5:
        return replace(job, state=State.RUNNING, step=Step.UPLOAD, begun_at=now - 20, owner="me")
    if left <= 5 + waiting:
        reason, why, hint = _HELD[number % 2]
        held = replace(job, state=State.HELD, step=Step.UPLOAD, reason=reason, why=why)
        return replace(held, hint=hint)
    if number % 50 == 0:
        return replace(job, state=State.FAILED, why="the video is damaged", finished_at=made + 60)
    final = Final(
        name=f"clip {number}.mp4", temp="", size_bytes=size // 4, sha256="", made_by="cloud"
    )
    ended = {"state": State.DELIVERED, "step": Step.RELEASE, "final": final}
    return replace(
        job, **ended, placed_at=made + 110, finished_at=made + 111, released_at=made + 112
    )


def story(job: Job) -> list[JournalLine]:
    """As the worker writes it: each step begun and done."""
    lines, at = [JournalLine(job.created_at, "", "made", "new")], job.created_at
    for step in job.steps:
        lines.append(JournalLine(at, step.value, "begun"))
        if step is job.step:
            break
        at += 9
        lines.append(JournalLine(at, step.value, "next"))
    if job.state is State.HELD:
        lines.append(JournalLine(at, job.step.value, "hold", job.why))
    return lines


if __name__ == "__main__":
    raise SystemExit(main())
