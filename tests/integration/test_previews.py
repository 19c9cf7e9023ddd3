"""Pictures out of videos, and the few that are kept."""

import os
import stat
import time
from dataclasses import replace
from io import BytesIO

import av
import clips
import pytest
from makers import a_job
from pages import served

from hotpress import pictures
from hotpress.errors import NotAVideo
from hotpress.media import preview
from hotpress.model import Final, State


def opened(picture):
    """The bytes as a browser would see them."""
    with av.open(BytesIO(picture), format="mjpeg") as image:
        return next(image.decode(video=0))


def apart(one, other):
    """Mean difference of brightness, of 255."""
    both = [opened(each).reformat(64, 36, format="gray").planes[0] for each in (one, other)]
    return sum(abs(a - b) for a, b in zip(*map(bytes, both), strict=True)) / (64 * 36)


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """A source of 40 s in which no two frames are alike, and what is made of it, much smaller."""
    folder = tmp_path_factory.mktemp("films")
    source, result = folder / "source.mp4", folder / "result.mp4"
    picture = "testsrc2=size=640x360:rate=25:duration=40,hue=H=t/3"
    fast = ["-c:v", "libx264", "-preset", "ultrafast"]
    clips.ffmpeg("-f", "lavfi", "-i", picture, *fast, "-g", "50", str(source))
    small = ["-vf", "scale=320:180", "-g", "500", "-bf", "3", "-crf", "30"]
    clips.ffmpeg("-i", str(source), *fast, *small, str(result))
    return source, result


def test_both_halves_are_the_same_frame_in_one_size(films):
    """In the middle and at a moment that is named; the frame two before it differs more."""
    source, result = films
    for at in (None, 7.31, 39.99, 1000.0):
        taken = preview.pair(source, result, at_seconds=at)
        before, after = taken.pictures
        assert (opened(before).width, opened(before).height) == (640, 360)
        assert (opened(after).width, opened(after).height) == (640, 360)
        assert taken.seconds[0] == pytest.approx(min(at or 19.0, 39.96), abs=0.05 if at else 1.0)
        earlier = preview.poster_at(result, taken.seconds[0] - 2 / 25).pictures[0]
        assert apart(before, after) < 3
        assert apart(before, earlier) > 1.5 * apart(before, after), at


def test_a_sheet_has_the_source_above_and_the_result_below(films):
    """Three moments; with one that is named, that one alone and larger."""
    three = opened(preview.sheet(*films).pictures[0])
    assert (three.width, three.height) == (3 * 400, 2 * 224)
    one = preview.sheet(*films, at_seconds=3.0)
    assert (opened(one.pictures[0]).width, opened(one.pictures[0]).height) == (640, 720)
    assert one.seconds == (3.0,)


@pytest.mark.system  # needs an encoder that writes how a picture is turned
def test_a_turned_video_stands_upright(tmp_path):
    """As a phone has it, beside its result, which is turned for good."""
    turned = clips.make_clip(tmp_path, "turned")
    upright = tmp_path / "upright.mp4"
    clips.ffmpeg("-i", str(turned), "-c:v", "libx264", "-preset", "ultrafast", str(upright))
    before, after = preview.pair(turned, upright).pictures
    assert opened(before).width < opened(before).height
    assert apart(before, after) < 3


def test_what_is_no_video_gives_a_sentence(tmp_path, films):
    """Text, half a file, a pipe, nothing, a list of other files: never a hang or crash."""
    whole = films[0].read_bytes()
    (tmp_path / "text.mp4").write_text("no video at all")
    (tmp_path / "half.mp4").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "noise.mp4").write_bytes(whole[:2_000] + os.urandom(50_000))
    (tmp_path / "list.mp4").write_text(f"ffconcat version 1.0\nfile {films[0]}\n")
    os.mkfifo(tmp_path / "pipe.mp4")
    for name in ("text", "half", "noise", "list", "pipe", "absent"):
        with pytest.raises(NotAVideo, match=r"picture|not there|ordinary"):
            preview.poster(tmp_path / f"{name}.mp4")


@pytest.fixture
def house(tmp_path, films):
    """The page with one delivered job, whose two files are there."""
    with served(tmp_path) as page, page.client() as browser:
        source, output = page.inbox / "a.mp4", page.outbox / "a.mp4"
        for film, to in zip(films, (source, output), strict=True):
            to.write_bytes(film.read_bytes())
        found = source.stat()
        job = a_job(
            root=str(page.inbox),
            outbox=str(page.outbox),
            relative="a.mp4",
            size_bytes=found.st_size,
            mtime_ns=found.st_mtime_ns,
            created_at=time.time(),
            state=State.DELIVERED,
            placed_at=time.time(),
            final=Final(
                name="a.mp4",
                temp="",
                size_bytes=output.stat().st_size,
                sha256="0" * 64,
                made_by="encode",
            ),
        )
        assert page.store.add(job, "new")
        yield page, browser, job, source, output


def test_pictures_are_made_when_somebody_asks_and_kept_for_this_user_alone(house):
    """By job id; both halves in one go; told from each other by their ETag; nobody else's files."""
    page, browser, job, _, _ = house
    kept = page.folder / "pictures"
    shown = browser.get(f"/jobs/{job.id}").text
    assert f'src="/jobs/{job.id}/before.jpg"' in shown
    assert not kept.exists(), "nothing is made by the page alone"
    before = browser.get(f"/jobs/{job.id}/before.jpg")
    assert before.headers["content-type"] == "image/jpeg"
    assert sorted(path.name.split(".")[1] for path in kept.iterdir()) == ["after", "before"]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept.iterdir()} == {0o600}
    again = {"If-None-Match": before.headers["etag"]}
    assert browser.get(f"/jobs/{job.id}/before.jpg", headers=again).status_code == 304
    assert browser.get(f"/jobs/{job.id}/after.jpg", headers=again).status_code == 200
    for path in (f"/jobs/{job.id}/other.jpg", "/jobs/none/before.jpg", "/jobs/..%2f/before.jpg"):
        assert browser.get(path).status_code == 404
    pictures.Pictures(page.folder).sweep(lambda known: known != job.id)
    assert not list(kept.iterdir())


def test_only_the_very_files_of_the_job_are_shown(house, tmp_path):
    """Another file in the place of the source is another video; in the archive it is found."""
    _, browser, job, source, output = house
    times = source.stat()
    away = tmp_path / "archive" / "a v2.mp4"
    away.parent.mkdir()
    source.rename(away)
    source.write_bytes(output.read_bytes())
    assert pictures.source_now(job) is None
    assert "this is the result alone" in browser.get(f"/jobs/{job.id}").text
    gone = browser.get(f"/jobs/{job.id}/before.jpg")
    assert gone.status_code == 404
    assert "the original is not where it was" in gone.text
    archived = replace(job, rule=replace(job.rule, archive_to=str(away.parent)))
    assert pictures.source_now(archived) == away
    os.utime(away, ns=(times.st_atime_ns, times.st_mtime_ns + 1))
    assert pictures.source_now(archived) is None
    output.write_bytes(b"changed")
    assert browser.get(f"/jobs/{job.id}/after.jpg").status_code == 404


def test_an_edited_result_is_never_called_the_same_frame(house):
    """An edit may cut: its result is shown alone, and no half of the original beside it."""
    page, browser, job, _, _ = house
    edited = replace(job, id="edited", rule=replace(job.rule, instructions="cut the first half"))
    assert page.store.add(replace(edited, relative="b.mp4", root=job.root), "new")
    made = pictures.Pictures(page.folder)
    there = replace(edited, relative="a.mp4")
    assert pictures.source_now(there) is not None
    assert made.get(there, "after")
    for kind in ("before", "sheet"):
        with pytest.raises(pictures.NoPicture, match="edited"):
            made.get(there, kind)
    shown = browser.get("/jobs/edited").text
    assert "edited as asked" in shown
    assert "before.jpg" not in shown


def test_what_is_kept_is_bounded(tmp_path, house, monkeypatch):
    """The oldest goes first."""
    monkeypatch.setattr(pictures, "_MOST_BYTES", 60_000)
    _, _, job, _, _ = house
    made = pictures.Pictures(tmp_path / "other")
    for at in range(4):
        made.get(job, "before", at_seconds=float(at))
    kept = list((tmp_path / "other/pictures").iterdir())
    assert 0 < sum(path.stat().st_size for path in kept) <= 60_000
    assert any("-3000" in path.name for path in kept)
