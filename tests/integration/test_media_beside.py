"""A result beside its original: what the cloud may spoil is found on real clips, and told."""

import clips
import pytest

from hotpress.errors import Damaged
from hotpress.media import Media
from hotpress.model import Expected

pytestmark = pytest.mark.slow
MEDIA = Media()
X264 = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:a", "aac"]


def said(folder, name, *words, edited=False, source=True):
    """What is said of a result that ffmpeg makes of a real clip with these words, or ""."""
    clip = clips.real(name)
    facts = MEDIA.probe(clip)
    out = folder / "result.mp4"
    clips.ffmpeg("-i", str(clip), "-map", "0:V:0", "-map", "0:a?", *X264, "-b:a", "64k", *words,
                 str(out))  # fmt: skip
    expected = Expected(
        duration_seconds=facts.duration_seconds,
        width=facts.width,
        height=facts.height,
        has_sound=bool(facts.sounds),
        edited=edited,
    )
    try:
        MEDIA.check(out, expected, facts, clip if source else None)
    except Damaged as problem:
        return f"{problem.why}{' (bytes)' if problem.of_bytes else ''}"
    return ""


@pytest.mark.parametrize(
    ("name", "filters", "why"),
    [
        ("bikes.mp4", "drawbox=t=fill:c=black:enable='between(t,3,7)'",
         "it is black from 3.0 s to 7.0 s, the original is not"),
        ("bigbuckbunny.mp4", "trim=0:2,tpad=stop_mode=clone:stop_duration=3.3",
         "it stands still from"),
        ("bikes.mp4", "eq=contrast=0.5:brightness=0.15:saturation=0.3",
         "it looks washed out: 5"),
        ("bigbuckbunny.mp4", "eq=saturation=0.2", "its colours are pale: 2"),
    ],
)  # fmt: skip
def test_spoiled_pictures(tmp_path, name, filters, why):
    """Black, standing still to the end, washed out and pale; not where an edit asked for it."""
    assert said(tmp_path, name, "-vf", filters, "-b:v", "500k").startswith(why)
    assert said(tmp_path, name, "-vf", filters, "-b:v", "500k", edited=True) == ""
    assert said(tmp_path, name, "-vf", filters, "-b:v", "500k", source=False) == ""


@pytest.mark.parametrize(
    ("name", "filters", "rate"),
    [
        ("bikes.mp4", "null", "40k"),
        ("bigbuckbunny.mp4", "scale=426:240,setsar=1", "40k"),
        ("movie-hello.avi", "null", "40k"),  # a camera that stands still
        ("vtest.avi", "trim=0:79.4,scale=-2:288", "20k"),  # people far away in a street
        ("bikes.mp4", "scale=out_range=pc,setrange=tv", "500k"),  # a wrong range
    ],
)
def test_honest_results(tmp_path, name, filters, rate):
    """No false alarm, however few bits there are."""
    assert said(tmp_path, name, "-vf", filters, "-b:v", rate) == ""


@pytest.mark.parametrize(
    ("late", "why"),
    [(0.2, "its sound comes 200 ms late"), (-0.2, "its sound comes 200 ms early"), (0.1, "")],
)
def test_sound_at_another_time(tmp_path, late, why):
    """More than 150 ms is a fault; 100 ms is not."""
    moved = f"adelay={late * 1000}:all=1" if late > 0 else f"atrim={-late},asetpts=PTS-STARTPTS"
    assert said(tmp_path, "movie-hello.mp4", "-b:v", "300k", "-af", moved) == why


def test_black_and_still_in_the_original_too(tmp_path):
    """What the original has is no fault of the result: films begin black, and slides stand."""
    out, clip = tmp_path / "result.mp4", tmp_path / "clip.mp4"
    clips.ffmpeg("-i", str(clips.real("bikes.mp4")), "-vf",
                 "drawbox=t=fill:c=black:enable='between(t,0,4)',tpad=stop_mode=clone:stop_duration=4",
                 *X264, str(clip))  # fmt: skip
    clips.ffmpeg("-i", str(clip), *X264, "-b:v", "60k", str(out))
    facts = MEDIA.probe(clip)
    expected = Expected(duration_seconds=14, width=640, height=272, has_sound=False)

    assert MEDIA.check(out, expected, facts, clip).width == 640


def test_an_original_that_no_program_can_read_proves_nothing(tmp_path):
    """The result is judged by itself."""
    out, clip = tmp_path / "result.mp4", tmp_path / "clip.mp4"
    clips.ffmpeg("-i", str(clips.real("bikes.mp4")), *X264, "-b:v", "200k", str(out))
    clip.write_bytes(b"no longer a video" * 99)
    facts = MEDIA.probe(out)
    expected = Expected(duration_seconds=10, width=640, height=272, has_sound=False)

    assert MEDIA.check(out, expected, facts, clip) == facts
