"""Numbers as people read them: sizes, times, shares."""

from __future__ import annotations

_UNITS = ("B", "kB", "MB", "GB", "TB")


def size_text(size_bytes: float | None) -> str:
    """`104 MB`, `2.1 GB`: decimal units, as disks and sync clients count."""
    if size_bytes is None:
        return "-"
    size = float(size_bytes)
    for unit in _UNITS:
        if abs(size) < 999.5 or unit == _UNITS[-1]:
            digits = 0 if unit == "B" or abs(size) >= 100 else 1
            text = f"{size:.{digits}f}"
            return f"{text.removesuffix('.0')} {unit}"
        size /= 1000
    raise AssertionError("unreachable: the last unit returns")


def rate_text(bits_per_second: float | None) -> str:
    """`8 Mbit/s`, `500 kbit/s`."""
    if bits_per_second is None:
        return "none"
    if bits_per_second >= 1_000_000:
        return f"{bits_per_second / 1_000_000:g} Mbit/s"
    return f"{bits_per_second / 1_000:g} kbit/s"


def seconds_text(seconds: float | None) -> str:
    """`8.2 s`, `2 min 5 s`, `1 h 52 min`, `3 days`."""
    if seconds is None:
        return "-"
    if seconds < 10:
        return f"{seconds:.1f} s".replace(".0 s", " s")
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{round(hours / 24)} days"


def saved_text(before: int | None, after: int | None) -> str:
    """`-85 %`: what the result is smaller by."""
    if not before or after is None:
        return "-"
    return f"{(after - before) / before * 100:+.0f} %"


def change_text(before: int | None, after: int) -> str:
    """`12 MB -> 3 MB (-75 %)`; of what nobody has seen before, its size now."""
    if before is None:
        return size_text(after)
    return f"{size_text(before)} -> {size_text(after)} ({saved_text(before, after)})"


def joined(*sentences: str) -> str:
    """Those that say something, in one line."""
    return "; ".join(sentence for sentence in sentences if sentence)


def count_text(number: int, noun: str) -> str:
    """`1 video`, `3 videos`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def one_line(text: str, limit_chars: int = 300) -> str:
    """Foreign words for a log or a terminal: one line, no control characters, cut with a sign."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return flat if len(flat) <= limit_chars else flat[: limit_chars - 1] + "…"
