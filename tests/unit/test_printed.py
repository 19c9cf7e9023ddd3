"""What the docs say that hotpress prints is what it prints."""

import re

import printed
import pytest
import typer

from hotpress.cli import app

PAGES = {path.name: path.read_text() for path in printed.DOCS.glob("*.md")}

COMMANDS = re.findall(
    r"`(hotpress [^`]+)`",
    "\n".join([*PAGES.values(), (printed.DOCS.parent / "README.md").read_text()]),
)


@pytest.mark.parametrize(
    "make", [printed.printed, pytest.param(printed.planned, marks=pytest.mark.slow)]
)
def test_each_block_is_what_is_printed(make):
    """Printed again and compared; `python tests/printed.py` writes the pages anew."""
    found = make()
    for name, page in PAGES.items():
        assert printed.rewritten(page, found) == page, name


def test_every_block_is_kept_and_nothing_is_printed_in_vain():
    """A block whose name nobody prints would be old one day."""
    blocks = [name for page in PAGES.values() for name in printed.names(page)]
    assert sorted(blocks) == sorted(set(blocks))
    assert set(printed.printed()) <= set(blocks)
    assert {name for name in blocks if not name.startswith("plan-")} == set(printed.printed())


@pytest.mark.parametrize("line", sorted(set(COMMANDS)))
def test_every_command_in_the_docs_is_there(line):
    """Its verb and each of its options: what is renamed or taken out is renamed in the docs."""
    command = typer.main.get_command(app)
    context = command.make_context("hotpress", ["jobs"], resilient_parsing=True)
    known = {opt for each in command.get_params(context) for opt in each.opts}
    for word in re.split(r"[\s,|\[\]]+", line)[1:]:
        if word == "...":
            continue
        if hasattr(command, "get_command") and not word.startswith("-"):
            found = command.get_command(context, word)
            assert found is not None, f"{word} is no verb"
            command = found
            known |= {opt for each in command.get_params(context) for opt in each.opts}
        elif word.startswith("-"):
            assert word in known
