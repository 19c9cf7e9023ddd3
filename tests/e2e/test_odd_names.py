"""Names and links that break other programs: each is made or refused with a sentence, never run."""

import json
import os
import shutil
import subprocess
import sys
import unicodedata

import clips
import pytest
from stage import Stage, sha256, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

LOCAL = {"route": "local", "existing": "all", "target_size": "300 kB", "resolution": "source"}
LONG = "é" * 125 + "z.mp4"  # 255 bytes
ODD = [
    "-i.mp4",
    "--help.mp4",
    "-f null -.mp4",
    "new\nline.mp4",
    "tab\there \x01.mp4",
    'say "hi" it\'s $(touch pwned) `touch pwned`; touch pwned & | > pwned.mp4',
    "100% %03d %s.mp4",
    "{stem} {0} {bad}.mp4",
    "file:x.mp4",
    "http:example.org.mp4",
    "concat:a|b.mp4",
    "pipe:1.mp4",
    "data:text.mp4",
    "back\\slash.mp4",
    "[a]*?.mp4",
    " space before and after .mp4",
    "CON.mp4",
    "~.mp4",
    "#1 best, ever!.mp4",
    "\u202eltr \U0001f3ac.mp4",
    "line\u2028separator.mp4",
    "Twin.mp4",
    "tWIN.mp4",
    "caf\u00e9.mp4",
    "cafe\u0301.mp4",
    "-d/new\nfolder/a.mp4",
    LONG,
]
BAD = [b"caf\xe9.mp4", b"d\xff/a.mp4"]


@pytest.fixture
def stage(tmp_path):
    made = Stage(tmp_path.resolve())
    made.api_url = "http://127.0.0.1:9"  # nobody: route local opens no connection
    yield made
    made.end()


def drop(stage, names):
    for n, name in enumerate(names):
        path = stage.inbox() / name
        path.parent.mkdir(parents=True, exist_ok=True)
        clips.numbered(n, path)
    return {name: sha256(stage.inbox() / name) for name in names}


def status(stage):
    return json.loads(stage.say("status", "--json").stdout)["inboxes"][0]


def why(stage, path):
    """Bytes may be no text: so no `say`, which decodes strictly."""
    command = [*stage.command("why", "--json"), os.fsencode(path)]
    done = subprocess.run(command, env=stage.env(), capture_output=True, check=True, timeout=60)
    assert done.stderr == b""
    plain = subprocess.run(
        [*stage.command("why"), os.fsencode(path)],
        env={**stage.env(), "LANG": "C.UTF-8"},
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert len(plain.stdout.decode().splitlines()) == 2
    return json.loads(done.stdout)


def test_every_name_is_made_or_refused(stage):
    """One whole result each, no name is run or read as an option, and no source is changed."""
    stage.configure(LOCAL)
    sources = drop(stage, ODD)
    for name in BAD:
        path = stage.inbox() / os.fsdecode(name)
        path.parent.mkdir(exist_ok=True)
        shutil.copy(stage.inbox() / "-i.mp4", path)
    stage.start()
    until(lambda: stage.ended(len(ODD)), 200, "the end of all odd names")
    jobs = {job["relative"]: job for job in stage.stored()}

    assert {name: jobs[name]["state"] for name in jobs} == dict.fromkeys(ODD, "delivered")
    results = stage.delivered()
    assert len(results) == len(ODD)
    for result in results:
        clips.ffmpeg("-i", f"file:{result}", "-f", "null", "-")
        name = result.relative_to(stage.outbox()).as_posix()
        assert unicodedata.is_normalized("NFC", name)
        assert len(result.name.encode()) <= 200
        assert not set(result.name) & set('<>:"|?*\\\n\t\x01')
    folded = [str(r.relative_to(stage.outbox())).casefold() for r in results]
    assert len(set(folded)) == len(ODD)
    assert {name: sha256(stage.inbox() / name) for name in ODD} == sources
    assert not [p for p in stage.folder.rglob("*") if "pwned" in p.name and "touch" not in p.name]
    assert status(stage)["ignored"] == {"bad_name": 2}
    for name in ODD[::5]:
        found = why(stage, stage.inbox() / name)
        assert (found["kind"], found["job"]["state"]) == ("job", "delivered")
    for name in BAD:
        assert why(stage, stage.inbox() / os.fsdecode(name))["kind"] == "bad_name"
    assert stage.stop() == 0


@pytest.mark.parametrize("policy", ["archive", "trash", "delete"])
def test_a_source_of_any_name_goes_where_the_rule_says(stage, policy):
    """Also one of 255 bytes, or with a new line in it."""
    stage.configure({**LOCAL, "source": policy})
    names = ["-rf.mp4", "new\nline.mp4", LONG]
    hashes = set(drop(stage, names).values())
    stage.start()
    until(lambda: stage.ended(3), 100, "the end of all")
    jobs = stage.stored()

    said = {"archive": "Archive/", "trash": "lies in the trash", "delete": "is deleted"}
    assert [job["state"] for job in jobs] == ["delivered"] * 3
    assert all(said[policy] in job["note"] for job in jobs), [job["note"] for job in jobs]
    assert [p for p in stage.inbox().rglob("*") if p.is_file()] == []
    place = {
        "archive": stage.folder / "Archive",
        "trash": stage.home / ".local/share/Trash/files",
        "delete": stage.folder / "nothing is here",
    }[policy]
    kept = {sha256(p) for p in place.rglob("*") if p.is_file()}
    assert kept == (set() if policy == "delete" else hashes)


def test_links_are_refused_with_a_reason_and_hard_links_are_made_once(stage):
    """No link leads hotpress out of its inbox; two names of one file are one content."""
    stage.configure(LOCAL)
    outside = stage.folder / "outside"
    outside.mkdir()
    clips.numbered(1, outside / "private.mp4")
    inbox = stage.inbox()
    clips.numbered(2, inbox / "a.mp4")
    os.link(inbox / "a.mp4", inbox / "b.mp4")
    (inbox / "inside.mp4").symlink_to("a.mp4")
    (inbox / "outside.mp4").symlink_to(outside / "private.mp4")
    (inbox / "dangling.mp4").symlink_to("nowhere.mp4")
    (inbox / "folder").symlink_to(outside, target_is_directory=True)
    stage.start()
    until(lambda: stage.ended(2), 60, "both names of one file")
    until(lambda: status(stage)["ignored"] == {"link": 4}, 20, "four links, counted")
    jobs = stage.stored()

    assert {job["relative"]: job["state"] for job in jobs} == {
        "a.mp4": "delivered",
        "b.mp4": "delivered",
    }
    assert sorted(job["final"]["made_by"] for job in jobs).count("same") == 1
    assert len({sha256(p) for p in stage.delivered()}) == 1
    said = {
        name: why(stage, inbox / name) for name in ("inside.mp4", "outside.mp4", "dangling.mp4")
    }
    assert {found["kind"] for found in said.values()} == {"link"}
    assert "only what lies in the inbox itself" in said["outside.mp4"]["sentence"]
    assert why(stage, inbox / "folder/private.mp4")["kind"] == "link"
    assert "left alone: 4 links" in stage.say("status").stdout
    (inbox / "outside.mp4").unlink()
    until(lambda: status(stage)["ignored"] == {"link": 3}, 20, "one link less")


def test_an_arriving_file_is_told_by_the_daemon(stage):
    """Growing, with its size so far; then a job, without a word from anybody."""
    stage.configure(LOCAL)
    stage.start()
    clip = clips.numbered(3, stage.folder / "clip.mp4").read_bytes()
    path = stage.inbox() / "grows.mp4"
    with path.open("wb") as file:
        file.write(clip[: len(clip) // 2])
        file.flush()
        until(lambda: status(stage)["arriving"], 20, "that something arrives")
        found = why(stage, path)
        assert (found["kind"], found["running"]) == ("arriving", True)
        assert "so far: " in found["sentence"]
        file.write(clip[len(clip) // 2 :])
    until(lambda: stage.ended(1), 30, "its job's end")
    assert why(stage, path)["job"]["state"] == "delivered"


def test_why_without_a_path_is_wrong_use(stage):
    """Exit code 2, as everywhere."""
    stage.configure(LOCAL)
    command = [sys.executable, "-m", "hotpress", "--config", str(stage.config), "why"]
    done = subprocess.run(command, env=stage.env(), capture_output=True, check=False, timeout=60)
    assert done.returncode == 2
