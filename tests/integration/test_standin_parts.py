"""The stand-in's pure parts: what the agent understands, and which request gets which fault."""

from __future__ import annotations

import pytest

from hotpress.standin.agent import Wish, understand
from hotpress.standin.chance import Chance
from hotpress.standin.draft import Frame, wished_frame
from hotpress.standin.faults import Actions, Book
from hotpress.standin.scenario import KIND, PESSIMIST, ScenarioError, read_scenario


@pytest.mark.parametrize(
    ("message", "wish"),
    [
        ("compress this video to under 100MB", Wish(target_bytes=100_000_000)),
        ("to 25 MiB please", Wish(target_bytes=25 * 1024**2)),
        ("a 1.2GB 4K clip into a 1080p MP4", Wish(short_side=1080)),
        ("a 2160p clip to 720p", Wish(short_side=720)),
        ("1280x720, at most 1.5 GB", Wish(target_bytes=1_500_000_000, box=(1280, 720))),
        ("压缩到不超过60MB", Wish(target_bytes=60_000_000, chinese=True)),
        ("压缩到60MB以内", Wish(target_bytes=60_000_000, chinese=True)),
        ("cut the first 5 seconds", Wish(cut_first_ms=5000)),
        ("remove the last 1.5 s", Wish(cut_last_ms=1500)),
        ("删除前3秒", Wish(cut_first_ms=3000, chinese=True)),
        ("keep the original sound", Wish()),
        ("mute it and add some music", Wish(mute=True, music=True)),
    ],
)
def test_a_message_is_understood(message, wish):
    """Size, resolution, cuts and sound are read out of English and Chinese words."""
    assert understand(message) == wish


@pytest.mark.parametrize(
    ("source", "wish", "frame"),
    [
        (Frame(3840, 2160), Wish(short_side=1080), Frame(1920, 1080)),
        (Frame(1080, 1920), Wish(short_side=720), Frame(720, 1280)),
        (Frame(640, 360), Wish(short_side=1080), Frame(640, 360)),
        (Frame(1920, 800), Wish(box=(1280, 720)), Frame(1280, 534)),
    ],
)
def test_a_frame_keeps_its_shape_and_never_grows(source, wish, frame):
    """Portrait stays portrait, small stays small."""
    assert wished_frame(source, wish) == frame


def test_earlier_faults_win_and_kills_happen_once():
    """Rows that match one request are merged, key by key."""
    text = """
    faults:
    - {kind: poll, occurrence: 2, do: {status: 500}}
    - {kind: poll, do: {status: 503, kill: after}}
    """
    book = Book(read_scenario(text).faults)
    assert book.take("poll") == (1, Actions(status=503, kill="after"))
    assert book.take("state") == (2, Actions())
    assert book.take("poll") == (3, Actions(status=500))


def test_knobs_have_two_modes_and_a_scenario_changes_them():
    """`kind: true` in the file is the flag; a knob given wins over both."""
    assert read_scenario("").knobs == PESSIMIST
    assert read_scenario("", kind=True).knobs == KIND
    assert read_scenario("kind: true\nturn_seconds: 7").knobs.turn_seconds == 7.0


@pytest.mark.parametrize(
    "text",
    ["[1]", "credits: many", "nonsense: 1", "faults: 3", "faults: [{do: drop_before}]", "a: ["],
)
def test_a_wrong_scenario_is_refused(text):
    """Not YAML, not a mapping, unknown keys, wrong values, faults that say no place."""
    with pytest.raises(ScenarioError):
        read_scenario(text)


def test_chance_is_the_same_for_the_same_seed():
    """Each name has its own sequence, whatever else was drawn in between."""
    one, two = Chance(7), Chance(7)
    two.happens("other", 0.5)
    first = [one.happens("unchanged", 0.3) for _ in range(200)]
    assert first == [two.happens("unchanged", 0.3) for _ in range(200)]
    assert 35 < sum(first) < 85
