"""The tab key: verbs, options, inboxes, jobs and reasons, as real shells are told them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from makers import a_job
from typer.testing import CliRunner

from hotpress.cli import app
from hotpress.model import State
from hotpress.store import Store

ASK = """
set -e
hotpress --install-completion >/dev/null
source "$HOME/.bashrc"
COMP_WORDS=(hotpress --config config.yaml pause M); COMP_CWORD=4
export PYTHONPROFILEIMPORTTIME=1
_hotpress_completion hotpress
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "config.yaml").write_text(
        "inboxes:\n  - {name: My films, path: /in, outbox: /out}\n"
        "  - {name: travel, path: /in2, outbox: /out2}\n"
    )
    (tmp_path / "state").mkdir()
    store = Store(tmp_path / "state/hotpress.db")
    store.add(a_job(id="k7clip", state=State.DELIVERED), "")
    store.close()
    monkeypatch.setenv("HOTPRESS_CONFIG", str(tmp_path / "config.yaml"))
    monkeypatch.setenv("HOTPRESS_STATE_DIR", str(tmp_path / "state"))
    return tmp_path


def offered(line, shell="bash"):
    """What is offered for the last word of a line."""
    words = line.split(" ")
    env = {"_HOTPRESS_COMPLETE": f"complete_{shell}"}
    if shell == "bash":
        env |= {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    else:
        env |= {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    said = CliRunner().invoke(app, [], env=env, prog_name="hotpress")
    assert said.exception is None or isinstance(said.exception, SystemExit)
    return said.output.strip().split("\n")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("hotpress pl", ["plan"]),
        ("hotpress config s", ["show", "schema"]),
        ("hotpress retry --n", ["--new-rule"]),
        ("hotpress approve ", ["My\\ films", "travel"]),
        ("hotpress approve tr", ["travel"]),
        ("hotpress pause ", ["My\\ films", "travel", "k7clip"]),
        ("hotpress plan x.mp4 --inbox M", ["My\\ films"]),
        ("hotpress show k", ["k7clip"]),
        ("hotpress show ./k", [""]),  # a path: the shell knows it
        ("hotpress explain cre", ["credits"]),
        ("hotpress --config nowhere.yaml approve ", [""]),
        ("hotpress --state-dir nowhere show ", [""]),
    ],
)
def test_each_word_is_offered_what_fits_there(folder, line, words):
    """By the config and state directory that count; nothing, without a word, where none do."""
    assert offered(line) == words


def test_other_shells_are_told_what_it_is(folder):
    """Both show what a job is of; they quote by themselves."""
    assert 'k7clip":"clip.mov, delivered' in offered("hotpress show k", "zsh")[0]
    assert offered("hotpress show k", "fish") == ["k7clip\tclip.mov, delivered"]
    assert "My films" in offered("hotpress approve ", "fish")[0]


def test_a_broken_config_and_a_torn_store_offer_nothing_and_say_nothing(folder):
    """In the middle of a line that somebody types no error helps."""
    (folder / "config.yaml").write_text("inboxes: 5\n")
    (folder / "state/hotpress.db").write_bytes(b"torn")
    assert offered("hotpress pause ") == [""]


def test_bash_itself_offers_what_was_installed(folder):
    """`--install-completion`, a new shell, the tab key; no file changes, nothing heavy loads."""
    before = {path: path.read_bytes() for path in (folder / "state").iterdir()}
    said = subprocess.run(
        ["bash", "--norc", "-c", ASK],
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert said.stdout.split("\n")[0] == "My\\ films"
    loaded = {line.rpartition("|")[2].strip() for line in said.stderr.splitlines()}
    assert "hotpress.cli" in loaded
    assert not loaded & {"av", "apprise", "imageio_ffmpeg", "numpy"}
    assert {path: path.read_bytes() for path in (folder / "state").iterdir()} == before
