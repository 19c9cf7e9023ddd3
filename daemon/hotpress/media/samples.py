"""Short pieces of a video, and what becomes of them at a rate: the same cost for any length."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

from hotpress.errors import EncodeFailed
from hotpress.media import command, probe, programs, vmaf
from hotpress.media.codecs import CODECS
from hotpress.media.encoder import Encoder
from hotpress.media.fit import Attempt, next_bits
from hotpress.media.task import HINT, must_be_well, pass_seconds
from hotpress.media.vmaf import Quality, Window
from hotpress.model import Facts

PIECES = 3
PIECE_SECONDS = 2.0
_LEAST_SECONDS = 0.5
_WHOLE_SECONDS = 8.0  # a shorter video is looked at as a whole
_MOST_BYTES = 1_200_000_000  # of pictures, while a forecast is made
SHARES = (1.0, 3 / 4, 2 / 3, 1 / 2, 3 / 8)
LEAST_SIDE = 240
# `veryfast` tells 1-13 points too little of what `slow` makes of the whole video, `medium` 0-6; and
# it takes little longer than the comparison itself (measured 2026-11, docs/quality.md).
PRESET = "medium"
_SUBSAMPLE = 2
_MOST_TRIES = 3
_NEAR = 0.05  # of the rate: a probe that lands so close is taken
_HEADER_BYTES, _FRAME_BYTES = 1500, 14  # of an MP4 without sound
_WHOLE_PICTURE = re.compile(r"type:I .*? tex:(\d+) mv:(\d+) misc:(\d+)")
# Of the whole pictures in the pieces, by their bytes, what a whole video would not have. By their
# number it is 0.8 (one in 2 s against one in 10 s), but then a video with cuts is told 3 points
# too good (measured 2026-11, docs/quality.md); the error is to be on the careful side.
_ENTRY_SHARE = 0.4
_MIB = 1 << 20


def windows(seconds: float, bytes_per_second: float = 0.0) -> tuple[Window, ...]:
    """Where the pieces lie: 2 s in the middle of each third; or all of a video under 8 s.

    They are shorter where the bare pictures would be over 1.2 GB, as at 2160p60: half a second
    at least.
    """
    room = _MOST_BYTES / max(1.0, bytes_per_second)
    if seconds < min(_WHOLE_SECONDS, max(room, PIECES * _LEAST_SECONDS)):
        return (Window(0.0, seconds),)
    third = seconds / PIECES
    length = max(_LEAST_SECONDS, min(PIECE_SECONDS, room / PIECES))
    return tuple(Window(third * (n + 0.5) - length / 2, length) for n in range(PIECES))


def room_bytes(facts: Facts, frame: tuple[int, int]) -> int:
    """What the bare pieces take on disk while a forecast is made, at most."""
    seconds = min(facts.duration_seconds, _WHOLE_SECONDS)
    return min(_MOST_BYTES, round(_bytes_per_second(facts, frame) * seconds))


def _bytes_per_second(facts: Facts, frame: tuple[int, int]) -> float:
    """Of bare pictures: a byte and a half a pixel."""
    return 1.5 * _area(frame) * max(1.0, facts.fps)


def frames_for(
    frame: tuple[int, int], shares: tuple[float, ...] = SHARES
) -> tuple[tuple[int, int], ...]:
    """`frame` and smaller ones of its shape, largest first: even, no short side under 240."""
    found = [frame]
    for share in sorted(shares, reverse=True):
        width, height = (max(2, 2 * round(side * share / 2)) for side in frame)
        smaller = (width, height)
        if share < 1 and min(smaller) >= LEAST_SIDE and smaller not in found:
            found.append(smaller)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Sample:
    """Pieces of a video one after another, upright, progressive, SDR, not compressed.

    `facts` are those of the sample itself; its rate of frames is the video's.
    """

    path: Path
    facts: Facts
    encoder: Encoder
    pieces: int = 1
    stop: Event | None = None

    @property
    def frame(self) -> tuple[int, int]:
        """The frame that results are compared at."""
        return self.facts.width, self.facts.height


@dataclass(frozen=True, slots=True)
class Probe:
    """What came of a sample in `frame` at `bits` a second (what it took, not what was asked)."""

    frame: tuple[int, int]
    bits: int
    quality: Quality


def take(
    material: Path,
    facts: Facts,
    frame: tuple[int, int],
    *,
    encoder: Encoder,
    work: Path,
    stop: Event | None = None,
) -> Sample:
    """Cut the pieces out of a video, in `frame`, into `work`.

    They are kept as they are, 1.5 bytes a pixel: 560 MB at 1080p30. Without a loss in x264 they
    took a fifth of it, but reading them four times a probe cost a third of all its time.

    Raises:
        EncodeFailed: nothing could be decoded there.
        DiskFull, Stopping, MediaError: as `programs.run`.
    """
    raw = _bytes_per_second(facts, frame)
    parts = windows(facts.duration_seconds, raw)
    filters, _ = command.picture(facts, frame, encoder)
    words = command.start(encoder)
    for part in parts:
        words += ["-ss", f"{part.start:.6f}", "-t", f"{part.seconds:.6f}"]
        words += command.reading(material)
    legs = ";".join(f"[{n}:V:0]{filters[1]}[p{n}]" for n in range(len(parts)))
    names = "".join(f"[p{n}]" for n in range(len(parts)))
    words += ["-filter_complex", f"{legs};{names}concat=n={len(parts)}:v=1:a=0[out]"]
    words += ["-map", "[out]", *command.timing(facts, encoder), "-an"]
    words += ["-c:v", "rawvideo", "-f", "matroska", "-y"]
    out = work / "sample.mkv"
    coded = (facts.coded_width, facts.coded_height)
    # Ten seconds more for each piece: the way to it from the last frame that one can jump to.
    seconds = pass_seconds(
        sum(part.seconds + 10 for part in parts), max(_area(coded), _area(frame))
    )
    limits = programs.Limits(
        seconds=seconds,
        memory_bytes=command.memory_bytes(*[coded] * len(parts), frame),
        file_bytes=round(raw * sum(part.seconds + 1 for part in parts)) + _MIB,
    )
    done = programs.run([*words, f"file:{out.absolute()}"], limits=limits, stop=stop)
    must_be_well(done, limits, work)
    found = probe.probe(out, stop=stop)
    # Matroska does not count its frames; all of them are as large.
    frames = max(1, round(out.stat().st_size / (_area(frame) * 1.5)))
    return Sample(out, replace(found, frames=frames), encoder, len(parts), stop)


def encode(sample: Sample, frame: tuple[int, int], bits: int, *, preset: str = PRESET) -> Probe:
    """Encode a sample in two passes so that it takes `bits` a second, and look at it.

    All pieces share the rate, as all parts of a video do: x264 gives more to the harder ones. The
    second pass is repeated, at most twice, until it lands within 5 %: in so short a piece it may
    be off by 40 %.

    Raises:
        EncodeFailed: the encoder failed, or has no libvmaf.
        DiskFull, Stopping, MediaError: as `programs.run`.
    """
    out = sample.path.with_name("probe.mp4")
    stats = sample.path.with_name("probe-stats")
    facts = sample.facts
    seconds = facts.duration_seconds
    fixed = _HEADER_BYTES + _FRAME_BYTES * (facts.frames or 0)
    words = [] if frame == sample.frame else _scaled(frame)
    words += ["-map", "0:V:0", "-an", *command.timing(facts, sample.encoder)]
    words += [*CODECS["h264"].words(facts, preset), "-passlogfile", str(stats)]
    _run(sample, frame, [*words, "-b:v", str(bits), "-pass", "1", "-f", "null", "-"])
    entries = 0.0 if sample.pieces == 1 else _entry_bytes(stats.with_name(f"{stats.name}-0.log"))
    goal = bits * seconds / 8 + entries
    asked = round(goal * 8 / seconds)
    tries: list[Attempt] = []
    while True:
        write = [*words, "-b:v", str(asked), "-pass", "2", *command.writing(out)]
        _run(sample, frame, write)
        tries.append(Attempt(asked, max(1, out.stat().st_size - fixed)))
        if abs(tries[-1].size / goal - 1) <= _NEAR or len(tries) >= _MOST_TRIES:
            break
        asked = next_bits(tries, round(goal), aim=1.0)
    quality = _seen(sample, frame, out)
    return Probe(frame, max(1, round((tries[-1].size - entries) * 8 / seconds)), quality)


def _entry_bytes(stats: Path) -> float:
    """What the whole pictures take that only the cutting into pieces made necessary.

    Every piece begins with one, of 2 s; a whole video has one in ten seconds. In a calm video that
    is most of the rate. The sizes are x264's own, from its first pass.
    """
    text = stats.read_text(encoding="ascii", errors="replace")
    bits = sum(sum(map(int, parts)) for parts in _WHOLE_PICTURE.findall(text))
    return bits / 8 * _ENTRY_SHARE


def _scaled(frame: tuple[int, int]) -> list[str]:
    return ["-vf", f"scale={frame[0]}:{frame[1]}:flags=lanczos"]


def _seen(sample: Sample, frame: tuple[int, int], out: Path) -> Quality:
    width, height = frame
    small = replace(
        sample.facts, width=width, height=height, coded_width=width, coded_height=height
    )
    quality = vmaf.measure(
        out,
        sample.path,
        facts=sample.facts,
        facts_of_distorted=small,
        encoder=sample.encoder,
        work=out.parent,
        subsample=_SUBSAMPLE,
        check_shift=False,  # made here, frame by frame: a low score is true
        stop=sample.stop,
    )
    if quality is None:
        raise EncodeFailed("this encoder can't compare pictures", HINT)
    return quality


def _run(sample: Sample, frame: tuple[int, int], words: list[str]) -> None:
    facts = sample.facts
    raw = _area(sample.frame) * 2 * (facts.frames or 1)
    limits = programs.Limits(
        seconds=pass_seconds(facts.duration_seconds, _area(sample.frame)),
        memory_bytes=command.memory_bytes(sample.frame, frame),
        file_bytes=raw + 16 * _MIB,
    )
    start = [*command.start(sample.encoder), *command.reading(sample.path)]
    done = programs.run([*start, *words], limits=limits, stop=sample.stop)
    must_be_well(done, limits, sample.path.parent)


def _area(frame: tuple[int, int]) -> int:
    return frame[0] * frame[1]
