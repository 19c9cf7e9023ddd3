"""How much of the original is still to be seen: VMAF, by the encoder's libvmaf."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from hotpress.errors import EncodeFailed
from hotpress.media import command, programs
from hotpress.media.encoder import Encoder
from hotpress.media.task import HINT, longest_seconds, must_be_well, pass_seconds
from hotpress.model import Facts

# Below it a comparison may be off by one frame: one frame costs 2-6 points in calm pictures and
# tens in moving ones (measured 2026-11, docs/quality.md).
_SUSPICIOUS = 70.0
_CHECK_SECONDS = 2.0
_BETTER_BY = 3.0  # points: a shift must win by so much to be believed
_LATE_FRAMES = 0.3  # by which the result is moved when frames are compared by their times
_TICKS = 40_000  # microseconds between two frames that are compared by their numbers
_LINE_BYTES = 400  # of the log, a frame
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Quality:
    """VMAF scores, 0-100: of all looked-at frames the mean, and what 5 % of them are below.

    `worst_second_at` is where the second with the lowest mean begins, in seconds from the video's
    beginning; `frames` how many were looked at; `shift` by how many frames the result is late.
    """

    mean: float
    p5: float
    worst_second_at: float
    frames: int
    shift: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a video. Both in seconds."""

    start: float
    seconds: float


def measure(
    distorted: Path,
    reference: Path,
    *,
    facts: Facts,
    facts_of_distorted: Facts,
    encoder: Encoder,
    work: Path,
    frame: tuple[int, int] | None = None,
    window: Window | None = None,
    subsample: int = 1,
    check_shift: bool = True,
    stop: Event | None = None,
) -> Quality | None:
    """Compare a result with its original; None when the encoder has no libvmaf.

    Both are compared at `frame` (the upright one of the reference by default): the reference goes
    through the filters of an encode (upright, progressive, SDR), the result is scaled up (bicubic).
    `subsample` 2 looks at every second frame. `window` looks at a part only, and costs no more in
    a long video. The log lies in `work` and is removed.

    Frames are paired by number where both files have equally many, else by time; with `check_shift`
    a suspiciously low score is checked against a shift of one frame either way.

    Model: the encoder's default, vmaf_v0.6.1, which is meant for 1080p seen from three times its
    height. Smaller frames are judged as if shown small, so full screen they look worse than told
    (Netflix, VMAF's FAQ).

    Raises:
        EncodeFailed: one of both can't be decoded, or not within the limits.
        DiskFull, Stopping, MediaError: as `programs.run`.
    """
    if "libvmaf" not in encoder.filters:
        return None
    upright = (facts.width // 2 * 2, facts.height // 2 * 2)
    pair = _Pair(
        distorted,
        reference,
        facts,
        facts_of_distorted,
        encoder,
        work / "vmaf.csv",
        frame or upright,
        stop,
    )
    quality = pair.compare(window, subsample, 0)
    if not check_shift or quality.mean >= _SUSPICIOUS:
        return quality
    shift = pair.shift(window)
    return pair.compare(window, subsample, shift) if shift else quality


@dataclass(frozen=True, slots=True)
class _Pair:
    """The two files, and how they are compared."""

    distorted: Path
    reference: Path
    facts: Facts
    other: Facts
    encoder: Encoder
    log: Path
    frame: tuple[int, int]
    stop: Event | None

    def compare(self, window: Window | None, subsample: int, shift: int) -> Quality:
        start = window.start if window else 0.0
        part = self._part(window)
        words = [*command.start(self.encoder)]
        words += [*part, *command.reading(self.distorted), *part, *command.reading(self.reference)]
        graph = self._graph(subsample, shift)
        words += ["-filter_complex", graph, "-map", "[out]", "-fps_mode", "passthrough"]
        try:
            self._run([*words, "-f", "null", "-"], window)
            scores = _read(self.log)
        finally:
            self.log.unlink(missing_ok=True)
        return pooled(scores, self._fps, start, shift)

    def shift(self, window: Window | None) -> int:
        """By how many frames the result seems to be late: -1, 0 or 1, by 2 s in the middle."""
        length = window.seconds if window else self.facts.duration_seconds
        start = (window.start if window else 0.0) + max(0.0, (length - _CHECK_SECONDS) / 2)
        check = Window(start, min(length, _CHECK_SECONDS))
        found = {shift: self.compare(check, 1, shift).mean for shift in (-1, 0, 1)}
        best = max(found, key=lambda shift: found[shift])
        return best if found[best] >= found[0] + _BETTER_BY else 0

    @property
    def _fps(self) -> float:
        return self.facts.fps or 30.0

    @property
    def _by_number(self) -> bool:
        return self.facts.frames is not None and self.facts.frames == self.other.frames

    def _part(self, window: Window | None) -> list[str]:
        if window is None:
            return []
        # Between two frames: else rounding decides for each file alone which one comes first.
        number = max(0, round(window.start * self._fps))
        start = max(0.0, (number - 0.5) / self._fps)
        return ["-ss", f"{start:.6f}", "-t", f"{window.seconds:.6f}"]

    def _graph(self, subsample: int, shift: int) -> str:
        filters, _ = command.picture(self.facts, self.frame, self.encoder)
        size = f"scale={self.frame[0]}:{self.frame[1]}:flags=bicubic,setsar=1,format=yuv420p"
        log = f"log_fmt=csv:log_path={escaped(str(self.log.absolute()))}"
        how = f"n_threads={command.THREADS}:n_subsample={subsample}:{log}:shortest=1"
        return (
            f"[0:V:0]{_skipping(max(0, shift))}{size},{self._clock(_LATE_FRAMES)}[d];"
            f"[1:V:0]{_skipping(max(0, -shift))}{filters[1]},{self._clock(0)}[r];"
            f"[d][r]libvmaf={how}[out]"
        )

    def _clock(self, late: float) -> str:
        if self._by_number:
            return f"settb=AVTB,setpts=N*{_TICKS}"
        return f"settb=AVTB,setpts=PTS-STARTPTS+{late / self._fps:.6f}/TB"

    def _run(self, words: list[str], window: Window | None) -> None:
        seconds = window.seconds if window else self.facts.duration_seconds
        coded = [(facts.coded_width, facts.coded_height) for facts in (self.facts, self.other)]
        limits = programs.Limits(
            # Ten seconds more: the way to the window from the last frame that one can jump to.
            seconds=longest_seconds(self.facts, self.frame)
            if window is None
            else pass_seconds(seconds + 10),
            memory_bytes=command.memory_bytes(*coded, self.frame),
            file_bytes=_MIB + round(_LINE_BYTES * (seconds + 1) * max(self._fps, self.other.fps)),
        )
        done = programs.run(words, limits=limits, stop=self.stop)
        must_be_well(done, limits, self.log.parent)


def _skipping(frames: int) -> str:
    return f"trim=start_frame={frames}," if frames else ""


def escaped(value: str) -> str:
    r"""A value inside a filter's options inside a graph: `a:b` is `a\\:b` there."""
    for special in ("\\':", "\\'[],;"):
        value = "".join(f"\\{char}" if char in special else char for char in value)
    return value


def _read(log: Path) -> list[tuple[int, float]]:
    """Frame numbers and scores. Columns are found by name: versions add some."""
    try:
        with log.open(encoding="utf-8", newline="") as lines:
            return [(int(row["Frame"]), float(row["vmaf"])) for row in csv.DictReader(lines)]
    except (OSError, KeyError, TypeError, ValueError) as problem:
        raise EncodeFailed("the comparison with the original left no figures", HINT) from problem


def pooled(
    scores: Sequence[tuple[int, float]], fps: float, start_seconds: float = 0.0, shift: int = 0
) -> Quality:
    """One `Quality` of frame numbers and scores. Frame times are taken as even: pure.

    Raises:
        EncodeFailed: there is no score: no frame could be compared.
    """
    if not scores:
        raise EncodeFailed("no picture of it could be compared with the original", HINT)
    values = sorted(score for _, score in scores)
    seconds: dict[int, list[float]] = {}
    for number, score in scores:
        seconds.setdefault(int(number / fps), []).append(score)
    worst = min(seconds, key=lambda second: sum(seconds[second]) / len(seconds[second]))
    return Quality(
        mean=sum(values) / len(values),
        p5=values[int(0.05 * (len(values) - 1))],
        worst_second_at=start_seconds + worst,
        frames=len(values),
        shift=shift,
    )
