"""The words of `hotpress-status.txt`. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hotpress.human import count_text, one_line, seconds_text, size_text
from hotpress.model import Reason
from hotpress.store import Failed, Waiting
from hotpress.telling.scene import Arriving, Scene
from hotpress.words import to_do

NAME = "hotpress-status.txt"
FIRST_LINE = "hotpress: what waits, arrives or failed here. When all is done, this file goes."
FRAME = (FIRST_LINE, "")
_NAMES_SHOWN = 5
_PARTS_SHOWN = 20
_ORDINARY_SHARE = 10  # of patience: an ordinary drop takes less, and makes no note
# Waits of every cloud job, which say nothing to a person.
_ORDINARY = frozenset({Reason.RENDER, Reason.RETRY, Reason.STREAM})


def text(scene: Scene) -> str:
    """The whole file; "" when there is nothing to tell."""
    parts = [*scene.troubles, *_waiting(scene), *_in_line(scene)]
    parts += [*_failed(scene), *_arriving(scene)]
    if len(parts) > _PARTS_SHOWN:
        more = len(parts) - _PARTS_SHOWN
        parts = [*parts[:_PARTS_SHOWN], f"... and {more} more: `hotpress status` shows all of it."]
    if any("`hotpress " in part for part in parts):
        parts.append(f"`hotpress ...` is typed on {scene.host}, the computer that runs it.")
    return "\n\n".join([FIRST_LINE, *parts]) + "\n" if parts else ""


def refused(problems: Sequence[str]) -> str:
    """Settings that were changed and can't be taken, "" when all is well."""
    if not problems:
        return ""
    lines = ["The settings were changed and can't be taken as they are; the last good ones count:"]
    return "\n".join(lines + [f"  {one_line(problem)}" for problem in problems[:_NAMES_SHOWN]])


def _waiting(scene: Scene) -> list[str]:
    """One part for each cause, however many videos wait for it."""
    groups: dict[tuple[str, str, str], list[Waiting]] = {}
    for each in scene.waiting:
        if _is_worth_telling(each, scene):
            groups.setdefault((each.reason, each.why, each.hint), []).append(each)
    return [_group_text(group) for group in groups.values()]


def _is_worth_telling(each: Waiting, scene: Scene) -> bool:
    """Is it more than the pauses that every video makes?"""
    ordinary_seconds = scene.patience_seconds / _ORDINARY_SHARE
    soon = each.wake_at is not None and each.wake_at - scene.now < ordinary_seconds
    return bool(each.reason) and each.reason not in _ORDINARY and not soon


def _group_text(group: list[Waiting]) -> str:
    first = group[0]
    verb = "waits" if len(group) == 1 else "wait"
    until = f" until {_clock(first.wake_at)}" if first.wake_at is not None else ""
    lines = [
        f"{count_text(len(group), 'video')} {verb}{until}: {one_line(first.why)}",
        f"  {_listed([each.relative for each in group])}",
    ]
    if first.hint:
        lines.append(f"  {to_do(one_line(first.hint))}")
    return "\n".join(lines)


def _failed(scene: Scene) -> list[str]:
    return [_failed_text(each, scene.notes.get(each.id, "")) for each in scene.failed]


def _failed_text(failed: Failed, note: str) -> str:
    """Without a note of its own (its place is somebody's): the next step here."""
    then = f"See {one_line(note)}" if note else to_do(one_line(failed.hint))
    return f"1 failed: {one_line(failed.relative)}: {one_line(failed.why)}\n  {then}"


def _in_line(scene: Scene) -> list[str]:
    if scene.in_line_seconds < scene.patience_seconds or not scene.in_line:
        return []
    verb = "is" if scene.in_line == 1 else "are"
    return [f"{count_text(scene.in_line, 'video')} {verb} being made, or in line for it."]


def _arriving(scene: Scene) -> list[str]:
    ordinary_seconds = scene.patience_seconds / _ORDINARY_SHARE
    return [_arriving_text(each) for each in scene.arriving if each.seconds >= ordinary_seconds]


def _arriving_text(each: Arriving) -> str:
    # Whole hours: else the file would change with every look.
    since = f", for {seconds_text(each.seconds // 3600 * 3600)}" if each.seconds >= 3600 else ""
    so_far = f"{size_text(each.size_bytes)} so far{since}"
    return f"1 arriving: {one_line(each.name)}, {so_far} ({one_line(each.why)})"


def _listed(names: list[str]) -> str:
    shown = [one_line(name) for name in sorted(names)[:_NAMES_SHOWN]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _clock(at: float) -> str:
    """As the wall clock of this machine says it."""
    return datetime.fromtimestamp(at).astimezone().strftime("%H:%M")
