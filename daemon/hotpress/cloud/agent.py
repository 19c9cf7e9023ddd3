"""The agent's turn: from events of either dialect to one value. Pure but for `Listener`'s clock."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from hotpress.cloud.sse import Comment, Event, Parser
from hotpress.errors import Lost, Stopping
from hotpress.log import redact

_KNOWN_CODES = ("1001", "1002", "2001", "402", "403", "429")
_TEXT_LIMIT_CHARS = 20_000
# Measured at the service: means nothing when it follows normal replies (cloud-api: Talking).
_NO_CREDITS = re.compile(
    r"\b(?:code|error)\W{0,3}2001\b|\bout of credits\b|\binsufficient credits\b|积分不足",
    re.IGNORECASE,
)
_NOISE = "i encountered a temporary issue"


@dataclass(frozen=True, slots=True)
class Turn:
    """What came of one message. `ended`: closed, broken, silent, too_long."""

    text: str
    ended: str
    tool_calls: int = 0
    refusal: int = 0
    error: str = ""


@dataclass(slots=True)
class Fold:
    """Events in, a turn out."""

    texts: list[str] = field(default_factory=list)
    partials: dict[str, str] = field(default_factory=dict)
    tool_calls: int = 0
    refusal: int = 0
    error: str = ""
    seen: bool = False

    def take(self, event: Event) -> bool:
        """Take one event. True when it is more than a sign of life."""
        if not event.data.strip():
            return False
        try:
            value = json.loads(event.data)
        except (ValueError, RecursionError):
            return False  # a line that nobody can read is still a sign of life
        if not isinstance(value, dict) or value.get("type") == "heartbeat":
            return False
        self.seen = True
        self._code(value)
        if "type" in value:
            self._simple(value)
        else:
            self._adk(value)
        return True

    def turn(self, ended: str) -> Turn:
        """The turn, when the stream has ended."""
        texts = [t for t in (*self.texts, *self.partials.values()) if t.strip()]
        if len(texts) > 1 and _NOISE in texts[-1].lower():
            texts.pop()
        text = "\n".join(texts)[:_TEXT_LIMIT_CHARS]
        if not self.refusal and not self.tool_calls and _says_no_credits(text):
            self.refusal = 2001
        return Turn(text, ended, self.tool_calls, self.refusal, self.error)

    def _code(self, value: dict[str, Any]) -> None:
        raw = value.get("code", value.get("errorCode"))
        if str(raw) in _KNOWN_CODES:
            self.refusal = int(str(raw))
        if value.get("error") and not isinstance(value["error"], dict):
            self.error = redact(str(value["error"]))[:500]
        elif value.get("errorMessage"):
            self.error = redact(str(value["errorMessage"]))[:500]

    def _simple(self, value: dict[str, Any]) -> None:
        if value["type"] == "text" and isinstance(value.get("content"), str):
            self.texts.append(value["content"])
        elif value["type"] == "tool_call":
            self.tool_calls += 1
        elif value["type"] == "error":
            self.error = redact(str(value.get("message") or value.get("content") or "error"))[:500]

    def _adk(self, value: dict[str, Any]) -> None:
        content = value.get("content")
        parts = content.get("parts") if isinstance(content, dict) else None
        # Partials and the event that repeats them whole share invocation and author, not the id.
        key = f"{value.get('invocationId')}/{value.get('author')}"
        for part in parts if isinstance(parts, list) else ():
            if not isinstance(part, dict):
                continue
            if "functionCall" in part:
                self.tool_calls += 1
            text = part.get("text")
            if not isinstance(text, str) or part.get("thought"):
                continue
            if value.get("partial") is True:
                self.partials[key] = self.partials.get(key, "") + text
            else:
                self.partials.pop(key, None)
                self.texts.append(text)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a stream may last and be silent, and how often it says "still working"; seconds."""

    stream_seconds: float = 900.0
    silence_seconds: float = 600.0
    note_seconds: float = 120.0


def listen(
    chunks: Iterable[bytes],
    limits: Limits,
    *,
    steady: Callable[[], float],
    still_working: Callable[[], None],
    stopping: Callable[[], bool],
) -> Turn:
    """Read a stream to its end. Lost before the first event, afterwards always a value."""
    parser, fold = Parser(), Fold()
    try:
        ended = _follow(chunks, parser, fold, limits, steady, still_working)
        _not_stopped(stopping)
        if ended == "closed":
            for event in parser.close():
                if isinstance(event, Event):
                    fold.take(event)
    except (Lost, Stopping):
        if not fold.seen or stopping():
            raise
        ended = "broken"
    if not fold.seen and ended != "closed":
        raise Lost("the agent said nothing in time", "hotpress reads what came of it.")
    return fold.turn(ended)


def _not_stopped(stopping: Callable[[], bool]) -> None:
    """A cut by our own stop may look like a clean end: it is none."""
    if stopping():
        raise Stopping


def _follow(
    chunks: Iterable[bytes],
    parser: Parser,
    fold: Fold,
    limits: Limits,
    steady: Callable[[], float],
    still_working: Callable[[], None],
) -> str:
    """Feed the fold until the stream ends or a limit is passed; how it ended."""
    started = spoke = noted = steady()
    for chunk in chunks:
        now = steady()
        real = [fold.take(e) for e in parser.feed(chunk) if not isinstance(e, Comment)]
        if any(real):
            spoke = now
        if now - noted >= limits.note_seconds:
            noted = now
            still_working()
        if now - started > limits.stream_seconds:
            return "too_long"
        if now - spoke > limits.silence_seconds:
            return "silent"
    return "closed"


def _says_no_credits(text: str) -> bool:
    return _NO_CREDITS.search(text) is not None
