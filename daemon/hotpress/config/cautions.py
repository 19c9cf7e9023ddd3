"""What is no mistake in the config, but will surprise whoever wrote it: each with its line."""

from __future__ import annotations

import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from hotpress import reach
from hotpress.config.read import Config
from hotpress.config.yaml_text import Keys, dotted

_OTHERS = stat.S_IRGRP | stat.S_IROTH


def cautions(config: Config) -> list[str]:
    """Each as `config.yaml:4  inboxes[0].path: what is so; what to do about it`."""
    return [*secrets(config), *_missing(config)]


def secrets(config: Config) -> Iterator[str]:
    """A token, or an address with its password, in a file that others can read; the first one."""
    if not config.secrets:
        return
    try:
        mode = config.path.stat().st_mode
    except OSError:
        return
    if mode & _OTHERS:
        keys = config.secrets[0]
        name = "NEMO_TOKEN" if keys[-1] == "token" else "NOTICE_URL"
        yield _at(
            config,
            keys,
            f"others on this machine can read it; chmod 600 {shlex.quote(str(config.path))}, "
            f"or write ${{{name}}} and set that",
        )


def _missing(config: Config) -> Iterator[str]:
    """A folder that nobody made yet. An outbox is made by itself, beside what is there."""
    for number, inbox in enumerate(config.settings.inboxes):
        if not _is_folder(inbox.path):
            yield _at(
                config,
                ("inboxes", number, "path"),
                f"{inbox.path} is not there; make it: mkdir -p {shlex.quote(str(inbox.path))}, "
                "or mount it",
            )


def _is_folder(path: Path) -> bool:
    """One that does not answer is there: it is told of elsewhere."""
    try:
        return reach.within(path, path.is_dir)
    except reach.NoAnswer:
        return True
    except OSError:
        return False


def _at(config: Config, keys: Keys, sentence: str) -> str:
    return f"{config.origin(keys)}  {dotted(keys)}: {sentence}"
