"""Small pictures and plain sound out of a video, for `compare` and `shift`.

What can't be read is left out: a source that has errors is no reason against its result.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from threading import Event

from hotpress.media import command, programs, shift
from hotpress.media.compare import HEIGHT, PICTURE_BYTES, WIDTH, Span
from hotpress.media.encoder import Encoder
from hotpress.model import Facts

_SECONDS = 120.0  # for one look: a picture far behind one that can be jumped to takes a while
_SMALL = f"scale={WIDTH}:{HEIGHT}:flags=area,format=rgb24"


class Unseen(Exception):
    """A look took too long: the disk is slow or away, and so will be the next one."""


@dataclass(frozen=True, slots=True)
class Looker:
    """Looks into one file. Each method starts one program and waits for it, or raises Unseen."""

    path: Path
    facts: Facts
    encoder: Encoder
    stop: Event | None

    def picture(self, at: float) -> bytes | None:
        """The picture at `at` seconds."""
        raw = self._ask(at, ["-map", "0:V:0", "-frames:v", "1", "-vf", _SMALL, "-f", "rawvideo"])
        return raw if len(raw) == PICTURE_BYTES else None

    def pictures(self, span: Span, step: float) -> list[tuple[float, bytes]]:
        """One picture each `step` seconds of a stretch, with their times."""
        filters = ["-map", "0:V:0", "-vf", f"fps={1 / step:g}:round=near,{_SMALL}"]
        raw = self._ask(span.start, [*filters, "-f", "rawvideo"], span.seconds)
        return [
            (span.start + number * step, raw[start : start + PICTURE_BYTES])
            for number, start in enumerate(range(0, len(raw) - PICTURE_BYTES + 1, PICTURE_BYTES))
        ]

    def sound(self, span: Span) -> bytes:
        """The first sound track of a stretch, as `shift` wants it; gaps in it are silence."""
        words = ["-map", "0:a:0", "-af", "aresample=async=1:first_pts=0", "-ac", "1"]
        return self._ask(span.start, [*words, "-ar", str(shift.RATE), "-f", "s16le"], span.seconds)

    def _ask(self, start: float, words: list[str], seconds: float | None = None) -> bytes:
        place = ["-ss", f"{max(0.0, start):.3f}"]
        place += ["-t", f"{seconds:.3f}"] if seconds is not None else []
        frame = (self.facts.coded_width, self.facts.coded_height)
        limits = programs.Limits(seconds=_SECONDS, memory_bytes=command.memory_bytes(frame))
        begin = [*command.start(self.encoder), *place, *command.reading(self.path)]
        done = programs.run([*begin, *words, "pipe:1"], limits=limits, stop=self.stop)
        if done.cut:
            raise Unseen(done.cut)
        return done.stdout_bytes
