"""Rule files in a real folder: read safely, never half; a video waits while they are wrong."""

import os
import random
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from house import House
from switch import clip_bytes

from hotpress import rulefiles
from hotpress.admission import Admission
from hotpress.config.settings import Inbox, Settings
from hotpress.hotfolder import HotFolder
from hotpress.model import Reason, Route, State
from hotpress.orders import Orders


@pytest.fixture
def house(tmp_path):
    found = House(tmp_path)
    found.source.unlink()
    return found


@pytest.fixture
def hot(house):
    return hot_folder(house)


def hot_folder(house, **rule):
    inbox = Inbox(path=house.inbox, outbox=house.outbox, existing="all", **rule)
    settings = Settings(inboxes=[inbox])
    admission = Admission("travel", inbox, settings, house.store, house.clock, random.Random(1))
    return HotFolder(inbox, admission)


def put(folder: Path, name: str, text: str | bytes = "x" * 5_000) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def pass_by(hot, house, seconds=20.0):
    """Looks at what is due, as the inbox's thread does, and obeys what it asks for."""
    orders = Orders(house.store, house.clock, {})
    hot.rescan()
    end = house.clock.now() + seconds
    while house.clock.now() < end:
        house.clock.move(0.5)
        hot.look_again()
        orders.obey(frozenset())


def only_job(house):
    [job] = house.store.jobs()
    return job


def test_rules_of_the_folder_and_of_the_file_are_frozen_into_the_job(hot, house):
    """From the inbox down, the nearest last; the file's own over all; words beside it."""
    put(house.inbox, "hotpress.yaml", "target_size: 40 MB\nresolution: 720p\n")
    put(house.inbox, "trip/.hotpress.yaml", "target_size: 30 MB\n")
    put(house.inbox, "trip/clip.mov.hotpress.yaml", "quality_floor: good\n")
    put(house.inbox, "trip/clip.mov.hotpress.txt", "no music")
    put(house.inbox, "trip/clip.mov")
    pass_by(hot, house)
    job = only_job(house)

    assert job.state is State.QUEUED
    assert (job.rule.target_bytes, job.rule.resolution) == (30_000_000, "720p")
    assert (job.rule.quality_floor, job.rule.instructions) == (88.0, "no music")
    assert hot.leaves.ignored() == {}


def test_words_that_come_within_the_settle_time_count(hot, house):
    """A phone sends the video first, and then the text about it."""
    put(house.inbox, "clip.mov")
    hot.rescan()
    house.clock.move(0.5)
    put(house.inbox, "clip.mov.hotpress.txt", "cut the end")
    pass_by(hot, house)

    assert only_job(house).rule.instructions == "cut the end"


def test_words_off_leaves_text_files_alone(house):
    """Also one that could not be understood."""
    hot = hot_folder(house, words="off")
    put(house.inbox, "clip.mov.hotpress.txt", "x" * 600)
    put(house.inbox, "clip.mov")
    pass_by(hot, house)

    assert (only_job(house).state, only_job(house).rule.instructions) == (State.QUEUED, "")


def test_a_wrong_rule_file_holds_its_folder_until_it_is_mended(hot, house):
    """Held with file, line and what to write; others go on; mended, it goes by the new rule."""
    put(house.inbox, "trip/hotpress.yaml", "resolution: 720p\nroute: local\ntarget_size: 60\n")
    put(house.inbox, "trip/clip.mov")
    put(house.inbox, "other.mov", "y" * 6_000)
    pass_by(hot, house, seconds=30)
    jobs = {job.relative: job for job in house.store.jobs()}
    held = jobs["trip/clip.mov"]

    assert jobs["other.mov"].state is State.QUEUED
    assert (held.state, held.reason) == (State.HELD, Reason.RULES)
    assert held.why.startswith("trip/hotpress.yaml:3  target_size: 60 is not a size; write")
    assert held.hint == "Mend trip/hotpress.yaml; hotpress goes on by itself."

    put(house.inbox, "trip/hotpress.yaml", "resolution: 720p\nroute: local\ntarget_size: 60 M\n")
    assert hot.nudge(house.inbox / "trip/hotpress.yaml")  # a rescan is asked for
    pass_by(hot, house)
    assert "60 M is not a size" in house.store.get(held.id).why

    put(house.inbox, "trip/hotpress.yaml", "resolution: 720p\nroute: local\ntarget_size: 60 MB\n")
    assert hot.nudge(house.inbox / "trip/hotpress.yaml")  # a rescan is asked for
    pass_by(hot, house)
    now = house.store.get(held.id)
    assert (now.state, now.unruled, now.why) == (State.QUEUED, False, "")
    assert (now.rule.resolution, now.rule.route) == ("720p", Route.LOCAL)
    assert now.rule.target_bytes == 60_000_000


def test_a_rule_file_that_is_deleted_frees_its_folder_without_an_event(hot, house):
    """Nothing tells of a deletion: it is seen within half a minute."""
    wrong = put(house.inbox, "hotpress.yaml", "target_size: 60")
    for number in range(30):
        put(house.inbox, f"{number}.mov", str(number) * 3_000)
    pass_by(hot, house)
    assert {job.state for job in house.store.jobs()} == {State.HELD}
    wrong.unlink()
    orders = Orders(house.store, house.clock, {})
    for _ in range(80):
        house.clock.move(0.5)
        hot.look_again()
        orders.obey(frozenset())

    assert {job.state for job in house.store.jobs()} == {State.QUEUED}


def test_a_folder_that_cannot_be_gone_through_keeps_no_others_waiting(hot, house, tmp_path):
    """A video of it still waits for its rules; those of the other folders go on when mended."""
    wrong = put(house.inbox, "hotpress.yaml", "target_size: 60")
    put(house.inbox, "a/first.mov")
    house.clock.move(1)
    pass_by(hot, house)
    put(house.inbox, "b/second.mov", "y" * 6_000)
    pass_by(hot, house)
    (house.inbox / "a").rename(tmp_path / "elsewhere")
    (house.inbox / "a").write_text("a file where the folder was")
    wrong.unlink()
    for _ in range(4):
        hot.admission.mended(hot.root)
        house.clock.move(30)
    Orders(house.store, house.clock, {}).obey(frozenset())

    states = {job.relative: job.state for job in house.store.jobs()}
    assert states == {"a/first.mov": State.HELD, "b/second.mov": State.QUEUED}


def test_nothing_is_read_while_it_is_being_written(hot, house):
    """Each half of a rule file could be a rule, and another one than was meant."""
    rules = put(house.inbox, "hotpress.yaml", "")
    put(house.inbox, "clip.mov", clip_bytes("tiny"))  # whole, so that a second is enough for it
    hot.rescan()
    for line in ("target_size: 60 MB\n", "resolution: 480p\n", "route: local\n"):
        for _ in range(2):
            house.clock.move(0.4)
            hot.look_again()
        assert house.store.jobs() == []
        with rules.open("a") as file:
            file.write(line)
    pass_by(hot, house)

    assert only_job(house).rule.route is Route.LOCAL


def test_a_folder_may_leave_out_more_than_the_config_and_never_less(house):
    """Globs are for its own folder; what is left out is counted, and taken when the rule goes."""
    hot = hot_folder(house, exclude=["*.avi"])
    rules = put(house.inbox, "trip/hotpress.yaml", "exclude: [raw/*.mov]\ninclude: '*.mov'\n")
    for name in ("trip/a.mov", "trip/raw/b.mov", "trip/c.mp4", "raw/d.mov", "trip/e.avi"):
        put(house.inbox, name, name * 1_000)
    pass_by(hot, house)
    assert {job.relative for job in house.store.jobs()} == {"trip/a.mov", "raw/d.mov"}
    assert hot.leaves.ignored() == {"excluded": 3}

    rules.write_text("include: ['*.mov', '*.mp4', '*.avi']\n")
    pass_by(hot, house)
    made = {job.relative for job in house.store.jobs()}
    assert made == {"trip/a.mov", "raw/d.mov", "trip/raw/b.mov", "trip/c.mp4"}
    assert hot.leaves.ignored() == {"excluded": 1}


def test_a_rule_of_a_job_is_never_changed_by_a_later_file(hot, house):
    """Frozen when the job is made."""
    put(house.inbox, "clip.mov")
    pass_by(hot, house)
    put(house.inbox, "hotpress.yaml", "target_size: 1 MB\n")
    hot.nudge(house.inbox / "hotpress.yaml")
    pass_by(hot, house)

    assert only_job(house).rule.target_bytes == 100_000_000


def test_a_retry_of_one_that_waits_for_its_rules_does_not_pass_them_by(hot, house):
    """By the config alone it might go to the cloud: only its rules, or a new rule, free it."""
    put(house.inbox, "hotpress.yaml", "route: lokal\n")
    put(house.inbox, "clip.mov")
    pass_by(hot, house)
    job = only_job(house)
    house.store.ask("retry", job.id, {}, house.clock.now())
    Orders(house.store, house.clock, {}).obey(frozenset())

    assert only_job(house).unruled


@pytest.mark.parametrize("kind", ["pipe", "link", "socket", "folder", "large", "forbidden"])
def test_what_is_no_ordinary_file_is_never_opened(hot, house, kind):
    """A pipe would stop the inbox for ever, a link would read what lies elsewhere."""
    path = house.inbox / "hotpress.yaml"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to(put(house.inbox.parent, "secret.yaml", "instructions: secret\n"))
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as there:
            there.bind(os.path.relpath(path))
    elif kind == "folder":
        path.mkdir()
    elif kind == "large":
        put(house.inbox, "hotpress.yaml", "#" * 16_001)
    elif os.geteuid():
        put(house.inbox, "hotpress.yaml", "# x").chmod(0)
    else:
        path.symlink_to("/proc/self/mem")
    put(house.inbox, "clip.mov")
    pass_by(hot, house)
    job = only_job(house)

    assert (job.state, job.reason) == (State.HELD, Reason.RULES)
    assert job.why.startswith("hotpress.yaml:1  is") or "can't be read" in job.why
    assert job.rule.instructions == ""


def test_a_folder_that_is_a_link_is_not_gone_through(house, tmp_path):
    """Between the look at the folder and the reading it may have been put in its place."""
    put(tmp_path, "elsewhere/hotpress.yaml", "instructions: secret\n")
    (house.inbox / "trip").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(OSError):
        rulefiles.read(house.inbox, "trip/clip.mov")


def test_a_name_too_long_for_a_text_beside_it_has_none(house):
    """250 letters and an ending: nothing longer fits into a folder."""
    assert rulefiles.read(house.inbox, "a" * 246 + ".mov") == []


def test_many_wrong_files_are_no_more_than_sentences(hot, house):
    """A job that is made while its rules are wrong is not known as made: no second one comes."""
    put(house.inbox, "hotpress.yaml", "nonsense")
    put(house.inbox, "clip.mov")
    pass_by(hot, house)
    again = replace(only_job(house))
    pass_by(hot_folder(house), house)

    assert only_job(house).id == again.id


def test_route_local_in_the_folder_holds_a_result_that_the_cloud_has_to_edit(house):
    """Words of one result of several: they can't be followed here, and are not passed over."""
    outputs = [
        {"name": "web", "instructions": "cut it"},
        {"name": "raw", "output": "{stem} raw.mp4"},
    ]
    hot = hot_folder(house, outputs=outputs)
    put(house.inbox, "hotpress.yaml", "route: local\n")
    put(house.inbox, "clip.mov")
    pass_by(hot, house)

    assert {job.reason for job in house.store.jobs()} == {Reason.RULES}
    assert all("hotpress.yaml:1" in job.why for job in house.store.jobs())


@pytest.mark.parametrize("name", ["hotpress.yaml", "clip.mov.hotpress.txt"])
def test_words_in_the_folder_send_nothing_to_the_cloud_that_the_config_keeps_here(house, name):
    """Every result is local by the config; one that doesn't say so itself would get the edit."""
    results = [{"name": "web", "route": "local"}, {"name": "chat", "output": "{stem} chat.mp4"}]
    hot = hot_folder(house, outputs=results)
    put(house.inbox, name, "add music" if name.endswith("txt") else "\ninstructions: add music\n")
    put(house.inbox, "clip.mov")
    pass_by(hot, house)
    jobs = house.store.jobs()

    assert {job.rule.route for job in jobs} == {Route.LOCAL}
    assert {(job.state, job.reason) for job in jobs} == {(State.HELD, Reason.RULES)}
    assert f"{name}:" in jobs[0].why
    assert "instructions: need the cloud, and the config keeps every result here" in jobs[0].why


def test_words_in_the_folder_that_differ_from_those_of_a_result_hold_both(house):
    """A video is edited once: else one would be paid for, and the other fail."""
    results = [
        {"name": "web", "instructions": "brighter"},
        {"name": "chat", "output": "{stem} chat.mp4"},
    ]
    hot = hot_folder(house, outputs=results)
    put(house.inbox, "hotpress.yaml", "instructions: darker\n")
    put(house.inbox, "clip.mov")
    pass_by(hot, house)
    jobs = house.store.jobs()

    assert {(job.state, job.reason) for job in jobs} == {(State.HELD, Reason.RULES)}
    assert jobs[0].why.startswith("hotpress.yaml:1  instructions: a video is edited once")


def test_what_is_held_goes_on_under_another_name_of_its_inbox(hot, house):
    """The name in the config was changed, the folder is the same: nobody else looks after it."""
    put(house.inbox, "hotpress.yaml", "target_size: 60\n")
    put(house.inbox, "clip.mov")
    pass_by(hot, house)
    assert only_job(house).reason is Reason.RULES
    house.store.set_note("paused:travel", "1")
    inbox = Inbox(name="trips", path=house.inbox, outbox=house.outbox, existing="all")
    settings = Settings(inboxes=[inbox])
    renamed = Admission("trips", inbox, settings, house.store, house.clock, random.Random(1))
    put(house.inbox, "hotpress.yaml", "target_size: 60 MB\n")
    hot = HotFolder(inbox, renamed)
    pass_by(hot, house)
    pass_by(hot, house)  # the next rescan
    job = only_job(house)

    assert (job.inbox, job.state, job.rule.target_bytes) == ("trips", State.QUEUED, 60_000_000)
    assert house.store.note("paused:trips") == "1"  # who was paused is so still


@pytest.mark.parametrize("text", ["---\n", "---\n...\n", "~\n", "- \n", "''\n"])
def test_a_rule_file_without_anything_holds_its_folder_alone(hot, house, text):
    """However nothing is written: the others of the inbox go on."""
    put(house.inbox, "a/hotpress.yaml", text)
    put(house.inbox, "a/clip.mov")
    put(house.inbox, "b.mov", "y" * 6_000)
    pass_by(hot, house)
    jobs = {job.relative: job for job in house.store.jobs()}

    assert jobs["b.mov"].state is State.QUEUED
    assert (jobs["a/clip.mov"].state, jobs["a/clip.mov"].reason) == (State.HELD, Reason.RULES)
    assert jobs["a/clip.mov"].why.startswith("a/hotpress.yaml:1  ")


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("trip/hotpress.yml", "trip/hotpress.yaml"),
        (".hotpress.yml", ".hotpress.yaml"),
        ("hotpress.yaml.txt", "hotpress.yaml"),
        ("trip/clip.mov.hotpress.yml", "trip/clip.mov.hotpress.yaml"),
        ("trip/clip.mov.hotpress.yaml.txt", "trip/clip.mov.hotpress.yaml"),
    ],
)
def test_a_rule_file_under_nearly_its_name_is_told(hot, house, name, right):
    """It would be passed over in silence, and what it keeps at home would go to the cloud."""
    put(house.inbox, name, "route: local\n")
    put(house.inbox, "trip/clip.mov")
    pass_by(hot, house)
    held = only_job(house)
    assert (held.state, held.reason) == (State.HELD, Reason.RULES)
    assert held.why == f"{name}:1  is not read under this name; call it {right}"

    (house.inbox / name).rename(house.inbox / right)
    assert hot.nudge(house.inbox / right)
    pass_by(hot, house, seconds=40)
    job = only_job(house)
    assert (job.state, job.rule.route) == (State.QUEUED, Route.LOCAL)


def test_rule_files_of_many_folders_are_not_read_without_end(hot, house):
    """A hundred folders deep, each with a full one: reading them took half a minute a video."""
    text = "include: [" + "'*.mov'," * 100 + "'*.mov']\n#" + "x" * 14_000
    for depth in range(1, 8):
        put(house.inbox, "/".join("a" * depth) + "/hotpress.yaml", text)
    put(house.inbox, "a/b.mov")
    put(house.inbox, "a/a/a/a/a/a/a/c.mov", "y" * 6_000)
    pass_by(hot, house)
    jobs = {job.relative: job for job in house.store.jobs()}

    assert jobs["a/b.mov"].state is State.QUEUED
    held = jobs["a/a/a/a/a/a/a/c.mov"]
    assert held.reason is Reason.RULES
    assert held.why.startswith("a/a/a/a/a/a/a/hotpress.yaml:1  is over 64 kB with those above it")
