"""What follows from a bad result: another download, another render, the end; and what is kept."""

import os
from dataclasses import replace

import clips
import pytest
from house import House

from hotpress.chores import Chores
from hotpress.config.settings import Timing
from hotpress.media import Media
from hotpress.model import Expected, Fail, Next, Render, Step
from hotpress.steps import material, verify

DAY = 86_400


class Cloud:
    """A job of a small clip whose result has been downloaded."""

    def __init__(self, folder):
        self.house = House(folder)
        clip = clips.make_clip(folder, "small")
        self.good = clip.read_bytes()
        source = self.house.inbox / "clip.mov"
        source.write_bytes(self.good)
        status = source.stat()
        facts = Media().probe(source)
        self.job = replace(
            self.house.job,
            step=Step.VERIFY,
            final=None,
            facts=facts,
            size_bytes=status.st_size,
            mtime_ns=status.st_mtime_ns,
            renders=(Render(id="r1", session="s", token=1, draft="{}", sent=True, ended="done"),),
            expected=Expected(duration_seconds=2, width=240, height=136, has_sound=True, fps=25),
        )

    def checked(self, data, job=None):
        """The outcome for a download with these bytes."""
        job, tools = job or self.job, self.house.tools()
        path = tools.folder(job) / f"{job.render.id}.mp4"
        path.write_bytes(data)
        return verify.run(replace(job, download=material.recorded(path)), tools)

    @property
    def kept(self):
        return self.house.tools().spool / "bad" / f"{self.job.id}.mp4"

    def cut(self, share=0.6):
        return self.good[: int(len(self.good) * share)]

    def silent(self):
        out = self.house.inbox.parent / "silent.mp4"
        clips.ffmpeg("-i", str(self.house.inbox / "clip.mov"), "-c", "copy", "-an", str(out))
        return out.read_bytes()


@pytest.fixture
def cloud(tmp_path):
    return Cloud(tmp_path)


def test_a_spoiled_file_is_fetched_again_and_the_same_bytes_twice_are_rendered_again(cloud):
    """Another copy may be good; the same bytes once more prove that the cloud's is bad."""
    first = cloud.checked(cloud.cut())
    again = cloud.checked(cloud.cut(), first.job)

    assert (first.to, first.job.tally.bad_downloads, first.job.download) == (Step.DOWNLOAD, 1, None)
    assert (again.to, again.job.tally.bad_renders) == (Step.SUBMIT, 1)
    assert again.job.tally.bad_downloads == 0
    assert "not whole" in again.why


def test_spoiled_differently_each_time_it_is_fetched_up_to_the_limit(cloud):
    """Two more downloads, then another render."""
    job, ways = cloud.job, []
    for share in (0.6, 0.5, 0.4):
        found = cloud.checked(cloud.cut(share), job)
        job, ways = found.job, [*ways, found.to]

    assert ways == [Step.DOWNLOAD, Step.DOWNLOAD, Step.SUBMIT]


def test_a_wrong_render_is_never_fetched_again(cloud):
    """No sound is no fault of the way: another render at once, then the end with what is kept."""
    first = cloud.checked(cloud.silent())
    rendered = first.job.with_render(replace(first.job.render, sent=True, ended="done"))
    last = cloud.checked(cloud.silent(), rendered)

    assert (first.to, first.job.tally.bad_downloads) == (Step.SUBMIT, 0)
    assert isinstance(last, Fail)
    assert last.why == "the cloud's result is bad: it has no sound, the original has (twice)"
    assert str(cloud.kept) in last.hint
    assert cloud.kept.read_bytes() == cloud.silent()
    assert not any(cloud.house.tools().folder(cloud.job).iterdir())


def test_without_room_nothing_is_kept_and_nothing_promised(cloud, monkeypatch):
    """The reserve of free space comes first."""
    monkeypatch.setattr("hotpress.files.free_bytes", lambda _folder: (10, 10**12))
    job = replace(cloud.job, tally=replace(cloud.job.tally, bad_renders=1))
    found = cloud.checked(cloud.silent(), job)

    assert isinstance(found, Fail)
    assert "can be seen" not in found.hint
    assert not cloud.kept.exists()


@pytest.mark.parametrize("what", ["gone", "saved anew"])
def test_an_original_that_went_away_is_no_reason_against_its_result(cloud, what):
    """The result is judged by itself then."""
    source = cloud.house.inbox / "clip.mov"
    source.unlink()
    if what == "saved anew":
        source.write_bytes(b"another one")

    assert isinstance(cloud.checked(cloud.good), Next)


def test_the_sweep_takes_a_bad_file_after_a_day_and_nothing_of_a_living_job(cloud):
    """By the clock that it is handed; a clock that was wrong keeps nothing for ever."""
    cloud.checked(cloud.silent())
    house, spool = cloud.house, cloud.house.tools().spool
    chores = Chores(house.store, lambda: None, house.clock, Timing, lambda: None, list)
    there = []
    chores.sweep_spool(spool)
    there.append(cloud.kept.exists())
    house.clock.move(DAY - 60)
    chores.sweep_spool(spool)
    there.append(cloud.kept.exists())
    house.clock.move(120)
    chores.sweep_spool(spool)
    there.append(cloud.kept.exists())
    ahead = house.clock.now() + 2 * DAY
    cloud.kept.write_bytes(b"x")
    os.utime(cloud.kept, (ahead, ahead))
    chores.sweep_spool(spool)

    assert (there, cloud.kept.exists()) == ([True, True, False], False)
