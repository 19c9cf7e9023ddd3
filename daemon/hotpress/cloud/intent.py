"""The agent speaks as if a screen were in front of the user: screen instructions are dropped."""

from __future__ import annotations

import re

# cloud-api: "The agent's words translated". What it describes is kept, what to press is not.
_SCREEN = re.compile(
    r"\b(click|tap|press|drag|drop|open the|select the|button|panel|menu|tab)\b"
    r"|点击|拖拽|打开|按钮",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])\s*|\n+")


def spoken(text: str) -> str:
    """The agent's words without those that only make sense before a screen."""
    kept = [s for s in _SENTENCE.split(text) if s and s.strip() and not _SCREEN.search(s)]
    return " ".join(s.strip() for s in kept)
