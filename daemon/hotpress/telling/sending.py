"""Sends one notice: by Apprise, to a program of the owner's, or by calling a web address."""

from __future__ import annotations

import logging
import tempfile
from threading import Event

import httpx

from hotpress.config.notify import Notify, apprise_of
from hotpress.errors import DiskFull, MediaError
from hotpress.media import programs
from hotpress.telling import desktop

_CALL_SECONDS = 15.0
# A program that only tells somebody: it may be slow, and it may write a file of its own.
_LIMITS = programs.Limits(seconds=60, file_bytes=1 << 30, output_bytes=1 << 20)


def send(to: Notify, title: str, text: str, document: str, stop: Event) -> str:
    """Say it; "" when it arrived, else why not: without the address, which may hold a password.

    `document` is what a program reads. Raises Stopping.
    """
    if to.command:
        return _run(to.command, document, stop)
    if to.is_desktop:
        return _on_desktop(title, text, stop)
    try:
        sender = apprise_of(to.address)
        if sender is None:
            return f"Apprise does not know this {to.scheme} address"
        # Its libraries log addresses, too.
        logging.getLogger("urllib3").setLevel(logging.CRITICAL + 1)
        done = sender.notify(body=text, title=title)
    except Exception as error:  # noqa: BLE001 - some hundred services by strangers
        return f"{to.scheme}: {type(error).__name__}"
    return "" if done else f"{to.scheme}: it did not take the notice"


def call(to: Notify, stop: Event) -> str:
    """The dead man's sign: the other side raises the alarm when it stays away."""
    if not to.is_web:
        return send(to, "hotpress: all is well", "hotpress runs.", '{"event": "ping"}', stop)
    try:
        httpx.get(to.address, timeout=_CALL_SECONDS).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"{to.scheme}: {type(error).__name__}"
    return ""


def _on_desktop(title: str, text: str, stop: Event) -> str:
    try:
        done = programs.run(desktop.command(title, text), limits=_LIMITS, stop=stop)
    except (DiskFull, MediaError, OSError) as error:
        return f"desktop: {getattr(error, 'why', error)}"
    return "" if done.ok else f"desktop: {done.cut or done.last_words}"


def _run(command: tuple[str, ...], document: str, stop: Event) -> str:
    with tempfile.TemporaryFile() as file:
        file.write(document.encode())
        file.seek(0)
        try:
            done = programs.run(command, limits=_LIMITS, stop=stop, stdin=file)
        except (DiskFull, MediaError, OSError) as error:
            return f"{command[0]}: {getattr(error, 'why', error)}"
    return "" if done.ok else f"{command[0]}: {done.cut or done.last_words}"
