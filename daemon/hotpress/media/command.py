"""The words of an ffmpeg command: pure. `encode`, `verify` and others put them together."""

from __future__ import annotations

import os
from pathlib import Path

from hotpress.media.encoder import Encoder
from hotpress.media.programs import GIB
from hotpress.media.sound import AudioPlan, kept_sounds
from hotpress.model import Facts

# Protocol *and* format list are needed: a text in the ffconcat format that is named .mp4 is opened
# under a protocol list alone, and reads other files (measured 2026-11, docs/media.md). What a MOV
# refers to outside of itself is not opened: that is ffmpeg's default.
FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,ogg,flv,asf,mxf,dv"
# More threads make x264 little faster, and each one takes address space.
_MOST_THREADS = 16
THREADS = min(os.cpu_count() or 1, _MOST_THREADS)
_FULL_HD = 1920 * 1080
_MEMORY_BYTES = 4 * GIB
_DEMUX_WORD_SINCE = (6, 1)  # `-enc_time_base demux`; before, it is -1
_QUIET = ["-nostdin", "-hide_banner", "-loglevel", "error", "-max_alloc", "500000000"]
_REPORT = ["-progress", "pipe:1", "-stats_period", "0.5"]


def start(encoder: Encoder, *, report: bool = False) -> list[str]:
    """The program and what holds for all of it. `report`: its progress on standard output."""
    threads = ["-filter_threads", str(THREADS)]
    return [encoder.path, *_QUIET, *threads, *(_REPORT if report else [])]


def reading(path: Path) -> list[str]:
    """One input. `file:` and an absolute path: no name is taken for an option or a protocol."""
    allowed = ["-protocol_whitelist", "file", "-format_whitelist", FORMATS]
    return [*allowed, "-threads", str(THREADS), "-i", f"file:{path.absolute()}"]


def writing(path: Path) -> list[str]:
    """One MP4 whose table of contents comes first, so that it plays while it loads."""
    return ["-movflags", "+faststart", "-f", "mp4", "-y", f"file:{path.absolute()}"]


def picture(
    facts: Facts,
    frame: tuple[int, int],
    encoder: Encoder,
    *,
    fps: float | None = None,
    keep_hdr: bool = False,
) -> tuple[list[str], str]:
    """Filters that make upright, progressive pictures of `frame`; and what is worth saying.

    SDR, unless `keep_hdr`. `fps`: only so many pictures a second. ffmpeg turns the pictures
    upright before the first filter.
    """
    steps = []
    note = ""
    if facts.interlaced and "bwdif" in encoder.filters:
        steps.append("bwdif=mode=send_frame:deint=interlaced")
    if fps is not None:
        steps.append(f"fps={fps:g}")
    upright = (facts.coded_width, facts.coded_height)
    if facts.rotation % 180 == 90:
        upright = upright[::-1]
    if frame != upright:
        steps.append(f"scale={frame[0]}:{frame[1]}:flags=lanczos")
    steps.append("setsar=1")
    if facts.transfer and keep_hdr:
        return ["-vf", ",".join([*steps, "format=yuv420p10le"])], note
    if facts.transfer:
        converted, note = _to_sdr(facts.transfer, encoder)
        steps += converted
    return ["-vf", ",".join([*steps, "format=yuv420p"])], note


def _to_sdr(transfer: str, encoder: Encoder) -> tuple[list[str], str]:
    """HDR in 8 bits looks washed out: it is mapped to SDR where the encoder has the filters."""
    if not _maps_colours(encoder):
        return [], "its HDR colours may look pale: this encoder can't convert them"
    # The input is named in full: files often lack one of the three tags, and zscale then refuses.
    curve = {"pq": "smpte2084", "hlg": "arib-std-b67"}[transfer]
    return [
        f"zscale=tin={curve}:pin=bt2020:min=bt2020nc:rin=tv:t=linear:npl=100",
        "format=gbrpf32le",
        "zscale=p=bt709",
        "tonemap=tonemap=hable:desat=0",
        "zscale=t=bt709:m=bt709:r=tv",
    ], "its HDR colours were converted to ordinary ones (SDR)"


def colour_tags(facts: Facts, encoder: Encoder, *, keep_hdr: bool) -> list[str]:
    """What pictures that `picture` has mapped to SDR must be tagged as."""
    if not facts.transfer or keep_hdr or not _maps_colours(encoder):
        return []
    return ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"]


def _maps_colours(encoder: Encoder) -> bool:
    return {"zscale", "tonemap"} <= encoder.filters


def timing(facts: Facts, encoder: Encoder) -> list[str]:
    """Frames keep their times. Constant rates are put on their grid; others keep the fine clock."""
    if not facts.variable_fps:
        return ["-fps_mode", "vfr"]
    word = "demux" if encoder.number >= _DEMUX_WORD_SINCE else "-1"
    return ["-fps_mode", "vfr", "-enc_time_base", word]


def sound(facts: Facts, plan: AudioPlan) -> list[str]:
    """Maps and encoder for the sound tracks."""
    if not plan.tracks:
        return ["-an"]
    readable = kept_sounds(facts)
    maps = [
        word
        for number, track in enumerate(facts.sounds)
        if track in readable
        for word in ("-map", f"0:a:{number}")
    ]
    if plan.copy:
        return [*maps, "-c:a", "copy"]
    channels = [
        word
        for number, track in enumerate(readable)
        for word in (f"-ac:a:{number}", str(min(track.channels, plan.channels)))
    ]
    return [*maps, "-c:a", "aac", "-b:a", str(plan.bits_per_second), *channels]


def belongings(*, strip: bool = False, created_at: str | None = None) -> list[str]:
    """Dates, place and chapters of the first input come along; subtitles and data do not.

    `strip`: nothing comes along, and nothing says by which program it was made. `created_at` is
    said once more: some have it at a track only, or twice, and then ffmpeg writes none.
    """
    if strip:
        kept = ["-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"]
        return [*kept, "-flags:v", "+bitexact", "-flags:a", "+bitexact", "-sn", "-dn"]
    date = ["-metadata", f"creation_time={created_at}"] if created_at else []
    return ["-map_metadata", "0", "-map_chapters", "0", *date, "-sn", "-dn"]


def memory_bytes(*frames: tuple[int, int]) -> int:
    """Address space that a program for such frames may take.

    4 GiB are enough for x264 `slow` and SVT-AV1 at 1080p on two cores (measured 2026-11); larger
    frames need it in proportion, each thread brings a stack and an arena of 64 MiB.
    """
    pixels = max((width * height for width, height in frames), default=0)
    wanted = int(_MEMORY_BYTES * max(1.0, pixels / _FULL_HD))
    # A frame of 16,000 pixels square may not take the whole machine.
    return min(wanted, max(_MEMORY_BYTES, _memory_of_machine())) + THREADS * 4 * (GIB // 16)


def _memory_of_machine() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
