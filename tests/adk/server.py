"""Google ADK's own agent server with an agent that needs no key: what it does is its message.

`python server.py PORT`. Text, partial texts, a tool call, silence, an exception before or after
text, raw U+2028, or ten ticks a second until the listener leaves.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

AGENT = """
import asyncio
import sys

from google.adk.agents import BaseAgent
from google.adk.events import Event
from google.genai import types


def text(*words, thought=None):
    parts = [types.Part(text=w, thought=thought) for w in words]
    return types.Content(role="model", parts=parts)


class Scripted(BaseAgent):
    async def _run_async_impl(self, ctx):
        def event(content, **more):
            return Event(author=self.name, invocation_id=ctx.invocation_id, content=content, **more)

        parts = ctx.user_content.parts if ctx.user_content else []
        asked = parts[0].text if parts else ""
        if asked == "text":
            yield event(text("Hello\\nsecond line"))
        elif asked == "partial":
            for word in ("Hel", "lo ", "world"):
                yield event(text(word), partial=True)
            yield event(text("Hello world"), partial=False, turn_complete=True)
        elif asked == "tool":
            call = types.FunctionCall(id="1", name="trim", args={"start": 0})
            parts = [types.Part(text="Let me look."), types.Part(function_call=call)]
            yield event(types.Content(role="model", parts=parts))
            yield event(text("Trimmed."))
        elif asked == "thought":
            yield event(text("secret reasoning", thought=True))
            yield event(text("answer"))
        elif asked == "nothing":
            return
        elif asked == "exception":
            raise RuntimeError("boom before any event")
        elif asked == "late exception":
            yield event(text("part one"))
            raise RuntimeError("boom after text")
        elif asked == "unicode":
            yield event(text("a\\u2028b\\u0085c \\u4f60"))
        elif asked == "long":
            yield event(text("x" * 3_000_000))
        elif asked == "for ever":
            try:
                for n in range(1000):
                    yield event(text(f"tick {n}"))
                    await asyncio.sleep(0.1)
            finally:
                print("AGENT_CLOSED", flush=True, file=sys.stderr)


root_agent = Scripted(name="nemo_agent")
"""


def main() -> None:
    """Serve until killed."""
    os.environ.setdefault("OTEL_SDK_DISABLED", "true")
    folder = Path(tempfile.mkdtemp())
    (folder / "nemo_agent").mkdir()
    (folder / "nemo_agent/__init__.py").write_text("from . import agent\n")
    (folder / "nemo_agent/agent.py").write_text(AGENT)
    import uvicorn  # noqa: PLC0415 - only where ADK is installed
    from google.adk.cli.fast_api import get_fast_api_app  # noqa: PLC0415

    app = get_fast_api_app(agents_dir=str(folder), web=False, session_service_uri="memory://")
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")


if __name__ == "__main__":
    main()
