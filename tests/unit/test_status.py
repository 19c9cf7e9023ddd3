"""What `status` says of files that are not finished yet."""

import pytest

from hotpress.cli.status import told

NOW = 1_800_000_000.0  # 2027-01-15T08:00:00Z


def line(**values):
    one = {"path": "/in/clip.mp4", "bytes": 2_100_000_000, "since": "2027-01-15T02:00:00Z"}
    view = {
        "version": "1",
        "daemon": {"running": False},
        "config": {"problems": []},
        "notes": [],
        "inboxes": [
            {
                "name": "in",
                "path": "/in",
                "outbox": "/out",
                "watch": "events",
                "why": None,
                "watch_why": None,
                "paused": False,
                "counts": {},
                "arriving": [{**one, **values}],
                "ignored": {},
            }
        ],
        "jobs": [],
    }
    return told(view, NOW)[-1].strip()


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("growing", "(growing for 6 h)"),
        ("online only", "(online only; first seen 6 h ago)"),
    ],
)
def test_what_arrives_says_since_when_and_how_much(why, words):
    """Nothing is waited for in silence: the size, the reason and the time stand there at once."""
    assert line(why=why) == f"arriving: /in/clip.mp4, 2.1 GB so far {words}"
