"""`hotpress explain REASON`: cause and remedy."""

from __future__ import annotations

import difflib
import json
from dataclasses import asdict
from typing import Annotated

import typer

from hotpress.cli import complete
from hotpress.errors import ConfigError
from hotpress.words import ALL, ENDS, REASONS, Words

_LIST = "`hotpress explain` lists all of them with their meaning."


def verb(
    reason: Annotated[
        str,
        typer.Argument(
            help="As `status` and `why` show it, for example credits.",
            autocompletion=complete.reasons,
        ),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Say what a reason means for a video and what to do; without one, list all."""
    if not reason:
        print(json.dumps({name: asdict(each) for name, each in ALL.items()}) if as_json else all_())
        return
    name = reason.strip().lower().replace(" ", "_").replace("-", "_")
    if name not in ALL:
        raise ConfigError([unknown(reason, name)], _LIST)
    print(json.dumps({"reason": name, **asdict(ALL[name])}) if as_json else told(ALL[name]))


def told(words: Words) -> str:
    """The four sentences, each with what it is about."""
    return (
        f"What happened:  {words.cause}\n"
        f"What it means:  {words.means}\n"
        f"What to do:     {words.next}\n"
        f"What it costs:  {words.cost}"
    )


def all_() -> str:
    """Every name with its cause: first what a video waits for, then what ends it."""
    width = max(map(len, ALL)) + 2
    ends = {name: words for name, words in ENDS.items() if words not in REASONS.values()}
    lines = ["A video waits, or is held:"]
    lines += [f"  {name:{width}}{words.cause}" for name, words in REASONS.items()]
    lines += ["", "A video, or a command, ended without a result:"]
    lines += [f"  {name:{width}}{words.cause}" for name, words in ends.items()]
    return "\n".join(lines)


def unknown(said: str, name: str) -> str:
    """What was typed is none; what may have been meant."""
    near = difflib.get_close_matches(name, ALL, 3, 0.6)
    meant = f"; did you mean {' or '.join(near)}?" if near else ""
    return f"there is no reason {said!r}{meant}"
