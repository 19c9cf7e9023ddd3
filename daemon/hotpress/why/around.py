"""What a look at one path needs besides it: the config, and what the daemon has written down."""

from __future__ import annotations

import json
import stat
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hotpress import files, reach
from hotpress.config.read import Config
from hotpress.config.rules import archives
from hotpress.leaves import is_online_only
from hotpress.store import Store
from hotpress.why.scene import Made, Scene

PATIENCE_SECONDS = 5.0  # for a folder that may hang


@dataclass(frozen=True, slots=True)
class Around:
    """`store` is None where nothing is remembered yet; `running`: does the daemon run?"""

    config: Config
    store: Store | None
    running: bool

    def note(self, key: str) -> Mapping[str, Any]:
        """A note of the daemon, as values; of one that does not run it tells the past."""
        text = self.store.note(key) if self.store is not None and self.running else None
        found: Mapping[str, Any] = json.loads(text or "{}")
        return found

    def archives(self) -> set[Path]:
        """Where originals go after their result is delivered, behind links."""
        settings = self.config.settings
        return {real(a) for inbox in settings.inboxes for a in archives(settings, inbox)}


def real(folder: Path) -> Path:
    """Behind links; of one that hangs, what is known of it."""
    try:
        return reach.within(folder, folder.resolve, PATIENCE_SECONDS)
    except reach.NoAnswer:
        return folder


def what_lies(scene: Scene, path: Path) -> Scene:
    """The scene with what lies at the path; where nothing answers, nothing is there."""
    try:
        status = reach.within(path, path.lstat, PATIENCE_SECONDS)
    except (OSError, ValueError, reach.NoAnswer):
        return scene
    kinds = ((stat.S_ISREG, "file"), (stat.S_ISDIR, "folder"), (stat.S_ISLNK, "link"))
    there = next((name for test, name in kinds if test(status.st_mode)), "other")
    return replace(scene, there=there, size_bytes=status.st_size)


def same_content(scene: Scene, path: Path, store: Store | None) -> Scene:
    """A result of ours, or a copy of a source: read only where one of its size is known."""
    if store is None or scene.there != "file" or scene.delivered or not scene.size_bytes:
        return scene
    sources = store.sources_of_size(scene.size_bytes)
    results = store.results_of_size(scene.size_bytes)
    if not (sources or results) or is_online_only(path):
        return scene
    sha256 = files.sha256_at(path)
    if sha256 in sources:
        return replace(scene, copy_of=sources[sha256])
    made = next((each for each in results if each.output_sha256 == sha256), None)
    return replace(scene, result=Made(made.output, made.path) if made else None)
