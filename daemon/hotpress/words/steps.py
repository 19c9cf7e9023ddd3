"""What a job does at each step (`model.Step`)."""

from __future__ import annotations

STEPS: dict[str, str] = {
    "probe": "look at it",
    "prepare": "prepare",
    "session": "connect",
    "upload": "upload",
    "instruct": "ask the agent",
    "review": "check the edit",
    "submit": "order the render",
    "render": "render",
    "download": "download",
    "verify": "check every frame",
    "finish": "finish",
    "deliver": "deliver",
    "release": "release the source",
}
