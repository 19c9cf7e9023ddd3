"""The words of `clip.mov.failed.txt`, and where it lies. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from hotpress.human import one_line
from hotpress.store import Failed
from hotpress.words import to_do

ENDING = ".failed.txt"
START = "Delete this file to try again, within ten minutes"
_END = "tells more.\n"
FRAME = (START, _END)
_FOLDER_LIMIT_BYTES = 40
_NAME_LIMIT_BYTES = 200  # of the usual 255: sync clients add their own endings


def placed(failed: Iterable[Failed], known: Mapping[str, str]) -> dict[str, Failed]:
    """Where the note of each lies: no two at one place, and each where it was.

    Two inboxes with one outbox may both have a `clip.mov` that failed: then the second note has
    its inbox's folder in its name. `known`: place -> job, of the notes that are there.
    """
    every = sorted(failed, key=lambda each: each.id)
    found: dict[str, Failed] = {}
    for again in (True, False):  # first those that have a place
        for each in every:
            places = (name_of(each), name_of(each, _folder(each)), name_of(each, _short(each.root)))
            mine = [place for place in places if known.get(place) == each.id]
            if bool(mine) is again:
                free = (place for place in mine or places if place not in found)
                found[next(free, places[-1])] = each
    return found


def _folder(failed: Failed) -> str:
    """The inbox's own folder; a long name makes no longer note."""
    return PurePosixPath(failed.root).name.encode()[:_FOLDER_LIMIT_BYTES].decode("utf-8", "ignore")


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def name_of(failed: Failed, mark: str = "") -> str:
    """Where the note lies, relative to the outbox: subfolders are mirrored."""
    path = PurePosixPath(failed.relative)
    output = "" if failed.output_name == "main" else f" {failed.output_name}"
    output += f" ({mark})" if mark else ""
    room = _NAME_LIMIT_BYTES - len((output + ENDING).encode())
    name = path.name
    if len(name.encode()) > room:  # cut, and told apart from others that begin the same way
        short = f"~{_short(name)}"
        name = name.encode()[: room - len(short)].decode("utf-8", "ignore") + short
    return str(path.with_name(name + output + ENDING))


def text(failed: Failed, estimate: float) -> str:
    """The whole file. `estimate`: credits that a job is likely to cost."""
    cost = "uses no credits" if failed.free else f"may use about {estimate:,.0f} credits"
    name = PurePosixPath(failed.relative).name
    lines = [
        f"{START} ({cost})",
        "",
        f"{one_line(name)} was not made smaller. The original is untouched.",
        "",
        f"What happened: {one_line(failed.why)}",
    ]
    if failed.hint:
        lines.append(to_do(one_line(failed.hint)))
    lines += ["", f"On the computer that runs hotpress, `hotpress show {failed.id}` {_END}"]
    return "\n".join(lines)
