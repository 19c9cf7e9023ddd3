"""One folder's intention."""

from __future__ import annotations

from dataclasses import dataclass

from hotpress.model.stages import Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One folder's intention, frozen into each of its jobs."""

    target_bytes: int | None = 100_000_000
    target_share: float | None = None  # of the source's size, instead of target_bytes
    max_bits_per_second: int | None = 8_000_000  # at 1080p, in proportion to the pixels elsewhere
    resolution: str = "1080p"
    instructions: str = ""
    route: Route = Route.AUTO
    source: str = "keep"
    archive_to: str | None = None
    output: str = "{stem}.mp4"
    output_name: str = "main"
    collision: str = "keep_both"
    session: str = "file"
