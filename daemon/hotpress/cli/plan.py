"""`hotpress plan PATH`: what would be done to a file or a folder, and why. Nothing happens."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from hotpress.cli import complete
from hotpress.clock import SystemClock
from hotpress.config.outputs import ONLY
from hotpress.config.read import read_file
from hotpress.config.rules import named_inboxes
from hotpress.config.settings import Inbox, Settings
from hotpress.config.spelling import spelled
from hotpress.errors import ConfigError, StoreError
from hotpress.human import count_text, one_line, seconds_text, size_text
from hotpress.media import Media
from hotpress.names import WEB_LINK
from hotpress.places import Places, behind_links, client_id_file
from hotpress.planning import Pace, Planned, Planner, pace
from hotpress.report import account_view
from hotpress.serving import serving
from hotpress.store import ReadStore, Store
from hotpress.watch.walk import walk

_FREE_CREDITS = 100  # of an account that is made by itself


def verb(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="A video, or a folder of videos.")],
    inbox: Annotated[
        str,
        typer.Option(
            help="By the rules of this inbox, wherever the file lies.",
            autocompletion=complete.inboxes,
        ),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Say what would be done to a file or a folder, and why; nothing happens, no token is used."""
    where: Places = context.obj
    config = read_file(where.config)
    with _store(where) as store:
        costs = store.last_costs() if store else []
        cost = sum(costs) / len(costs) if costs else config.settings.cloud.estimate
        known = pace(store.jobs(limit=200)) if store else Pace()
        served, folder = serving(config.settings), client_id_file().parent
        account = account_view(served, folder, store, SystemClock().now())
        planner = Planner(config, Media(), cost, known, SystemClock().now(), store)
        rows: list[Planned] = []
        alone = path.is_file()
        for file in _videos(path.absolute()):
            name, chosen = _inbox(config.settings, file, inbox)
            found = planner.planned(name, chosen, file, trying=alone)
            rows += found
            if not as_json:
                _print(found, known, alone=alone)
    if as_json:
        sums = {"credits_left": _left(account), "seconds_are_guessed": known.is_guess}
        print(json.dumps({"files": [_view(row) for row in rows], "sum": _sums(rows) | sums}))
    elif not rows:
        print(f"there is no video in {path}")
    elif not alone:
        print("\n".join(_sum(rows, account, known)))


@contextlib.contextmanager
def _store(where: Places) -> Iterator[Store | None]:
    """What is known from earlier jobs; a plan needs none of it."""
    found = None
    if where.store.exists():
        with contextlib.suppress(StoreError):
            found = ReadStore(where.store, where.lock)
    try:
        yield found
    finally:
        if found is not None:
            found.close()


def _print(found: list[Planned], known: Pace, *, alone: bool) -> None:
    """A line for each result; of a file that was asked for alone all that there is to say."""
    for row in found:
        result = "" if row.output_name == ONLY else f" ({row.output_name})"
        print(f"{one_line(row.relative)}{result}  {row.words}")
        if alone:
            print("\n".join(_details(row, known)))


def _details(row: Planned, known: Pace) -> list[str]:
    """One file: how it will look, how long it takes, what is said, and every value's origin."""
    lines = [f"  {row.look}"] if row.look else []
    if row.seconds is not None:
        lines.append(f"  time: {_time(row.seconds, known)}")
    if row.message:
        lines.append(f'  the agent is told: "{one_line(row.message, 2_000)}"')
    pairs = {key: f"{key}: {_spelled(key, told.value)}" for key, told in row.rule.items()}
    width = min(max(map(len, pairs.values()), default=0), 60)
    return lines + [f"  {text:<{width}}  {row.rule[key].origin}" for key, text in pairs.items()]


def _spelled(key: str, value: object) -> str:
    return spelled(key, value) if value or key != "instructions" else '""'


def _time(seconds: float, known: Pace) -> str:
    source = "a guess, nothing was made yet" if known.is_guess else "as the last ones took"
    return f"about {seconds_text(max(1.0, round(seconds)))} ({source})"


def _sums(rows: list[Planned]) -> dict[str, Any]:
    sizes = {row.path: row.size_bytes for row in rows}  # a video may have several results
    return {
        "videos": len(sizes),
        "size_bytes": sum(sizes.values()),
        "credits": sum(row.credits for row in rows),
        "seconds": sum(row.seconds or 0.0 for row in rows),
    }


def _sum(rows: list[Planned], account: dict[str, Any], known: Pace) -> list[str]:
    """`412 videos, 88 GB, about 20,600 credits; you have 100`, and where they are made."""
    sums = _sums(rows)
    words = f"{count_text(sums['videos'], 'video')}, {size_text(sums['size_bytes'])}"
    if sums["credits"]:
        left, free = _left(account), account["kind"] == "anonymous"
        have = (
            f"a new free account has {_FREE_CREDITS}"
            if free
            else "hotpress credits says what is left"
        )
        have = have if left is None else f"you have {left:,.0f}"
        words += f", about {sums['credits']:,.0f} credits; {have}"
    places = Counter("nowhere" if row.route is None else row.route.value for row in rows)
    told = (("cloud", "in the cloud"), ("local", "on this machine"), ("nowhere", "not at all"))
    made = ", ".join(f"{places[key]} {text}" for key, text in told if places[key])
    time = f"; one after the other {_time(sums['seconds'], known)}" if sums["seconds"] else ""
    return [words, made + time]


def _left(account: dict[str, Any]) -> float | None:
    found = account["credits"]
    return float(found["available"]) if found else None


def _view(row: Planned) -> dict[str, Any]:
    """For programs; times in seconds, sizes in bytes, rule values as people write them."""
    return {
        "path": str(row.path),
        "inbox": row.inbox,
        "relative": row.relative,
        "output_name": row.output_name,
        "size_bytes": row.size_bytes,
        "words": row.words,
        "route": row.route.value if row.route else None,
        "why": row.why,
        "target_bytes": row.target_bytes,
        "width": row.frame[0] if row.frame else None,
        "height": row.frame[1] if row.frame else None,
        "credits": row.credits,
        "seconds": row.seconds,
        "message": row.message,
        "rule": {
            key: {"value": _spelled(key, told.value), "origin": told.origin}
            for key, told in row.rule.items()
        },
    }


def _videos(path: Path) -> list[Path]:
    if path.is_dir():
        root = path.resolve()
        found = (entry for entry in walk(root) if entry.kind in ("video", WEB_LINK))
        return sorted(root / entry.relative for entry in found)
    if not path.is_file():
        raise ConfigError([f"{path} is not there"], "Name a video, or a folder of videos.")
    return [path.resolve()]


def _inbox(settings: Settings, file: Path, wanted: str) -> tuple[str, Inbox]:
    """The inbox whose rules hold for the file."""
    named = named_inboxes(settings)
    for name, inbox in named.items():
        if name == wanted or (not wanted and file.is_relative_to(behind_links(inbox.path))):
            return name, inbox
    known = ", ".join(named) or "none"
    why = f"there is no inbox {wanted}" if wanted else f"{file} lies in no inbox"
    raise ConfigError([why], f"Name one with --inbox; there is: {known}.")
