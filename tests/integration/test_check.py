"""`hotpress check` and what `run` says at its start: each finding with its next step."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hotpress.config.cautions import cautions
from hotpress.config.read import read_file

TOKEN = "nmv_usr_do_not_tell"


@pytest.fixture
def config(tmp_path):
    (tmp_path / "in").mkdir()
    path = tmp_path / "config.yaml"
    path.write_text(
        f"inboxes:\n  - name: travel\n    path: {tmp_path}/in\n    outbox: {tmp_path}/out\n"
    )
    path.chmod(0o644)
    return path


def check(path: Path, *options: str):
    """As a process: its log must not stay with whoever runs the tests."""
    env = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "TMPDIR")}
    command = [sys.executable, "-m", "hotpress", "--config", str(path), "check", *options]
    return subprocess.run(
        command,
        env={**env, "HOME": str(path.parent.parent)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_good_config_is_green(config):
    """Every finding says what was looked at; nothing was made or changed."""
    before = sorted(config.parent.rglob("*"))
    said = check(config)

    assert said.returncode == 0, said.stderr
    assert f"green   travel: {config.parent}/in can be read" in said.stdout
    assert f"green   travel: the outbox {config.parent}/out will be made" in said.stdout
    assert "free account has 100 credits for 7 days, about 2 videos" in said.stdout
    assert sorted(config.parent.rglob("*")) == before


def test_a_missing_folder_is_red_with_the_command_that_makes_it(config):
    """Exit 1: something must be done."""
    (config.parent / "in").rmdir()
    said = check(config)

    assert said.returncode == 1
    assert f"-> mkdir -p '{config.parent}/in'" in said.stdout


def test_a_broken_config_is_red_with_its_line(config):
    """Exit 2, as everywhere; what to write instead is the next step."""
    config.write_text("defaults:\n  target_size: 60\n")
    said = check(config)

    assert said.returncode == 2
    assert "red     config: config.yaml:2 defaults.target_size: 60 is not a size" in said.stdout
    assert "-> write its unit, too: 60 MB" in said.stdout


def test_the_report_for_programs(config):
    """The same as JSON."""
    found = json.loads(check(config, "--json").stdout)["findings"]

    assert {"config", "travel", "encoder", "account"} <= {each["about"] for each in found}
    assert {each["colour"] for each in found} <= {"green", "yellow", "red"}


def test_a_token_that_others_can_read_is_told_with_the_command_that_hides_it(config):
    """Only where the token itself stands in the file, and never the token."""
    text = config.read_text()
    config.write_text(f"cloud:\n  token: {TOKEN}\n" + text)
    said = cautions(read_file(config, {}))
    assert len(said) == 1
    assert said[0].startswith(
        "config.yaml:2  cloud.token: others on this machine can read it; chmod"
    )
    assert TOKEN not in said[0]

    config.chmod(0o600)
    assert cautions(read_file(config, {})) == []
    config.chmod(0o644)
    config.write_text("cloud:\n  token: ${NEMO_TOKEN}\n" + text)
    assert cautions(read_file(config, {"NEMO_TOKEN": TOKEN})) == []
    assert cautions(read_file(config, {})) == []


@pytest.mark.parametrize("form", ["ntfys://me:{}@ntfy.sh/x", "{{url: 'ntfys://me:{}@ntfy.sh/x'}}"])
def test_the_address_of_a_notice_is_as_secret_as_a_token(config, form):
    """It may hold a password, and whoever knows it can read along; a variable hides it."""
    text = config.read_text()
    config.write_text(text + f"notify:\n  - {form.format('pw123')}\n")
    [said] = cautions(read_file(config, {}))
    assert said.startswith("config.yaml:6  notify[0]")
    assert "chmod 600" in said
    assert "pw123" not in said
    config.write_text(text + f"notify:\n  - {form.format('${PW}')}\n")
    assert cautions(read_file(config, {"PW": "pw123"})) == []


def test_a_missing_inbox_is_told_at_the_start_with_its_line(config):
    """It may be mounted later: no mistake, but nobody should wait in vain."""
    (config.parent / "in").rmdir()

    assert cautions(read_file(config, {})) == [
        f"config.yaml:3  inboxes[0].path: {config.parent}/in is not there; "
        f"make it: mkdir -p {config.parent}/in, or mount it"
    ]
