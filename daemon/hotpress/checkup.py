"""A doctor's report: config, folders, disk, encoder, account, sync clients. Changes nothing."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from hotpress import files, synced
from hotpress.config.addresses import unusable_addresses
from hotpress.config.cautions import secrets
from hotpress.config.read import Config, read_file
from hotpress.config.rules import named_inboxes
from hotpress.config.settings import Inbox, Settings
from hotpress.errors import ConfigError, HotpressError, MediaError, StoreError
from hotpress.human import count_text, size_text
from hotpress.media import encoder
from hotpress.places import Places
from hotpress.reach import NoAnswer, within
from hotpress.serving import page_found
from hotpress.store import ReadStore
from hotpress.store.lock import is_held

GREEN, YELLOW, RED = "green", "yellow", "red"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `next` is what to do, "" where there is nothing to do."""

    colour: str
    about: str
    what: str
    next: str = ""


def checked(where: Places, ask: Callable[[], str] | None = None) -> list[Finding]:
    """Everything that can be looked at. `ask` asks the cloud, and says what it answered."""
    try:
        config = read_file(where.config)
    except ConfigError as error:
        return [_of_problem(RED, problem, error.hint) for problem in error.problems]
    found = [Finding(GREEN, "config", f"{where.config} is in order")]
    found += [_of_problem(YELLOW, each, "") for each in secrets(config)]
    found += [
        Finding(GREEN, "config", f"{variable} sets {'.'.join(map(str, keys))}")
        for keys, variable in config.overrides.items()
    ]
    settings = config.settings
    if not settings.inboxes:
        found.append(Finding(RED, "inboxes", "there is none", "hotpress init DIR makes one."))
    for name, inbox in named_inboxes(settings).items():
        found += _folders(name, inbox, settings)
    found += [_encoder(settings), _account(settings), *_notices(config), _page(where, settings)]
    if ask is not None:
        found.append(_online(ask))
    return found


def _of_problem(colour: str, problem: str, hint: str) -> Finding:
    what, mark, mend = problem.partition("; ")
    return Finding(colour, "config", what, mend if mark else hint)


def _folders(name: str, inbox: Inbox, settings: Settings) -> Iterator[Finding]:
    for which, folder, need in (("inbox", inbox.path, os.R_OK), ("outbox", inbox.outbox, os.W_OK)):
        try:
            yield from within(folder, partial(_folder, name, which, folder, need, settings))
        except NoAnswer:
            yield Finding(
                RED, name, f"{folder} does not answer", "Is it mounted? Does its host run?"
            )
    client = synced.of(inbox.path)
    if client is not None:
        yield Finding(GREEN, name, f"{client.client} keeps {client.root} in step")


def _folder(name: str, which: str, folder: Path, need: int, settings: Settings) -> list[Finding]:
    if not folder.is_dir():
        if which == "inbox":
            return [Finding(RED, name, f"the inbox {folder} is not there", f"mkdir -p '{folder}'")]
        parent = next(each for each in folder.parents if each.exists())
        if os.access(parent, os.W_OK | os.X_OK):
            return [Finding(GREEN, name, f"the outbox {folder} will be made")]
        return [Finding(RED, name, f"{parent} may not be written", f"chmod u+rwx '{parent}'")]
    if not os.access(folder, need | os.X_OK):
        right = "read" if need == os.R_OK else "written"
        return [Finding(RED, name, f"{folder} may not be {right}", f"chmod u+rwx '{folder}'")]
    if which == "inbox":
        return [Finding(GREEN, name, f"{folder} can be read")]
    free, whole = files.free_bytes(folder)
    kept = files.kept_free(whole, settings.limits.free_space)
    if free <= kept:
        what = f"{folder} has {size_text(free)} free, and {size_text(kept)} stay free"
        return [Finding(RED, name, what, "Free some space, or lower limits.free_space.")]
    return [Finding(GREEN, name, f"{folder} can be written, {size_text(free)} free")]


def _encoder(settings: Settings) -> Finding:
    try:
        found = encoder.find(settings.defaults.encoder)
    except MediaError as error:
        return Finding(RED, "encoder", error.why, error.hint)
    return Finding(GREEN, "encoder", f"{found.path}, version {found.version}")


def _account(settings: Settings) -> Finding:
    """The price comes first."""
    estimate = settings.cloud.estimate
    if settings.bearer():
        return Finding(GREEN, "account", "a token is set; hotpress credits shows what is left")
    videos = count_text(int(100 // estimate), "video") if estimate else "videos"
    what = f"no token is set: a free account has 100 credits for 7 days, about {videos}"
    return Finding(YELLOW, "account", what, "Set NEMO_TOKEN, or leave the rest to this machine.")


def _notices(config: Config) -> list[Finding]:
    """Is anybody told when something fails?"""
    wrong, settings = unusable_addresses(config), config.settings
    if wrong:
        return [replace(_of_problem(RED, each, ""), about="notices") for each in wrong]
    several = (*settings.notify, *(each for inbox in settings.inboxes for each in inbox.notify))
    if any("failed" in each.events for each in several):
        return [Finding(GREEN, "notices", "somebody is told when a video fails")]
    what = "nobody is told when a video fails, but by the notes in the outbox"
    return [Finding(YELLOW, "notices", what, "Add notify; docs/notices.md has ready lines.")]


def _page(where: Places, settings: Settings) -> Finding:
    """Where it is; of a daemon that runs, what it has found there."""
    page, known = settings.page, {}
    if page.is_off:
        return Finding(GREEN, "page", "there is none: the config says page: off")
    if is_held(where.lock):
        with contextlib.suppress(StoreError):
            store = ReadStore(where.store, where.lock)
            known = page_found(store)
            store.close()
    if "why" in known:
        return replace(_of_problem(YELLOW, known["why"], ""), about="page")
    words = "" if page.is_loopback else ", with its password"
    return Finding(GREEN, "page", f"at {known.get('url', f'http://{page.listen}/')}{words}")


def _online(ask: Callable[[], str]) -> Finding:
    try:
        return Finding(GREEN, "cloud", ask())
    except HotpressError as error:
        return Finding(RED, "cloud", error.why, error.hint)
