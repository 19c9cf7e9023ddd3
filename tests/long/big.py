"""`scripts/long big`: a source of 2 GB and one of 45 minutes through the whole pipeline.

For each: the cloud route (the 2 GB one through a working copy under `max_upload`) and this
machine's. Prints the peak of the daemon's own memory, children apart; 1 when it is 120 MB or more.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

import clips
from stage import Stage, no_charge_twice, sha256, until

LIMIT_BYTES = 120_000_000
HOURS = 3_600.0


def two_gigabytes(to: Path) -> Path:
    """Noise without loss: 2 GB in some minutes of pictures."""
    noise = ["-f", "lavfi", "-i", "testsrc2=s=640x360:r=30", "-vf", "noise=alls=60:allf=t"]
    tone = ["-f", "lavfi", "-i", "sine=frequency=330"]
    code = ["-c:v", "libx264", "-preset", "ultrafast", "-qp", "4", "-c:a", "aac"]
    clips.ffmpeg(*noise[:4], *tone, *noise[4:], *code, "-t", "600", "-fs", str(2 * 10**9), str(to))
    return to


def three_quarters_of_an_hour(to: Path) -> Path:
    """The ten seconds of the made clip, over and over."""
    base = clips.make_clip(to.parent, "base")
    clips.ffmpeg("-stream_loop", "-1", "-i", str(base), "-c", "copy", "-t", "2700", str(to))
    base.unlink()
    return to


CASES = {
    "2 GB": (two_gigabytes, {"target_size": "60 MB", "oversize": "shrink"}),
    "45 min": (three_quarters_of_an_hour, {"target_size": "40 MB"}),
}


def peak_bytes(pid: int) -> int:
    """The most memory that a process has held so far (VmHWM, proc(5))."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmHWM")


def one(folder: Path, name: str, route: str) -> bool:
    """One source by one route. Prints its line; False when something is wrong."""
    make, rule = CASES[name]
    stage = Stage(folder)
    with stage.cloud({"credits": 1000}, "--kind", "--speed", "20"):
        stage.configure({**rule, "route": route, "max_rate": "none"})
        source = make(folder / "made.mp4")
        before = sha256(source)
        began = time.monotonic()
        stage.start()
        source.rename(stage.inbox() / "big.mp4")
        try:
            until(lambda: stage.ended(1), HOURS, "its result")
            peak = peak_bytes(stage.daemon.pid)
            assert stage.stop() == 0
        finally:
            stage.end()
        [job] = stage.stored()
        assert job["state"] == "delivered", job["why"]
        assert sha256(stage.inbox() / "big.mp4") == before
        no_charge_twice(stage)
    [result] = stage.delivered()
    good = peak < LIMIT_BYTES
    print(
        f"| {name} ({job['size_bytes'] / 1e6:,.0f} MB) | {route} | {result.stat().st_size:,} B, "
        f"{job['final']['made_by']} | {time.monotonic() - began:.0f} s | {peak / 1e6:.0f} MB |"
        f"{'' if good else ' WRONG'}",
        flush=True,
    )
    return good


def main() -> int:
    """Print the table; 1 when a line of it is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--routes", nargs="*", default=["cloud", "local"])
    parser.add_argument("--cases", nargs="*", default=list(CASES))
    wanted = parser.parse_args()
    print("| source | route | delivered | in all | peak of the daemon |\n|---|---|---|---|---|")
    right = True
    for name in wanted.cases:
        for route in wanted.routes:
            folder = Path(tempfile.mkdtemp(prefix="big-"))
            right &= one(folder / "run", name, route)
            shutil.rmtree(folder)
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
