"""The settings that count now: when the file is read, and what becomes of a broken one."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from hotpress.clouds import bearer_for
from hotpress.config.live import QUIET_SECONDS, Live, Quiet, key_of
from hotpress.config.read import read_file, read_text
from hotpress.config.settings import Settings
from hotpress.config.terms import terms_of, upload_rate, watch_of
from hotpress.errors import ConfigError
from hotpress.reload import changed

FIRST, SECOND = (1, 2, 3), (1, 2, 4)


@pytest.fixture
def path(tmp_path):
    found = tmp_path / "config.yaml"
    found.write_text("limits: {uploads: 3}\n")
    return found


def rested(live, start=0.0):
    """Two looks with enough between them."""
    live.look(start)
    return live.look(start + QUIET_SECONDS)


def test_a_file_is_due_when_it_is_another_one_and_rests():
    """Each change begins the waiting anew; what was read is not read again."""
    quiet = Quiet()
    assert not quiet.due(FIRST, 0.0)
    assert not quiet.due(SECOND, QUIET_SECONDS)
    assert not quiet.due(SECOND, 1.9 * QUIET_SECONDS)
    assert quiet.due(SECOND, 2 * QUIET_SECONDS)
    quiet.read = SECOND
    assert not quiet.due(SECOND, 100.0)


def test_a_change_that_is_taken_back_before_it_rests_is_none():
    """Written and restored within a moment: nothing is read."""
    quiet = Quiet(read=FIRST)
    assert not quiet.due(SECOND, 0.0)
    assert not quiet.due(FIRST, 0.1)
    assert not quiet.due(FIRST, 10.0)


def test_a_changed_file_counts_when_it_rests(path):
    """Before that the old settings count, whole."""
    live = Live(read_file(path))
    rested(live)
    path.write_text("limits: {uploads: 4}\n")
    live.look(10.0)
    assert live.settings.limits.uploads == 3
    assert live.look(10.0 + QUIET_SECONDS)
    assert live.settings.limits.uploads == 4


def test_a_broken_or_missing_file_keeps_the_last_good_one(path):
    """The problems are told until the file is mended."""
    live = Live(read_file(path))
    path.write_text("limits: {uploads: 0}\n")
    assert rested(live)
    assert "uploads" in live.problems[0]
    path.unlink()
    assert rested(live, 10.0)
    assert "no config" in live.problems[0]
    assert live.settings.limits.uploads == 3
    path.write_text("limits: {uploads: 5}\n")
    assert rested(live, 20.0)
    assert (live.problems, live.settings.limits.uploads) == ((), 5)


def test_what_this_daemon_can_not_do_is_refused_like_a_mistake(path):
    """As an inbox around its own state directory: the old settings count."""

    def check(config):
        if config.settings.limits.uploads == 7:
            raise ConfigError(["seven is too many here"])

    live = Live(read_file(path), check)
    path.write_text("limits: {uploads: 7}\n")
    rested(live)

    assert live.problems == ("seven is too many here",)
    assert live.settings.limits.uploads == 3


def test_a_signal_reads_at_once(path):
    """Nobody has to wait for the file to rest."""
    live = Live(read_file(path))
    path.write_text("limits: {uploads: 4}\n")
    live.ask()

    assert live.look(0.0)
    assert live.settings.limits.uploads == 4


def test_a_link_that_leads_elsewhere_is_another_file(path):
    """So is a file that was put in the place of the old one."""
    other, link = path.with_name("other.yaml"), path.with_name("link")
    other.write_text(path.read_text())
    link.symlink_to(path)
    before = key_of(link)
    link.unlink()
    link.symlink_to(other)

    assert key_of(link) != before
    assert key_of(path.with_name("nothing")) == ()


def test_what_changed_is_named_without_its_values(path):
    """A token may be among them."""
    before = read_file(path, {}).settings
    path.write_text("cloud: {token: nmv_usr_secret}\n")

    assert changed(before, read_file(path, {}).settings) == ["cloud", "limits"]


def test_an_inbox_has_its_outbox_alone_or_not(tmp_path):
    """Terms say so for each inbox."""
    path = tmp_path / "config.yaml"
    rows = "".join(
        f"  - {{name: {name}, path: /in/{name}, outbox: /out/{out}}}\n"
        for name, out in (("a", 1), ("b", 1), ("c", 2))
    )
    path.write_text(f"inboxes:\n{rows}")
    found = terms_of(read_file(path, {}).settings)

    assert [(each.name, each.sole) for each in found] == [("a", False), ("b", False), ("c", True)]


@pytest.mark.parametrize("text", ["", "\n# inboxes:\n", "---\n"])
def test_a_file_that_lost_all_its_words_is_a_broken_one(path, text):
    """An editor on a full disk leaves nothing: no inbox would be watched, and the token be gone."""
    path.write_text("cloud: {token: nmv_usr_x}\ninboxes: [{path: /in, outbox: /out}]\n")
    live = Live(read_file(path))
    path.write_text(text)

    assert rested(live)
    assert "is empty" in live.problems[0] or "this is no list" in live.problems[0]
    assert [str(inbox.path) for inbox in live.settings.inboxes] == ["/in"]
    assert live.settings.bearer() == "nmv_usr_x"


def test_a_token_is_sent_to_its_own_address_alone(path):
    """A step goes on by the address that it began with: not with the token of the new one."""
    path.write_text("cloud: {api_url: 'https://old.example', token: nmv_old}\n")
    live = Live(read_file(path))
    bearer = bearer_for(live.settings, lambda: live.settings)
    path.write_text("cloud: {api_url: 'https://old.example', token: nmv_fresh}\n")
    rested(live)
    assert bearer() == "nmv_fresh"
    path.write_text("cloud: {api_url: 'https://new.example', token: nmv_new}\n")
    rested(live, 10.0)

    assert live.settings.bearer() == "nmv_new"
    assert bearer() == "nmv_old"


def test_an_inbox_is_watched_by_its_own_values_over_those_of_all():
    """What it leaves out is inherited; the other inbox has nothing of it."""
    text = """
watch: {settle: 2s, rescan: 1m}
inboxes:
  - {path: /in, outbox: /out, watch: {mode: polling, settle: 7s}}
  - {path: /in2, outbox: /out2}
"""
    settings = read_text(text, Path("config.yaml"), {}).settings
    one, other = (watch_of(settings, inbox) for inbox in settings.inboxes)

    assert (one.mode, one.settle, one.rescan, one.poll) == ("polling", 7.0, 60.0, 15.0)
    assert other == settings.watch


def test_an_inbox_uploads_by_its_own_rate_within_that_of_all():
    """By times of day in its time zone; uploads that run at once share what there is."""
    text = """
limits: {upload_rate: 8 Mbit/s}
inboxes:
  - {name: day, path: /in, outbox: /out, timezone: Asia/Tokyo,
     limits: {upload_rate: {"08:00-18:00": 1 Mbit/s, else: none}}}
  - {name: free, path: /in2, outbox: /out2}
"""
    settings = read_text(text, Path("config.yaml"), {}).settings
    noon_in_tokyo = datetime(2026, 11, 28, 3, tzinfo=UTC).timestamp()
    evening_there = noon_in_tokyo + 8 * 3_600

    def rate(inbox, now, running):
        return upload_rate(settings, inbox, now, lambda: running)

    assert rate("day", noon_in_tokyo, {"day": 1}) == 1_000_000
    assert rate("day", noon_in_tokyo, {"day": 2, "free": 1}) == 500_000
    assert rate("free", noon_in_tokyo, {"day": 2, "free": 2}) == 2_000_000
    assert rate("day", evening_there, {"day": 1}) == 8_000_000
    assert rate("gone from the config", noon_in_tokyo, {}) == 8_000_000
    assert upload_rate(Settings(), "day", noon_in_tokyo, lambda: {"day": 1}) is None
