"""The draft: how an upload enters it and how a wish changes it. Pure; keys as in the contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hotpress.standin.agent import Wish
    from hotpress.standin.sessions import Session, Upload

Json = dict[str, Any]
VIDEO, AUDIO, TEXT = 0, 1, 7
LONG_SIDE, SHORT_SIDE = 1920, 1080


@dataclass(frozen=True, slots=True)
class Frame:
    """A size in pixels, both even."""

    width: int
    height: int

    def within(self, width: int, height: int) -> Frame:
        """The largest frame of the same shape inside a box; never enlarged."""
        factor = min(1.0, width / self.width, height / self.height)
        return Frame(_even(self.width * factor), _even(self.height * factor))

    def capped(self) -> Frame:
        """What the cloud can render: 1920x1080, or 1080x1920 upright."""
        if self.width >= self.height:
            return self.within(LONG_SIDE, SHORT_SIDE)
        return self.within(SHORT_SIDE, LONG_SIDE)


def _even(length: float) -> int:
    return max(2, 2 * round(length / 2))


def empty_draft() -> Json:
    """The draft of a session in which nothing has happened."""
    return {"t": [], "m": {"title": "project", "width": LONG_SIDE, "height": SHORT_SIDE}}


def add_upload(draft: Json, upload: Upload, *, own_sound: bool = False) -> None:
    """Lay a video as one segment at the end of the video track, whole; other files wait."""
    if upload.media.file_type != "video" or any(
        segment["cdn_url"] == upload.cdn_url for segment in segments(draft, VIDEO)
    ):
        return
    frame = Frame(upload.media.width, upload.media.height).capped()
    _set_frame(draft["m"], frame)
    track = track_of(draft, VIDEO, upload.filename)
    _set_frame(track["m"], frame)
    track["sg"].append(_segment(upload, frame))
    if own_sound and upload.media.sound:
        track_of(draft, AUDIO, "Original sound")["sg"].append(_segment(upload, None))


def _segment(upload: Upload, frame: Frame | None) -> Json:
    segment: Json = {
        "d": round(upload.media.seconds * 1000),
        "in": 0,
        "src": upload.filename,
        "cdn_url": upload.cdn_url,
        "m": {"title": upload.filename},
    }
    if frame is not None:
        _set_frame(segment["m"], frame)
    return segment


def track_of(draft: Json, kind: int, title: str) -> Json:
    """The first track of a kind, made when there is none."""
    for track in draft["t"]:
        if track["tt"] == kind:
            return dict_of(track)
    draft["t"].append({"tt": kind, "sg": [], "m": {"title": title}})
    return dict_of(draft["t"][-1])


def dict_of(value: Any) -> Json:  # noqa: ANN401 - a part of a draft
    """A part of a draft that must be a mapping; anything else counts as an empty one."""
    return value if isinstance(value, dict) else {}


def tracks(draft: Any) -> list[Json]:  # noqa: ANN401 - what a client sent
    """The tracks of any draft, also of one that a client made up."""
    listed = dict_of(draft).get("t")
    return [dict_of(track) for track in listed] if isinstance(listed, list) else []


def segments(draft: Any, kind: int) -> list[Json]:  # noqa: ANN401 - what a client sent
    """All segments of all tracks of one kind."""
    found: list[Json] = []
    for track in tracks(draft):
        listed = track.get("sg")
        if track.get("tt") == kind and isinstance(listed, list):
            found.extend(dict_of(segment) for segment in listed)
    return found


def ready(draft: Any) -> bool:  # noqa: ANN401 - what a client sent
    """Ready for export: some track has a segment."""
    return any(track.get("sg") for track in tracks(draft))


def add_music(draft: Json) -> None:
    """Lay a piece of music, as the agent does also unasked."""
    length = sum(segment["d"] for segment in segments(draft, VIDEO))
    segment = {"d": length, "src": "bgm_lofi.mp3", "volume": 0.35, "m": {"title": "Lo-fi"}}
    draft["t"].append({"tt": AUDIO, "sg": [segment], "m": {"title": "BGM"}})


def add_title(draft: Json) -> None:
    """Lay a title over the first three seconds, as the agent does also unasked."""
    segment = {"d": 3000, "m": {"title": "Urban Dreams"}}
    draft["t"].append({"tt": TEXT, "sg": [segment], "m": {"title": "Title"}})


def apply_wish(session: Session, wish: Wish, names: frozenset[str]) -> None:
    """Change the session's draft as wished, for the named files or, without names, for all."""
    draft = session.draft
    session.revision += 1
    draft["m"]["revision"] = session.revision
    by_url = {upload.cdn_url: upload for upload in session.uploads}
    for segment in segments(draft, VIDEO):
        upload = by_url.get(segment["cdn_url"])
        if upload is None or (names and segment["src"] not in names):
            continue
        if wish.target_bytes is not None:
            session.targets[upload.cdn_url] = wish.target_bytes
        _trim(segment, wish)
        if wish.mute:
            segment["volume"] = 0
        frame = wished_frame(Frame(upload.media.width, upload.media.height), wish)
        if frame is not None:
            for meta in (draft["m"], track_of(draft, VIDEO, "")["m"], segment["m"]):
                _set_frame(meta, frame)
    if wish.music:
        add_music(draft)


def _trim(segment: Json, wish: Wish) -> None:
    """Take time off both ends, but leave at least a tenth of a second."""
    first = min(wish.cut_first_ms, segment["d"] - 100)
    segment["in"] += max(0, first)
    segment["d"] -= max(0, first)
    segment["d"] = max(100, segment["d"] - wish.cut_last_ms)


def wished_frame(source: Frame, wish: Wish) -> Frame | None:
    """The frame that a wish gives a source; None when it says nothing about the size."""
    if wish.box is not None:
        return source.capped().within(*wish.box)
    if wish.short_side is None:
        return None
    long_side = 100_000
    if source.width >= source.height:
        return source.capped().within(long_side, wish.short_side)
    return source.capped().within(wish.short_side, long_side)


def _set_frame(meta: Json, frame: Frame) -> None:
    meta["width"], meta["height"] = frame.width, frame.height
