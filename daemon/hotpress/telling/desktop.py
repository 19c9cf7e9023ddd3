"""A notice on this computer's own desktop, by a program that every such computer has."""

from __future__ import annotations

import json
import os
import shutil
import sys

_SHOWN_MS = 10_000
_SERVICE = "org.freedesktop.Notifications"


def command(title: str, text: str) -> list[str]:
    """What shows it. Title and text are words of their own: nothing in them is a command."""
    if sys.platform == "darwin":
        script = f"display notification {_quoted(text)} with title {_quoted(title)}"
        return ["/usr/bin/osascript", "-e", script]
    return [
        *(shutil.which("busctl") or "/usr/bin/busctl", f"--address={_bus()}", "--timeout=10"),
        *("--", "call", _SERVICE, "/org/freedesktop/Notifications", _SERVICE, "Notify"),
        *("susssasa{sv}i", "hotpress", "0", "", title, text, "0", "0", str(_SHOWN_MS)),
    ]


def _bus() -> str:
    """The line to the desktop of whoever runs hotpress."""
    folder = os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    return os.environ.get("DBUS_SESSION_BUS_ADDRESS") or f"unix:path={folder}/bus"


def _quoted(text: str) -> str:
    """As AppleScript reads text: in double quotes, with the usual escapes."""
    return json.dumps(text, ensure_ascii=False)
