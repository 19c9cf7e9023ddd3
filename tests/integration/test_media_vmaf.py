"""Comparing pictures, with real clips and a real encoder."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import clips
import pytest

from hotpress.errors import EncodeFailed, Stopping
from hotpress.media import Media, Wish, vmaf
from hotpress.media.vmaf import Window

pytestmark = pytest.mark.slow
MEDIA = Media()


def quick(path: Path, out: Path, *words: str) -> Path:
    """A cheap encode of a clip, with further words for ffmpeg."""
    clips.ffmpeg("-i", str(path), *words, "-c:v", "libx264", "-preset", "ultrafast", str(out))
    return out


def test_the_same_is_the_same(tmp_path: Path) -> None:
    """A video compared with itself is over 95, every frame is looked at, and no log is left."""
    path = clips.real("bikes.mp4")
    quality = MEDIA.quality(path, path, work=tmp_path)
    assert quality is not None
    assert quality.mean > 95
    assert quality.p5 <= quality.mean
    assert quality.frames == 250
    assert not list(tmp_path.iterdir())


def test_worse_is_less(tmp_path: Path) -> None:
    """A lower rate scores less; every second frame says nearly the same; a part is a part."""
    path = clips.real("bikes.mp4")
    poor = quick(path, tmp_path / "poor.mp4", "-crf", "38")
    fair = quick(path, tmp_path / "fair.mp4", "-crf", "28")
    low, high = (MEDIA.quality(one, path, work=tmp_path) for one in (poor, fair))
    half = MEDIA.quality(fair, path, work=tmp_path, subsample=2)
    part = MEDIA.quality(fair, path, work=tmp_path, window=Window(6.0, 2.0))
    assert None not in (low, high, half, part)
    assert low.mean < high.mean - 5
    assert half.mean == pytest.approx(high.mean, abs=1)
    assert half.frames == 125
    assert part.frames in (49, 50, 51)
    assert 6.0 <= part.worst_second_at <= 8.0
    assert part.mean == pytest.approx(high.mean, abs=10)


@pytest.mark.parametrize("kind", ["turned", "anamorphic", "interlaced", "odd", "vfr", "pq", "avi"])
def test_every_kind_of_original(tmp_path: Path, kind: str) -> None:
    """The original is turned, deinterlaced, tone-mapped as the encode does: a good one scores."""
    path = clips.make_clip(tmp_path, kind)
    facts = MEDIA.probe(path)
    frame = (facts.width // 2 * 2, facts.height // 2 * 2)
    out = tmp_path / "out.mp4"
    wish = Wish(frame=frame, target_bytes=2 * facts.size_bytes, preset="ultrafast")
    MEDIA.fit(path, facts, out, wish)
    quality = MEDIA.quality(out, path, work=tmp_path, facts=facts)
    assert quality is not None
    assert quality.mean > 85
    assert quality.shift == 0


def test_a_smaller_result_is_scaled_up(tmp_path: Path) -> None:
    """Half the frame at a high rate loses detail and no more."""
    path = clips.real("bikes.mp4")
    half = quick(path, tmp_path / "half.mp4", "-vf", "scale=320:136", "-crf", "12")
    quality = MEDIA.quality(half, path, work=tmp_path)
    assert quality is not None
    assert 40 < quality.mean < 95


@pytest.mark.parametrize(("cut", "shift"), [("result", -1), ("original", 1)])
def test_one_frame_off_is_noticed(tmp_path: Path, cut: str, shift: int) -> None:
    """Where one of both begins a frame later, equally long, the score is that of the right pair."""
    path = clips.real("bikes.mp4")
    first = quick(path, tmp_path / "a.mp4", "-frames:v", "100", "-crf", "20")
    later = quick(path, tmp_path / "b.mp4", "-vf", "trim=start_frame=1:end_frame=101", "-crf", "20")
    pair = (later, first) if cut == "result" else (first, later)
    quality = MEDIA.quality(*pair, work=tmp_path)
    assert quality is not None
    assert quality.shift == shift
    assert quality.mean > 85


def test_without_numbers_of_frames(tmp_path: Path) -> None:
    """By time, where a container does not count its frames, it scores the same as by number."""
    path = clips.real("bikes.mp4")
    fair = quick(path, tmp_path / "fair.mp4", "-crf", "28")
    facts = MEDIA.probe(path)
    counted = MEDIA.quality(fair, path, work=tmp_path)
    timed = MEDIA.quality(fair, path, work=tmp_path, facts=replace(facts, frames=None))
    assert None not in (counted, timed)
    assert timed.mean == pytest.approx(counted.mean, abs=0.2)


def test_any_folder_name(tmp_path: Path) -> None:
    """What means something in ffmpeg's language means nothing in a folder's name."""
    odd = tmp_path / "it's a:b,[c];d\\e=%03d {x}"
    odd.mkdir()
    path = clips.make_clip(odd, "tiny")
    assert MEDIA.quality(path, path, work=odd) is not None
    assert [one.name for one in odd.iterdir()] == [path.name]


def test_an_encoder_without_the_filter(tmp_path: Path) -> None:
    """None, and nothing is started."""
    path = clips.make_clip(tmp_path, "tiny")
    facts = MEDIA.probe(path)
    poor = replace(MEDIA.encoder, filters=frozenset(), path="/nowhere")
    assert (
        vmaf.measure(path, path, facts=facts, facts_of_distorted=facts, encoder=poor, work=tmp_path)
        is None
    )


def test_stop_and_damage(tmp_path: Path) -> None:
    """A stop ends it; what is no video fails with a sentence; no log is left by either."""
    path = clips.make_clip(tmp_path, "tiny")
    facts = MEDIA.probe(path)
    stop = threading.Event()
    stop.set()
    work = tmp_path / "work"
    work.mkdir()
    with pytest.raises(Stopping):
        Media(stop=stop).quality(path, path, work=work, facts=facts, facts_of_distorted=facts)
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video" * 99)
    with pytest.raises(EncodeFailed, match="the encoder gave up"):
        MEDIA.quality(broken, path, work=work, facts=facts, facts_of_distorted=facts)
    assert not list(work.iterdir())
