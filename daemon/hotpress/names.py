"""What a name tells: a video, something that is still arriving, or nothing of ours. Pure."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

VIDEO_ENDINGS = frozenset(
    {
        *(".mp4", ".mov", ".avi", ".webm", ".mkv", ".m4v", ".mpg", ".mpeg", ".mts", ".m2ts"),
        *(".ts", ".3gp", ".3g2", ".wmv", ".flv", ".ogv", ".mxf", ".dv"),
    }
)
# What the service takes (cloud-api: Upload); everything else is made into MP4 first.
CLOUD_ENDINGS = frozenset({".mp4", ".mov", ".avi", ".webm", ".mkv"})
# Half files of sync clients, browsers and copiers (measured and collected in docs/decisions/0006).
_ARRIVING = re.compile(
    r"""\.syncthing\..*\.tmp | ~syncthing~.*\.tmp | \..*\.[A-Za-z0-9]{6} | .*\.aria2(__temp)?
      | .*\.(!sync|syncpart|synctemp|syncold) | .*\.(crdownload|part|partial|download|opdownload)
      | .*\.(filepart|filedownload) | .*\.tmp(\.drive(down|up)load)? | .*\.temp | .*~ | ~\$.*
      | \.~.* | .*\.unison.* | \.fuse_hidden.* | \.nfs.* | .*\.icloud | .*\.(!qb|!ut|bc!|ytdl)
      | .*\.part-frag.* | .*\.temp\.mp4 | .*\.f[0-9]{2,4}\.(mp4|webm)""",
    re.VERBOSE | re.IGNORECASE,
)
_SIDE_FILES = (".aria2", ".part", ".crdownload", ".partial")  # beside an unfinished file
_SYSTEM_FOLDERS = frozenset(
    {"@eadir", "#recycle", "lost+found", "$recycle.bin", "system volume information"}
)
_BUNDLES = (
    ".photoslibrary",
    ".fcpbundle",
    ".imovielibrary",
    ".tvlibrary",
    ".download",
    ".aplibrary",
)
_WINDOWS_FORBIDDEN = re.compile(r'[<>:"|?*/\x00-\x1f\\\ud800-\udfff]')
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_WINDOWS_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_NAME_LIMIT_BYTES = 200  # of the usual 255: sync clients add their own endings


def kind_of(name: str) -> str:
    """`video`, or why it is ignored: `hidden`, `arriving`, `proxy`, `bad_name`, or its ending."""
    if not is_text(name):
        return "bad_name"
    if _ARRIVING.fullmatch(name):
        return "arriving"
    if name.startswith("."):
        return "hidden"
    ending = PurePosixPath(name).suffix.lower()
    if ending in (".lrf", ".lrv", ".thm"):
        return "proxy"
    return "video" if ending in VIDEO_ENDINGS else (ending.lstrip(".") or "other")


def side_files(name: str) -> tuple[str, ...]:
    """Names that, lying beside `name`, say that it is not finished."""
    return tuple(name + ending for ending in _SIDE_FILES)


def is_text(name: str) -> bool:
    """Is it UTF-8? Other bytes could be carried by no sync client and no JSON."""
    return name.isascii() or _SURROGATES.search(name) is None


def enters(folder: str) -> bool:
    """Is a folder of this name looked into?"""
    low = folder.lower()
    return (
        is_text(folder)
        and not low.startswith(".")
        and low not in _SYSTEM_FOLDERS
        and not low.endswith(_BUNDLES)
    )


def safe_name(name: str) -> str:
    """`name` as Windows and Dropbox take it, too: one component, cut at 200 bytes."""
    stem, dot, ending = _WINDOWS_FORBIDDEN.sub("_", name).strip().rpartition(".")
    if not dot:
        stem, ending = ending, ""
    stem = stem.rstrip(" .") or "video"
    if _WINDOWS_DEVICES.fullmatch(stem):
        stem = f"_{stem}"
    room = _NAME_LIMIT_BYTES - len(ending.encode()) - 1
    stem = stem.encode("utf-8", "replace")[:room].decode("utf-8", "ignore")
    return f"{stem}.{ending}" if ending else stem


def wishes(name: str, source_ending: str) -> list[str]:
    """Names for a result, the dearest first: `clip.mp4`, `clip (mov).mp4`, `clip v2.mp4`, ..."""
    path = PurePosixPath(name)
    ending = path.suffix
    base = name.removesuffix(ending)
    other = source_ending.lstrip(".").lower()
    second = [f"{base} ({other}){ending}"] if other and other != ending.lstrip(".") else []
    return [name, *second, *(f"{base} v{n}{ending}" for n in range(2, 100))]
