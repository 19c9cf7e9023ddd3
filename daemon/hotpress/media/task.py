"""One encode: what it must become, the passes of ffmpeg, their limits and their progress."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from hotpress import log
from hotpress.errors import DiskFull, EncodeFailed
from hotpress.media import command, programs
from hotpress.media.codecs import Codec
from hotpress.media.encoder import Encoder
from hotpress.media.fit import SMALLEST_SHARE
from hotpress.media.sound import AudioPlan
from hotpress.model import Facts

_LOGGER = log.get("media")
STALL_SECONDS = 120.0
HINT = "`hotpress retry` tries again; `hotpress check` shows the encoder."
_FULL_HD = 1920 * 1080
_MIB = 1 << 20
_FULL_BYTES = _MIB // 16  # free: less is no room for any video
_FIRST_PASS_SHARE = 0.25  # of the time of pass 1 and 2; `slow` makes a fast first pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What an encode must become.

    `target_bytes`: at most, and at least `smallest_share` of it; None: the quality decides alone,
    below `most_bytes`. `quality_first`: what looks like the original in fewer bytes is enough.
    `fps`: only so many pictures a second. `audio_bits`: of each sound track, else by budget.
    """

    frame: tuple[int, int]
    target_bytes: int | None
    most_bytes: int | None = None
    quality_first: bool = False
    smallest_share: float = SMALLEST_SHARE
    codec: str = "h264"
    preset: str | None = None  # the codec's own
    fps: float | None = None
    audio_bits: int | None = None
    keep_hdr: bool = False
    strip: bool = False


@dataclass(slots=True)
class Task:
    """One encode: what it reads, what it makes, and what it may use."""

    material: Path
    facts: Facts
    wish: Wish
    codec: Codec
    encoder: Encoder
    seconds: float  # at most, for one pass
    stop: Event | None
    work: Path
    progress: Callable[[float], None]
    sound: AudioPlan
    notes: list[str] = field(default_factory=list)
    done: float = 0.0  # how far all of it is, 0-1

    @property
    def draft(self) -> Path:
        """Where the try of the moment is written."""
        return self.work / "try.mp4"

    def first_pass(self, bits: int) -> None:
        """Look at every picture, and write down how hard each is."""
        words = [*self._pictures(), "-b:v", str(bits), "-pass", "1", *self._stats()]
        words += ["-an", "-sn", "-dn", "-f", "null", "-"]
        until = self.done + _FIRST_PASS_SHARE * (1 - self.done)
        done = self._run(words, _stats_bytes(self.facts, self.wish.frame), until)
        if done.over_size:
            raise EncodeFailed("the encoder's notes on it became too large", HINT)

    def second_pass(self, bits: int, most_bytes: int, until: float) -> int:
        """Encode at `bits`. Returns the size, or `most_bytes` when it would be even larger."""
        words = [*self._pictures(), "-b:v", str(bits)]
        if self.codec.two_pass(self.encoder):
            words += ["-pass", "2", *self._stats()]
        return self._write(words, most_bytes, until)

    def by_quality(self, most_bytes: int, until: float) -> int:
        """Encode at a quality at which hardly anyone sees a difference, whatever the size."""
        return self._write([*self._pictures(), "-crf", str(self.codec.quality)], most_bytes, until)

    def _pictures(self) -> list[str]:
        wish = self.wish
        filters, note = command.picture(
            self.facts, wish.frame, self.encoder, fps=wish.fps, keep_hdr=wish.keep_hdr
        )
        if note and note not in self.notes:
            self.notes.append(note)
        words = ["-map", "0:V:0", *filters, *command.timing(self.facts, self.encoder)]
        words += command.colour_tags(self.facts, self.encoder, keep_hdr=wish.keep_hdr)
        return words + self.codec.words(self.facts, wish.preset)

    def _stats(self) -> list[str]:
        return ["-passlogfile", str(self.work / "stats")]

    def _write(self, words: list[str], most_bytes: int, until: float) -> int:
        self.draft.unlink(missing_ok=True)
        words = [
            *words,
            *command.sound(self.facts, self.sound),
            *command.belongings(strip=self.wish.strip, created_at=self.facts.created_at),
        ]
        done = self._run([*words, *command.writing(self.draft)], most_bytes, until)
        if done.over_size:
            return most_bytes + 1
        return self.draft.stat().st_size

    def _run(self, words: list[str], file_bytes: int, until: float) -> programs.Finished:
        start = [*command.start(self.encoder, report=True), *command.reading(self.material)]
        limits = programs.Limits(
            seconds=self.seconds,
            stall_seconds=STALL_SECONDS,
            alive="frame=",
            memory_bytes=command.memory_bytes(
                (self.facts.coded_width, self.facts.coded_height), self.wish.frame
            ),
            file_bytes=file_bytes,
        )
        told = reporter(self.progress, self.facts.duration_seconds, self.done, until)
        done = programs.run([*start, *words], limits=limits, stop=self.stop, on_line=told)
        if not done.over_size:
            must_be_well(done, limits, self.work)
        self.done = until
        self.progress(until)
        return done


@contextmanager
def workshop(folder: Path) -> Iterator[Path]:
    """A folder for drafts, by a fixed name: what a killed daemon left in it is swept away."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def longest_seconds(facts: Facts, frame: tuple[int, int]) -> float:
    """How long one pass over a video may take."""
    pixels = max(facts.coded_width * facts.coded_height, frame[0] * frame[1])
    return pass_seconds(facts.duration_seconds, pixels)


def pass_seconds(seconds: float, pixels: int = 0) -> float:
    """60 s and 30 times so many seconds of pictures, more where they are over 1080p.

    x264 `slow` needs one to three times the video's length on two cores (measured 2026-11).
    """
    return 60 + 30 * seconds * max(1.0, pixels / _FULL_HD)


def _stats_bytes(facts: Facts, frame: tuple[int, int]) -> int:
    """What pass 1 may write: two bytes for each block of 16x16 pixels and a line for each frame."""
    frames = (facts.fps or 30) * facts.duration_seconds
    blocks = (frame[0] / 16 + 1) * (frame[1] / 16 + 1)
    return round(3 * frames * (2 * blocks + 500)) + 16 * _MIB


def reporter(
    progress: Callable[[float], None], seconds: float, begin: float, end: float
) -> Callable[[str], None]:
    """Turn ffmpeg's `out_time_us=` into a share of the whole."""
    reached = begin

    def told(line: str) -> None:
        nonlocal reached  # with a variable frame rate ffmpeg's own times go back now and then
        name, _, value = line.partition("=")
        if name == "out_time_us" and value.isdigit():
            share = min(1.0, int(value) / 1e6 / seconds)
            reached = max(reached, begin + (end - begin) * share)
            progress(reached)

    return told


def must_be_well(done: programs.Finished, limits: programs.Limits, folder: Path) -> None:
    """Raise EncodeFailed, with a sentence, unless it ended well; DiskFull when `folder` is full.

    The encoder's notes between two passes end in a full disk without a word about it.
    """
    if done.ok:
        return
    found = os.statvfs(folder)
    if found.f_bavail * found.f_frsize < _FULL_BYTES:
        raise DiskFull(
            f"the disk of {folder} is full, and the encoder gave up",
            "Free some space; hotpress goes on by itself.",
        )
    why = {
        "time": f"the encoder was not ready after {limits.seconds / 60:.0f} minutes",
        "stall": f"the encoder stood still for {STALL_SECONDS / 60:.0f} minutes",
    }.get(done.cut, "the encoder gave up before it was done")
    # Its own words help nobody but who reads the log.
    _LOGGER.warning("encode.failed", cut=done.cut, code=done.code, words=done.last_words)
    raise EncodeFailed(why, HINT)
