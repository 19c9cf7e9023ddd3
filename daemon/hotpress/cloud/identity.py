"""Who we say that we are: the attribution headers and the client id."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass
from pathlib import Path

SKILL_SOURCE = "video-compressor-high-quality"
# Install paths that tell the platform (cloud-api: Every request).
_PLATFORMS = {"/.clawhub/": "clawhub", "/.cursor/skills/": "cursor"}


@dataclass(frozen=True, slots=True)
class Identity:
    """What every request carries, and where the shared client id and our token lie."""

    folder: Path
    skill_version: str = "1.0.0"
    platform: str | None = None
    client_id: str | None = None

    def headers(self) -> dict[str, str]:
        """The three attribution headers; an export without them fails with 402."""
        return {
            "X-Skill-Source": SKILL_SOURCE,
            "X-Skill-Version": self.skill_version,
            "X-Skill-Platform": self.platform or platform_of(Path(__file__)),
        }

    def client(self) -> str:
        """The client id: as set, else from the shared file, made once."""
        return self.client_id or _kept_client_id(self.folder / "client_id")


def platform_of(path: Path) -> str:
    """`clawhub`, `cursor` or `unknown`, by the path that the program is installed in."""
    text = path.as_posix()
    return next((name for part, name in _PLATFORMS.items() if part in text), "unknown")


def _kept_client_id(path: Path) -> str:
    """The id in `path`; the first of two processes makes it, the other reads that one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    known = _read(path)
    if known:
        return known
    fresh = str(uuid.uuid4())
    temp = path.with_name(f".{path.name}.{fresh}")
    descriptor = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, f"{fresh}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        return _first(temp, path, fresh)
    finally:
        temp.unlink(missing_ok=True)


def _first(temp: Path, path: Path, fresh: str) -> str:
    """The id of whoever was first; a file without a usable id (torn, emptied) is mended."""
    try:
        os.link(temp, path)
    except FileExistsError:
        known = _read(path)
        if known:
            return known
        temp.replace(path)
        return _read(path) or fresh  # of two that mend at once, the last one holds for both
    return fresh


def _read(path: Path) -> str:
    try:
        text = path.read_text(encoding="ascii").strip()[:100]
    except (FileNotFoundError, UnicodeDecodeError):
        return ""
    return text if text.isprintable() else ""
