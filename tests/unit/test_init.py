from pathlib import Path

import pytest

from hotpress.cli.init import _TEXT, _quoted
from hotpress.config.read import read_text
from hotpress.errors import ConfigError


@pytest.mark.parametrize(
    "name", ["Videos", "a: b", "My #1 Videos", "tab\there", "日本", "it's", '"']
)
def test_init_writes_a_config_that_reads_back(name):
    """Whatever the folder is called."""
    inbox = Path("/v") / name / "Inbox"
    text = _TEXT.format(inbox=_quoted(inbox), outbox=_quoted(inbox.with_name("Out")))

    assert read_text(text, Path("c.yaml"), {}).settings.inboxes[0].path == inbox


def test_a_path_that_looks_like_a_variable_is_refused():
    """It would be another folder when it is read."""
    with pytest.raises(ConfigError):
        _quoted(Path("/v/${HOME}"))


def test_a_first_config_is_about_twelve_lines():
    """Nobody reads more before the first video."""
    assert _TEXT.count("\n") <= 13
