"""What README shows of the terminal is what the terminal shows."""

from dataclasses import replace
from pathlib import Path

import pytest
from makers import FULL_HD, a_job
from rich.console import Console

from hotpress.cli import jobs_text, show_text, status_text
from hotpress.cli.terminal import drawn
from hotpress.model import Final, Reason, State, Step
from hotpress.report import Prospect, job_view
from hotpress.store import JournalLine, Sums

pytestmark = pytest.mark.usefixtures("utc")
README = Path(__file__).parents[2] / "README.md"
NOW = 1_800_000_000.0  # 2027-01-15T08:00:00Z, a Friday
JOB = a_job(
    id="84g7zwyr",
    inbox="travel",
    relative="2027/harbour.mov",
    root="/home/anna/Sync/Inbox",
    outbox="/home/anna/Sync/Compressed",
    size_bytes=412_000_000,
    facts=FULL_HD,
    state=State.RUNNING,
    step=Step.UPLOAD,
    created_at=NOW - 70,
    updated_at=NOW - 60,
)
MADE = Final(name="market.mp4", temp="", size_bytes=58_900_000, sha256="", made_by="cloud")
DONE = replace(
    JOB,
    id="2n5p0qrt",
    relative="market.mov",
    state=State.DELIVERED,
    step=Step.RELEASE,
    size_bytes=240_000_000,
    final=MADE,
    placed_at=NOW - 300,
    created_at=NOW - 480,
    finished_at=NOW - 300,
    released_at=NOW - 299,
)
HELD = replace(
    JOB,
    id="7c1x9bdk",
    relative="wedding 4 h.mov",
    state=State.HELD,
    reason=Reason.QUALITY,
    size_bytes=21_400_000_000,
    why="4 h 2 min in 60 MB would be visibly soft; about 1.2 GB would do",
    hint="`hotpress retry 7c1x9bdk --target 1.2GB`, or a lower quality_floor.",
    created_at=NOW - 7_300,
)
VIEW = {
    "version": "0.1.0",
    "daemon": {"running": True, "pid": 712, "since": "2027-01-12T08:00:00Z"},
    "config": {"problems": []},
    "notes": [],
    "page": {},
    "account": {
        "kind": "anonymous",
        "token_expires_at": "2027-01-19T08:00:00Z",
        "credits": {"available": 150, "frozen": 50, "total": 400},
        "videos_left": 3,
        "enough_until": "2027-01-18T08:00:00Z",
        "checked_at": "2027-01-15T07:58:00Z",
    },
    "inboxes": [
        {
            "name": "travel",
            "path": "/home/anna/Sync/Inbox",
            "outbox": "/home/anna/Sync/Compressed",
            "watch": "events",
            "why": None,
            "watch_why": None,
            "paused": False,
            "counts": {"delivered": 38, "held": 1, "running": 1},
            "arriving": [
                {
                    "path": "drone.mp4",
                    "bytes": 2_100_000_000,
                    "since": "2027-01-15T07:58:00Z",
                    "why": "growing",
                }
            ],
            "ignored": {"jpg": 12},
        }
    ],
    "counts": {"running": 1, "held": 1, "delivered": 38},
    "jobs": [{**job_view(JOB, Prospect(0.31, 94.0)), "rate": {"per_second": 3.1e6, "of": "bytes"}}],
    "held": [
        {
            "inbox": "travel",
            "reason": "quality",
            "count": 1,
            "since": "2027-01-15T06:00:00Z",
            "why": HELD.why,
            "hint": HELD.hint,
            "cost": "It costs nothing to wait.",
            "jobs": [{"id": HELD.id, "relative": HELD.relative}],
        }
    ],
    "lately": [job_view(DONE)],
}
STORY = [
    JournalLine(NOW - 480, "", "made", "new in travel"),
    JournalLine(NOW - 478, "probe", "next", "3840x2160, 30 fps, 1 min 36 s"),
    JournalLine(NOW - 420, "upload", "next", ""),
    JournalLine(
        NOW - 380, "review", "next", "Timeline (1 tracks): 1. Video: market (0-96s); unchanged"
    ),
    JournalLine(NOW - 320, "render", "next", "the cloud has rendered it"),
    JournalLine(NOW - 301, "verify", "next", ""),
    JournalLine(NOW - 300, "deliver", "next", ""),
]


def shown(lines):
    """As a terminal of 100 columns has it, colours apart."""
    out = Console(width=100, color_system=None, force_terminal=True, legacy_windows=False)
    with out.capture() as seen:
        out.print(drawn(lines))
    return "\n".join(text.rstrip() for text in seen.get().splitlines())


def test_readme_shows_what_the_terminal_shows(request):
    """Status, jobs and show, to the letter; with `--rewrite` the block is written anew."""
    sums = Sums(40, 38, 91_400_000_000, 2_260_000_000)
    parts = (
        ("status", status_text.told(VIEW, NOW, wide=False, bars=True)),
        ("jobs --since 7d", jobs_text.table([JOB, DONE, HELD], sums, wide=False)),
        ("show ~/Sync/Compressed/market.mp4", show_text.told(DONE, Prospect(1.0), STORY)),
    )
    block = "\n\n".join(f"$ hotpress {words}\n{shown(lines)}" for words, lines in parts)
    text = README.read_text(encoding="utf-8")
    start, _, rest = text.partition("```\n$ hotpress status\n")
    before, _, after = rest.partition("\n```")
    if request.config.getoption("--rewrite"):
        README.write_text(f"{start}```\n{block}\n```{after}", encoding="utf-8")
    else:
        assert f"$ hotpress status\n{before}" == block
