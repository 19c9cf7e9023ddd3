"""What belongs to a video beside pictures and sound: dates, the place, chapters, the camera's name.

ffmpeg carries most of it by itself, but writes a place in a way that only it reads (`loci`), and
drops Apple's keys. So these atoms are copied byte by byte (`carried`, `put_back`).
"""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import BinaryIO

from hotpress import files, log
from hotpress.errors import EncodeFailed
from hotpress.human import count_text
from hotpress.media import atoms, command, programs
from hotpress.media.boxes import Read
from hotpress.media.container import NoFileError, opened
from hotpress.media.encode import Encoded
from hotpress.media.encoder import Encoder
from hotpress.media.task import HINT, STALL_SECONDS, longest_seconds, must_be_well, reporter
from hotpress.model import Facts

_LOGGER = log.get("media")
_MOST_TABLE_BYTES = 64 << 20  # a film of 10 hours has one of under 20 MB
_BLOCK_BYTES = 1 << 20
# What can be written without its words, where MP4 can't hold its streams.
OWN_FORMATS = {".mkv": "matroska", ".webm": "webm"}
_MIB = 1 << 20
# ISO 6709, annex H: latitude, longitude, perhaps height and reference system, and a slash.
_PLACE = re.compile(
    r"([+-]\d{2,6}(?:\.\d{1,12})?)([+-]\d{3,7}(?:\.\d{1,12})?)"
    r"([+-]\d{1,6}(?:\.\d{1,12})?)?(CRS[A-Za-z0-9_:.]{1,40})?/?"
)


@dataclass(frozen=True, slots=True)
class Carried:
    """Atoms of an original as they stand in it: `user` of its `udta`, and `meta` as a whole."""

    user: tuple[bytes, ...] = ()
    meta: bytes = b""

    @property
    def size_bytes(self) -> int:
        """What `put_back` adds to a file that has none of these; to one that has some, less."""
        return atoms.added_bytes(self.user, self.meta)


def carried(source: Path, location: str | None = None) -> Carried:
    """Read what an MP4's or MOV's own atoms say of place, date and camera; of others nothing.

    `location` (`Facts.location`) makes the atom of a place where the source has none of that kind:
    Matroska, 3GPP, and iPhones that only write Apple's keys. What is no ISO 6709 is left out.
    Reads headers and at most 64 KiB of each atom, whatever they claim: at most 80,000 small reads.

    Raises:
        OSError: it can't be opened or read. A link or a pipe is no error, and has nothing.
    """
    try:
        with opened(source) as descriptor:
            found = _read(descriptor)
    except NoFileError:
        return Carried()
    has_place = any(data[4:8] == atoms.XYZ for data in found.user)
    if location and not has_place and is_place(location):
        found = Carried((*found.user, atoms.place_atom(location)), found.meta)
    return found


def is_place(text: str) -> bool:
    """Is it a place in ISO 6709, on this earth?"""
    match = _PLACE.fullmatch(text)
    if match is None:
        return False
    latitude, longitude = match.group(1), match.group(2)
    return _degrees(latitude, 2) <= 90 and _degrees(longitude, 3) <= 180


def _degrees(text: str, digits: int) -> float:
    """The degrees alone: minutes and seconds may follow without a mark."""
    whole, _, rest = text[1:].partition(".")
    return float(f"{whole}.{rest}") if len(whole) <= digits else float(whole[:digits])


def _read(descriptor: int) -> Carried:
    status = os.fstat(descriptor)
    size = status.st_size if stat.S_ISREG(status.st_mode) else 0

    def read(offset: int, length: int) -> bytes:
        return os.pread(descriptor, length, offset) if offset < size else b""

    moov = atoms.first(read, 0, size, b"moov") if _is_mov(read) else None
    if moov is None:
        return Carried()
    return Carried(atoms.user_data(read, moov), atoms.apple_meta(read, moov))


def _is_mov(read: Read) -> bool:
    return read(4, 4) in (b"ftyp", b"moov", b"mdat", b"free", b"wide", b"skip", b"pnot")


def put_back(path: Path, belongings: Carried) -> str:
    """Put these into a finished MP4 of ours; pictures and sound stay as they are, byte by byte.

    Writes `<path>.atoms` beside it and replaces. Nothing is synced to disk here. Returns "", or why
    they were left out as a sentence without a full stop: then the file is as it was.

    Raises:
        DiskFull, NotAllowed, FileError: the operating system says no. The file is as it was.
    """
    if not belongings.size_bytes:
        return ""
    draft = path.with_name(f"{path.name}.atoms")
    with files.told(path):
        try:
            with path.open("rb") as old:
                moov, new = _grown(old, belongings)
                with draft.open("wb") as out:
                    shutil.copymode(path, draft)
                    _copy(old, out, 0, moov.start)
                    out.write(new)
                    _copy(old, out, moov.end, None)
            draft.replace(path)
        except atoms.Unfit as problem:
            _LOGGER.warning("belongings.left_out", why=str(problem))
            return f"the place and the camera's own notes were left out: {problem}"
        finally:
            draft.unlink(missing_ok=True)
    return ""


def _grown(file: BinaryIO, belongings: Carried) -> tuple[atoms.Atom, bytes]:
    """Where its table of contents lies, and the new one."""
    descriptor = file.fileno()
    size = os.fstat(descriptor).st_size

    def read(offset: int, length: int) -> bytes:
        return os.pread(descriptor, length, offset)

    top = list(atoms.inside(read, 0, size))
    moov = next((atom for atom in top if atom.kind == b"moov"), None)
    if moov is None or moov.end - moov.start > _MOST_TABLE_BYTES:
        raise atoms.Unfit("its table of contents could not be read")
    if any(atom.kind == b"moof" for atom in top):
        raise atoms.Unfit("it is made of pieces")
    data = read(moov.start, moov.end - moov.start)
    return moov, atoms.grown(data, belongings.user, belongings.meta, media_from=moov.end)


def _copy(old: BinaryIO, out: BinaryIO, start: int, end: int | None) -> None:
    old.seek(start)
    left = end - start if end is not None else None
    while left is None or left > 0:
        block = old.read(_BLOCK_BYTES if left is None else min(left, _BLOCK_BYTES))
        if not block:
            return
        out.write(block)
        left = None if left is None else left - len(block)


def taken_over(
    result: Path,
    source: Path,
    out: Path,
    *,
    facts: Facts,
    encoder: Encoder,
    codec: str = "h264",
    stop: Event | None = None,
    progress: Callable[[float], None] = lambda _: None,
    chapters: bool = True,
) -> Encoded:
    """Give a cloud's file what its original has: dates, titles, place, chapters, languages.

    Without loss; what the cloud wrote of its own goes. `facts` are the source's, `codec` is the
    result's. `chapters` False: for an edit, whose times are others. `Encoded.note` says what could
    not be put back.

    Raises:
        EncodeFailed: MP4 can't hold its streams after all.
        DiskFull, Stopping, MediaError: as `programs.run`. FileError: as `put_back`.
    """
    words = ["-map", "0:V:0", "-map", "0:a?", "-c", "copy", "-sn", "-dn", "-map_metadata", "1"]
    words += ["-map_chapters", "1" if chapters else "-1", *_languages(facts)]
    words += _tag(codec, out)
    if facts.created_at:  # some have it at a track only
        words += ["-metadata", f"creation_time={facts.created_at}"]
    inputs = [*command.reading(result), *command.reading(source)]
    job = _Copy(result, out, facts, encoder, stop, progress)
    belongings = carried(source, facts.location)
    job.run([*inputs, *words, *command.writing(out)])
    try:
        note = put_back(out, belongings)
    except BaseException:
        out.unlink(missing_ok=True)
        raise
    return Encoded(out.stat().st_size, 0, note, crf_used=False)


def stripped(
    material: Path,
    out: Path,
    *,
    facts: Facts,
    encoder: Encoder,
    stop: Event | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> Encoded:
    """The same pictures and sound without a word about them; without loss.

    Gone: dates, place, titles, chapters, the names of camera and programs, subtitles, and the
    tracks in which phones and cameras note their position. Kept: rotation, as the pictures would
    lie on their side, and the languages of sound tracks. What an encoder wrote *within* the
    pictures stays. An MP4, or Matroska or WebM where `out` ends so (for what MP4 can't hold).

    Raises: as `taken_over`.
    """
    words = ["-map", "0:V:0", "-map", "0:a?", "-c", "copy", "-sn", "-dn", "-map_chapters", "-1"]
    words += ["-map_metadata", "-1", "-map_metadata:s", "-1", "-fflags", "+bitexact"]
    words += [*_tag(facts.codec, out), *_languages(facts)]
    writing = command.writing(out)
    if out.suffix in OWN_FORMATS:
        writing = ["-f", OWN_FORMATS[out.suffix], "-y", f"file:{out.absolute()}"]
    job = _Copy(material, out, facts, encoder, stop, progress)
    job.run([*command.reading(material), *words, *writing])
    return Encoded(out.stat().st_size, 0, "", crf_used=False)


def _tag(codec: str, out: Path) -> list[str]:
    """Apple's players know HEVC in an MP4 by no other name."""
    return ["-tag:v", "hvc1"] if codec == "hevc" and out.suffix not in OWN_FORMATS else []


def _languages(facts: Facts) -> list[str]:
    return [
        word
        for number, sound in enumerate(facts.sounds)
        if sound.language and re.fullmatch(r"[a-z]{2,3}", sound.language)
        for word in (f"-metadata:s:a:{number}", f"language={sound.language}")
    ]


@dataclass(frozen=True, slots=True)
class _Copy:
    """One copy without loss, within its limits; no half file is left."""

    material: Path
    out: Path
    facts: Facts
    encoder: Encoder
    stop: Event | None
    progress: Callable[[float], None]

    def run(self, words: list[str]) -> None:
        if self.out.exists() and self.out.samefile(self.material):
            raise EncodeFailed("the copy may not be written over its original", HINT)
        self.out.unlink(missing_ok=True)
        size = self.material.stat().st_size
        limits = programs.Limits(
            seconds=longest_seconds(self.facts, (0, 0)),
            stall_seconds=STALL_SECONDS,
            file_bytes=size + size // 10 + _MIB,
        )
        told = reporter(self.progress, self.facts.duration_seconds, 0.0, 1.0)
        start = command.start(self.encoder, report=True)
        try:
            done = programs.run([*start, *words], limits=limits, stop=self.stop, on_line=told)
            must_be_well(done, limits, self.out.parent)
        except BaseException:
            self.out.unlink(missing_ok=True)
            raise


def lost(before: Facts, after: Facts) -> tuple[str, ...]:
    """What a result lacks of its original, each as a phrase: "its date", "2 chapters"."""
    chapters = before.chapters - after.chapters
    subtitles = before.subtitles - after.subtitles
    sounds = len(before.sounds) - len(after.sounds)
    gone = (
        (bool(before.created_at and not _same_date(before, after)), "its date"),
        (bool(before.location and not after.location), "the place"),
        (chapters > 0, count_text(chapters, "chapter")),
        (subtitles > 0, count_text(subtitles, "subtitle track")),
        (sounds > 0, count_text(sounds, "sound track")),
        (before.cover and not after.cover, "its cover picture"),
    )
    return tuple(phrase for is_gone, phrase in gone if is_gone)


def _same_date(before: Facts, after: Facts) -> bool:
    return (before.created_at or "")[:19] == (after.created_at or "")[:19]
