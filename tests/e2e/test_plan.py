"""`hotpress plan`: what a job would decide, without a side effect."""

import json
import subprocess

import clips
import pytest
from stage import Stage

pytestmark = pytest.mark.slow


@pytest.fixture
def stage(tmp_path):
    found = Stage(tmp_path)
    found.api_url = "http://127.0.0.1:9"  # nobody answers there, and nobody is asked
    found.configure({"target_size": "200 kB", "resolution": "720p"})
    return found


def test_one_file_with_its_reason(stage):
    """Size, frame, place and why, what it costs; the state directory is not even made."""
    clips.distinct(clips.real("bikes.mp4"), stage.inbox() / "a.mp4")
    said = stage.say("plan", str(stage.inbox() / "a.mp4")).stdout
    assert "510 kB, 640x272 -> at most 200 kB, 640x272, in the cloud (route: auto)" in said
    assert "about 50 credits" in said
    assert not stage.state.exists()


def test_a_folder_with_its_sum(stage):
    """Each file in a line: what would fail says so; then the sum of what would be paid."""
    clips.distinct(clips.real("bikes.mp4"), stage.inbox() / "a.mp4")
    clips.distinct(clips.real("vtest.avi"), stage.inbox() / "long.avi")
    (stage.inbox() / "torn.mp4").write_bytes(b"not a video" * 100)
    said = stage.say("plan", str(stage.inbox())).stdout
    assert "long.avi  8.1 MB, 768x576: would fail: 200 kB are too little" in said
    assert "torn.mp4  would fail: " in said
    assert "3 videos, 8.6 MB, about 50 credits; a new free account has 100" in said
    assert "1 in the cloud, 2 not at all; one after the other about 1 min" in said


def test_what_would_be_left_alone_says_so(stage):
    """By a rule, with its line, and as a part of a picture; neither is paid for."""
    stage.configure({"exclude": ["*rough*"]})
    clips.make_clip(stage.inbox(), "tiny").rename(stage.inbox() / "IMG_1.MOV")
    (stage.inbox() / "IMG_1.HEIC").write_bytes(b"a picture")
    clips.make_clip(stage.inbox(), "tiny").rename(stage.inbox() / "rough.mp4")
    said = stage.say("plan", str(stage.inbox())).stdout
    assert "IMG_1.MOV  would be left alone: it is the short film of a Live Photo" in said
    assert "rough.mp4  would be left alone: config.yaml:" in said
    assert "in the cloud" not in said


def test_a_file_outside_needs_a_name(stage):
    """Exit 2 with the inboxes there are; with --inbox its rules are taken."""
    clip = str(clips.real("bikes.mp4"))
    refused = stage.say("plan", clip, check=False)
    assert refused.returncode == 2
    assert "lies in no inbox" in refused.stderr
    assert "at most 200 kB" in stage.say("plan", clip, "--inbox", "Inbox").stdout


def test_one_file_that_would_fail(stage):
    """It says so once, and that is all: a plan that was made is no error."""
    (stage.inbox() / "torn.mp4").write_bytes(b"not a video" * 100)
    said = stage.say("plan", str(stage.inbox() / "torn.mp4"), check=False)
    assert said.stdout.startswith("torn.mp4  would fail: ")
    assert "would fail" not in said.stdout.partition("\n")[2]
    assert (said.returncode, said.stderr) == (0, "")


def test_every_value_tells_where_it_was_written(stage):
    """The config's line, the rule file's line, or that nobody wrote it; the words for the agent."""
    (stage.inbox() / "trip").mkdir()
    clips.distinct(clips.real("bikes.mp4"), stage.inbox() / "trip/a.mp4")
    (stage.inbox() / "trip/hotpress.yaml").write_text("# here\ntarget_size: 150 kB\n")
    (stage.inbox() / "trip/a.mp4.hotpress.txt").write_text("no music")
    said = stage.say("plan", str(stage.inbox() / "trip/a.mp4")).stdout
    rows = {row.split(":")[0].strip(): row for row in said.splitlines()}
    assert rows["target_size"].split() == ["target_size:", "150", "kB", "trip/hotpress.yaml:2"]
    assert rows["instructions"].endswith("trip/a.mp4.hotpress.txt:1")
    assert "config.yaml:" in rows["resolution"]
    assert rows["fps"].endswith("built-in")
    assert "no music" in rows["the agent is told"]
    assert "a guess, nothing was made yet" in rows["time"]


def test_rule_files_that_are_wrong_are_told_in_the_plan(stage):
    """It would wait, with the line; a plan of others goes on."""
    clips.distinct(clips.real("bikes.mp4"), stage.inbox() / "a.mp4")
    (stage.inbox() / "hotpress.yaml").write_text("target_size: 150\n")
    said = stage.say("plan", str(stage.inbox())).stdout
    assert "a.mp4  would wait: hotpress.yaml:1  target_size: 150 is not a size" in said


def test_a_plan_for_programs(stage):
    """The same as JSON: sizes in bytes, each rule key with value and origin, the sum."""
    clips.distinct(clips.real("bikes.mp4"), stage.inbox() / "a.mp4")
    found = json.loads(stage.say("plan", str(stage.inbox()), "--json").stdout)
    [row] = found["files"]
    assert (row["route"], row["target_bytes"], row["credits"]) == ("cloud", 200_000, 50)
    assert row["rule"]["target_size"]["value"] == "200 kB"
    assert found["sum"]["credits"] == 50
    assert found["sum"]["videos"] == 1


def test_each_of_several_results_has_its_plan(stage):
    """The one that is paid for says so, wherever it stands; its own values have their lines."""
    results = [
        {"name": "web", "route": "local"},
        {"name": "tv", "route": "cloud", "output": "{stem} tv.mp4", "target_size": "300 kB"},
    ]
    stage.configure({"target_size": "200 kB", "resolution": "720p", "outputs": results})
    clips.distinct(clips.real("bikes.mp4"), stage.inbox() / "a.mp4")
    found = json.loads(stage.say("plan", str(stage.inbox()), "--json").stdout)
    rows = {row["output_name"]: row for row in found["files"]}
    assert {name: row["route"] for name, row in rows.items()} == {"web": "local", "tv": "cloud"}
    assert (rows["web"]["target_bytes"], rows["tv"]["target_bytes"]) == (200_000, 300_000)
    target = rows["tv"]["rule"]["target_size"]
    line = stage.config.read_text().splitlines()[int(target["origin"].partition(":")[2]) - 1]
    assert (target["value"], line.strip()) == ("300 kB", "target_size: 300 kB")
    assert (found["sum"]["videos"], found["sum"]["credits"]) == (1, 50)
    said = stage.say("plan", str(stage.inbox() / "a.mp4")).stdout
    assert "a.mp4 (web)  510 kB" in said
    assert "a.mp4 (tv)  510 kB" in said


def test_a_result_that_follows_the_edit_says_so(stage):
    """It is made here, from the one that is paid for; by a rule file in the folder, too."""
    results = [{"name": "web"}, {"name": "chat", "output": "{stem} chat.mp4"}]
    stage.configure({"target_size": "200 kB", "resolution": "720p", "outputs": results})
    clips.distinct(clips.real("bikes.mp4"), stage.inbox() / "a.mp4")
    (stage.inbox() / "hotpress.yaml").write_text("instructions: no music\n")
    said = stage.say("plan", str(stage.inbox())).stdout
    assert "a.mp4 (web)  510 kB, 640x272 -> at most 200 kB, 640x272, in the cloud (its" in said
    assert "a.mp4 (chat)  510 kB, 640x272 -> at most 200 kB, 640x272, on this machine (made" in said
    assert "1 video, 510 kB, about 50 credits" in said


def everything(folder):
    """Each file and folder below, with what it holds and when it was changed."""
    return {
        path.relative_to(folder): (path.lstat().st_mtime_ns, path.is_file() and path.read_bytes())
        for path in folder.rglob("*")
    }


def traced(stage, *words):
    """What a verb prints; it opens no connection to any machine, this one included."""
    calls = stage.folder.with_name(f"{stage.folder.name}-calls")
    tracer = ["strace", "-f", "-qq", "-e", "trace=connect,sendto,bind", "-o", str(calls)]
    said = subprocess.run(
        [*tracer, *stage.command(*words)],
        env=stage.env(),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert "AF_INET" not in calls.read_text()
    return said.stdout


def test_what_is_done_or_archived_is_not_planned_again(stage):
    """The daemon leaves both alone: a folder's sum does not count them as paid.

    And the plan leaves all as it is, to the byte and second: inbox, outbox, state directory, home.
    """
    archive = stage.inbox() / "Old"
    rule = {"route": "local", "source": "keep", "existing": "all"}
    stage.configure({**rule, "target_size": "200 kB", "resolution": "720p"})
    clips.distinct(clips.real("bikes.mp4"), stage.inbox() / "a.mp4")
    assert stage.say("once").returncode == 0
    stage.configure(
        {"target_size": "200 kB", "source": "archive", "archive_to": str(archive)},
    )
    archive.mkdir()
    clips.distinct(clips.real("bikes.mp4"), archive / "b.mp4")
    before = everything(stage.folder)
    said = traced(stage, "plan", str(stage.inbox()))
    assert "a.mp4  is delivered already, as a.mp4; hotpress retry --new-rule" in said
    assert "Old/b.mp4  would be left alone: it lies in the archive" in said
    assert "credits" not in said
    traced(stage, "once", "--dry-run")
    assert everything(stage.folder) == before
