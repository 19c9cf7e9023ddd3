"""Whatever writes into an inbox, and however long it takes: taken once, whole, and never early.

What was uploaded is compared by the stand-in's own record with the finished file.
"""

import signal
import sqlite3
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import clips
import pytest
import servers
import writers
from stage import Stage, no_charge_twice, sha256, until

pytestmark = [pytest.mark.slow, pytest.mark.system, pytest.mark.timeout(180)]
RULE = {
    "target_size": "300 kB",
    "resolution": "source",
    "route": "cloud",
    "existing": "all",
}
WATCH = {"settle": f"{writers.SETTLE_SECONDS * 1000:.0f}ms", "patience": "60s", "rescan": "2s"}
MANY = 5_000


@pytest.fixture
def stage(tmp_path):
    found = Stage(tmp_path)
    with found.cloud({"credits": 100_000, "own_sound_track": False}, "--kind", "--speed", "20"):
        configure(found)
        yield found
        found.end()


def configure(stage, rule=None, **sections):
    limits = {"uploads": 4, "cloud_jobs": 16, **sections.pop("limits", {})}
    stage.configure({**RULE, **(rule or {})}, watch=WATCH, limits=limits, **sections)


def drop(stage, *habits):
    """Each writer with a film of its own, all at the same time, to their ends; name to film.

    A habit stands with the form of its film, if that is not the usual one.
    """
    pairs = [habit if isinstance(habit, tuple) else (habit, "front") for habit in habits]
    films = [
        writers.film(stage.folder / "films", f"{habit.__name__}-{form}", form)
        for habit, form in pairs
    ]
    with ThreadPoolExecutor(len(films)) as pool:
        running = [
            pool.submit(habit, film, stage.inbox() / film.name)
            for (habit, _), film in zip(pairs, films, strict=True)
        ]
        for one in running:
            one.result()
    return {film.name: film for film in films}


def taken_once(stage, films, seconds=120):
    """Each film has one job and one result, and what went up was the finished film."""
    until(lambda: stage.ended(len(films)), seconds, "the results")
    assert stage.stop() == 0
    again = stage.say("once", check=False)
    jobs = stage.stored()

    seen = {name: [(j["state"], j["why"]) for j in jobs if j["relative"] == name] for name in films}
    assert {name: [s for s, _ in states] for name, states in seen.items()} == {
        name: ["delivered"] for name in films
    }, seen
    assert len(jobs) == len(films), again.stdout
    finished = {name: sha256(film) for name, film in films.items()}
    assert {j["relative"]: j["source_sha256"] for j in jobs} == finished
    sent = Counter(x["sha256"] for x in stage.ledger() if x["fact"] == "upload_received")
    # What the cloud does not take goes up as a working copy of what was read.
    assert sent == Counter((j["prepared"] or {}).get("sha256", j["source_sha256"]) for j in jobs)
    assert len(stage.delivered()) == len(films)
    no_charge_twice(stage)


def test_copies_moves_and_links(stage):
    """cp, mv and ln, also with dates of long ago, and a copier that sets them before its end."""
    stage.start()
    films = drop(
        stage,
        writers.cp,
        writers.cp_with_its_old_date,
        writers.mv,
        writers.mv_across_file_systems,
        writers.ln,
        writers.ln_of_one_still_written,
        writers.old_date_first,
    )
    taken_once(stage, films)


def test_a_tree_that_is_moved_in(stage):
    """One rename brings folders and films: each is found, below its folder."""
    stage.start()
    until(lambda: stage.say("status", check=False).returncode == 0, 20, "the start")
    tree = stage.folder / "trip"
    films = [writers.film(tree / folder, f"{folder}{n}") for folder in ("a", "b") for n in (1, 2)]
    names = {f"trip/{film.relative_to(tree)}": stage.inbox() / "trip" for film in films}
    writers.run("mv", tree, stage.inbox() / "trip")

    taken_once(stage, {name: stage.inbox() / name for name in names})


def test_rsync(stage):
    """Under a name of its own, in place, delayed, reserved; killed half-way and finished later."""
    stage.start()
    films = drop(
        stage,
        writers.rsync,
        writers.rsync_in_place,
        writers.rsync_delayed,
        writers.rsync_preallocated_in_place,
        writers.rsync_partial_killed,
        writers.rsync_in_place_killed,
        writers.rsync_partial_folder_killed,
        writers.rsync_killed_hard,
    )
    taken_once(stage, films)


def test_what_rsync_leaves_of_a_transport_stream_is_told_and_not_taken(stage):
    """Nothing in it says that half is missing; rsync's date of 1970 does."""
    stage.start()
    film = writers.film(stage.folder / "films", "stream", "ts")
    to = stage.inbox() / film.name
    writers.rsync_cut_off(film, to, signal.SIGTERM, "--partial")
    assert "1 January 1970" in stage.say("status").stdout
    assert stage.stored() == []
    writers.run("rsync", "-a", film, to)

    taken_once(stage, {film.name: film})


def test_downloads(stage):
    """By curl and aria2 from a slow server: dates set late, a file beside it, several lines."""
    films = {n: writers.film(stage.folder / "web", n) for n in ("curl", "dated", "aria", "lines")}
    stage.start()
    where = stage.inbox()
    quiet = ["aria2c", "-q", "-d", str(where)]
    with servers.slow_web(stage.folder / "web") as web, ThreadPoolExecutor(4) as pool:
        ways = {
            "curl": ["curl", "-s", "-o", str(where / "curl.mp4")],
            "dated": ["curl", "-s", "-R", "-o", str(where / "dated.mp4")],
            "aria": [*quiet, "--file-allocation=none"],
            "lines": [*quiet, "-s4", "-x4", "-k1M", "--file-allocation=falloc"],
        }
        for one in [pool.submit(writers.run, *way, f"{web}/{n}.mp4") for n, way in ways.items()]:
            one.result()

    taken_once(stage, {film.name: film for film in films.values()})


def test_writers_that_pause(stage):
    """For 30 times `settle`: held open, closed in between, slower and slower, by fragments."""
    stage.start()
    films = drop(
        stage,
        writers.held_open_with_pauses,
        (writers.held_open_with_pauses, "ts"),
        writers.reopened_with_pauses,
        (writers.reopened_with_pauses, "back"),
        (writers.reopened_with_pauses, "mkv"),
        (writers.appended_slower_and_slower, "ts"),
        (writers.fragment_by_fragment, "pieces"),
    )
    taken_once(stage, films)


def test_files_that_have_their_size_from_the_start(stage):
    """Reserved, sparse or mapped, filled in any order: whole only when the last piece is there."""
    stage.start()
    films = drop(
        stage,
        writers.reserved,
        (writers.reserved, "mkv"),
        (writers.reserved, "back"),
        writers.reserved_and_filled_in_any_order,
        writers.sparse_and_filled_in_any_order,
        writers.through_a_memory_map,
    )
    taken_once(stage, films)


def test_samba(stage):
    """A share on the inbox, filled by smbclient: under its final name from the start."""
    films = [writers.film(stage.folder / "films", f"smb{n}") for n in range(2)]
    stage.start()
    with servers.samba(stage.folder / "samba", stage.inbox()) as client:
        for film in films:
            writers.run(*client, "-c", f"put {film} {film.name}")

    taken_once(stage, {film.name: film for film in films})


def test_one_that_is_cut_off_arrives_then_fails_and_is_taken_when_it_is_whole(stage):
    """Told at once, failed after `patience`, and its new version is a new job."""
    configure(stage)
    text = stage.config.read_text().replace("60s", "3s")
    stage.config.write_text(text)
    film = writers.film(stage.folder / "films", "cut")
    to = stage.inbox() / film.name
    to.write_bytes(film.read_bytes()[:1_000_000])
    stage.start()
    line = until(
        lambda: next((x for x in stage.say("status").stdout.splitlines() if "arriving" in x), None),
        20,
        "the line in the status",
    )
    assert "1 MB so far" in line
    assert "looks unfinished: only 1.0 of" in line
    until(lambda: [j["state"] for j in stage.stored()] == ["failed"], 20, "the failure")
    assert "cut off" in stage.stored()[0]["why"]
    writers.cp(film, to)
    until(lambda: stage.ended(2), 60, "the result")

    assert sorted(j["state"] for j in stage.stored()) == ["delivered", "failed"]
    assert [x["sha256"] for x in stage.ledger() if x["fact"] == "upload_received"] == [sha256(film)]
    assert stage.stop() == 0


def test_one_that_changes_while_it_goes_up(stage):
    """Its job ends as changed before a word is said; the new version is delivered, once."""
    configure(stage, limits={"upload_rate": "6 Mbit/s"})
    old, new = (writers.film(stage.folder / "films", name) for name in ("old", "new"))
    to = stage.inbox() / "clip.mp4"
    writers.cp(old, to)
    stage.start()
    until(lambda: any(j["step"] == "upload" for j in stage.stored()), 30, "the upload")
    time.sleep(0.5)  # into the middle of it
    writers.cp(new, to)
    until(lambda: stage.ended(2), 60, "both ends")

    assert sorted(j["state"] for j in stage.stored()) == ["cancelled", "delivered"]
    assert stage.facts()["message_received"] == 1
    assert len(stage.delivered()) == 1
    [made] = [j for j in stage.stored() if j["state"] == "delivered"]
    assert made["source_sha256"] == sha256(new)
    assert stage.stop() == 0


def test_five_thousand_at_once_before_a_reader_that_stalls(stage):
    """While it stands still, and with its work paused: each has one job."""
    stage.start()
    until(lambda: stage.say("pause", "--all", check=False).returncode == 0, 20, "the pause")
    films = stage.folder / "films"
    films.mkdir()
    for n in range(MANY):
        clips.distinct(clips.kept("tiny"), films / f"{n}.mp4")
    stage.daemon.send_signal(signal.SIGSTOP)
    for film in films.iterdir():
        film.rename(stage.inbox() / film.name)
    stage.daemon.send_signal(signal.SIGCONT)
    until(lambda: made(stage) >= MANY, 150, "the jobs")
    time.sleep(3)  # the next rescan: nothing more is to come of it

    jobs = Counter(job["relative"] for job in stage.stored())
    assert jobs == Counter(f"{n}.mp4" for n in range(MANY))


def made(stage):
    """How many jobs there are; the documents of thousands are not read for that."""
    db = sqlite3.connect(stage.state / "hotpress.db")
    try:
        return db.execute("SELECT count(*) FROM jobs").fetchone()[0]
    finally:
        db.close()


def test_two_syncthing_peers(stage):
    """In from another device and out to it again: a large file, a conflict and a delete."""
    far = {"in": stage.folder / "far/in", "out": stage.folder / "far/out"}
    films = {n: writers.film(stage.folder / "films", n) for n in ("large", "near", "far")}
    stage.start()
    folders = {"in": stage.inbox(), "out": stage.outbox()}
    with servers.syncthing(stage.folder / "sync", folders, far) as (one, other):
        writers.cp(films["large"], far["in"] / "large.mp4")
        other.scan()
        until(lambda: stage.ended(1), 60, "the result")
        until(lambda: in_step(stage.outbox(), far["out"], 1), 60, "the result far away")

        one.ask("system/pause", "POST")
        until(lambda: not one.connected(), 20, "the pause")
        writers.cp(films["near"], stage.inbox() / "clip.mp4")
        writers.cp(films["far"], far["in"] / "clip.mp4")
        for peer in (one, other):
            peer.scan()
        until(lambda: stage.ended(2), 60, "the result of the near one")
        one.ask("system/resume", "POST")
        until(lambda: stage.ended(3), 60, "the result of the other one")
        until(lambda: in_step(stage.outbox(), far["out"], 3), 60, "all results far away")

        (far["in"] / "large.mp4").unlink()
        other.scan()
        until(lambda: not (stage.inbox() / "large.mp4").exists(), 60, "the delete")
        until(lambda: in_step(stage.inbox(), far["in"], 2), 60, "both in step")

    jobs = stage.stored()
    assert stage.stop() == 0
    assert sorted(j["source_sha256"] for j in jobs) == sorted(map(sha256, films.values()))
    assert [j["state"] for j in jobs] == ["delivered"] * 3
    sent = Counter(x["sha256"] for x in stage.ledger() if x["fact"] == "upload_received")
    assert sent == Counter(map(sha256, films.values()))
    assert len(stage.delivered()) == 3
    no_charge_twice(stage)


def in_step(one, other, count):
    """Do both folders hold the same videos?"""
    found = [sorted((p.name, sha256(p)) for p in f.glob("*.mp4")) for f in (one, other)]
    return found[0] == found[1] and len(found[0]) == count
