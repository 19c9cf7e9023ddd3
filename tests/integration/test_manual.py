"""The manual is made from the program: every verb, option and key is in it, and man can read it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from hotpress import cli
from hotpress.config.schema import schema

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def manual(tmp_path_factory):
    folder = tmp_path_factory.mktemp("man")
    script = [sys.executable, str(ROOT / "scripts/manpages.py"), str(folder), "2026-11-28"]
    subprocess.run(script, check=True)
    return folder


def plain(page):
    return re.sub(r"\\f[BIR]|\\&", "", page.read_text()).replace("\\-", "-").replace("\n", " ")


def test_every_verb_option_and_key_is_in_it(manual):
    """What is added to the program is in its manual, without anybody's doing."""
    assert {page.name for page in manual.iterdir()} == {
        *("hotpress.1", "hotpress.yaml.5"),
        *(f"hotpress-{verb}.1" for verb in cli.VERBS),
    }
    for verb in cli.VERBS:
        command = cli.Verbs(name="hotpress").get_command(None, verb)
        said = plain(manual / f"hotpress-{verb}.1")
        for each in getattr(command, "commands", {verb: command}).values():
            options = {name for param in each.params for name in param.opts if name[0] == "-"}
            assert {name for name in options if name not in said} == set(), verb
    said, found = plain(manual / "hotpress.yaml.5"), schema()
    keys = {key for kind in found["$defs"].values() for key in kind.get("properties", {})}
    assert {key for key in (*keys, *found["properties"]) if key not in said.lower()} == set()


@pytest.mark.system
def test_man_and_mandoc_have_nothing_to_say(manual):
    """No warning of either, not even about style; and each name is found by apropos."""
    for page in sorted(manual.iterdir()):
        words = ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", str(page)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), page.name
        found = subprocess.run(["lexgrog", str(page)], capture_output=True, text=True, check=False)
        assert f'"{page.stem} - ' in found.stdout, found
    pages = sorted(map(str, manual.iterdir()))
    done = subprocess.run(["mandoc", "-Tlint", *pages], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
