"""What the agent sends, in the two dialects, and every oddity of the wire around it."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hotpress.standin.draft import Json

AUTHOR = "nemo_agent"
HEARTBEAT = {"type": "heartbeat"}
SPECIAL = " ✓ 你好 \u2028\u2029\u0085 😀"
"""Raw line separators inside JSON text, as ADK sends them: a line splitter breaks on them."""

TEMPORARY_ISSUE = "I encountered a temporary issue. Please try again."


@dataclass(slots=True)
class Speaker:
    """Writes one turn's events in one dialect. Each method yields whole SSE events as bytes."""

    dialect: str
    odd: frozenset[str]
    invocation: str = field(default_factory=lambda: f"e-{secrets.token_hex(16)}")
    call_id: str = field(default_factory=lambda: f"adk-{secrets.token_hex(16)}")
    _first: bool = True

    @property
    def _adk(self) -> bool:
        return self.dialect == "adk"

    def text(self, words: str, *, last: bool = False) -> Iterator[bytes]:
        """The agent's words; in fragments first when the scenario says so."""
        if "u2028" in self.odd or "split_utf8" in self.odd:
            words += SPECIAL if "u2028" in self.odd else " ✓ 你好"
        if "thought" in self.odd and not self._adk:
            yield self._event({"type": "thought", "content": "secret reasoning"})
        if self._adk and "partial" in self.odd:
            for start in range(0, len(words), 8):
                parts = [{"text": words[start : start + 8]}]
                yield self._event(self._adk_event(parts, partial=True))
        if not self._adk:
            yield self._event({"type": "text", "content": words}, last=last)
            return
        thought = [{"text": "secret reasoning", "thought": True}] if "thought" in self.odd else []
        extra: Json = {"partial": False, "turnComplete": True} if "partial" in self.odd else {}
        extra["finishReason"] = "STOP"
        yield self._event(self._adk_event([*thought, {"text": words}], **extra), last=last)

    def call(self, name: str, args: Json) -> Iterator[bytes]:
        """The start of a tool; ADK may put words into the same event."""
        spoken = "text_and_call" in self.odd
        if not self._adk:
            if spoken:
                yield self._event({"type": "text", "content": "Let me look."})
            yield self._event({"type": "tool_call", "name": name, "args": args})
            return
        parts: list[Json] = [{"text": "Let me look."}] if spoken else []
        parts.append({"functionCall": {"id": self.call_id, "args": args, "name": name}})
        yield self._event(self._adk_event(parts, longRunningToolIds=[]))

    def result(self, name: str, response: Json, *, last: bool = False) -> Iterator[bytes]:
        """The end of a tool."""
        if not self._adk:
            event = {"type": "tool_result", "name": name, "result": response}
            yield self._event(event, last=last)
            return
        part = {"functionResponse": {"id": self.call_id, "name": name, "response": response}}
        yield self._event(self._adk_event([part], role="user"), last=last)

    def alive(self) -> Iterator[bytes]:
        """A sign of life in the middle of silence. ADK's own server sends none: only if asked."""
        if "heartbeats" in self.odd or not self._adk:
            yield b"data:\n\n" if self._adk else self._event(HEARTBEAT)

    def failure(self, code: str, message: str) -> Iterator[bytes]:
        """An error as an event: the model's own in ADK, `type: error` in the simple dialect."""
        if not self._adk:
            number = int(code) if code.isdigit() else code
            yield self._event({"type": "error", "code": number, "message": message}, last=True)
            return
        event = self._adk_event(None)
        yield self._event({"errorCode": code, "errorMessage": message, **event}, last=True)

    def exception(self, message: str) -> Iterator[bytes]:
        """An exception of the server, after which the stream closes as if all were well."""
        details = {
            "error_type": "RuntimeError",
            "error_message": message,
            "timestamp": time.time(),
        }
        content = {"error": f"RuntimeError: {message}", "error_details": details}
        yield self._framed(json.dumps(content), last=True)

    def _adk_event(self, parts: list[Any] | None, role: str = "model", **extra: object) -> Json:
        event: Json = {} if parts is None else {"content": {"parts": parts, "role": role}}
        return {
            **event,
            **extra,
            "invocationId": self.invocation,
            "author": AUTHOR,
            "actions": {
                "stateDelta": {},
                "artifactDelta": {},
                "requestedAuthConfigs": {},
                "requestedToolConfirmations": {},
            },
            "nodeInfo": {"path": ""},
            "id": secrets.token_hex(16),
            "timestamp": time.time(),
        }

    def _event(self, content: Json, *, last: bool = False) -> bytes:
        spaced = "multi_line_data" in self.odd
        text = json.dumps(
            content,
            ensure_ascii=False,
            indent=1 if spaced else None,
            separators=None if spaced else (",", ":"),
        )
        return self._framed(text, last=last)

    def _framed(self, text: str, *, last: bool = False) -> bytes:
        """One SSE event: `data:` lines and the empty line, with what is odd around them."""
        lines = [f"data: {line}" for line in text.split("\n")]
        before = ": ping\n\n" if "comments" in self.odd else ""
        if "empty_data" in self.odd:
            before += "data:\n\n"
        end = "\n" if last and "no_trailing_blank" in self.odd else "\n\n"
        whole = before + "\n".join(lines) + end
        if "crlf" in self.odd:
            whole = whole.replace("\n", "\r\n")
        mark = "\ufeff" if self._first and "bom" in self.odd else ""
        self._first = False
        return (mark + whole).encode()


def split_inside_character(data: bytes) -> list[bytes]:
    """Cut bytes in the middle of their first multi-byte character, for a chunk border there."""
    place = next((i for i, byte in enumerate(data) if byte >= 0x80), None)
    return [data] if place is None else [data[: place + 1], data[place + 1 :]]
