"""The page of a real daemon: first paint, what an open page costs, and the daemon's memory.

    python bench/page.py [--jobs 10000] [--seconds 30] [--rounds 15]

First paint: the document with its style and script, each visit over a fresh line; what a browser
takes to draw it comes on top. The cost of an open page is what the daemon takes with it, less what
it takes without. `busy`: something is written once a second, as while a job runs. Limits: 200 ms,
1 % of a core, 80 MB.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import httpx
import resting
from status import fill

from hotpress.model import Reason, State, Step
from hotpress.store import Progress, Store
from hotpress.store.records import columns

_PAINT_SECONDS, _SHARE, _BYTES = 0.2, 0.01, 80_000_000
_LOOK_SECONDS = 0.1
_DAY = 86_400.0


def main() -> int:
    """Print the figures; 1 when one is over its limit."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder, options.jobs, held=200)
        at_rest(folder)
        config = folder / "config.yaml"
        more = {"page": {"listen": "127.0.0.1:0"}, "cloud": {"api_url": "http://127.0.0.1:9"}}
        config.write_text(json.dumps({**json.loads(config.read_text()), **more}))
        where = ["--config", str(config), "--state-dir", str(folder / "state")]
        log = folder / "daemon.log"
        with (
            log.open("wb") as out,
            subprocess.Popen(
                [sys.executable, "-m", "hotpress", *where, "run"], stdout=out, stderr=out
            ) as daemon,
        ):
            try:
                return measured(folder, daemon.pid, opened(log), options)
            finally:
                daemon.terminate()


def at_rest(folder: Path) -> None:
    """Nothing that the daemon would take up: what runs has ended, what is held waits for a word."""
    store = Store(folder / "state/hotpress.db")
    for job in store.jobs(live_only=True, limit=300):
        still = replace(job, state=State.HELD, reason=Reason.APPROVAL, owner="", begun_at=None)
        row = columns(still)
        names = ", ".join(f"{name} = ?" for name in row)
        with store._write() as db:  # noqa: SLF001 - as `fill` does
            db.execute(f"UPDATE jobs SET {names} WHERE id = ?", (*row.values(), job.id))
    store.close()


def opened(log: Path) -> str:
    """The page's address, once it is there."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        for line in log.read_text().splitlines():
            found = re.search(r"(http://[\d.:]+)/", line) if "page.opened" in line else None
            if found:
                return found[1]
        time.sleep(_LOOK_SECONDS)
    raise SystemExit("the page was never opened")


def measured(folder: Path, pid: int, url: str, options: argparse.Namespace) -> int:
    """All of it."""
    resting.settled(pid, 60)
    bare = resting.resident(pid)
    print(f"{options.jobs:,} jobs; memory before the first visit: {bare / 1e6:.0f} MB", flush=True)
    first = visit(url, "/")
    print(f"the first visit, which loads the page's libraries: {first * 1e3:.0f} ms")
    slow = False
    for path in ("/", "/history", "/history?text=7777", "/folders"):
        found = sorted(visit(url, path) for _ in range(options.rounds))
        middle, worst = statistics.median(found), found[-1]
        slow |= middle > _PAINT_SECONDS
        print(f"first paint of {path:20} {middle * 1e3:.0f} ms, at most {worst * 1e3:.0f} ms")
    resting.settled(pid, 30)
    still = share(pid, options.seconds)
    with Looking(url):
        quiet = share(pid, options.seconds) - still
        with Writing(folder):
            busy = share(pid, options.seconds) - still
    with Writing(folder):
        alone = share(pid, options.seconds) - still
    resident = resting.resident(pid)
    print(f"nobody looks: {still:.3%} of a core; while something is written {alone:+.3%}")
    print(f"one looks, at rest: {quiet:+.3%}; while something is written {busy - alone:+.3%}")
    print(f"memory after all of it: {resident / 1e6:.0f} MB")
    over = slow or max(quiet, busy - alone) > _SHARE or resident > _BYTES
    return int(over)


def visit(url: str, path: str) -> float:
    """Seconds until a browser has all that it needs to draw the page."""
    begun = time.perf_counter()
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
        text = client.get(path).text
        for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', text):
            client.get(address)
    return time.perf_counter() - begun


def share(pid: int, seconds: float) -> float:
    """Of a core, that the daemon takes."""
    time.sleep(2)
    before, begun = resting.cpu(pid), time.monotonic()
    time.sleep(seconds)
    return (resting.cpu(pid) - before) / (time.monotonic() - begun)


class Looking:
    """Somebody has the page open, for as long as the block lasts."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, trust_env=False, timeout=None)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> None:
        """Come."""
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        """Go."""
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        with self._client, self._client.stream("GET", "/live?page=now") as events:
            for _ in events.iter_raw():
                if self._ended.is_set():
                    return


class Writing:
    """Something is written once a second, as while a job runs."""

    def __init__(self, folder: Path) -> None:
        self._store = Store(folder / "state/hotpress.db")
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._write)

    def __enter__(self) -> None:
        """Begin."""
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        """End."""
        self._ended.set()
        self._thread.join()
        self._store.close()

    def _write(self) -> None:
        chance = random.Random(1)
        (job,) = self._store.jobs(limit=1)
        while not self._ended.wait(1):
            progress = Progress(Step.UPLOAD.value, chance.random(), "uploading", time.time())
            self._store.report(job.id, progress)


if __name__ == "__main__":
    raise SystemExit(main())
