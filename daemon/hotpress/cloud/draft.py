"""The draft: what the cloud would render, as a value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hotpress.cloud.wire import compact

VIDEO, AUDIO, TEXT = 0, 1, 7
_KINDS = {VIDEO: "Video", AUDIO: "BGM", TEXT: "Title"}


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece on a track. `words`: every string in it, to find which file it refers to."""

    duration_seconds: float
    title: str
    words: frozenset[str]
    volume: float | None = None  # 0 to 1

    def mentions(self, names: frozenset[str]) -> bool:
        """Does any string of the segment name one of these?"""
        return any(name in word for word in self.words for name in names if name)


@dataclass(frozen=True, slots=True)
class Track:
    """One track: its kind (0 video, 1 audio, 7 text) and its segments."""

    kind: int
    segments: tuple[Segment, ...]
    volume: float | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """`text` is the canonical JSON that is sent for rendering; the rest is read from it."""

    text: str
    tracks: tuple[Track, ...]
    width: int | None = None
    height: int | None = None

    @classmethod
    def parse(cls, value: object) -> Draft | None:
        """From the state's JSON (an object, or a text of one); None when there is none."""
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                return None
        if not isinstance(value, dict) or not isinstance(value.get("t"), list):
            return None
        meta = value.get("m") if isinstance(value.get("m"), dict) else {}
        tracks = tuple(_track(t) for t in value["t"] if isinstance(t, dict))
        width, height = (_int(meta.get(k)) for k in ("width", "height"))  # type: ignore[union-attr]
        return cls(compact(value), tracks, width, height)

    @property
    def ready(self) -> bool:
        """Ready for export: some track has segments (cloud-api: State)."""
        return any(track.segments for track in self.tracks)

    def video_seconds(self, names: frozenset[str]) -> float:
        """How long the video segments are that refer to one of `names` (all, when empty)."""
        return sum(
            segment.duration_seconds
            for track in self.tracks
            if track.kind == VIDEO
            for segment in track.segments
            if not names or segment.mentions(names)
        )

    @property
    def muted(self) -> bool:
        """Are all pictures without their sound?"""
        loud = [
            track.volume if segment.volume is None else segment.volume
            for track in self.tracks
            if track.kind == VIDEO
            for segment in track.segments
        ]
        return bool(loud) and all(volume == 0 for volume in loud)

    @property
    def has_sound_track(self) -> bool:
        """Is there a sound track with something on it?"""
        return any(track.kind == AUDIO and track.segments for track in self.tracks)

    def only(self, names: frozenset[str]) -> tuple[Draft, tuple[str, ...]]:
        """This draft with nothing but what refers to `names`, and what was taken out in words.

        Without names every video segment is kept; a sound track could be anything then.
        """
        value = json.loads(self.text)
        kept, removed = [], []
        for raw, track in zip(
            [t for t in value["t"] if isinstance(t, dict)], self.tracks, strict=True
        ):
            segments = _segments(raw)
            good = [
                s
                for s, seen in zip(segments, track.segments, strict=True)
                if (track.kind in (VIDEO, AUDIO) if names else track.kind == VIDEO)
                and (not names or seen.mentions(names))
            ]
            if len(good) < len(segments):
                removed.append(_describe(track))
            if good or not segments:
                kept.append({**raw, "sg": good})
        if not removed:
            return self, ()
        draft = Draft.parse({**value, "t": kept})
        return (draft or self), tuple(removed)

    def foreign(self, names: frozenset[str]) -> bool:
        """Is there a picture or sound that refers to none of these?"""
        return any(
            not segment.mentions(names)
            for track in self.tracks
            if track.kind in (VIDEO, AUDIO)
            for segment in track.segments
        )

    def changes(self, before: Draft | None) -> str:
        """What differs from `before`, in words: "1 track added, 2 s cut"."""
        if before is None:
            return "new"
        tracks = sum(bool(t.segments) for t in self.tracks)
        tracks -= sum(bool(t.segments) for t in before.tracks)
        seconds = self.video_seconds(frozenset()) - before.video_seconds(frozenset())
        words = []
        if tracks:
            kind = "added" if tracks > 0 else "removed"
            words.append(f"{abs(tracks)} track{'' if abs(tracks) == 1 else 's'} {kind}")
        if abs(seconds) >= 0.1:
            words.append(f"{abs(seconds):g} s {'added' if seconds > 0 else 'cut'}")
        if (self.width, self.height) != (before.width, before.height) and self.width:
            words.append(f"frame {self.width}x{self.height}")
        if not words:
            words.append("unchanged" if self.text == before.text else "details changed")
        return ", ".join(words)

    def timeline(self) -> str:
        """`Timeline (3 tracks): 1. Video: city timelapse (0-10s) 2. BGM: Lo-fi (0-10s, 35%)`."""
        lines = [f"{n}. {_describe(track)}" for n, track in enumerate(self.tracks, 1)]
        return f"Timeline ({len(self.tracks)} tracks): {' '.join(lines)}"


def _segments(raw: dict[str, Any]) -> list[dict[str, Any]]:
    found = raw.get("sg")
    return [s for s in found if isinstance(s, dict)] if isinstance(found, list) else []


def _track(raw: dict[str, Any]) -> Track:
    kind = _int(raw.get("tt"))
    segments = tuple(_segment(s) for s in _segments(raw))
    return Track(VIDEO if kind is None else kind, segments, _volume(raw, raw.get("m")))


def _segment(raw: dict[str, Any]) -> Segment:
    meta = raw.get("m")
    title = str(meta.get("title") or "") if isinstance(meta, dict) else ""
    length = raw.get("d")
    seconds = length / 1000 if isinstance(length, int | float) and abs(length) < 1e15 else 0.0
    return Segment(seconds, title[:200], frozenset(_strings(raw, 0)), _volume(raw, meta))


def _volume(*places: object) -> float | None:
    """Its key isn't known for sure: `volume` in the segment or in an `m`, 0-1 or 0-100."""
    for place in places:
        value = place.get("volume") if isinstance(place, dict) else None
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 100:
            return value / 100 if value > 1 else float(value)
    return None


def _strings(value: object, depth: int) -> Iterator[str]:
    if depth > 8:
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for child in value.values():
            yield from _strings(child, depth + 1)
    elif isinstance(value, list):
        for child in value:
            yield from _strings(child, depth + 1)


def _describe(track: Track) -> str:
    seconds = sum(segment.duration_seconds for segment in track.segments)
    title = next((segment.title for segment in track.segments if segment.title), "untitled")
    shown = f'"{title}"' if track.kind == TEXT else title
    loud = next((s.volume for s in track.segments if s.volume is not None), track.volume)
    percent = "" if loud is None else f", {loud * 100:.0f}%"
    return f"{_KINDS.get(track.kind, 'Other')}: {shown} (0-{seconds:.0f}s{percent})"


def _int(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
