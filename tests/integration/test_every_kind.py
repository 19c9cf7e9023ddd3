"""Each kind of video that people drop, made smaller here by the steps of a local job."""

import clips
import pytest
from onejob import OneJob

from hotpress.model import Route

pytestmark = pytest.mark.slow
# Kind and the upright frame that it has.
KINDS = {
    "base": (480, 270),
    "mov": (480, 270),
    "mkv": (480, 270),
    "webm": (320, 180),
    "avi": (480, 270),
    "ts": (480, 270),
    "fragmented": (480, 270),
    "silent": (480, 270),
    "portrait": (270, 480),
    "turned": (270, 480),
    "odd": (320, 180),
    "anamorphic": (768, 576),
    "interlaced": (720, 576),
    "vfr": (480, 270),
    "pq": (480, 270),
    "surround": (320, 180),
    "two_sounds": (320, 180),
    "mp3": (320, 180),
    "fast": (320, 180),
    "screen": (640, 360),
    "cover": (480, 270),
    "chapters": (480, 270),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_becomes_what_it_must_be(tmp_path, kind):
    """Upright, progressive, in ordinary colours, with its tracks, rate and length, under target."""
    clip = clips.kept(kind)
    target = int(clip.stat().st_size * 0.6)
    rule = {"route": Route.LOCAL, "target_bytes": target}
    job = OneJob(tmp_path, clip, **rule)
    done = job.finished()
    before, after = done.facts, job.result(done)

    assert done.final.size_bytes <= target
    assert abs(after.width - KINDS[kind][0]) <= 2
    assert abs(after.height - KINDS[kind][1]) <= 2
    assert (after.rotation, after.interlaced, after.transfer) == (0, False, "")
    assert after.pixel_format == "yuv420p"
    assert len(after.sounds) == len(before.sounds)
    assert after.duration_seconds == pytest.approx(before.duration_seconds, abs=0.3)
    if not before.variable_fps:
        assert after.fps == pytest.approx(before.fps, rel=0.02)
    assert (after.created_at, after.chapters) == (before.created_at, before.chapters)
    filled = 0.97 * target <= done.final.size_bytes
    assert filled or "are enough" in done.final.note, done.final
    assert ("cover picture" in done.final.note) == before.cover
