"""What is known of a file, and what it must be like. Sizes in bytes, times in seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sound:
    """One sound track of a file."""

    codec: str
    channels: int
    sample_rate: int
    bits_per_second: int | None = None
    language: str | None = None
    layout: str = ""  # "mono", "stereo", "5.1" ...
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a probe knows of a video. Width and height are as shown: rotation and SAR applied.

    `primaries` and `matrix` are ffmpeg's names ("bt709", "bt2020nc"), `color_range` is "tv" or
    "pc"; each is "" where the file doesn't say. `sar`: width of a pixel by its height.
    """

    container: str
    duration_seconds: float
    width: int
    height: int
    fps: float
    codec: str
    size_bytes: int
    coded_width: int = 0
    coded_height: int = 0
    rotation: int = 0
    variable_fps: bool = False
    frames: int | None = None
    pixel_format: str = ""
    transfer: str = ""  # "pq", "hlg" or "" for SDR
    interlaced: bool = False
    sounds: tuple[Sound, ...] = ()
    subtitles: int = 0
    chapters: int = 0
    created_at: str | None = None
    location: str | None = None
    primaries: str = ""
    matrix: str = ""
    color_range: str = ""
    bits: int = 0  # of a sample; 0: not known
    dynamic_hdr: str = ""  # "dolby vision", "hdr10+" or "": what only some screens use
    sar: float = 1.0
    cover: bool = False  # it has a picture of itself for file managers
    streams: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the cloud's result must be like."""

    duration_seconds: float
    width: int
    height: int
    has_sound: bool | None  # None: nobody knows, and either is right
    fps: float | None = None
    edited: bool = False  # by instructions: the draft says what is right, not the source
    removed: tuple[str, ...] = ()  # what nobody asked for and was taken out


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A file of ours in the spool, whole and synced, with the hash it had then."""

    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Final:
    """What is to be delivered: name in the outbox (with subfolders), and the file beside it."""

    name: str
    temp: str
    size_bytes: int
    sha256: str
    made_by: str  # "cloud", "encode", "copy", "same" (another job's result of the same content)
    note: str = ""
    encodes: int = 0  # whole encodes made here until it landed
    replaces: str = ""  # sha256 of the earlier result at this name that makes room for it
