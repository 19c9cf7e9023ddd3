"""`status --health`: one sentence and an exit code, for whoever looks once a minute."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
import typer
from makers import a_job

from hotpress.cli import status
from hotpress.config.read import read_file
from hotpress.model import Reason, State
from hotpress.places import Places
from hotpress.serving import leave, serving
from hotpress.store import Store
from hotpress.store.lock import StateLock


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "state").mkdir()
    config = f"inboxes: [{{name: films, path: {tmp_path}/in, outbox: {tmp_path}/out}}]\n"
    (tmp_path / "config.yaml").write_text(config)
    return tmp_path


@pytest.fixture
def asked(capsys):
    """The verb, without the options before it: they would set up a log that outlives the test."""

    def ask(folder):
        where = SimpleNamespace(obj=Places(folder / "config.yaml", folder / "state"))
        with pytest.raises(typer.Exit) as ended:
            status.verb(where, health=True)
        return ended.value.exit_code, capsys.readouterr().out.strip()

    return ask


def test_it_is_well_only_while_it_runs_with_its_config_and_reaches_every_inbox(folder, asked):
    """0 and a sentence; 1 and the reason: not running, a wrong config, an inbox that is away."""
    assert asked(folder) == (1, "hotpress does not run: hotpress run")
    lock = StateLock(folder / "state/daemon.lock")
    store = Store(folder / "state/hotpress.db")
    served = serving(read_file(folder / "config.yaml").settings)
    leave(store, served)
    assert asked(folder) == (0, "hotpress runs, and every inbox can be reached")

    leave(store, replace(served, problems=("config.yaml:3  limitz: no such key",)))
    code, said = asked(folder)
    assert (code, "config.yaml:3  limitz" in said, said.count("\n")) == (1, True, 0)

    leave(store, served)
    full = a_job(inbox="films", state=State.HELD, reason=Reason.DISK_FULL, why="the disk is full")
    store.add(full, "")
    assert asked(folder) == (1, "1 video of films held: the disk is full")
    store.add(replace(full, id="job2", relative="b.mov", reason=Reason.CREDITS), "")
    (folder / "in").rmdir()
    code, said = asked(folder)
    assert (code, said.startswith("films can't be reached: ")) == (1, True)
    assert str(folder / "in") in said
    store.close()
    lock.release()
