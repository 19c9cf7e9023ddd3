"""The main job on real clips: seven of them, three ways to drop, two inboxes, one daemon."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import clips
import pytest
from stage import TOKEN_MARK, Stage, no_charge_twice, sha256, until

from hotpress.media import Media

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

# Name in the inbox -> real clip. A target and a resolution below its own for each, so that none is
# "already small" and every one goes through upload, agent, render and download.
KEPT = {
    "bunny.mp4": "bigbuckbunny.mp4",
    "phone.mp4": "carphone_pristine.mp4",
    "street.avi": "vtest.avi",
    "film.mkv": "sample.mkv",
}
ARCHIVED = {
    "VID_20191220.mp4": "VID_20191220_170832.mp4",
    "hello.mov": "movie-hello.mov",
    "bikes.webm": "bikes.webm",
}


def slowly(source, to):
    """A writer that stops twice in the middle, with the file held open."""
    data = source.read_bytes()
    third = len(data) // 3 + 1
    with to.open("wb") as file:
        for start in range(0, len(data), third):
            file.write(data[start : start + third])
            file.flush()
            time.sleep(1.0)


def moved(source, to):
    aside = to.parent.parent / f"aside-{to.name}"
    shutil.copy2(source, aside)
    subprocess.run(["mv", str(aside), str(to)], check=True)


def copied(source, to):
    subprocess.run(["cp", str(source), str(to)], check=True)


def drop(stage, chosen, inbox, found):
    ways = [copied, moved, slowly]
    threads = []
    for n, (name, clip) in enumerate(chosen.items()):
        to = stage.inbox(inbox) / "trip" / name if n == 0 else stage.inbox(inbox) / name
        to.parent.mkdir(exist_ok=True)
        thread = threading.Thread(target=ways[n % 3], args=(found[clip], to))
        thread.start()
        threads.append(thread)
    return threads


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Seven real clips: mp4, avi and mkv as they are, a mov by remux and a webm by encode."""
    real = clips.real_all()
    folder = tmp_path_factory.mktemp("made")
    encoder = Media().encoder.path
    hello = real.pop("movie-hello.avi", None) or real.pop("movie-hello.mp4")
    mov, webm = folder / "hello.mov", folder / "bikes.webm"
    common = [str(encoder), "-v", "error", "-nostdin", "-i"]
    hello_mp4 = clips.real("movie-hello.mp4") if hello.suffix != ".mp4" else hello
    subprocess.run([*common, str(hello_mp4), "-c", "copy", str(mov)], check=True)
    vp8 = ["-c:v", "libvpx", "-b:v", "900k", "-deadline", "realtime", "-cpu-used", "8"]
    subprocess.run([*common, str(real["bikes.mp4"]), *vp8, str(webm)], check=True)
    return {**real, "movie-hello.mov": mov, "bikes.webm": webm}


def test_seven_real_clips_through_two_inboxes(tmp_path, found):
    """Each is delivered once, at most its target, in its resolution; sources kept or archived."""
    stage = Stage(tmp_path)
    hashes = {}
    with stage.cloud({"credits": 1000}, "--speed", "20"):
        stage.configure(
            {"name": "kept", "target_size": "40 %", "resolution": "160x120"},
            {
                "name": "archived",
                "target_size": "250 kB",
                "resolution": "200x200",
                "source": "archive",
                "archive_to": str(tmp_path / "Archive"),
            },
        )
        for chosen in (KEPT, ARCHIVED):
            hashes |= {name: sha256(found[clip]) for name, clip in chosen.items()}
        stage.start()
        try:
            threads = drop(stage, KEPT, "kept", found) + drop(stage, ARCHIVED, "archived", found)
            for thread in threads:
                thread.join()
            leaks = []
            until(lambda: leaks.extend(stage.secrets_in_processes()) or stage.ended(7), 200, "ends")
            assert leaks == []
            status = stage.say("status", "--json").stdout
            story = stage.say("show", str(stage.inbox("kept") / "street.avi")).stdout
            assert stage.stop() == 0
        finally:
            stage.end()

        jobs = {job["relative"].split("/")[-1]: job for job in stage.stored()}
        assert len(stage.stored()) == 7
        assert {j["state"] for j in jobs.values()} == {"delivered"}, [
            (j["relative"], j["why"]) for j in jobs.values()
        ]
        for name, job in jobs.items():
            output = stage.outbox(job["inbox"]) / job["final"]["name"]
            target = 250_000 if name in ARCHIVED else int(job["size_bytes"] * 0.4)
            box = (200, 200) if name in ARCHIVED else (160, 120)
            facts = Media().probe(output)
            assert output.stat().st_size <= target, name
            assert facts.width <= box[0], name
            assert facts.height <= box[1], name
            assert max(facts.width / box[0], facts.height / box[1]) > 0.97, name
            assert Media().damage(output, facts) is None
        for name in KEPT:
            [source] = list(stage.inbox("kept").rglob(name))
            assert sha256(source) == hashes[name]
        for name in ARCHIVED:
            [source] = list((tmp_path / "Archive").rglob(name))
            assert sha256(source) == hashes[name]
            assert not list(stage.inbox("archived").rglob(name))

        copies = {name: j["prepared"]["sha256"] for name, j in jobs.items() if j["prepared"]}
        assert [Path(name).suffix for name in copies] == [".mkv"]  # as MP4, as the service advises
        by_the_ledger(stage, {**hashes, **copies})
        no_secret_anywhere(stage)
        no_charge_twice(stage)
        assert '"running": true' in status
        assert "delivered" in story


def by_the_ledger(stage, hashes):
    """Every file went up whole, was asked about once, rendered and downloaded once."""
    facts = stage.facts()
    uploads = [x["sha256"] for x in stage.ledger() if x["fact"] == "upload_received"]
    assert sorted(uploads) == sorted(hashes.values())
    assert facts["message_received"] == 7
    assert facts["render_done"] == 7
    assert facts["download_complete"] == 7
    assert facts["cdn_got_secret"] == 0


def no_secret_anywhere(stage):
    """Bearer and attribution on every API request, nothing of it elsewhere, and 0600."""
    for request in stage.requests():
        if request["host"] == "cdn":
            assert not request["skill_headers"]
            assert not request["bearer"]
        else:
            assert request["skill_headers"], request
            assert request["bearer"] or "anonymous-token" in request["path"], request
    tokens = stage.home / ".config/nemovideo/hotpress_token.json"
    assert TOKEN_MARK in tokens.read_text()
    assert tokens.stat().st_mode & 0o777 == 0o600
    for path in stage.folder.rglob("*"):
        if path.is_file() and path != tokens and path.suffix not in (".log", ".ledger"):
            assert TOKEN_MARK.encode() not in path.read_bytes(), path
    assert TOKEN_MARK not in (stage.folder / "daemon.log").read_text()


def test_a_stop_comes_within_ten_seconds_and_loses_nothing(tmp_path):
    """SIGTERM in the middle of an encode ends it, and the next start goes on."""
    stage = Stage(tmp_path)
    clip = clips.make_clip(tmp_path, "loud")
    with stage.cloud({}, "--speed", "20", "--kind"):
        stage.configure({"target_size": "300 kB", "resolution": "480p", "route": "local"})
        shutil.copy2(clip, stage.inbox() / "loud.mp4")
        stage.start()
        try:
            until(
                lambda: any(j["step"] == "finish" and j["owner"] for j in stage.stored()), 30, "x"
            )
            assert stage.stop(10) == 0
            [job] = stage.stored()
            assert (job["step"], job["owner"], job["stopped"]) == ("finish", "", True)
            stage.start()
            until(lambda: stage.ended(1), 60, "the end after a stop")
            assert stage.stop() == 0
        finally:
            stage.end()
    [job] = stage.stored()
    assert (job["state"], stage.facts()["upload_received"]) == ("delivered", 0)
    assert stage.requests() == [] if stage.log_file.exists() else True


def test_once_ends_with_its_exit_code(tmp_path):
    """0 when all is delivered, 1 when one failed, and a second run has nothing to do."""
    stage = Stage(tmp_path)
    with stage.cloud({}, "--speed", "20", "--kind"):
        stage.configure({"target_size": "40 kB", "resolution": "source"}, watch={"patience": "2s"})
        shutil.copy2(clips.real("carphone_pristine.mp4"), stage.inbox() / "a.mp4")
        good = stage.say("once")
        again = stage.say("once")
        whole = clips.real("bikes.mp4").read_bytes()
        (stage.inbox() / "cut.mp4").write_bytes(whole[: len(whole) // 2])
        bad = stage.say("once", check=False)

    assert (good.returncode, again.returncode, bad.returncode) == (0, 0, 1)
    assert "delivered  a.mp4" in good.stdout
    assert "0 videos in all" in again.stdout
    assert "failed     cut.mp4" in bad.stdout
    assert len(stage.delivered()) == 1


def test_a_second_daemon_is_refused_with_exit_code_four(tmp_path):
    """One daemon per state directory; the other's pid is named."""
    stage = Stage(tmp_path)
    with stage.cloud({}, "--kind"):
        stage.configure()
        stage.start()
        try:
            until((stage.state / "daemon.lock").exists, 10, "the lock")
            until(lambda: '"running": true' in stage.say("status", "--json").stdout, 10, "running")
            second = stage.say("run", check=False)
            assert stage.stop() == 0
        finally:
            stage.end()

    assert second.returncode == 4
    assert str(stage.daemon.pid) in second.stderr


def test_a_wrong_config_is_exit_code_two_with_its_lines(tmp_path):
    """All problems at once, each with file and line."""
    stage = Stage(tmp_path)
    stage.config.write_text("limits: {uploads: 0}\nfoo: 1\n")
    found = stage.say("run", check=False)

    assert found.returncode == 2
    assert "config.yaml:1  limits.uploads" in found.stderr
    assert "config.yaml:2  foo" in found.stderr
    assert "Traceback" not in found.stderr


def test_demo_delivers_at_or_under_its_target():
    """`hotpress demo FILE` ends with a delivered file, and leaves nothing running."""
    run = subprocess.run(
        [sys.executable, "-m", "hotpress", "demo", str(clips.real("bikes.mp4"))],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "bikes.mp4: delivered" in run.stdout
    assert (
        "a rehearsal on this machine: nothing was uploaded, no credits used" in run.stdout.lower()
    )


def test_cancel_and_retry_work_with_and_without_a_daemon(tmp_path):
    """A held job is cancelled and taken up again by hand, whoever obeys."""
    stage = Stage(tmp_path)
    with stage.cloud({"credits": 0}, "--kind"):
        stage.configure({"target_size": "40 kB", "route": "cloud"}, cloud={"timing": {}})
        shutil.copy2(clips.real("carphone_pristine.mp4"), stage.inbox() / "a.mp4")
        stage.start()
        try:
            until(lambda: any(j["state"] == "held" for j in stage.stored()), 20, "held")
            held = stage.jobs()[0]
            assert stage.say("cancel", held["id"]).stdout == "a.mp4: cancelled by hand\n"
            assert stage.stop() == 0
        finally:
            stage.end()
        assert (held["reason"], stage.stored()[0]["state"]) == ("credits", "cancelled")
        assert (
            "a.mp4: goes on at: connect" in stage.say("retry", str(stage.inbox() / "a.mp4")).stdout
        )

    assert stage.stored()[0]["state"] == "queued"
    assert stage.facts()["upload_received"] == 0


def test_ctrl_c_in_a_demo_leaves_nothing_running_and_nothing_behind(tmp_path):
    """The stand-in, the encoders and the temporary folder go with it."""
    env = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "hotpress", "demo", str(clips.real("bikes.mp4"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as demo:
        assert "bikes.mp4" in demo.stdout.readline()
        children = until(lambda: children_of(demo.pid), 20, "the stand-in")
        demo.send_signal(signal.SIGINT)
        rest = demo.stdout.read()

    assert demo.returncode == 130
    assert "Nothing is left running." in rest
    until(lambda: not any(map(alive, children)), 3, "the end of all children")
    assert list(tmp_path.iterdir()) == []


def alive(pid):
    """A zombie that nobody has reaped yet is dead."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def children_of(pid):
    task = Path(f"/proc/{pid}/task/{pid}/children")
    return task.read_text().split()
