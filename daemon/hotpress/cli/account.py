"""`hotpress credits` and `hotpress token`: the account, never the token's value."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Annotated

import typer

from hotpress.circumstances import Circumstances, real
from hotpress.cli import find
from hotpress.clock import SystemClock
from hotpress.cloud import Cloud
from hotpress.clouds import make_cloud
from hotpress.config.read import read_file
from hotpress.config.settings import Settings
from hotpress.errors import NoSuchJob
from hotpress.human import count_text, one_line, seconds_text
from hotpress.places import Places

token = typer.Typer(help="Kind and expiry of the token, never its value.", no_args_is_help=False)


def credits_left(context: typer.Context) -> None:
    """Show the balance, with "about N videos"."""
    where: Places = context.obj
    with client(where) as (cloud, settings):
        balance = cloud.credits()
        estimate = settings.cloud.estimate
        videos = count_text(int(balance.available // estimate) if estimate else 0, "video")
        held = f"; {balance.frozen:.0f} more are reserved by work under way" * bool(balance.frozen)
        print(f"{balance.available:.0f} credits, about {videos}{held}")
        if balance.available < estimate:
            print(cloud.more_credits())


@token.callback(invoke_without_command=True)
def shown(context: typer.Context) -> None:
    """Show kind and expiry."""
    if context.invoked_subcommand is not None:
        return
    with client(context.obj) as (cloud, _):
        known = cloud.tokens.known()
        if known is None:
            print("No token yet: a free one is made when the first video needs it.")
        elif known.kind == "token":
            print("Your own token (NEMO_TOKEN or cloud.token); the cloud knows when it ends.")
        else:
            print(f"A free token, {_end(known.expires_at)}.")


def _end(at: float | None) -> str:
    """`good for 7 days, until 2026-12-05 14:05`, by this machine's clock."""
    left = (at or 0.0) - SystemClock().now()
    if at is None or left <= 0:
        return "which has ended; the next video gets a new one by itself"
    when = datetime.fromtimestamp(at).astimezone()
    return f"good for {seconds_text(left)}, until {when:%Y-%m-%d %H:%M}"


@token.command("renew")
def renew(context: typer.Context) -> None:
    """Ask for a new free token now; the old one serves on when that is refused."""
    with client(context.obj) as (cloud, _):
        renewed = cloud.tokens.renew()
        if renewed.kind == "token":
            print("Your own token is never replaced; change NEMO_TOKEN or cloud.token.")
        else:
            print(f"A free token, {_end(renewed.expires_at)}.")


@token.command("link")
def link(
    context: typer.Context,
    job: Annotated[str, typer.Argument(help="An id, or the path of a source or a result.")],
) -> None:
    """Print a secret link that opens a job's project in a browser."""
    found = find.job(find.opened(context.obj), job)
    if found.session is None or not found.session.task:
        raise NoSuchJob(
            f"{one_line(found.relative)} has no project in the cloud",
            "Only a video that was sent there has one: `hotpress show JOB` says where it was made.",
        )
    with client(context.obj) as (cloud, _):
        print(cloud.claim_link(found.session.task, found.session.id, found.session.token))


@contextmanager
def client(where: Places) -> Iterator[tuple[Cloud, Settings]]:
    """The cloud client for one command."""
    settings = read_file(where.config).settings
    around: Circumstances = replace(real(), chance=random.SystemRandom(), say=print)
    cloud = make_cloud(settings, around, threading.Event())
    try:
        yield cloud, settings
    finally:
        cloud.close()
