"""What a cloud can hand out instead of what was asked for: as an encode, or on the bytes after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from hotpress.standin.encode import Plan

HTML = b"<!DOCTYPE html><html><head><title>Gateway</title></head><body>Please wait</body></html>\n"
OVERSIZE_BPS = 12_000_000
MOST_BPS = 60_000_000


def falsify_plan(plan: Plan, lie: str, target_bytes: int | None, fps: float) -> Plan:
    """The encode of a lie; plans of other lies, and of none, stay as they are."""
    if lie == "oversize":
        # Filler makes it big whatever the picture is: a quiet clip would fit by accident.
        wanted = 1.5 * 8 * (target_bytes or 0) / plan.seconds
        bps = int(min(MOST_BPS, max(OVERSIZE_BPS, wanted)))
        return replace(plan, video_bps=bps, constant=True)
    if lie == "wrong_length":
        halves = tuple(replace(piece, seconds=piece.seconds / 2) for piece in plan.pieces)
        return replace(plan, pieces=halves)
    if lie == "no_sound":
        return replace(plan, keep_sound=False)
    filters = {
        "sideways": "transpose=1",
        "other_fps": f"fps={max(1.0, fps / 2):.3f}",
        "washed_out": "eq=contrast=0.5:brightness=0.15:saturation=0.3",
    }
    return replace(plan, filters=(filters[lie],)) if lie in filters else plan


def falsify_file(path: Path, lie: str) -> str:
    """Spoil the finished file; returns the content type that it is served with."""
    spoil: dict[str, Callable[[bytes], bytes]] = {
        "cut": lambda data: data[: len(data) * 6 // 10],
        "corrupt": _flipped,
        "html": lambda _: HTML,
        "empty": lambda _: b"",
    }
    if lie in spoil:
        path.write_bytes(spoil[lie](path.read_bytes()))
    return "text/html; charset=utf-8" if lie == "html" else "video/mp4"


def _flipped(data: bytes) -> bytes:
    """Invert a stretch in the middle: with the index in front that hits only pictures."""
    start, length = len(data) // 2, min(4096, len(data) // 4)
    middle = bytes(byte ^ 0xFF for byte in data[start : start + length])
    return data[:start] + middle + data[start + length :]
