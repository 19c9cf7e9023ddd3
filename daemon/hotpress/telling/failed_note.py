"""The words of `clip.mov.failed.txt`, and where it lies. Pure."""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath

from hotpress.human import one_line
from hotpress.store import Failed
from hotpress.words import to_do

ENDING = ".failed.txt"
START = "Delete this file to try again, within ten minutes"
_END = "tells more.\n"
FRAME = (START, _END)
_NAME_LIMIT_BYTES = 200  # of the usual 255: sync clients add their own endings


def name_of(failed: Failed) -> str:
    """Where the note lies, relative to the outbox: subfolders are mirrored."""
    path = PurePosixPath(failed.relative)
    output = "" if failed.output_name == "main" else f" {failed.output_name}"
    room = _NAME_LIMIT_BYTES - len((output + ENDING).encode())
    name = path.name
    if len(name.encode()) > room:  # cut, and told apart from others that begin the same way
        mark = hashlib.sha256(name.encode()).hexdigest()[:8]
        name = name.encode()[: room - len(mark) - 1].decode("utf-8", "ignore") + f"~{mark}"
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
