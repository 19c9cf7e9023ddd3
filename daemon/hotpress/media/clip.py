"""The demo's clip, made here so that a rehearsal needs no file. It moves, and is far too big."""

from __future__ import annotations

from pathlib import Path
from threading import Event

from hotpress.errors import EncodeFailed
from hotpress.media import command, programs
from hotpress.media.encoder import Encoder

# 12 Mbit/s at 1080p30 is what cameras and screen recorders write; 20 s of it are 30 MB and take
# 7 s on two cores (measured 2026-11).
_BITS_PER_PIXEL = 12_000_000 / (1920 * 1080 * 30)
_MIB = 1 << 20


def make(
    out: Path,
    *,
    seconds: float,
    width: int,
    height: int,
    fps: float,
    encoder: Encoder,
    stop: Event | None = None,
) -> None:
    """Write an MP4 of a flight into a fractal, with grain and a beep each second.

    Raises:
        EncodeFailed: the encoder could not make it.
        DiskFull, Stopping, MediaError: as `programs.run`.
    """
    bits = int(_BITS_PER_PIXEL * width * height * fps)
    # Drawn at a quarter of the size and with its grain there: noise at 1080p takes three times as
    # long, and costs more bits than any camera spends.
    small = f"{max(32, width // 4)}x{max(32, height // 4)}"
    flight = f"mandelbrot=s={small}:r={fps}:maxiter=300:start_scale=2:end_scale=0.02:end_pts=600"
    colours = f"hue=H=t/4,format=yuv420p,noise=c0s=14:c0f=t,scale={width}:{height}:flags=bicubic"
    words = ["-f", "lavfi", "-i", f"{flight},{colours}"]
    words += ["-f", "lavfi", "-i", "sine=frequency=220:beep_factor=4:sample_rate=48000"]
    words += ["-t", str(seconds), "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
    words += ["-b:v", str(bits), "-maxrate", str(bits), "-bufsize", str(bits * 2)]
    words += ["-c:a", "aac", "-b:a", "128k"]
    limits = programs.Limits(
        seconds=60 + 30 * seconds,
        memory_bytes=command.memory_bytes((width, height)),
        file_bytes=int(bits * seconds / 4) + _MIB,
    )
    out.unlink(missing_ok=True)
    done = programs.run(
        [*command.start(encoder), *words, *command.writing(out)], limits=limits, stop=stop
    )
    if not done.ok:
        raise EncodeFailed(
            "the encoder of this machine could not make the clip",
            "Give a video of your own: `hotpress demo FILE`.",
        )
