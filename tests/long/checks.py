"""How far honest results are from their originals, and how far spoiled ones: a table.

`scripts/long checks`. Prints what docs/quality.md holds.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

import clips

from hotpress.media import Media, beside, compare, shift
from hotpress.media.compare import Span
from hotpress.media.look import Looker

WASHED = "eq=contrast=0.5:brightness=0.15:saturation=0.3"  # the stand-in's lie
WAYS = {
    "1 Mb/s": ("1M", "null"),
    "40 kb/s": ("40k", "null"),
    "wrong range": ("1M", "scale=out_range=pc,setrange=tv"),
    "washed out": ("1M", WASHED),
    "washed out, 40 kb/s": ("40k", WASHED),
}
NAMES = (*clips.SEVEN, "movie-hello.mp4")
SECONDS = 12


def main() -> int:
    """Make each, look at both, print a row."""
    media = Media()
    print(
        "| clip | result | alike | contrast | colour | brighter | said |"
        "\n|---|---|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory() as folder:
        for name in NAMES:
            for way, (rate, filters) in WAYS.items():
                original = Path(folder) / "original.mkv"
                clips.ffmpeg("-t", str(SECONDS), "-i", str(clips.real(name)), "-map", "0:V:0",
                             "-c", "copy", str(original))  # fmt: skip
                out = Path(folder) / "out.mp4"
                clips.ffmpeg("-i", str(original), "-vf", filters, "-b:v", rate, "-c:v", "libx264",
                             "-preset", "veryfast", "-pix_fmt", "yuv420p", str(out))  # fmt: skip
                both = [Looker(p, media.probe(p), media.encoder, None) for p in (original, out)]
                pairs = list(beside._pairs(*both))
                row = [
                    statistics.median(getattr(pair, field) for pair in pairs)
                    for field in ("alike", "contrast", "colour", "brighter")
                ]
                figures = " | ".join(f"{value:.2f}" for value in row[:3]) + f" | {row[3]:.0f}"
                print(
                    f"| {name} | {way} | {figures} | {compare.other_colours(pairs)} |", flush=True
                )
        sounds(media, Path(folder))
    return 0


def sounds(media: Media, folder: Path) -> None:
    """The time of the sound after an encode, on time and 200 ms late."""
    print("\n| clip | sound at 32 kb/s | 200 ms late |\n|---|---|---|")
    for name in ("bigbuckbunny.mp4", "movie-hello.mp4"):
        out = folder / "out.mp4"
        clips.ffmpeg("-i", str(clips.real(name)), "-vn", "-c:a", "aac", "-b:a", "32k", "-ac", "1",
                     str(out))  # fmt: skip
        facts = media.probe(clips.real(name))
        span = Span(0, SECONDS)
        before, after = (
            Looker(path, facts, media.encoder, None).sound(span) for path in (clips.real(name), out)
        )
        late = shift.shift(before, bytes(2 * shift.RATE // 5) + after)
        told = [f"{f.seconds * 1000:.0f} ms ({f.alike:.2f})" if f else "-" for f in
                (shift.shift(before, after), late)]  # fmt: skip
        print(f"| {name} | {' | '.join(told)} |")


if __name__ == "__main__":
    raise SystemExit(main())
