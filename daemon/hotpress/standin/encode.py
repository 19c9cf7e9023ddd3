"""From a draft to an ffmpeg command: pure, so that a lie of the cloud is one changed field."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from hotpress.standin.draft import AUDIO, TEXT, VIDEO, Frame, Json, dict_of, segments, tracks
from hotpress.standin.probe import FORMATS
from hotpress.standin.sessions import Upload

FULL_HD_PIXELS = 1920 * 1080
TOP_BPS = 8_000_000
"""What the pessimist renders at, and the most that the kind cloud ever uses."""

UNASKED_BPS = 4_000_000
"""The kind cloud's rate at 1080p when no one named a size."""

AIM = 0.91
"""The part of the target that is aimed at: single-pass rate control misses by some percent."""

SOUND_BPS = 128_000
LEAST_VIDEO_BPS = 20_000
OPEN = ("-protocol_whitelist", "file", "-format_whitelist", FORMATS)


class NotRenderableError(Exception):
    """The draft can't be rendered; the sentence goes into the render's answer."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of an uploaded file. Times in seconds."""

    path: Path
    start: float
    seconds: float
    sound: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole encode. Rates in bits per second."""

    pieces: tuple[Piece, ...]
    frame: Frame
    video_bps: int
    sound_bps: int = SOUND_BPS
    constant: bool = False
    music: tuple[Path | None, ...] = ()
    title: bool = False
    filters: tuple[str, ...] = ()
    keep_sound: bool = True

    @property
    def seconds(self) -> float:
        """How long the result is."""
        return sum(piece.seconds for piece in self.pieces)


def plan_of(
    draft: Json, uploads: list[Upload], target_bytes: int | None, *, honours_size: bool
) -> Plan:
    """Read what is to be rendered out of the draft that was submitted."""
    by_url = {upload.cdn_url: upload for upload in uploads}
    by_name = {upload.filename: upload for upload in uploads}
    used: list[tuple[Json, Upload]] = []
    for segment in segments(draft, VIDEO):
        upload = by_url.get(str(segment.get("cdn_url"))) or by_name.get(str(segment.get("src")))
        if upload is None or upload.media.file_type != "video":
            raise NotRenderableError(f"source not found: {segment.get('src')}")
        used.append((segment, upload))
    if not used:
        raise NotRenderableError("the draft has no video segment")
    pieces = tuple(_piece(segment, upload) for segment, upload in used)
    frame = _frame(draft, used)
    plan = Plan(
        pieces,
        frame,
        TOP_BPS,
        music=tuple(_music(draft, by_url, by_name)),
        title=bool(segments(draft, TEXT)),
    )
    return first_rate(plan, target_bytes) if honours_size else plan


def _piece(segment: Json, upload: Upload) -> Piece:
    whole = upload.media.seconds
    start = min(_number(segment.get("in"), 0.0) / 1000, whole)
    seconds = min(_number(segment.get("d"), whole * 1000) / 1000, whole - start)
    if seconds <= 0:
        raise NotRenderableError(f"nothing left of {upload.filename}")
    return Piece(upload.path, start, seconds, upload.media.sound and segment.get("volume") != 0)


def _number(value: object, default: float) -> float:
    return float(value) if isinstance(value, int | float) and value >= 0 else default


def _frame(draft: Json, used: list[tuple[Json, Upload]]) -> Frame:
    """The canvas that the draft names, the closest word first; never larger than the source."""
    first, upload = used[0]
    source = Frame(upload.media.width, upload.media.height).capped()
    track = next(track for track in tracks(draft) if track.get("tt") == VIDEO and track.get("sg"))
    places = [draft.get("m"), track.get("m")]
    places = [first.get("m"), *reversed(places)] if len(used) == 1 else places
    for place in places:
        meta = dict_of(place)
        width, height = (int(_number(meta.get(side), 0)) for side in ("width", "height"))
        if width and height:
            return source.within(width, height)
    return source


def _music(draft: Json, by_url: dict[str, Upload], by_name: dict[str, Upload]) -> list[Path | None]:
    """Sound that is laid over the video's own: an uploaded file, or None for a made tone."""
    found: list[Path | None] = []
    for segment in segments(draft, AUDIO):
        upload = by_url.get(str(segment.get("cdn_url"))) or by_name.get(str(segment.get("src")))
        if upload is None:
            found.append(None)
        elif upload.media.file_type == "audio":
            found.append(upload.path)
    return found


def first_rate(plan: Plan, target_bytes: int | None) -> Plan:
    """The kind cloud's first try: near the target, under what the frame deserves at most."""
    if target_bytes is None:
        pixels = plan.frame.width * plan.frame.height
        return replace(plan, video_bps=max(300_000, UNASKED_BPS * pixels // FULL_HD_PIXELS))
    total_bps = target_bytes * 8 * AIM / plan.seconds
    sound_bps = int(min(SOUND_BPS, max(24_000, total_bps * 0.12)))
    video_bps = int(min(TOP_BPS, max(LEAST_VIDEO_BPS, total_bps - sound_bps)))
    return replace(plan, video_bps=video_bps, sound_bps=sound_bps)


def next_rate(plan: Plan, size_bytes: int, target_bytes: int | None) -> Plan | None:
    """Another try when the size missed; None when it is good, or more bits can't be used."""
    if target_bytes is None or 0.85 * target_bytes <= size_bytes <= 0.97 * target_bytes:
        return None
    small = size_bytes < target_bytes
    wished = plan.video_bps * AIM * target_bytes / max(1, size_bytes)
    video_bps = int(min(TOP_BPS, max(LEAST_VIDEO_BPS / 4, wished)))
    if small and (
        plan.video_bps >= TOP_BPS or size_bytes * 8 < 0.5 * plan.video_bps * plan.seconds
    ):
        return None
    return replace(plan, video_bps=video_bps)


def command(plan: Plan, out: Path, threads: int) -> list[str]:
    """The arguments after `ffmpeg`."""
    arguments = ["-nostdin", "-hide_banner", "-loglevel", "error", "-progress", "pipe:1", "-y"]
    for piece in plan.pieces:
        arguments += ["-ss", f"{piece.start:.3f}", "-t", f"{piece.seconds:.3f}", *OPEN]
        arguments += ["-i", f"file:{piece.path}"]
    for music in plan.music:
        if music is None:
            arguments += ["-f", "lavfi", "-i", f"sine=frequency=440:duration={plan.seconds:.3f}"]
        else:
            arguments += [*OPEN, "-i", f"file:{music}"]
    graph, sound = _graph(plan)
    arguments += ["-filter_complex", graph, "-map", "[v]"]
    if sound:
        arguments += ["-map", "[a]", "-c:a", "aac", "-b:a", str(plan.sound_bps)]
    arguments += ["-c:v", "libx264", "-preset", "veryfast", "-threads", str(threads)]
    rate = str(plan.video_bps)
    arguments += ["-b:v", rate, "-maxrate", rate, "-bufsize", rate]
    if plan.constant:
        arguments += ["-minrate", rate, "-x264-params", "nal-hrd=cbr:filler=1"]
    return [*arguments, "-movflags", "+faststart", "-f", "mp4", f"file:{out}"]


def _graph(plan: Plan) -> tuple[str, bool]:
    """The filter graph, and whether it has a sound output."""
    own = plan.keep_sound and any(piece.sound for piece in plan.pieces)
    lines = [_video_line(place, plan) for place in range(len(plan.pieces))]
    if own:
        lines += [_sound_line(place, piece) for place, piece in enumerate(plan.pieces)]
    video, voice = "[v0]", "[a0]"
    if len(plan.pieces) > 1:
        # Never for one piece: it would stretch the last frame to the sound's end.
        inputs = "".join(f"[v{i}][a{i}]" if own else f"[v{i}]" for i in range(len(plan.pieces)))
        video, voice = "[vc]", "[ac]"
        outputs = video + voice if own else video
        lines.append(f"{inputs}concat=n={len(plan.pieces)}:v=1:a={int(own)}{outputs}")
    filters = [*plan.filters]
    if plan.title:
        filters.append("drawbox=x=0:y=0:w=iw:h=ih/8:color=white:t=fill:enable='lt(t,3)'")
    lines.append(f"{video}{','.join([*filters, 'format=yuv420p'])}[v]")
    voices = [voice] if own else []
    for place in range(len(plan.music) if plan.keep_sound else 0):
        stream = len(plan.pieces) + place
        lines.append(f"[{stream}:a:0]volume=0.35,aresample=48000[m{place}]")
        voices.append(f"[m{place}]")
    if voices:
        mix = f"amix=inputs={len(voices)}:duration={'first' if own else 'longest'}:normalize=0"
        length = f"atrim=duration={plan.seconds:.3f}"
        lines.append(f"{''.join(voices)}{mix},{length}[a]")
    return ";".join(lines), bool(voices)


def _video_line(place: int, plan: Plan) -> str:
    width, height = plan.frame.width, plan.frame.height
    line = f"[{place}:v:0]scale={width}:{height}"
    if len(plan.pieces) > 1:
        line += ":force_original_aspect_ratio=decrease"
        line += f",pad={width}:{height}:(ow-iw)/2:(oh-ih)/2"
    return f"{line},setsar=1[v{place}]"


def _sound_line(place: int, piece: Piece) -> str:
    if piece.sound:
        return f"[{place}:a:0]aresample=48000:async=1:first_pts=0[a{place}]"
    return f"anullsrc=r=48000:cl=stereo,atrim=duration={piece.seconds:.3f}[a{place}]"
