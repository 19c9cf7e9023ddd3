"""Keys whose effect no other test shows: set in a config, seen in what is done."""

import io
import random
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from makers import FULL_HD, a_job

from hotpress import errors, log, policy
from hotpress.checkup import checked
from hotpress.chores import Chores
from hotpress.clock import HandClock
from hotpress.config.read import read_text
from hotpress.config.rules import rules_for
from hotpress.config.settings import RuleSettings, Watch
from hotpress.config.terms import terms_of, watch_of
from hotpress.daemon import Circumstances, make_cloud
from hotpress.engine.slots import slots_of
from hotpress.model import Hold, Next, Reason, Rule, State, Step
from hotpress.places import Places
from hotpress.steps import wanted
from hotpress.store import Store
from hotpress.watch.filesystems import rescan_seconds

INBOX = "inboxes:\n  - path: /in\n    outbox: /out\n"
# A value that is not the default, for each key that is frozen into a job.
FROZEN = {
    "target_size": ("40 %", {"target_share": 0.4, "target_bytes": None}),
    "max_rate": ("4 Mbit/s", {"max_bits_per_second": 4_000_000}),
    "resolution": ("720p", {"resolution": "720p"}),
    "instructions": ("no music", {"instructions": "no music"}),
    "route": ("local", {"route": "local"}),
    "auto_after": ("10m", {"auto_after_seconds": 600.0}),
    "codec": ("hevc", {"codec": "hevc"}),
    "encoder": ("/bin/sh", {"encoder": "/bin/sh"}),
    "fps": ("25", {"fps": 25.0}),
    "audio_bitrate": ("96 kbit/s", {"audio_bits_per_second": 96_000}),
    "oversize": ("refuse", {"oversize": "refuse"}),
    "already_small": ("skip", {"already_small": "skip"}),
    "min_saving": ("30 %", {"min_saving": 0.3}),
    "quality_floor": ("77", {"quality_floor": 77.0}),
    "hdr": ("keep", {"hdr": "keep"}),
    "metadata": ("strip", {"metadata": "strip"}),
    "source": ("archive", {"source": "archive", "archive_to": "/Archive"}),
    "archive_to": ("/old\n    source: archive", {"archive_to": "/old"}),
    "propagates_deletion": ("ok", {"propagates_deletion": "ok"}),
    "output": ('"{stem} s.mp4"', {"output": "{stem} s.mp4"}),
    "outputs": ("[{name: web}]", {"output_name": "web"}),
    "collision": ("skip", {"collision": "skip"}),
    "session": ("inbox", {"session": "inbox"}),
    "hours": ("22:00-07:00", {"hours": ("22:00-07:00",)}),
    "links": ("on", {"links": "on"}),
    "companions": ("ignore", {"companions": "ignore"}),
}
# Read where files are found, before there is a job.
BEFORE_A_JOB = {"existing", "words", "include", "exclude", "online_only"}


def settings(text):
    return read_text(text, Path("config.yaml"), {}).settings


@pytest.mark.parametrize("key", FROZEN)
def test_each_key_of_a_rule_reaches_the_job(key):
    """What is written is what the job's rule says, and without it the rule says something else."""
    text, meant = FROZEN[key]
    found = settings(f"{INBOX}    {key}: {text}\n")
    plain = settings(INBOX)
    [rule] = rules_for(found, found.inboxes[0], "a.mov")
    [usual] = rules_for(plain, plain.inboxes[0], "a.mov")
    for field, value in meant.items():
        assert getattr(rule, field) == value
        assert getattr(usual, field) != value


def test_no_key_of_a_rule_is_forgotten():
    """A key that is added is frozen into the job, or read before there is one."""
    assert FROZEN.keys() | BEFORE_A_JOB == RuleSettings.model_fields.keys()
    assert not FROZEN.keys() & BEFORE_A_JOB


def test_the_words_in_a_name_are_filled_in():
    """Stem, ending, day, inbox and the height that it gets; subfolders are those of the source."""
    rule = Rule(output="{inbox}/{date} {stem} {ext} {resolution}", resolution="720p")
    job = a_job(rule=rule, relative="trip/clip.mov", inbox="travel")
    assert wanted.names(job, FULL_HD, 1_790_000_000.0)[0] == (
        "trip/travel/2026-09-21 clip mov 720p.mp4"
    )


def test_auto_goes_on_here_after_the_time_that_is_set():
    """`auto_after: 10m` is ten minutes without the cloud, not an hour."""
    found = settings(f"{INBOX}    auto_after: 10m\n")
    [rule] = rules_for(found, found.inboxes[0], "a.mov")
    gone = errors.Unreachable("no connection", "look at the network")
    job = replace(a_job(rule=rule), step=Step.UPLOAD, tally=replace(a_job().tally, retries=2))
    first = policy.verdict(gone, job, policy.Pauses(30.0, 0.0, 1_000.0))
    assert isinstance(first, Hold)
    assert isinstance(policy.verdict(gone, first.job, policy.Pauses(30.0, 0.0, 1_599.0)), Hold)
    assert isinstance(policy.verdict(gone, first.job, policy.Pauses(30.0, 0.0, 1_600.0)), Next)


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("credits_look", Reason.CREDITS),
        ("credits_look", Reason.BUDGET),
        ("offline_look", Reason.OFFLINE),
    ],
)
def test_what_is_held_is_looked_at_as_often_as_is_set(tmp_path, key, reason):
    """One of those that are held looks again when that time has passed, and not before."""
    timing = settings(f"cloud: {{timing: {{{key}: 20m}}}}\n").cloud.timing
    store, clock = Store(tmp_path / "hotpress.db"), HandClock()
    now = clock.now()
    store.add(a_job(state=State.HELD, reason=reason, created_at=now, updated_at=now), "")
    woken = []
    chores = Chores(store, None, clock, lambda: timing, lambda: woken.append(1), list)
    for _ in range(19):
        clock.wait(60.0, threading.Event())
        chores.wake_held()
    assert not woken
    clock.wait(61.0, threading.Event())
    chores.wake_held()
    assert woken
    store.close()


def test_the_cloud_is_asked_as_the_config_says(tmp_path):
    """Addresses, identity and the limits of a stream are those that are set, none is a constant."""
    found = settings(
        "cloud:\n  api_url: http://127.0.0.1:9\n  web_url: https://web.example\n"
        "  client_id: me\n  platform: here\n  skill_version: 9.9.9\n"
        "  timing: {stream_limit: 11s, stream_silence: 7s, working_note: 3s, token_retry: 13s}\n"
    )
    cloud = make_cloud(
        found, Circumstances(HandClock(), random.Random(1), tmp_path), threading.Event()
    )
    limits = cloud._limits
    assert (limits.stream_seconds, limits.silence_seconds, limits.note_seconds) == (11, 7, 3)
    cloud.close()


def test_priority_and_order_of_an_inbox_are_its_turns():
    """Four turns for one, and the smallest first, where the config says so and nowhere else."""
    rows = "".join(
        f"  - {{path: /{name}, outbox: /{name}o, priority: {name}, order: {order}}}\n"
        for name, order in (("high", "smallest"), ("normal", "oldest"), ("low", "oldest"))
    )
    found = slots_of(settings(f"limits: {{cloud_jobs: 9}}\ninboxes:\n{rows}"))
    assert [found.share(name).weight for name in ("high", "normal", "low")] == [4.0, 1.0, 0.25]
    assert [found.share(name).smallest_first for name in ("high", "low")] == [True, False]
    assert found.cloud_jobs == 9


@pytest.mark.parametrize(
    ("mode", "kind", "seconds"),
    [("auto", "ext4", 120.0), ("auto", "nfs4", 6.0), ("polling", "ext4", 6.0)],
)
def test_folders_are_looked_at_as_often_as_is_set(mode, kind, seconds):
    """`rescan` where events can be trusted, `poll` where they can't, or where it says so."""
    watch = settings(f"watch: {{mode: {mode}, rescan: 2m, poll: 6s}}\n").watch
    assert rescan_seconds(kind, watch.mode, watch.rescan, watch.poll) == seconds


def test_an_inbox_may_be_watched_in_its_own_way():
    """Each key of its `watch` stands in the place of the general one, alone."""
    found = settings(f"{INBOX}    watch: {{settle: 9s, patience: 1h, rescan: 1m, poll: 2s}}\n")
    watch = watch_of(found, found.inboxes[0])
    assert watch == Watch(settle="9s", patience="1h", rescan="1m", poll="2s")
    assert terms_of(found)[0].inbox.watch.mode is None


def test_the_estimate_is_what_people_are_told_before_anything_was_charged(tmp_path):
    """Until something was charged: 20 credits a video are 5 videos of a free account."""
    path = tmp_path / "config.yaml"
    path.write_text("cloud: {estimate: 20}\n")
    rows = [row.what for row in checked(Places(path, tmp_path)) if row.about == "account"]
    assert "about 5 videos" in rows[0]


@pytest.mark.parametrize(
    ("level", "form", "lines"), [("info", "json", 2), ("warning", "console", 1)]
)
def test_the_log_is_as_the_config_says(level, form, lines):
    """Which events, and as JSON or as words."""
    told = settings(f"log: {{level: {level}, format: {form}}}\n").log
    stream = io.StringIO()
    log.setup(told.level, told.format, stream)
    try:
        log.get("test").info("thing.done")
        log.get("test").warning("thing.failed")
    finally:
        log.setup("warning")
    said = stream.getvalue().splitlines()
    assert len(said) == lines
    assert all(line.startswith("{") for line in said) == (form == "json")
