"""Takes pictures out of videos in a process of its own, for `preview.py`.

`python -I -B preview_child.py` with one JSON object as its only word. Prints one line of JSON, then
the bytes of the JPEGs. It has limits and knows no network protocol: a hostile file can crash it,
but not the daemon. It imports nothing of hotpress.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import av.filter
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

_ATTACHED_PICTURE = 0x400  # AV_DISPOSITION_ATTACHED_PIC, libavformat/avformat.h
_MOST_BYTES_AT_ONCE = 500_000_000
_MOST_FRAMES = 3_000  # to decode on the way from the last frame that one can jump to
_MOST_STRETCH = 16.0
_QUALITIES = (3, 6, 12, 24)  # of MJPEG, the best first
_SLACK_SECONDS = 15.0  # where no moment is named
_SURE = 0.6  # a neighbour that differs by so much less is the same frame, whatever the times say
_THUMB = (64, 36)
_TURNS = {90: "transpose=cclock", 180: "hflip,vflip", 270: "transpose=clock"}
_UNSEEN_BEFORE = 0.7  # seconds before the moment: until then only what others refer to is decoded


class _NoPicture(Exception):
    """With a code that preview.py has a sentence for."""


class Film:
    """One open video."""

    def __init__(self, path: str, formats: str) -> None:
        options = {
            "protocol_whitelist": "file",
            "format_whitelist": formats,
            "max_alloc": str(_MOST_BYTES_AT_ONCE),
        }
        opened = av.open(f"file:{path}", options=options, metadata_errors="replace")
        if not isinstance(opened, InputContainer):  # for the type checker
            raise _NoPicture("format")
        self._container = opened
        self._stream = _pictures(opened)
        self._stream.codec_context.thread_count = 2
        self._stream.codec_context.thread_type = "SLICE"  # frame threads: delay, memory
        self.start = float((self._stream.start_time or 0) * self._base)
        self.fps = float(self._stream.average_rate or self._stream.guessed_rate or 25)

    @property
    def _base(self) -> Any:  # noqa: ANN401 - a fraction; the type allows for None
        return self._stream.time_base or 0

    @property
    def seconds(self) -> float:
        """How long its pictures go on."""
        if self._stream.duration:
            return float(self._stream.duration * self._base)
        return (self._container.duration or 0) / av.time_base

    def from_(self, moment: float) -> Iterator[tuple[float, VideoFrame]]:
        """Frames from shortly before `moment` on, with their times since the first one."""
        context = self._stream.codec_context
        if self._base:
            goal = moment + 0.25 / self.fps + self.start  # times are rounded
            self._container.seek(int(goal / self._base), stream=self._stream, backward=True)
        count = 0
        for packet in self._container.demux(self._stream):
            if packet.pts is not None:
                near = float(packet.pts * self._base) - self.start > moment - _UNSEEN_BEFORE
                context.skip_frame = "DEFAULT" if near else "NONREF"
            try:
                frames = packet.decode()
            except av.FFmpegError:  # real files have errors that every player forgives
                frames = []
            for frame in frames:
                count += 1
                at: Any = frame.time  # None where the file gives no times, whatever its type says
                yield (count / self.fps if at is None else at - self.start), frame
            if count > _MOST_FRAMES:
                return

    def frame(self, at: float, slack: float = 0.0) -> tuple[float, VideoFrame]:
        """The one that is shown at `at`: of several the last that has begun.

        With `slack` one up to so many seconds earlier will do, if that saves the way from there.
        """
        found = None
        for time, frame in self.from_(at):
            if slack and time >= at - slack:
                return time, frame
            if found is not None and time > at + 0.25 / self.fps:
                break
            found = time, frame
        if found is None:
            raise _NoPicture("none")
        return found

    def near(self, at: float) -> list[tuple[float, VideoFrame]]:
        """That of `at`, and one or two on each side."""
        found: list[tuple[float, VideoFrame]] = []
        for time, frame in self.from_(at):
            found = [*found, (time, frame)][-5:]
            if time > at + 1.6 / self.fps:
                break
        if not found:
            raise _NoPicture("none")
        return found

    def shape(self, frame: VideoFrame) -> tuple[float, float]:
        """Width and height as shown."""
        ratio = float(self._stream.sample_aspect_ratio or 1) or 1.0
        ratio = ratio if 1 / _MOST_STRETCH <= ratio <= _MOST_STRETCH else 1.0
        wide, high = frame.width * ratio, float(frame.height)
        return (high, wide) if frame.rotation % 180 else (wide, high)

    def close(self) -> None:
        """Its file, too."""
        self._container.close()


def _pictures(container: InputContainer) -> VideoStream:
    for stream in container.streams.video:
        context: Any = stream.codec_context  # None for codecs that libav doesn't know
        if not int(stream.disposition) & _ATTACHED_PICTURE and context is not None:
            return stream
    raise _NoPicture("none")


def drawn(frame: VideoFrame, size: tuple[int, int]) -> VideoFrame:
    """Upright, in `size`, in the colours that a JPEG has."""
    graph = av.filter.Graph()
    source = graph.add_buffer(template=None, width=frame.width, height=frame.height,
        format=frame.format, time_base=frame.time_base)  # fmt: skip
    turn = _TURNS.get(frame.rotation % 360)
    steps = [
        *(turn.split(",") if turn else []),
        f"scale={size[0]}:{size[1]}:flags=bicubic:out_color_matrix=bt601:out_range=pc",
        "format=yuvj420p",
        "setsar=1",
    ]
    last = source
    for step in steps:
        name, _, words = step.partition("=")
        following = graph.add(name, words or None)
        last.link_to(following)
        last = following
    last.link_to(graph.add("buffersink"))
    graph.configure()
    graph.push(frame)
    graph.push(None)
    made = graph.pull()
    if not isinstance(made, VideoFrame):
        raise _NoPicture("none")
    return made


def side_by_side(rows: list[list[VideoFrame]]) -> VideoFrame:
    """One picture of many of one size."""
    wide, high = rows[0][0].width, rows[0][0].height
    whole = VideoFrame(wide * len(rows[0]), high * len(rows), "yuvj420p")
    for number, plane in enumerate(whole.planes):
        part = 1 if number == 0 else 2
        parts = [
            [(bytes(frame.planes[number]), frame.planes[number].line_size) for frame in row]
            for row in rows
        ]
        lines = [
            b"".join(data[y * step : y * step + wide // part] for data, step in row)
            for row in parts
            for y in range(high // part)
        ]
        plane.update(b"".join(line.ljust(plane.line_size, b"\0") for line in lines))
    return whole


def jpeg(frame: VideoFrame, most_bytes: int) -> bytes:
    """As good as `most_bytes` allow."""
    made = b""
    for quality in _QUALITIES:
        coder: Any = av.CodecContext.create("mjpeg", "w")
        coder.width, coder.height, coder.pix_fmt = frame.width, frame.height, "yuvj420p"
        coder.time_base = Fraction(1, 25)
        coder.options = {"qmin": str(quality), "qmax": str(quality)}
        frame.pts, frame.time_base = 0, coder.time_base
        made = b"".join(bytes(packet) for packet in [*coder.encode(frame), *coder.encode(None)])
        if 0 < len(made) <= most_bytes:
            return made
    raise _NoPicture("size")


def _even(shape: tuple[float, float], most: tuple[int, int]) -> tuple[int, int]:
    share = min(1.0, most[0] / shape[0], most[1] / shape[1])
    wide, high = (max(2, 2 * round(side * share / 2)) for side in shape)
    return wide, high


def _apart(one: bytes, other: bytes) -> int:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True))


def same(before: tuple[float, VideoFrame], film: Film) -> tuple[float, VideoFrame]:
    """The frame of the result that is the very frame `before` of the source.

    By time since the first frame of each, which is the index where both have the same frames;
    and where a neighbour is by far more like it, a shift by one frame is believed.
    """
    near = film.near(before[0])
    mine = min(near, key=lambda each: abs(each[0] - before[0]))
    look = bytes(drawn(before[1], _THUMB).planes[0])
    apart = [_apart(look, bytes(drawn(frame, _THUMB).planes[0])) for _, frame in near]
    best = min(range(len(near)), key=apart.__getitem__)
    return near[best] if apart[best] < _SURE * apart[near.index(mine)] else mine


def main(asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """The pictures, or what is in the way.

    `files`: the video, or the source and its result. `moments`: seconds, or shares of the whole
    where `shares` says so. With `sheet` all of it is one picture, else there is one of each file.
    """
    films = [Film(path, asked["formats"]) for path in asked["files"]]
    length = min(film.seconds for film in films)
    rows: list[list[VideoFrame]] = [[] for _ in films]
    times: list[float] = []
    size = (0, 0)
    for moment in asked["moments"]:
        at = moment * length if asked["shares"] else moment
        # The last frame is where a length ends that is rounded up.
        at = max(0.0, min(at, length - 1.5 / films[0].fps))
        taken = [films[0].frame(at, min(_SLACK_SECONDS, length / 20) if asked["shares"] else 0)]
        taken += [same(taken[0], film) for film in films[1:]]
        size = size if size[0] else _even(films[0].shape(taken[0][1]), asked["most"])
        times.append(round(taken[0][0], 3))
        for row, (_, frame) in zip(rows, taken, strict=True):
            row.append(drawn(frame, size))
    pictures = [side_by_side(rows)] if asked["sheet"] else [row[0] for row in rows]
    made = [jpeg(picture, asked["most_bytes"]) for picture in pictures]
    for film in films:
        film.close()
    return {"sizes": [len(each) for each in made], "seconds": times}, made


def _answered(word: str) -> tuple[dict[str, Any], list[bytes]]:
    try:
        return main(json.loads(word))
    except _NoPicture as problem:
        return {"failed": str(problem)}, []
    except (FileNotFoundError, PermissionError):
        return {"failed": "gone"}, []
    except MemoryError:
        return {"failed": "limits"}, []
    except (av.FFmpegError, ValueError, OSError, OverflowError) as problem:
        return {"failed": "format", "detail": type(problem).__name__}, []


if __name__ == "__main__":
    head, bodies = _answered(sys.argv[1])
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + b"".join(bodies))
