"""`hotpress page`: where the page is; `hotpress page password`: a hash for the config."""

from __future__ import annotations

import random
import sys
from getpass import getpass

import typer

from hotpress.config.page import Page
from hotpress.config.read import read_file
from hotpress.errors import ConfigError
from hotpress.page.password import hashed
from hotpress.places import Places
from hotpress.serving import page_found
from hotpress.store import ReadStore
from hotpress.store.lock import is_held

app = typer.Typer(help="Where the page is; a password for it.", no_args_is_help=False)


@app.callback(invoke_without_command=True)
def shown(context: typer.Context) -> None:
    """Say where the page is, or why it is not there."""
    if context.invoked_subcommand is not None:
        return
    where: Places = context.obj
    text, there = told(where, read_file(where.config).settings.page)
    print(text)
    if not there:
        raise typer.Exit(1)


@app.command()
def password() -> None:
    """Ask for a password (or read a line), and print what the config says for it."""
    try:
        said = _asked() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        salt = random.SystemRandom().getrandbits(128).to_bytes(16, "big")
        print(f"  password: {hashed(said, salt)}")
    except ValueError as error:
        raise ConfigError([str(error)], "Take a longer one; nothing was changed.") from error
    print("Put this line below `page:` in the config.", file=sys.stderr)


def told(where: Places, page: Page) -> tuple[str, bool]:
    """A sentence, and is it there? Of a daemon that runs, what it has found."""
    if page.is_off:
        return "there is no page: the config says page: off", False
    if not (where.store.exists() and is_held(where.lock)):
        return f"the page is at http://{page.listen}/ while hotpress runs", False
    store = ReadStore(where.store, where.lock)
    try:
        found = page_found(store)
    finally:
        store.close()
    if "url" in found:
        return f"the page is at {found['url']}", True
    return found.get("why") or f"the page is at http://{page.listen}/ while hotpress runs", False


def _asked() -> str:
    first = getpass("Password for the page: ")
    if getpass("Once more: ") != first:
        raise ValueError("the two are not the same")
    return first
