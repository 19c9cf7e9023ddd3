"""What a plan says that depends on the time of day: the clock is given."""

from pathlib import Path

import clips

from hotpress.config.read import read_text
from hotpress.media import Media
from hotpress.planning import Pace, Planner

CONFIG = """\
inboxes:
  - path: {0}
    outbox: {0}-out
    hours: "20:00-07:00"
    timezone: Europe/Berlin
    already_small: compress
"""
EVENING = 1_800_036_000.0  # 15 January 2027, 19:00 in Berlin


def test_a_plan_says_when_the_hours_of_the_cloud_begin(tmp_path):
    """How long it would wait; within them nothing is said, and nothing of what is made here."""
    (tmp_path / "in").mkdir()
    clip = clips.make_clip(tmp_path / "in", "tiny")
    config = read_text(CONFIG.format(tmp_path / "in"), Path("config.yaml"), {})

    def words(now, text=""):
        found = read_text(text, Path("config.yaml"), {}) if text else config
        [row] = Planner(found, Media(), 50.0, Pace(), now).planned(
            "in", found.settings.inboxes[0], clip, trying=False
        )
        return row.words

    assert words(EVENING).endswith("about 50 credits; its hours begin in 1 h")
    assert "hours" not in words(EVENING + 3_600)
    local = CONFIG.format(tmp_path / "in").replace("hours", "route: local\n    hours")
    assert "hours" not in words(EVENING, local)
