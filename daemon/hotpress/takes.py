"""What hotpress takes, and what it leaves alone: kinds, and the words for them. Pure."""

from __future__ import annotations

from pathlib import PurePosixPath

from hotpress import names

# Kinds beside those that a name tells (names.kind_of): what a place, a rule or the content tells.
LINK = "link"
BUNDLE = "bundle"
EXCLUDED = "excluded"
LIVE_PHOTO = "live_photo"
RESULT = "result"
UNREADABLE = "unreadable"  # a folder that may not be looked into
OTHER = "other"

LIVE_PHOTO_SECONDS = 4.0  # phones film about three around a picture
_STILLS = (".heic", ".jpg", ".jpeg", ".png", ".dng")
_FILMS = frozenset({".mov", ".mp4"})  # as phones write them
COMPANIONS = (".srt", ".vtt", ".xmp", ".gpx")
_PHOTOS = frozenset({"heic", "heif", "jpg", "jpeg", "png", "dng", "tif", "tiff", "webp", "gif"})
_PHOTOS = _PHOTOS | {"raw", "arw", "cr2", "cr3", "nef", "raf", "orf", "rw2", "insp", "gpr"}

# One of it, several of it.
_WORDS = {
    "arriving": ("half file", "half files"),
    "hidden": ("hidden file", "hidden files"),
    "proxy": ("camera's small copy", "cameras' small copies"),
    "bad_name": ("name that is no text", "names that are no text"),
    "rules": ("file of rules", "files of rules"),
    LINK: ("link", "links"),
    names.WEB_LINK: ("link file", "link files"),
    BUNDLE: ("library", "libraries"),
    EXCLUDED: ("video left out by the rules", "videos left out by the rules"),
    LIVE_PHOTO: ("Live Photo film", "Live Photo films"),
    RESULT: ("result of hotpress itself", "results of hotpress itself"),
    "photo": ("photo", "photos"),
    "companion": ("subtitle or place file", "subtitle or place files"),
    UNREADABLE: ("folder that may not be looked into", "folders that may not be looked into"),
    OTHER: ("other file", "other files"),
}


def of_folder(name: str) -> str:
    """What a folder that is not entered counts as; "" for those that nobody misses."""
    if not names.is_text(name):
        return "bad_name"
    return BUNDLE if names.is_bundle(name) and not names.is_private(name) else ""


def may_be_live_photo(name: str) -> bool:
    """Is it worth a look for a still beside it?"""
    return PurePosixPath(name).suffix.lower() in _FILMS


def stills(name: str) -> list[str]:
    """Names that, lying beside a short film, make it a part of a Live Photo."""
    stem = name.removesuffix(PurePosixPath(name).suffix)
    return [stem + each for ending in _STILLS for each in (ending, ending.upper())]


def is_live_photo(seconds: float | None) -> bool:
    """Is a film of this length, beside a still of its name, a part of it?"""
    return seconds is not None and seconds <= LIVE_PHOTO_SECONDS


def companions(name: str) -> list[str]:
    """Names that, lying beside a video, belong to it: subtitles, edits, the way that was gone."""
    stem = name.removesuffix(PurePosixPath(name).suffix)
    return [stem + each for ending in COMPANIONS for each in (ending, ending.upper())]


def group(kind: str) -> str:
    """The kind, or for an ending what such files are: `photo`, `companion`, `other`."""
    if kind in _PHOTOS:
        return "photo"
    if f".{kind}" in COMPANIONS:
        return "companion"
    return kind if kind in _WORDS else OTHER


def told(ignored: dict[str, int]) -> str:
    """`12 photos, 2 links`: what was left alone, the most first."""
    sums: dict[str, int] = {}
    for kind, count in ignored.items():
        sums[group(kind)] = sums.get(group(kind), 0) + count
    most_first = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count} {_WORDS[kind][count != 1]}" for kind, count in most_first)
