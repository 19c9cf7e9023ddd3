"""Forecasts of real clips beside what really comes of them. More: `scripts/long forecast`."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import clips
import pytest

from hotpress.errors import Stopping
from hotpress.media import Media, Wish, fit, forecast, samples
from hotpress.media.outlook import sentence
from hotpress.model import FLOORS

pytestmark = pytest.mark.slow
MEDIA = Media()


def test_a_forecast_comes_true(tmp_path: Path) -> None:
    """What is told of a target is what comes of it, and the size that is named is enough."""
    path = clips.real("bikes.mp4")
    facts = MEDIA.probe(path)
    frame = fit.frame_for("source", facts.width, facts.height)
    shares: list[float] = []
    floor = FLOORS["good"]
    found = MEDIA.forecast(
        path,
        facts,
        target_bytes=130_000,
        frame=frame,
        work=tmp_path,
        floor=floor,
        progress=shares.append,
    )
    assert found is not None
    assert not found.reaches(floor)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert not list(tmp_path.iterdir())
    assert found.enough_bytes is not None
    assert 130_000 < found.enough_bytes < facts.size_bytes
    assert f"--target {found.enough_bytes // 1000}kB" in sentence(found, "bikes.mp4")
    out = tmp_path / "out.mp4"
    for target, least, most in (
        (130_000, found.vmaf - 3, found.vmaf + 5),
        (found.enough_bytes, floor - 1, floor + 5),
    ):
        MEDIA.fit(path, facts, out, Wish(frame=frame, target_bytes=target))
        quality = MEDIA.quality(out, path, work=tmp_path, facts=facts)
        assert quality is not None
        assert least <= quality.mean <= most


def test_the_cost_does_not_grow_with_the_length(tmp_path: Path) -> None:
    """Of a video ten times as long as many frames are looked at."""
    path = clips.real("bikes.mp4")
    joined = tmp_path / "long.mp4"
    clips.ffmpeg("-stream_loop", "9", "-i", str(path), "-c", "copy", str(joined))
    for material in (path, joined):
        work = tmp_path / material.stem
        work.mkdir()
        facts = MEDIA.probe(material)
        sample = samples.take(material, facts, (640, 272), encoder=MEDIA.encoder, work=work)
        assert sample.facts.frames == pytest.approx(150, abs=3)
        assert sample.facts.duration_seconds == pytest.approx(6, abs=0.2)


@pytest.mark.parametrize("kind", ["turned", "interlaced", "vfr", "pq", "avi", "odd", "tiny"])
def test_every_kind_of_original(tmp_path: Path, kind: str) -> None:
    """A generous target is told to be good for turned, interlaced, HDR, uneven and tiny ones."""
    path = clips.make_clip(tmp_path, kind)
    facts = MEDIA.probe(path)
    frame = fit.frame_for("source", facts.width, facts.height)
    found = MEDIA.forecast(
        path, facts, target_bytes=2 * facts.size_bytes, frame=frame, work=tmp_path, shares=(1.0,)
    )
    assert found is not None
    assert found.vmaf > FLOORS["good"]
    assert found.enough_bytes is None
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_nothing_can_be_made(tmp_path: Path) -> None:
    """A target that leaves nothing for pictures has no probes, but the size that would do."""
    path = clips.real("bikes.mp4")
    facts = MEDIA.probe(path)
    found = MEDIA.forecast(
        path, facts, target_bytes=20_000, frame=(640, 272), work=tmp_path, floor=FLOORS["ok"]
    )
    assert found is not None
    assert found.best is None
    assert found.enough_bytes is not None
    assert "can't be made" in sentence(found, "bikes.mp4")


def test_what_the_original_itself_does_not_reach(tmp_path: Path) -> None:
    """No size is named when only one above the original's would do."""
    path = tmp_path / "grain.mp4"
    clips.ffmpeg(
        *("-i", str(clips.real("bikes.mp4")), "-t", "3", "-vf", "noise=alls=60:allf=t"),
        *("-c:v", "libx264", "-preset", "medium", "-crf", "40", str(path)),
    )
    facts = MEDIA.probe(path)
    target = facts.size_bytes // 2
    found = MEDIA.forecast(
        path, facts, target_bytes=target, frame=(640, 272), work=tmp_path, floor=99.0
    )
    assert found is not None
    assert found.enough_bytes is None
    assert "no size below" in sentence(found, "grain.mp4")


def test_an_encoder_without_the_filter(tmp_path: Path) -> None:
    """None, and nothing is started."""
    path = clips.make_clip(tmp_path, "tiny")
    poor = replace(MEDIA.encoder, filters=frozenset(), path="/nowhere")
    facts = MEDIA.probe(path)
    assert (
        forecast.forecast(
            path, facts, target_bytes=10**6, frame=(64, 48), encoder=poor, work=tmp_path
        )
        is None
    )


def test_stop(tmp_path: Path) -> None:
    """A stop in the middle ends it and leaves nothing behind."""
    path = clips.real("bikes.mp4")
    stop = threading.Event()
    media = Media(stop=stop)
    facts = media.probe(path)
    with pytest.raises(Stopping):
        media.forecast(
            path,
            facts,
            target_bytes=80_000,
            frame=(640, 272),
            work=tmp_path,
            floor=93.0,
            progress=lambda _: stop.set(),
        )
    assert not list(tmp_path.iterdir())
