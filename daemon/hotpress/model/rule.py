"""One folder's intention."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields

from hotpress.model.stages import Route

# What alters the bytes of a result. `codec`, `fps` and sound do; `encoder` and `route` do not.
_BYTES_KEYS = (
    *("target_bytes", "target_share", "max_bits_per_second", "resolution", "instructions"),
    *("codec", "fps", "audio_bits_per_second", "already_small", "min_saving", "hdr", "metadata"),
)

# What `quality_floor` names, of 100 points (VMAF): "ok" is soft, "good" hardly different, at "best"
# hardly anyone sees a difference (sources in docs/quality.md).
FLOORS = {"ok": 80.0, "good": 88.0, "best": 93.0}


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
    propagates_deletion: str = "refuse"  # or "ok": gone here may mean gone on every device
    output: str = "{stem}.mp4"
    output_name: str = "main"
    follows: str = ""  # the result of the same video that the cloud edits for this one, too
    beside: tuple[str, ...] = ()  # the other results that its drop was to have
    collision: str = "keep_both"
    codec: str = "h264"
    encoder: str = "auto"  # or the path of an ffmpeg
    fps: float | None = None  # at most; None: the source's
    audio_bits_per_second: int | None = None  # of each track; None: by budget
    oversize: str = "auto"  # over the cloud's limit: "local", "shrink", "refuse", or by the route
    already_small: str = "copy"
    min_saving: float = 0.1  # less gained, and the original is delivered
    quality_floor: float | None = None  # VMAF, 0-100: what a target must be able to reach
    hdr: str = "sdr"
    metadata: str = "keep"
    links: str = "off"  # link files: "on", or "local", also into this machine and network
    companions: str = "copy"  # subtitles and places beside the source; or "ignore"
    auto_after_seconds: float = 3_600.0  # without the cloud; then route: auto goes on here
    session: str = "file"
    hours: tuple[str, ...] = ()  # times of day when something new may start in the cloud
    timezone: str = "local"  # of these hours

    @property
    def bytes_key(self) -> str:
        """The values that alter the bytes of a result: with the source's hash, the work key.

        Only what differs from the defaults stands in it: a key that a later version adds does not
        make everything new that was delivered before.
        """
        usual = {f.name: f.default for f in fields(self)}
        own = {k: getattr(self, k) for k in _BYTES_KEYS if getattr(self, k) != usual[k]}
        return json.dumps(own, sort_keys=True, separators=(",", ":"))
