"""One daemon for a long time: small jobs one after the other, while its clock runs through months.

`scripts/long soak [--minutes 20] [--days-a-minute 10]`. Every ten seconds it writes down memory,
threads, descriptors, and the sizes of store and log; at the end it prints how they went. The
clock goes ahead once a minute: `history` (30 days here) and each look by the hour take part, too.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from dataclasses import astuple, dataclass
from pathlib import Path
from statistics import linear_regression, median

import clips
import mounts

AT_ONCE = 4  # in the inbox: the next one comes when one is done
LOOK_SECONDS = 10.0
LEAST_JOBS = 500
_MOST_SLOPE = 5e6 / 3_600  # bytes a second over the last half: more is a leak
RULE = {"target_size": "250 kB", "route": "local", "source": "delete", "max_rate": "none"}


@dataclass(frozen=True, slots=True)
class Look:
    """At one time: seconds since the start, bytes, and counts."""

    at: float
    resident: int
    threads: int
    descriptors: int
    store: int
    log: int
    done: int


def look(stage: mounts.PatientStage, began: float, done: int) -> Look:
    """As the system sees it."""
    process = Path(f"/proc/{stage.daemon.pid}")
    pages = int((process / "statm").read_text().split()[1])
    return Look(
        time.monotonic() - began,
        pages * os.sysconf("SC_PAGE_SIZE"),
        len(list((process / "task").iterdir())),
        len(list((process / "fd").iterdir())),
        sum(path.stat().st_size for path in stage.state.glob("hotpress.db*")),
        (stage.folder / "daemon.log").stat().st_size,
        done,
    )


def run(stage: mounts.PatientStage, minutes: float, days_a_minute: float) -> list[Look]:
    """Drop, wait, drop; every tenth is encoded, the others are copied."""
    began = time.monotonic()
    looks, number, leaps = [], 0, 0
    stage.start()
    while (now := time.monotonic() - began) < minutes * 60:
        lying = len(list(stage.inbox().glob("*.mp4")))
        for _ in range(AT_ONCE - lying):
            number += 1
            draft = stage.inbox() / f".{number}.draft"
            clips.numbered(number, draft)
            if number % 10 == 0:
                with draft.open("ab") as file:  # too large to be copied
                    file.write((100_000).to_bytes(4, "big") + b"free" + bytes(99_992))
            draft.rename(stage.inbox() / f"{number:05}.mp4")
        if now // 60 > leaps:
            leaps += 1
            stage.later(int(days_a_minute * 86_400))
        if not looks or now - looks[-1].at >= LOOK_SECONDS:
            looks.append(look(stage, began, number - AT_ONCE))
            assert not stage.dead(), "the daemon has ended"
        time.sleep(0.1)
    return looks


def problems(looks: list[Look], stage: mounts.PatientStage) -> list[str]:
    """What grew, by the last half: the first one fills caches."""
    half = looks[len(looks) // 2 :]
    slope, _ = linear_regression([x.at for x in half], [x.resident for x in half])
    print(f"memory: {slope * 3_600 / 1e6:+.2f} MB an hour over the second half")
    found = [f"memory grows by {slope * 3_600 / 1e6:.0f} MB an hour"] if slope > _MOST_SLOPE else []
    quarter = len(looks) // 4
    for name in ("resident", "threads", "descriptors", "store"):
        then = median(getattr(x, name) for x in looks[quarter : 2 * quarter])
        now = median(getattr(x, name) for x in looks[-quarter:])
        print(f"{name}: median {then:,.0f} in the second quarter, {now:,.0f} in the last")
        room = {"resident": 5e6, "threads": 2, "descriptors": 2, "store": 2e6}[name]
        if now > then + room:
            found.append(f"{name} grew from {then:,.0f} to {now:,.0f}")
    failed = [j["why"] for j in stage.stored() if j["state"] in ("failed", "held")]
    if failed:
        found.append(f"{len(failed)} failed or held: {failed[0]}")
    if len(stage.delivered()) < LEAST_JOBS:
        found.append(f"only {len(stage.delivered())} results, {LEAST_JOBS} are wanted")
    return found


def main() -> int:
    """One run; 1 when anything grew or failed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--days-a-minute", type=float, default=10.0)
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    stage = mounts.PatientStage(folder)
    stage.configure(RULE, history="30d", watch={"rescan": "1m"})
    try:
        looks = run(stage, chosen.minutes, chosen.days_a_minute)
        wrong = problems(looks, stage)
        print(f"{len(stage.delivered())} results, {len(stage.stored())} jobs still in the store")
        print("last look:", astuple(looks[-1]))
        code = stage.stop()
        wrong += [f"it ended with {code}"] if code else []
    finally:
        stage.end()
    print("\n".join(wrong) or "nothing grew")
    if not wrong:
        shutil.rmtree(folder)  # after a failure it stays, to be looked at
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
