"""Forecasts beside what really comes of the same target, and whether enough bytes are enough.

`scripts/long forecast [--only WORD] [--preset slow]`. Prints a Markdown table for docs/quality.md.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import tempfile
from pathlib import Path

import clips

from hotpress.human import size_text
from hotpress.media import Media, Wish, fit
from hotpress.model import FLOORS

# Clip, targets in bytes (starved, decent), the floor that the first and the second must reach.
CASES = (
    ("bigbuckbunny.mp4", 150_000, "ok"),
    ("bigbuckbunny.mp4", 400_000, "best"),
    ("bikes.mp4", 80_000, "ok"),
    ("bikes.mp4", 200_000, "best"),
    ("VID_20191220_170832.mp4", 200_000, "good"),
    ("VID_20191220_170832.mp4", 400_000, "best"),
    ("sample.mp4", 60_000, "ok"),
    ("sample.mp4", 150_000, "good"),
    ("movie-hello.mp4", 400_000, "best"),
    ("vtest.avi", 700_000, "good"),
    ("vtest.avi", 1_500_000, "best"),
)
TOLERANCE = 3.0  # points below the floor that `enough_bytes` may land
HEAD = (
    "| clip | target | forecast: frame, VMAF | encoded: VMAF | off by | floor | enough | encoded "
    "there: VMAF | CPU s |\n|---|---|---|---|---|---|---|---|---|"
)


def real(
    media: Media, path: Path, target: int, frame: tuple[int, int], preset: str, folder: Path
) -> float:
    """The VMAF of a whole encode at this target and frame, compared at the original's frame."""
    facts = media.probe(path)
    out = folder / "whole.mp4"
    media.fit(path, facts, out, Wish(frame=frame, target_bytes=target, preset=preset))
    quality = media.quality(out, path, work=folder, facts=facts)
    assert quality is not None, "this encoder has no libvmaf"
    return quality.mean


def row(media: Media, name: str, target: int, floor: str, preset: str, folder: Path) -> str:
    """One line of the table; with WRONG in it when `enough_bytes` was not enough."""
    path = clips.real(name)
    facts = media.probe(path)
    frame = fit.frame_for("source", facts.width, facts.height)
    began = _cpu_seconds()
    found = media.forecast(
        path, facts, target_bytes=target, frame=frame, work=folder, floor=FLOORS[floor]
    )
    took = _cpu_seconds() - began
    assert found is not None
    assert found.best is not None
    came = real(media, path, target, found.best.frame, preset, folder)
    enough, there = "-", "-"
    if found.enough_bytes is not None and found.enough_frame is not None:
        got = real(media, path, found.enough_bytes, found.enough_frame, preset, folder)
        short = "" if got >= FLOORS[floor] - TOLERANCE else " WRONG"
        enough = f"{size_text(found.enough_bytes)}, {min(found.enough_frame)}p"
        there = f"{got:.1f}{short}"
    return (
        f"| {name} | {size_text(target)} | {min(found.best.frame)}p, {found.vmaf:.1f} "
        f"| {came:.1f} | {found.vmaf - came:+.1f} | {floor} {FLOORS[floor]:.0f} | {enough} "
        f"| {there} | {took:.0f} |"
    )


def _cpu_seconds() -> float:
    """Of all programs that have ended: what a loaded machine does not change."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> int:
    """All cases; 1 when a size was not enough."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    parser.add_argument("--preset", default="slow")
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="forecast-"))
    print(HEAD)
    rows = []
    for name, target, floor in CASES:
        if chosen.only in name:
            rows.append(row(Media(), name, target, floor, chosen.preset, folder))
            print(rows[-1], flush=True)
    shutil.rmtree(folder)
    return 1 if any("WRONG" in line for line in rows) else 0


if __name__ == "__main__":
    raise SystemExit(main())
