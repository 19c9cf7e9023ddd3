"""One look into an uploaded file, with PyAV. Only plain containers: never a playlist."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hotpress.standin.sessions import Media

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

FILE_TYPES = {
    **dict.fromkeys(("mp4", "mov", "avi", "webm", "mkv"), "video"),
    **dict.fromkeys(("jpg", "png", "gif", "webp"), "image"),
    **dict.fromkeys(("mp3", "wav", "m4a", "aac"), "audio"),
}
"""The 13 kinds of the contract, by the ending of the name."""

FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mp3,wav,aac,"
    "gif,png_pipe,jpeg_pipe,webp_pipe,image2,mpegts,ogg"
)
ATTACHED_PICTURE = 1024
MICROSECONDS = 1_000_000


def file_type(filename: str) -> str:
    """video, image or audio by the name's ending; empty when it is none of the 13 kinds."""
    return FILE_TYPES.get(Path(filename).suffix.lower().lstrip("."), "")


def look(path: Path, kind: str) -> Media | None:
    """What the file holds; None when it can't be read as what its name says."""
    import av  # noqa: PLC0415 - a quarter of a second that the start must not pay

    options = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
    try:
        with av.open(f"file:{path}", options=options) as container:
            return _media(container, kind)
    except (av.FFmpegError, OSError, ValueError, StopIteration):
        return None


def _media(container: InputContainer, kind: str) -> Media | None:
    seconds = (container.duration or 0) / MICROSECONDS
    sound = bool(container.streams.audio)
    if kind == "audio":
        return Media(kind, seconds, sound=True) if sound else None
    video = next(
        stream
        for stream in container.streams.video
        if not int(stream.disposition) & ATTACHED_PICTURE
    )
    width, height = _upright(container, video)
    rate = float(video.average_rate or 0)
    if kind == "image":
        return Media(kind, 0.0, width, height)
    if seconds <= 0:
        return None
    return Media(kind, seconds, width, height, rate, sound)


def _upright(container: InputContainer, video: VideoStream) -> tuple[int, int]:
    """The frame as it is seen: square pixels, and turned as the file says."""
    frame = next(container.decode(video))
    ratio = float(video.sample_aspect_ratio or 1) or 1.0
    width, height = round(frame.width * ratio), frame.height
    return (height, width) if abs(frame.rotation) in {90, 270} else (width, height)
