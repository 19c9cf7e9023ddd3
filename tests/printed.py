"""What hotpress prints, put into the pages of the docs: `python tests/printed.py` writes them anew.

A block of a page stands behind a line `<!-- printed: NAME -->`. What differs from machine to
machine (home folder, free space, encoder) is the same in all of them.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import clips

from hotpress import cli, log

DOCS = Path(__file__).parents[1] / "docs"
HOME = "/home/you"
_BLOCK = re.compile(r"(<!-- printed: ([\w-]+) -->\n)```\w*\n.*?^```\n", re.MULTILINE | re.DOTALL)
_SLIPS = """\
watch:
  settle: 5
  patiense: 1h
inboxes:
  - path: ~/Videos/Inbox
    outbox: ~/Videos/Inbox/small
    route: cloud
    resolution: 2160p
limits: {uploads: two}
"""
_TWO_RESULTS = """\
inboxes:
  - name: studio
    path: ~/Studio/Drop
    outbox: ~/Studio/Small
    outputs:
      - {name: web}
      - {name: chat, target_size: 150 kB, output: "{stem} chat.mp4"}
"""


def printed() -> dict[str, str]:
    """Those that need no video."""
    with _home() as home:
        found = {"init": _say("init", "~/Videos")}
        config = home / ".config/hotpress/config.yaml"
        found["init-config"] = config.read_text()
        found["check"] = _say("check")
        found["config-show"] = _part(_say("config", "show"), "inboxes:", "    instructions")
        schema = _say("config", "schema").partition('"RuleSettings"')[2]
        found["config-schema"] = (
            _part(schema, '        "target_size": {', "        },\n") + "        }\n"
        )
        (home / "Videos/Inbox").rmdir()
        found["check-red"] = _say("check")
        config.write_text(_SLIPS)
        found |= {"slips-config": _SLIPS, "slips": _say("check")}
        return {name: _neutral(text, home) for name, text in found.items()}


def planned() -> dict[str, str]:
    """Those that look into real videos."""
    with _home() as home:
        _say("init", "~/Videos")
        trip, drop = home / "Videos/Inbox/trip", home / "Studio/Drop"
        for folder in (trip, drop):
            folder.mkdir(parents=True)
        shutil.copy(clips.real("bikes.mp4"), trip / "bikes.mp4")
        shutil.copy(clips.real("bikes.mp4"), drop / "bikes.mp4")
        shutil.copy(clips.real("vtest.avi"), home / "Videos/Inbox/street.avi")
        (trip / "hotpress.yaml").write_text("target_size: 150 kB\n")
        (trip / "bikes.mp4.hotpress.txt").write_text("no music\n")
        found = {
            "plan-file": _say("plan", "~/Videos/Inbox/trip/bikes.mp4"),
            "plan-folder": _say("plan", "~/Videos/Inbox"),
        }
        config = home / ".config/hotpress/config.yaml"
        config.write_text(_TWO_RESULTS)
        found["plan-outputs"] = _say("plan", "~/Studio/Drop")
        return {name: _neutral(text, home) for name, text in found.items()}


def rewritten(page: str, found: dict[str, str]) -> str:
    """The page with these blocks as they are now; the others stay."""

    def block(match: re.Match[str]) -> str:
        if match[2] not in found:
            return match[0]
        kind = "yaml" if match[2].endswith("-config") else "text"
        return f"{match[1]}```{kind}\n{found[match[2]]}```\n"

    return _BLOCK.sub(block, page)


def names(page: str) -> list[str]:
    """Of the blocks of a page."""
    return [match[2] for match in _BLOCK.finditer(page)]


@contextlib.contextmanager
def _home() -> Iterator[Path]:
    """A new home folder, and an environment that says nothing else."""
    before, where = dict(os.environ), Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder).resolve() / "you"
        home.mkdir()
        os.environ.clear()
        os.environ |= {"HOME": str(home), "PATH": before["PATH"], "LC_ALL": "en_US.UTF-8"}
        os.chdir(home)
        try:
            yield home
        finally:
            os.chdir(where)
            os.environ.clear()
            os.environ |= before
            log.setup("warning")


def _say(*words: str) -> str:
    """The line that a person types, and all that is printed then."""
    typed, out = sys.argv, io.StringIO()
    sys.argv = ["hotpress", *(os.path.expanduser(word) for word in words)]  # noqa: PTH111
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            cli.main()
    except SystemExit:
        pass
    finally:
        sys.argv = typed
    return f"$ hotpress {' '.join(words)}\n{out.getvalue()}"


def _part(text: str, first: str, last: str) -> str:
    """The lines from one to the one before another."""
    begin = text.index(first)
    return text[begin : text.index(last, begin)]


def _neutral(text: str, home: Path) -> str:
    text = text.replace(str(home), HOME)
    text = re.sub(r"[\d.,]+ [kMGT]B free", "120 GB free", text)
    return re.sub(r"encoder: \S+, version \S+", "encoder: /usr/bin/ffmpeg, version 7.1", text)


if __name__ == "__main__":
    now = printed() | planned()
    for path in DOCS.glob("*.md"):
        text = path.read_text(encoding="utf-8")
        path.write_text(rewritten(text, now), encoding="utf-8")
