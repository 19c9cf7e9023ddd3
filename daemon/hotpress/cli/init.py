"""`hotpress init [DIR]`: a first config, and two folders side by side."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated

import typer

from hotpress.errors import ConfigError
from hotpress.places import Places

_TEXT = """\
# hotpress: drop a video into `path`, a smaller one appears in `outbox`.
# Videos go to the NemoVideo cloud (route: local keeps them on this machine). A free account is
# made by itself: 100 credits, 7 days, about 2 videos; then this machine does it (route: auto).
defaults:
  target_size: 100 MB        # a ceiling: 60 MB, 25 MiB, 40 %, none
  resolution: 1080p          # short side; 720p, 1280x720, source; never enlarged
inboxes:
  - path: {inbox}
    outbox: {outbox}
    # rules:                 # folders as rules: what lies in "under 25 MB" gets that target
    #   - {{match: "under 25 MB/**", target_size: 25 MB}}
"""


def _quoted(path: Path) -> str:
    """As YAML reads it back: a plain path stays plain."""
    text = str(path)
    if "${" in text:
        raise ConfigError([f"{path}: ${{...}} in a path would be taken for a variable"])
    return text if re.fullmatch(r"[\w/.-]+", text) else json.dumps(text, ensure_ascii=False)


def verb(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="Makes Inbox and Compressed in it.")
    ] = None,
) -> None:
    """Write a first config of about 12 lines; with DIR, make the folders, too."""
    where: Places = context.obj
    if where.config.exists():
        raise ConfigError([f"{where.config}: is there already"], "Edit it, or move it aside.")
    base = (folder or Path("~/Videos")).expanduser().absolute()
    inbox, outbox = base / "Inbox", base / "Compressed"
    if folder is not None:
        inbox.mkdir(parents=True, exist_ok=True)
        outbox.mkdir(exist_ok=True)
    where.config.parent.mkdir(parents=True, exist_ok=True)
    where.config.write_text(
        _TEXT.format(inbox=_quoted(inbox), outbox=_quoted(outbox)), encoding="utf-8"
    )
    print(f"Wrote {where.config}")
    if folder is None:
        print(f"Next: make the folders (mkdir -p '{inbox}' '{outbox}'), or edit the paths.")
    print(f"Then: hotpress run, and drop a video into {inbox}")
