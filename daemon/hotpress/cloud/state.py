"""A session's state and an account's credits, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hotpress.cloud.draft import Draft
from hotpress.cloud.wire import compact
from hotpress.errors import Lost


@dataclass(frozen=True, slots=True)
class Media:
    """One uploaded file as the cloud lists it. `names`: all that a draft may call it by."""

    filename: str
    names: frozenset[str]
    duration_seconds: float | None = None
    size_bytes: int | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    kind: str = ""  # "video", "image", "audio"; "" where the cloud does not say


@dataclass(frozen=True, slots=True)
class CloudState:
    """`/api/state/.../latest`."""

    draft: Draft | None
    media: tuple[Media, ...]
    canvas: tuple[int, int] | None = None
    bind_id: str = ""
    generated_media: tuple[str, ...] = ()

    def find(self, filename: str) -> Media | None:
        """The media of this upload name."""
        return next((m for m in self.media if any(filename in n for n in m.names)), None)


@dataclass(frozen=True, slots=True)
class Balance:
    """Credits: available, frozen (reserved by running work), total."""

    available: float
    frozen: float
    total: float


def state_of(data: object) -> CloudState:
    """From the answer's data. Raises Lost when it has no state in it."""
    state = data.get("state") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(state, dict):
        raise Lost("the cloud's answer has no state in it", "hotpress looks again by itself.")
    infos = state.get("video_infos")
    if isinstance(infos, dict):
        infos = list(infos.values())
    made = state.get("generated_media")
    canvas = state.get("canvas_config")
    size = (canvas.get("width"), canvas.get("height")) if isinstance(canvas, dict) else (None, None)
    return CloudState(
        draft=Draft.parse(state.get("draft")),
        media=tuple(_media(i) for i in infos if isinstance(i, dict))
        if isinstance(infos, list)
        else (),
        canvas=(size[0], size[1])
        if isinstance(size[0], int) and isinstance(size[1], int)
        else None,
        generated_media=tuple(map(compact, made)) if isinstance(made, list) else (),
        bind_id=str(data.get("bind_id") or data.get("user_id") or state.get("bind_id") or ""),
    )


def balance_of(data: object) -> Balance:
    """From the answer's data. Raises Lost when the numbers are missing."""
    if not isinstance(data, dict) or number(data.get("available")) is None:
        raise Lost("the cloud's answer has no credits in it", "hotpress looks again by itself.")
    available = number(data["available"]) or 0.0
    frozen = number(data.get("frozen")) or 0.0
    total = number(data.get("total"))
    return Balance(available, frozen, available + frozen if total is None else total)


def _media(info: dict[str, Any]) -> Media:
    filename = str(info.get("filename") or info.get("name") or "")
    names = {filename, *(str(info.get(k) or "") for k in ("cdn_url", "hash", "id", "url"))}
    return Media(
        filename=filename,
        names=frozenset(n for n in names if n),
        duration_seconds=number(info.get("duration")),
        size_bytes=_int(info.get("size")),
        width=_int(info.get("width")),
        height=_int(info.get("height")),
        fps=number(info.get("fps")),
        kind=str(info.get("file_type") or ""),
    )


def number(value: object) -> float | None:
    """A JSON number as a float, None for anything else (also one that no float can hold)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def _int(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
