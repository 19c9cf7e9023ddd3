"""`hotpress retry`, `cancel`, `pause`, `resume`, `approve`: a job, an inbox, or everything."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated

import typer

from hotpress.cli import complete, find, further, today
from hotpress.cli.order import ask
from hotpress.config import units
from hotpress.errors import ConfigError
from hotpress.human import one_line
from hotpress.model import Job, Rule, State
from hotpress.places import Places
from hotpress.store import Store

Name = Annotated[
    str,
    typer.Argument(
        help="A job's id, a path, or an inbox's name.", autocompletion=complete.jobs_and_inboxes
    ),
]
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
    found = find.jobs(store, job)
    if target and len(found) > 1:
        ids = ", ".join(f"{each.id} ({each.rule.output_name})" for each in found)
        raise ConfigError(["it has several results: say whose target"], f"Name one of: {ids}.")
    told = [_by_rule(where, store, each, target, detail, new_rule=new_rule) for each in found]
    if new_rule and found[0].state in (State.DELIVERED, State.SKIPPED):
        told += further.missing(store, found[0], today.rules(where, found[0]))
    _told(told)


def _by_rule(
    where: Places,
    store: Store,
    found: Job,
    target: str,
    detail: dict[str, object],
    *,
    new_rule: bool,
) -> tuple[str, bool]:
    rule = _rule(where, store, found, target, new_rule=new_rule)
    if found.state in (State.DELIVERED, State.SKIPPED):
        return further.again(store, found, rule)
    return _named(found, ask(where, store, "retry", found.id, {**detail, "rule": asdict(rule)}))


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
    inbox: Annotated[
        str, typer.Argument(help="An inbox's name, or a job.", autocompletion=complete.inboxes)
    ] = "",
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
    """An order for the jobs of a source, for one job, for an inbox, or for everything."""
    if every:
        _told([ask(where, store, verb, "", detail)])
    elif name in find.counting(where, store).names:
        _told([ask(where, store, verb, "", {**detail, "inbox": name})])
    else:
        found = find.jobs(store, name)
        _told([_named(each, ask(where, store, verb, each.id, detail)) for each in found])


def _named(job: Job, answer: tuple[str, bool]) -> tuple[str, bool]:
    """Whom the answer is about: of several results of a video one may be delivered already."""
    wish = f" ({job.rule.output_name})" if job.rule.beside else ""
    return f"{one_line(job.relative)}{wish}: {answer[0]}", answer[1]


def _rule(where: Places, store: Store, job: Job, target: str, *, new_rule: bool) -> Rule:
    """The rule that holds for the job's file now, or its own one with another target."""
    rule = job.rule
    if new_rule or job.unruled:
        now = further.named(today.rules(where, job), rule.output_name)
        # Which results its drop was to have stays as it was.
        rule = replace(now, output_name=rule.output_name, beside=rule.beside)
        rule = further.led(store, job, rule)
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


def _told(answers: list[tuple[str, bool]]) -> None:
    """Each answer once; a failure when nothing was done."""
    for text in dict.fromkeys(text for text, _ in answers):
        print(text)
    if not any(done for _, done in answers):
        raise typer.Exit(1)
