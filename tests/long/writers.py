"""50,000 files at once before a daemon that stands still, then every real writer, again and again.

`scripts/long writers [--files N] [--rounds N]`. Prints its figures; 1 when anything was wrong.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import clips
from stage import Stage, until

TESTS = Path(__file__).resolve().parents[1] / "e2e/test_writers.py"


def flood(folder: Path, count: int) -> list[str]:
    """All files in one moment; what was wrong."""
    stage = Stage(folder)
    stage.api_url = "http://127.0.0.1:9"
    stage.configure({"route": "local", "existing": "all"}, watch={"rescan": "1m"})
    stage.start()
    try:
        until(lambda: stage.say("pause", "--all", check=False).returncode == 0, 20, "the pause")
        films = folder / "films"
        films.mkdir()
        for n in range(count):
            clips.distinct(clips.kept("tiny"), films / f"{n}.mp4")
        stage.daemon.send_signal(signal.SIGSTOP)
        for film in films.iterdir():
            film.rename(stage.inbox() / film.name)
        stage.daemon.send_signal(signal.SIGCONT)
        began = time.monotonic()
        until(lambda: len(_paths(stage)) >= count, 3_600, "the jobs")
        print(f"{count} files: a job each after {time.monotonic() - began:.0f} s", flush=True)
        time.sleep(90)  # a rescan
        wrong = Counter(_paths(stage)) - Counter(f"{n}.mp4" for n in range(count))
        return [f"{path}: {n} jobs too many" for path, n in wrong.items()]
    finally:
        stage.end()


def _paths(stage: Stage) -> list[str]:
    db = sqlite3.connect(stage.state / "hotpress.db")
    try:
        return [row[0] for row in db.execute("SELECT relative FROM jobs")]
    finally:
        db.close()


def main() -> int:
    """One flood, then the rounds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="writers-"))
    wrong = flood(folder / "flood", chosen.files) if chosen.files else []
    for number in range(chosen.rounds):
        began = time.monotonic()
        done = subprocess.run([sys.executable, "-m", "pytest", "-q", str(TESTS)], check=False)
        print(f"round {number + 1}: {time.monotonic() - began:.0f} s, code {done.returncode}")
        wrong += [f"round {number + 1}"] * (done.returncode != 0)
    print(f"wrong: {wrong[:20] or 0}")
    shutil.rmtree(folder)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
