"""Screenshots for README: `python scripts/smaller.py FOLDER PNG...` writes them there as WebP."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

import av
from av.video.frame import VideoFrame

_MOST_BYTES = 120_000
_MOST_WIDTH = 1000


def webp(path: Path) -> bytes:
    """As good as the limit allows."""
    with av.open(str(path)) as picture:
        frame = next(f for f in picture.decode(video=0) if isinstance(f, VideoFrame))
    wide = min(frame.width, _MOST_WIDTH) // 2 * 2
    high = round(frame.height * wide / frame.width) // 2 * 2
    small = frame.reformat(width=wide, height=high, format="yuv420p", interpolation="LANCZOS")
    for quality in (85, 70, 50, 30):
        coder = av.VideoCodecContext.create("libwebp", "w")
        coder.width, coder.height, coder.pix_fmt = wide, high, "yuv420p"
        coder.time_base = Fraction(1, 25)
        coder.options = {"quality": str(quality)}
        small.pts = 0
        made = b"".join(bytes(packet) for packet in [*coder.encode(small), *coder.encode(None)])
        if 0 < len(made) < _MOST_BYTES:
            return made
    sys.exit(f"{path.name} can't be made smaller than {_MOST_BYTES} bytes")


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[2:]:
        (folder / Path(name).with_suffix(".webp").name).write_bytes(webp(Path(name)))
