"""Reads one video in a process of its own, for `probe.py`. Prints one JSON object.

`python -I -B probe_child.py facts|walk FILE FORMATS`. It has limits and knows no network
protocol: a hostile file can crash it, but not the daemon. It imports nothing of hotpress.
"""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from typing import Any

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

_ATTACHED_PICTURE = 0x400  # AV_DISPOSITION_ATTACHED_PIC, libavformat/avformat.h
_TRANSFERS = {16: "pq", 18: "hlg"}  # ITU-T H.273, table 3
_INTERLACED_ORDERS = (2, 3, 4, 5)  # enum AVFieldOrder: 0 unknown, 1 progressive
# ITU-T H.273, tables 2 and 4, by the names that ffmpeg has for them.
_PRIMARIES = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "film", 9: "bt2020",
    10: "smpte428", 11: "smpte431", 12: "smpte432", 22: "ebu3213",
}  # fmt: skip
_MATRICES = {
    0: "gbr", 1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "ycgco",
    9: "bt2020nc", 10: "bt2020c", 14: "ictcp",
}  # fmt: skip
_RANGES = {1: "tv", 2: "pc"}  # enum AVColorRange
_DOLBY_TAGS = ("dvh1", "dvhe", "dva1", "dvav", "dav1")  # how a track of Dolby Vision is marked
_DYNAMIC = {
    "DOVI_METADATA": "dolby vision",
    "DOVI_RPU_BUFFER": "dolby vision",
    "DYNAMIC_HDR_PLUS": "hdr10+",
}
_VARIABLE_FROM = 0.01  # of the base rate: real phone 27.02 of 30.01 (measured 2026-11)
_NO_DATES = ("1970-01-01T00:00", "1904-01-01T00:00")  # how recorders without a clock leave it
_MOST_BYTES_AT_ONCE = 500_000_000
_MOST_PACKETS_TO_A_FRAME = 300
_CORRUPT_ENOUGH = 1000
_MOST_PIXELS = 16_384 * 16_384  # the largest frame of H.264's and AV1's own levels is under that
_MOST_STRETCH = 16.0  # of a pixel: real ones are at most 4 times as wide as high


class _Unreadable(Exception):
    """With a code that probe.py has a sentence for."""


def _open(path: str, formats: str) -> InputContainer:
    options = {
        "protocol_whitelist": "file",
        "format_whitelist": formats,
        "max_alloc": str(_MOST_BYTES_AT_ONCE),
    }
    container = av.open(f"file:{path}", options=options, metadata_errors="replace")
    if not isinstance(container, InputContainer):  # for the type checker: it was opened to read
        raise _Unreadable("format")
    return container


def _picture_stream(container: InputContainer) -> VideoStream:
    """The first stream of moving pictures; cover art is none.

    `codec_context` is None for codecs that libav doesn't know, whatever its type says.
    """
    unknown = False
    for stream in container.streams.video:
        if int(stream.disposition) & _ATTACHED_PICTURE:
            continue
        context: Any = stream.codec_context
        if context is not None and context.width > 0 and context.height > 0:
            return stream
        unknown = True
    if unknown:
        raise _Unreadable("codec")
    raise _Unreadable("sound_only" if container.streams.audio else "no_video")


def _first_frame(container: InputContainer, stream: VideoStream) -> VideoFrame | None:
    """Rotation and interlacing are told by frames only. None when none can be decoded."""
    stream.codec_context.thread_count = 1  # one frame: more threads only cost memory and delay
    try:
        for count, packet in enumerate(container.demux(stream)):
            try:
                for frame in packet.decode():
                    if isinstance(frame, VideoFrame):
                        return frame
            except av.FFmpegError:
                continue
            if count > _MOST_PACKETS_TO_A_FRAME:
                break
    except av.FFmpegError:
        pass
    return None


def _seconds(value: int | None, base: Fraction | None) -> float | None:
    return float(value * base) if value is not None and base else None


def _pixel_ratio(stream: VideoStream) -> float:
    """Width of a pixel by its height; 1 where nothing is said."""
    ratio = stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio
    if not ratio or not 1 / _MOST_STRETCH <= ratio <= _MOST_STRETCH:
        return 1.0
    return float(ratio)


def _shown_size(stream: VideoStream, rotation: int) -> tuple[int, int]:
    context = stream.codec_context
    width, height = context.width, context.height
    width = max(1, round(width * _pixel_ratio(stream)))
    return (height, width) if rotation % 180 == 90 else (width, height)


def _rates(stream: VideoStream, interlaced: bool) -> tuple[float, bool]:
    """Average frames per second, and whether they vary.

    Compared with the base rate; interlaced streams may give that in fields. MediaInfo's own flag
    says "constant" for real phones, so it is no guide (measured 2026-11).
    """
    average, base = stream.average_rate, stream.base_rate
    fps = average or stream.guessed_rate or base
    if not fps:
        return 0.0, False
    if not average or not base:
        return float(fps), False
    off = abs(float(average / base) - 1)
    fields = interlaced and abs(float(average * 2 / base) - 1) <= _VARIABLE_FROM
    return float(fps), off > _VARIABLE_FROM and not fields


def _sound(stream: Stream) -> dict[str, Any]:
    context: Any = stream.codec_context
    language = stream.metadata.get("language")
    known = context is not None
    return {
        "codec": context.codec.canonical_name if known else "unknown",
        "channels": int(context.channels) if known else 0,
        "sample_rate": int(context.sample_rate or 0) if known else 0,
        "bits_per_second": (context.bit_rate or None) if known else None,
        "language": None if language in (None, "und", "") else language,
        "layout": context.layout.name if known else "",
        "title": stream.metadata.get("title") or None,
    }


def _colours(stream: VideoStream, frame: VideoFrame | None) -> dict[str, Any]:
    """How its colours are meant; the codec's own word, which the first frame has refined."""
    context = stream.codec_context
    layout = context.format
    noted: Any = frame.side_data if frame is not None else ()  # its type information is wrong
    kinds = [note.type.name for note in noted]
    dynamic = next((_DYNAMIC[kind] for kind in kinds if kind in _DYNAMIC), "")
    if str(context.codec_tag).lower() in _DOLBY_TAGS:
        dynamic = "dolby vision"
    return {
        "pixel_format": context.pix_fmt or "",
        "bits": layout.components[0].bits if layout and layout.components else 0,
        "transfer": _TRANSFERS.get(int(context.color_trc or 0), ""),
        "primaries": _PRIMARIES.get(int(context.color_primaries or 0), ""),
        # 0 is RGB for the standard, and "not set" for many an encoder's YUV.
        "matrix": _MATRICES.get(int(context.colorspace), "")
        if layout and (layout.is_rgb or int(context.colorspace) != 0)
        else "",
        "color_range": _RANGES.get(int(context.color_range or 0), ""),
        "dynamic_hdr": dynamic,
    }


def _place(metadata: dict[str, str]) -> str | None:
    for key, value in metadata.items():
        if key.lower().startswith(("location", "com.apple.quicktime.location.iso6709")):
            return value
    return None


def _container_name(container: InputContainer) -> str:
    name = container.format.name.split(",")[0]
    if name != "mov":
        return name
    return "mov" if container.metadata.get("major_brand", "").startswith("qt") else "mp4"


def facts(path: str, formats: str) -> dict[str, Any]:
    """What `model.Facts` holds, but for the size."""
    with _open(path, formats) as container:
        stream = _picture_stream(container)
        context = stream.codec_context
        frame = _first_frame(container, stream)
        # A frame that may not be made, for its size, leaves no size at all.
        if not 0 < context.width * context.height <= _MOST_PIXELS:
            raise _Unreadable("size")
        rotation = frame.rotation % 360 if frame is not None else 0
        orders = int(getattr(context, "field_order", 0) or 0)
        interlaced = orders in _INTERLACED_ORDERS or (frame is not None and frame.interlaced_frame)
        fps, variable = _rates(stream, interlaced)
        width, height = _shown_size(stream, rotation)
        duration = _seconds(container.duration, Fraction(1, av.time_base))
        created = container.metadata.get("creation_time") or stream.metadata.get("creation_time")
        if created is not None and created.startswith(_NO_DATES):
            created = None
        return {
            "container": _container_name(container),
            "duration_seconds": duration or _seconds(stream.duration, stream.time_base) or 0.0,
            "width": width,
            "height": height,
            "fps": fps,
            "codec": context.codec.canonical_name,  # "av1", not "libdav1d"
            "coded_width": context.width,
            "coded_height": context.height,
            "rotation": rotation,
            "variable_fps": variable,
            "frames": stream.frames or None,
            "interlaced": interlaced,
            **_colours(stream, frame),
            "sounds": [_sound(sound) for sound in container.streams.audio],
            "subtitles": len(container.streams.subtitles),
            "chapters": len(container.chapters()),
            "created_at": created,
            "location": _place(container.metadata),
            "sar": _pixel_ratio(stream),
            "cover": any(int(s.disposition) & _ATTACHED_PICTURE for s in container.streams.video),
            "streams": len(container.streams),
        }


class _Track:
    """How far one stream goes, by its packets."""

    def __init__(self, stream: Stream) -> None:
        self.packets = 0
        self.first: int | None = None
        self.end = 0
        self.stream = stream

    def take(self, packet: Packet[Stream]) -> None:
        at = packet.pts if packet.pts is not None else packet.dts
        self.packets += 1
        if at is not None:
            self.first = at if self.first is None else min(self.first, at)
            self.end = max(self.end, at + (packet.duration or 0))

    def told(self) -> dict[str, Any]:
        base = self.stream.time_base
        return {
            "packets": self.packets,
            "first_seconds": _seconds(self.first, base),
            "end_seconds": _seconds(self.end, base) if self.packets else 0.0,
            "duration_seconds": _seconds(self.stream.duration, base),
        }


def walk(path: str, formats: str) -> dict[str, Any]:
    """Read every packet without decoding any."""
    with _open(path, formats) as container:
        picture = _picture_stream(container)
        tracks = {picture.index: _Track(picture)}
        tracks |= {sound.index: _Track(sound) for sound in container.streams.audio}
        corrupt, broke = 0, ""
        try:
            for packet in container.demux([track.stream for track in tracks.values()]):
                if packet.size == 0:  # the flush at the end
                    continue
                tracks[packet.stream.index].take(packet)
                corrupt += packet.is_corrupt
                if corrupt > _CORRUPT_ENOUGH:
                    break
        except av.FFmpegError as problem:
            broke = type(problem).__name__
        told = [track.told() for track in tracks.values()]
        return {"picture": told[0], "sounds": told[1:], "corrupt": corrupt, "broke": broke}


def main(verb: str, path: str, formats: str) -> dict[str, Any]:
    """Answer, or name what is wrong."""
    try:
        return {"facts": facts, "walk": walk}[verb](path, formats)
    except _Unreadable as problem:
        return {"failed": str(problem)}
    except FileNotFoundError:
        return {"failed": "gone"}
    except PermissionError:
        return {"failed": "denied"}
    except MemoryError:  # also what the library says to more streams or bytes than it may take
        return {"failed": "limits"}
    except (av.FFmpegError, ValueError, OSError) as problem:
        return {"failed": "format", "detail": type(problem).__name__}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:4]), allow_nan=False))
