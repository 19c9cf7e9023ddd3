"""Is a finished video what it must be? Cheap checks first, the look at its original last."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event

from hotpress import log
from hotpress.errors import Damaged, NotAVideo
from hotpress.media import beside, command, programs
from hotpress.media.compare import Marks
from hotpress.media.container import completeness
from hotpress.media.encoder import Encoder
from hotpress.media.look import Looker
from hotpress.media.probe import Walk, cut_off, probe, walk
from hotpress.media.task import STALL_SECONDS, longest_seconds, reporter
from hotpress.model import Expected, Facts

_LOGGER = log.get("media")
_HINT = "The original is untouched; hotpress makes the smaller version again."
_ASPECT_SHARE = 0.01
_FPS_SHARE = 0.02
_DURATION_SECONDS, _DURATION_SHARE = 0.5, 0.01
_DECODED_SHARE = 0.95  # of the progress; the rest is the look at the original
# On a small copy of each picture: about a tenth of the decode (measured 2026-11, docs/quality.md).
_SMALL = "scale=160:-2:flags=fast_bilinear,format=yuv420p"
_DETECTORS = {
    "blackdetect": ("", "black_start", "black_end"),
    "freezedetect": ("=n=0.01:d=2", "freezedetect.freeze_start", "freezedetect.freeze_end"),
}


def check(
    path: Path,
    expected: Expected,
    facts_of_source: Facts | None,
    source: Path | None = None,
    *,
    encoder: Encoder,
    stop: Event | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> Facts:
    """Prove a result, and return what it is. Size limits are the caller's.

    In order: whole by its boxes, readable, every packet, sound, length, shape, frame rate, and a
    decode in which any complaint counts. The boxes are needed beside the decode: a cut fragmented
    MP4 decodes without a complaint. The decode finds 78 of 80 files with 400 spoiled bytes and 57
    of 80 with one flipped bit: the rest shows a wrong picture, and no decoder can know (measured
    2026-11, docs/media.md). Strictness is right for results only: 2 of 22 real *sources* have
    errors that players forgive.

    With `source`, the original that `facts_of_source` tell of, a result that is no edit of it is
    also compared with it: black and still pictures, the time of the sound, the colours.

    Raises:
        Damaged: with what is wrong, measured, in words. `of_bytes` where the file itself is
            spoiled, and another download may help.
        FileNotFoundError: it is gone.
        DiskFull, Stopping, MediaError: as `programs.run`.
    """
    facts, packets = _whole(path, stop)
    why = (
        _sound(facts, expected, facts_of_source)
        or _length(facts, expected)
        or _shape(facts, expected)
        or _rate(facts, packets, expected)
    )
    if why:
        raise Damaged(why, _HINT)
    marks = _decode(path, facts, encoder, stop, progress)
    if source is not None and facts_of_source is not None and not expected.edited:
        original = Looker(source, facts_of_source, encoder, stop)
        why = beside.difference(original, Looker(path, facts, encoder, stop), marks)
        if why:
            raise Damaged(why, _HINT)
    progress(1.0)
    return facts


def _whole(path: Path, stop: Event | None) -> tuple[Facts, Walk]:
    """What it is, when its file is whole. Raises Damaged."""
    whole = completeness(path)
    if whole.state == "incomplete":
        raise Damaged(f"the smaller video is not whole: {whole.why}", _HINT, of_bytes=True)
    try:
        facts = probe(path, stop=stop)
        packets = walk(path, stop=stop)
    except NotAVideo as problem:
        why = f"the smaller video can't be read: {problem.why}"
        raise Damaged(why, _HINT, of_bytes=True) from None
    if why := cut_off(packets, facts) or _corrupt(packets):
        raise Damaged(why, _HINT, of_bytes=True)
    return facts, packets


def _sound(facts: Facts, expected: Expected, source: Facts | None) -> str:
    other = "the original" if source is not None and not expected.edited else "what was asked for"
    if expected.has_sound and not facts.sounds:
        return f"it has no sound, {other} has"
    if facts.sounds and expected.has_sound is False:
        return f"it has sound, {other} has none"
    return ""


def _length(facts: Facts, expected: Expected) -> str:
    have, need = facts.duration_seconds, expected.duration_seconds
    if abs(have - need) > max(_DURATION_SECONDS, need * _DURATION_SHARE):
        return f"it is {have:.1f} s long instead of {need:.1f} s"
    return ""


def _corrupt(packets: Walk) -> str:
    return f"{packets.corrupt} pieces of it are marked as broken" if packets.corrupt else ""


def _shape(facts: Facts, expected: Expected) -> str:
    have = f"{facts.width}x{facts.height} instead of {expected.width}x{expected.height}"
    if facts.width % 2 or facts.height % 2:
        return f"its frame is {facts.width}x{facts.height}: many players need even numbers"
    if not _same_shape(facts.width, facts.height, expected.width, expected.height):
        if _same_shape(facts.height, facts.width, expected.width, expected.height):
            return f"it lies on its side: {have}"
        return f"its pictures have another shape: {have}"
    if facts.width > expected.width + 2 and facts.height > expected.height + 2:
        return f"its pictures are larger than they may be: {have}"
    return ""


def _same_shape(width: int, height: int, other_width: int, other_height: int) -> bool:
    """The same aspect within 1 %, or within two pixels: small frames can't do better."""
    should_be = height * other_width / other_height
    return abs(width - should_be) <= max(2.0, should_be * _ASPECT_SHARE)


def _rate(facts: Facts, packets: Walk, expected: Expected) -> str:
    if not expected.fps:
        return ""
    # Where frames begin unevenly, the file's own average is off by the encoder's delay: a real
    # phone's 27.0 was told as 24.6 (measured 2026-11). Counting the packets is right there, and
    # wrong where the last one has no duration; one of both must fit.
    counted = packets.packets / packets.last_pts_seconds if packets.last_pts_seconds else 0.0
    if any(abs(rate / expected.fps - 1) <= _FPS_SHARE for rate in (facts.fps, counted)):
        return ""
    return f"it has {facts.fps:.4g} pictures a second instead of {expected.fps:.4g}"


def _decode(
    path: Path,
    facts: Facts,
    encoder: Encoder,
    stop: Event | None,
    progress: Callable[[float], None],
) -> Marks:
    """Play all of it. Returns where it is black or stands still."""
    strict = ["-xerror", "-err_detect", "explode"]
    streams = ["-map", "0:V:0", "-map", "0:a?", *_detectors(encoder)]
    streams += ["-fps_mode", "passthrough", "-f", "null", "-"]
    frame = (facts.coded_width, facts.coded_height)
    limits = programs.Limits(
        seconds=longest_seconds(facts, frame),
        stall_seconds=STALL_SECONDS,
        alive="frame=",
        memory_bytes=command.memory_bytes(frame),
    )
    marks = Marks()
    told = reporter(progress, facts.duration_seconds, 0.0, _DECODED_SHARE)

    def hear(line: str) -> None:
        told(line)
        marks.hear(line)

    done = programs.run(
        [*command.start(encoder, report=True), *strict, *command.reading(path), *streams],
        limits=limits,
        stop=stop,
        on_line=hear,
    )
    if done.cut:
        why = "it could not be played to its end within the time that it may take"
        raise Damaged(why, _HINT, of_bytes=True)
    if done.code != 0 or done.stderr_tail.strip():
        # The decoder's own words help nobody but who reads the log.
        _LOGGER.warning("result.broken", code=done.code, words=done.stderr_tail.strip()[-500:])
        raise Damaged("it can't be played without errors", _HINT, of_bytes=True)
    marks.finish(facts.duration_seconds)
    return marks


def _detectors(encoder: Encoder) -> list[str]:
    """Filters that tell on standard output what `Marks` hears, as far as the encoder has them.

    `direct`: each line is written at once and whole, between those of the progress.
    """
    if "metadata" not in encoder.filters:
        return []
    words = []
    for name, (options, *keys) in _DETECTORS.items():
        if name in encoder.filters:
            prints = [f"metadata=print:key=lavfi.{key}:file=-:direct=1" for key in keys]
            words += [f"{name}{options}", *prints]
    return ["-vf", ",".join([_SMALL, *words])] if words else []
