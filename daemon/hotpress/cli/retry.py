"""`hotpress retry`, `cancel`, `pause`, `resume`, `approve`: a job, an inbox, or everything."""

from __future__ import annotations

import random
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from hotpress import ruling
from hotpress.cli import find
from hotpress.cli.order import ask
from hotpress.clock import SystemClock, fresh_id
from hotpress.config import units
from hotpress.config.read import read_file
from hotpress.config.rules import inbox_names
from hotpress.errors import ConfigError, NoSuchJob
from hotpress.model import Job, Rule, State
from hotpress.places import Places
from hotpress.store import Store
from hotpress.verbs import anew

Name = Annotated[str, typer.Argument(help="A job's id, a path, or an inbox's name.")]
Every = Annotated[bool, typer.Option("--all", help="Everything.")]


def retry(
    context: typer.Context,
    job: Name = "",
    again: Annotated[
        bool,
        typer.Option("--again", help="Ask the agent again: may cost a second time (50 credits)."),
    ] = False,
    new_rule: Annotated[
        bool, typer.Option("--new-rule", help="By today's rule, not by the one it was made with.")
    ] = False,
    target: Annotated[str, typer.Option(help="Another target: 640 MB, 40 %.")] = "",
    every: Annotated[bool, typer.Option("--all", help="All that failed or are held.")] = False,
) -> None:
    """Take a failed or held job up again; it goes on with all that is known."""
    where: Places = context.obj
    store = find.opened(where)
    detail: dict[str, object] = {"again": again}
    if not (new_rule or target):
        _ordered(where, store, "retry", job, every, detail)
        return
    found = find.job(store, job)
    rule = _rule(where, found, target, new_rule=new_rule)
    if found.state in (State.DELIVERED, State.SKIPPED):
        _told(*_made_anew(store, found, rule))
    else:
        _told(*ask(where, store, "retry", found.id, {**detail, "rule": asdict(rule)}))


def cancel(
    context: typer.Context,
    job: Name = "",
    every: Every = False,
    held: Annotated[str, typer.Option(help="Only what is held for this reason.")] = "",
) -> None:
    """End a job; its source stays where it is."""
    where: Places = context.obj
    _ordered(where, find.opened(where), "cancel", job, every, {"held": held} if held else {})


def pause(context: typer.Context, job: Name = "", every: Every = False) -> None:
    """Start nothing more of a job, an inbox or everything; what runs now ends its step."""
    where: Places = context.obj
    _ordered(where, find.opened(where), "pause", job, every, {})


def resume(context: typer.Context, job: Name = "", every: Every = False) -> None:
    """Go on with what was paused."""
    where: Places = context.obj
    _ordered(where, find.opened(where), "resume", job, every, {})


def approve(
    context: typer.Context,
    inbox: Annotated[str, typer.Argument(help="An inbox's name, or a job.")] = "",
    newest: Annotated[int | None, typer.Option(min=1, help="Only so many, the newest.")] = None,
    none: Annotated[bool, typer.Option("--none", help="Leave them as they are.")] = False,
    every: Every = False,
) -> None:
    """Start what lay in an inbox before hotpress first saw it."""
    where: Places = context.obj
    if none and newest:
        raise ConfigError(["--newest and --none contradict each other"], "Take one of them.")
    detail: dict[str, object] = {"newest": newest} if newest else {}
    verb = "decline" if none else "approve"
    _ordered(where, find.opened(where), verb, inbox, every, detail)


def _ordered(
    where: Places, store: Store, verb: str, name: str, every: bool, detail: dict[str, object]
) -> None:
    """An order for a job, for an inbox by its name, or for everything."""
    if every:
        _told(*ask(where, store, verb, "", detail))
    elif name in find.counting(where, store).names:
        _told(*ask(where, store, verb, "", {**detail, "inbox": name}))
    else:
        _told(*ask(where, store, verb, find.job(store, name).id, detail))


def _rule(where: Places, job: Job, target: str, *, new_rule: bool) -> Rule:
    """The rule that holds for the job's file now, or its own one with another target."""
    rule = job.rule
    if new_rule or job.unruled:
        settings = read_file(where.config).settings
        names = inbox_names(settings)
        if job.inbox not in names:
            raise NoSuchJob(f"there is no inbox {job.inbox} any more", "Name it in the config.")
        inbox = settings.inboxes[names.index(job.inbox)]
        today = ruling.read(Path(job.root), job.relative, settings, inbox)
        if today.problem:
            raise ConfigError([today.problem], today.hint)
        rule = replace(today.rule, output_name=rule.output_name)
    if not target:
        return rule
    try:
        size = units.target(target)
    except ValueError as error:
        raise ConfigError([f"--target: {error}"], "Nothing was changed.") from error
    return replace(
        rule,
        target_bytes=size if isinstance(size, int) else None,
        target_share=size if isinstance(size, float) else None,
    )


def _made_anew(store: Store, job: Job, rule: Rule) -> tuple[str, bool]:
    """A delivered one stays; another result is made beside it."""
    if rule.bytes_key == job.rule.bytes_key and job.state is State.DELIVERED:
        return "it was made by this very rule", False
    number = 1 + len(store.at_path(job.root, job.relative))
    new = anew(
        job,
        rule,
        job_id=fresh_id(random.SystemRandom(), 40),
        number=number,
        now=SystemClock().now(),
    )
    store.add(new, "wanted by another rule")
    return f"it is made once more, beside the first: hotpress show {new.id}", True


def _told(text: str, done: bool) -> None:
    print(text)
    if not done:
        raise typer.Exit(1)
