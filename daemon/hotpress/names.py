"""What a name tells: a video, something that is still arriving, or nothing of ours. Pure."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

from hotpress.halves import is_half
from hotpress.model import LINK_ENDINGS

WEB_LINK = "web_link"  # a kind: a file that only names a web address

VIDEO_ENDINGS = frozenset(
    {
        *(".mp4", ".mov", ".avi", ".webm", ".mkv", ".m4v", ".mpg", ".mpeg", ".mts", ".m2ts"),
        *(".ts", ".3gp", ".3g2", ".wmv", ".flv", ".f4v", ".ogv", ".mxf", ".dv"),
    }
)
# Nearly all names of a large folder are as plain as this: one look instead of many.
_PLAIN_VIDEO = re.compile(
    r"[\w ()-]+\.(?:" + "|".join(ending[1:] for ending in sorted(VIDEO_ENDINGS)) + ")",
    re.IGNORECASE,
)
_PLAIN_FOLDER = re.compile(r"[\w ()-]+")  # no ending, no dot: only a system's own are left out
# What the service takes (cloud-api: Upload); everything else is made into MP4 first.
CLOUD_ENDINGS = frozenset({".mp4", ".mov", ".avi", ".webm", ".mkv"})
# Rules that lie in the synced folder: for a folder, or beside a video for that one alone.
FOLDER_RULES = (".hotpress.yaml", "hotpress.yaml")
SIDECAR_RULES, SIDECAR_WORDS = ".hotpress.yaml", ".hotpress.txt"
# What editors and systems make of those names: not read, but never passed over in silence.
NEARLY_FOLDER_RULES = (
    *("hotpress.yml", ".hotpress.yml", "hotpress.yaml.txt", ".hotpress.yaml.txt"),
)
NEARLY_SIDECAR_RULES = (".hotpress.yml", ".hotpress.yaml.txt")
# What systems and storage boxes keep for themselves; what begins with a dot is left alone, too.
_SYSTEM_FOLDERS = frozenset(
    {
        *("@eadir", "@recycle", "@recently-snapshot", "#recycle", "#snapshot", "lost+found"),
        *("$recycle.bin", "system volume information", "recycler", "found.000"),
        *("network trash folder", "temporary items"),
    }
)
# Folders that look like one file to a person: libraries, projects, programs, half downloads.
_BUNDLES = (
    *(".photoslibrary", ".photolibrary", ".migratedphotolibrary", ".aplibrary", ".cocatalog"),
    *(".imovielibrary", ".imoviemobile", ".imovieproj", ".rcproject", ".theater"),
    *(".fcpbundle", ".fcpcache", ".fcarch", ".tvlibrary", ".musiclibrary", ".screenflow"),
    *(".lrdata", ".lrcat-data", ".dvdmedia", ".app", ".sparsebundle", ".backupbundle"),
    *(".download",),
)
_WINDOWS_FORBIDDEN = re.compile(r'[<>:"|?*/\x00-\x1f\\\ud800-\udfff]')
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_WINDOWS_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_NAME_LIMIT_BYTES = 200  # of the usual 255: sync clients add their own endings


def kind_of(name: str) -> str:
    """`video`, or what else: a kind such as `rules`, `hidden` or `web_link`, or its ending."""
    if _PLAIN_VIDEO.fullmatch(name):
        return "video"
    if not is_text(name):
        return "bad_name"
    if is_rule_file(name):
        return "rules"
    if is_half(name):
        return "arriving"
    if name.startswith("."):
        return "hidden"
    ending = PurePosixPath(name).suffix.lower()
    if ending in LINK_ENDINGS:
        return WEB_LINK
    if ending in (".lrf", ".lrv", ".thm"):
        return "proxy"
    return "video" if ending in VIDEO_ENDINGS else (ending.lstrip(".") or "other")


def is_rule_file(name: str) -> bool:
    """Does it hold rules for a folder, or for the video that it lies beside?"""
    known = (SIDECAR_RULES, SIDECAR_WORDS, *NEARLY_SIDECAR_RULES)
    return name in (*FOLDER_RULES, *NEARLY_FOLDER_RULES) or name.endswith(known)


def meant_rule_file(name: str) -> str:
    """How a rule file is to be called that is nearly called so; "" when the name is right."""
    if not name.endswith((".yml", ".yaml.txt")):
        return ""
    return name.removesuffix(".txt").removesuffix(".yml").removesuffix(".yaml") + ".yaml"


def is_text(name: str) -> bool:
    """Is it UTF-8? Other bytes could be carried by no sync client and no JSON."""
    return name.isascii() or _SURROGATES.search(name) is None


def enters(folder: str) -> bool:
    """Is a folder of this name looked into?"""
    if _PLAIN_FOLDER.fullmatch(folder) and folder.lower() not in _SYSTEM_FOLDERS:
        return True
    return is_text(folder) and not is_private(folder) and not is_bundle(folder)


def is_private(folder: str) -> bool:
    """Is it a system's or a program's own folder, or hidden?"""
    return folder.startswith(".") or is_system(folder)


def is_system(folder: str) -> bool:
    """Does a system, or a storage box, keep it for itself?"""
    return folder.lower() in _SYSTEM_FOLDERS or folder.lower().startswith((".trash", ".hotpress"))


def is_bundle(folder: str) -> bool:
    """Is it a library, or something else that is one thing to a person?"""
    return folder.lower().endswith(_BUNDLES)


def same(name: str) -> str:
    """Equal for names that some file system or sync client takes for one: `Ä` however written."""
    return unicodedata.normalize("NFC", name).casefold()


def safe_name(name: str) -> str:
    """`name` as Windows and Dropbox take it, too: one component, cut at 200 bytes."""
    name = unicodedata.normalize("NFC", name)  # as all but one old file system write it
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
