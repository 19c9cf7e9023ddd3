"""What this machine makes of real files: working copies, encodes, copies and originals."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import clips
import pytest
from onejob import MEDIA, OneJob

from hotpress.errors import TargetImpossible
from hotpress.media import fit
from hotpress.model import Facts, Fail, Hold, Job, Reason, Route, State
from hotpress.steps import material, probe

pytestmark = pytest.mark.slow
CLOUD = {"route": Route.CLOUD}


@pytest.fixture
def bench(tmp_path):
    return lambda clip, **more: OneJob(tmp_path, clip, **more)


def made(kind: str, folder: Path) -> Path:
    """A made clip in a folder of its own."""
    place = folder / "clip"
    place.mkdir(exist_ok=True)
    return clips.make_clip(place, kind)


def test_a_mkv_goes_up_as_mp4_without_loss(bench, tmp_path):
    """As the service advises: the same streams in another container."""
    job, why = bench(clips.real("sample.mkv"), route=Route.CLOUD).prepared()
    copy = MEDIA.probe(Path(job.prepared.path))

    assert (copy.container, copy.codec) == ("mp4", "h264")
    assert copy.size_bytes == pytest.approx(job.size_bytes, rel=0.02)
    assert "MKV" in why


def test_what_the_cloud_does_not_take_is_encoded_where_mp4_cant_hold_it(tmp_path):
    """An AVI is taken as it is; the same bytes under a name that it refuses are encoded, well."""
    avi = made("avi", tmp_path)
    kept, _ = OneJob(subfolder(tmp_path, "kept"), avi, route=Route.CLOUD).prepared()
    assert kept.prepared is None
    other = OneJob(subfolder(tmp_path, "other"), avi.rename(avi.with_suffix(".wmv")), **CLOUD)
    job, why = other.prepared()
    assert MEDIA.probe(Path(job.prepared.path)).container == "mp4"
    assert "no .wmv files" in why


@pytest.mark.parametrize(("kind", "word"), [("interlaced", "interlaced"), ("odd", "odd side")])
def test_what_would_come_back_worse_is_mended_before_the_upload(bench, tmp_path, kind, word):
    """Progressive, even, and as long as it was."""
    job, why = bench(made(kind, tmp_path), route=Route.CLOUD, target_bytes=40_000).prepared()
    copy = MEDIA.probe(Path(job.prepared.path))

    assert word in why
    assert not copy.interlaced
    assert copy.width % 2 == copy.height % 2 == 0
    assert copy.duration_seconds == pytest.approx(job.facts.duration_seconds, abs=0.1)


def test_hdr_is_mapped_before_the_upload(bench, tmp_path):
    """The cloud never sees colours that it would wash out."""
    job, _ = bench(made("pq", tmp_path), route=Route.CLOUD, target_bytes=20_000).prepared()
    assert job.facts.transfer == "pq"
    assert MEDIA.probe(Path(job.prepared.path)).transfer == ""


def test_what_is_over_the_limit_is_shrunk_to_97_to_99_percent(bench, tmp_path):
    """As large as the cloud takes: what is thrown away here no later encode brings back."""
    limit = 1_000_000
    loud = made("loud", tmp_path)
    kept = {"route": Route.CLOUD, "oversize": "shrink", "target_bytes": 300_000}
    job, why = bench(loud, max_upload=limit, **kept).prepared()

    assert limit * 0.97 <= job.prepared.size_bytes <= limit * 0.99
    assert "takes at most 1 MB" in why
    assert MEDIA.probe(Path(job.prepared.path)).height == 720


def test_a_local_encode_lands_and_is_proven(bench):
    """Within 97-100 % of the target on disk, with the original's time."""
    found = bench(clips.real("bikes.mp4"), route=Route.LOCAL, target_bytes=200_000)
    job = found.finished()

    assert 194_000 <= job.final.size_bytes <= 200_000
    assert Path(job.final.temp).stat().st_size == job.final.size_bytes
    assert Path(job.final.temp).stat().st_mtime_ns == found.source.stat().st_mtime_ns


@pytest.mark.parametrize("codec", ["hevc", "av1"])
def test_other_codecs_land_too(bench, codec):
    """HEVC with the tag that Apple's players need, AV1; both within the target."""
    rule = {"route": Route.LOCAL, "target_bytes": 120_000, "codec": codec, "resolution": "480x180"}
    found = bench(clips.real("bikes.mp4"), **rule)
    job = found.finished()

    assert 0.97 * 120_000 <= job.final.size_bytes <= 120_000
    assert found.result(job).codec == codec
    raw = Path(job.final.temp).read_bytes()
    assert (b"hvc1" in raw) == (codec == "hevc")


def test_kept_hdr_stays_hdr(bench, tmp_path):
    """Ten bits, HEVC, the same curve; and the route is this machine."""
    found = bench(made("pq", tmp_path), target_bytes=30_000, hdr="keep")
    job = found.probed()
    assert "HDR" in job.route_why
    facts = found.result(found.finished(job))

    assert (facts.codec, facts.transfer, facts.pixel_format) == ("hevc", "pq", "yuv420p10le")


def test_fewer_pictures_a_second(bench, tmp_path):
    """`fps: 12` of a clip with 24: half as many, as long as before."""
    found = bench(made("base", tmp_path), target_bytes=200_000, fps=12)
    facts = found.result(found.finished())

    assert facts.fps == pytest.approx(12, rel=0.02)
    assert facts.duration_seconds == pytest.approx(10, abs=0.3)


def test_a_rate_for_the_sound(bench, tmp_path):
    """`audio_bitrate` is obeyed."""
    rule = {"target_bytes": 300_000, "audio_bits_per_second": 32_000}
    found = bench(made("base", tmp_path), **rule)
    facts = found.result(found.finished())
    assert facts.sounds[0].bits_per_second == pytest.approx(32_000, rel=0.15)


def test_already_small_is_copied_skipped_or_compressed(bench, tmp_path):
    """Each word of the rule: no loss, nothing, or at least `min_saving` smaller."""
    base = made("base", tmp_path)
    size = base.stat().st_size
    copied = OneJob(subfolder(tmp_path, "copy"), base)
    assert copied.finished().final.made_by == "copy"

    skipped = OneJob(subfolder(tmp_path, "skip"), base, already_small="skip")
    found = probe.run(skipped.job, skipped.tools)
    assert isinstance(found, Fail)
    assert found.end is State.SKIPPED

    loud = clips.real("VID_20191220_170832.mp4")
    pressed = OneJob(
        subfolder(tmp_path, "press"), loud, already_small="compress", route=Route.LOCAL
    )
    job = pressed.finished()
    assert job.final.made_by == "encode"
    assert job.final.size_bytes <= loud.stat().st_size * 0.9
    assert size


def test_where_nothing_is_gained_the_original_is_delivered(bench, tmp_path):
    """Compressed already as far as it goes: another encode would only look worse."""
    rule = {"already_small": "compress", "route": Route.LOCAL, "min_saving": 0.9}
    found = bench(made("base", tmp_path), **rule)
    job = found.finished()

    assert job.final.made_by == "copy"
    assert "the original is delivered" in job.final.note


def test_an_impossible_target_fails_in_the_first_step(bench):
    """With what would be possible, before a session is made."""
    found = bench(clips.real("bikes.mp4"), target_bytes=20_000)
    outcome = probe.run(found.job, found.tools)

    assert isinstance(outcome, Fail)
    assert "too little" in outcome.why
    assert "--target" in outcome.hint


def test_a_target_below_the_floor_is_held_before_anything_is_paid(bench, tmp_path):
    """`quality_floor`: what it would look like and what helps, in the first step."""
    found = bench(made("base", tmp_path), target_bytes=150_000, quality_floor=99.0)
    outcome = probe.run(found.job, found.tools)
    assert isinstance(outcome, Hold), outcome
    assert outcome.reason is Reason.QUALITY
    assert "would be blurred" in outcome.why
    assert "a lower `quality_floor`" in outcome.hint


def subfolder(parent: Path, name: str) -> Path:
    """A folder of its own for one of several jobs."""
    (parent / name).mkdir()
    return parent / name


def fetched(bench: OneJob, download: Path) -> Job:
    """The job after its download."""
    job = bench.probed()
    path = bench.tools.folder(job) / "render.mp4"
    shutil.copyfile(download, path)
    return replace(job, download=material.recorded(path), source_sha256="a" * 64)


def by_the_cloud(folder: Path, rate: str) -> Path:
    """A result of the clip "base" at so many bits a second."""
    out = folder / "cloud.mp4"
    words = ["-c:v", "libx264", "-preset", "veryfast", "-b:v", rate, "-c:a", "copy"]
    clips.ffmpeg("-i", str(clips.kept("base")), *words, str(out))
    return out


def test_an_edit_within_the_target_is_not_blown_up_to_it(bench, tmp_path):
    """Another codec for an edited file: no more bytes than its quality needs."""
    found = bench(clips.kept("base"), instructions="cut", codec="hevc", target_bytes=700_000)
    job = found.finished(fetched(found, by_the_cloud(tmp_path, "150k")))
    assert job.final.size_bytes < 0.9 * 700_000
    assert "are enough" in job.final.note


def test_sound_that_nobody_can_read_stops_nothing(bench, tmp_path):
    """An unknown sound track alone: the pictures are delivered, and what is left out is said."""
    clip = tmp_path / "clip.mp4"
    data = clips.kept("small").read_bytes()
    clip.write_bytes(data.replace(b"mp4a", b"apac").replace(b"esds", b"xsds"))
    found = bench(clip, route=Route.LOCAL, target_bytes=40_000)
    job = found.finished()
    assert [sound.codec for sound in job.facts.sounds] == ["unknown"]
    assert "1 sound track" in job.final.note


def test_a_date_that_is_said_twice_is_kept(bench):
    """Some programs write the date as a key, too: an encode made here has it nonetheless."""
    found = bench(clips.kept("apple"), route=Route.LOCAL, target_bytes=200_000)
    job = found.finished()
    assert found.result(job).created_at[:19] == job.facts.created_at[:19]
    assert job.final.note == ""


@pytest.mark.parametrize("gone", [True, False])
def test_what_was_paid_for_is_delivered_where_nothing_better_can_be_made(bench, tmp_path, gone):
    """A cloud's file below half of the target, and no original or no encoder: it is delivered."""
    rule = {"route": Route.CLOUD, "target_bytes": 700_000}
    found = bench(clips.kept("base"), **rule, **({} if gone else {"encoder": "/nowhere/ffmpeg"}))
    job = fetched(found, by_the_cloud(tmp_path, "150k"))
    if gone:
        found.source.unlink()
    job = found.finished(job)
    assert job.final.made_by == "cloud"
    assert "nothing better could be made here" in job.final.note


def test_a_copy_says_what_it_lacks(bench):
    """MP4 without loss, but for the cover picture: that is said."""
    job = bench(clips.kept("cover")).finished()
    assert job.final.made_by == "copy"
    assert job.final.note == "left out: its cover picture"


def test_a_small_webm_loses_its_words_without_an_encode(bench):
    """`metadata: strip` of what MP4 can't hold: the same pictures in its own container."""
    job = bench(clips.kept("webm"), metadata="strip", target_bytes=90_000).finished()
    assert job.final.made_by == "copy"
    assert job.final.name.endswith(".webm")
    assert MEDIA.probe(Path(job.final.temp)).container == "matroska"


def test_what_cant_be_copied_bare_is_encoded_within_the_target(bench):
    """`metadata: strip` of a small AVI, which nothing copies: it is made, and the reason said."""
    found = bench(clips.kept("avi"), metadata="strip", target_bytes=2_000_000)
    job = found.finished()
    assert job.final.made_by == "encode"
    assert job.final.size_bytes <= 2_000_000
    assert "only be taken out by an encode" in job.final.note


def test_the_pictures_go_before_the_cameras_notes(bench):
    """A target that is just possible stays so, whatever is put in afterwards; never over it."""
    clip = clips.kept("apple")
    facts = MEDIA.probe(clip)
    least = next(size for size in range(90_000, 200_000, 50) if is_possible(facts, size))
    job = bench(clip, route=Route.LOCAL, target_bytes=least).finished()
    assert job.final.size_bytes <= least


def is_possible(facts: Facts, size: int) -> bool:
    try:
        fit.budget(facts, size)
    except TargetImpossible:
        return False
    return True
