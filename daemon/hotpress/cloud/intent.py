"""Words: what a user's words ask for, and what the agent's words mean without a screen. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Ask(StrEnum):
    """Where a user's words go. All but the last never send a message (cloud-api: routed)."""

    EXPORT = "export"
    CREDITS = "credits"
    STATE = "state"
    UPLOAD = "upload"
    MESSAGE = "message"


# A word in passing is no order: "add a download button" is an edit. So the whole sentence counts.
_POLITE = r"(?:please |can you |could you |now |just |ok,? )*"
_THING = r"(?: (?:it|this|that|me|again|now|please|(?:the|my|a) (?:video|file|result|clip|movie)))*"
_ROUTES: tuple[tuple[Ask, re.Pattern[str]], ...] = tuple(
    (ask, re.compile(pattern, re.IGNORECASE))
    for ask, pattern in (
        (
            Ask.EXPORT,
            rf"{_POLITE}(?:export|download|(?:send|give) me the (?:video|file|result)){_THING}"
            r"|(?:请|帮我)?(?:导出|下载)(?:视频|一下|这个视频|文件)?|(?:请)?把视频发给我",
        ),
        (
            Ask.CREDITS,
            rf"{_POLITE}(?:(?:show|check|what(?:'s| is| are)|how (?:many|much)) )?(?:my |the )?"
            r"(?:credits?|balance)(?: (?:left|do i have|are left|remaining|balance))*"
            r"|(?:我的|还有多少|查询|查看)?(?:积分|余额)(?:还有多少|是多少|多少)?",
        ),
        (
            Ask.STATE,
            rf"{_POLITE}(?:(?:show|check|what(?:'s| is)) )?(?:me )?(?:the |my )?"
            r"(?:status|tracks?|timeline|state)|(?:查看|当前|现在的)?(?:状态|轨道)",
        ),
        (Ask.UPLOAD, rf"{_POLITE}upload{_THING}|(?:请)?上传(?:文件|视频|一下)?"),
    )
)
_ENDS = " \t.!?。！？"


def route(words: str, *, has_file: bool = False) -> Ask:
    """What a user asks for; a file always means upload."""
    if has_file:
        return Ask.UPLOAD
    text = re.sub("[,，]", "", words).strip(_ENDS)
    found = (ask for ask, pattern in _ROUTES if pattern.fullmatch(text))
    return next(found, Ask.MESSAGE)


class Act(StrEnum):
    """What a screen instruction of the agent means here."""

    CLICK = "click"  # do it through the matching call
    OPEN = "open"  # read the state
    DRAG = "drag"  # say the edit as a message
    PREVIEW = "preview"  # a text summary of the tracks
    EXPORT = "export"  # run the export
    ACCOUNT = "account"  # read the credits


# At a sentence's start it is told to somebody before a screen; later it may be content.
_TOLD = (
    r"^(?:please |then |now |next,? |just |you can |you could |to \w+,? |请|然后|再|可以|您可以)*"
)
_ACTS: tuple[tuple[Act, re.Pattern[str]], ...] = tuple(
    (act, re.compile(pattern, re.IGNORECASE))
    for act, pattern in (
        (
            Act.EXPORT,
            _TOLD + r"(?:click|press|tap|hit|use|choose)\b.*\bexport\b|\bexport button\b"
            r"|" + _TOLD + r"(?:点击)?.{0,4}导出",
        ),
        (
            Act.ACCOUNT,
            _TOLD + r"(?:check|visit|open|see)\b.*\b(?:account|billing)\b"
            r"|" + _TOLD + r"(?:查看|检查|打开).*(?:账户|账单)",
        ),
        (Act.PREVIEW, _TOLD + r"preview\b.*\btimeline\b|" + _TOLD + r"(?:在时间线.*)?预览"),
        (
            Act.DRAG,
            _TOLD + r"(?:drag\b|drop (?:it|them|the)\b)|" + _TOLD + r"(?:把.*)?(?:拖拽|拖动)",
        ),
        (Act.OPEN, _TOLD + r"open the\b|" + _TOLD + r"打开"),
        (Act.CLICK, _TOLD + r"(?:click|tap|press)\b|" + _TOLD + r"点击|\bbutton\b|按钮"),
    )
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])\s*|\n+")


@dataclass(frozen=True, slots=True)
class Spoken:
    """The agent's words for a person, and what its screen instructions mean here."""

    text: str
    acts: tuple[Act, ...]


def translated(text: str) -> Spoken:
    """Content is kept; a sentence that only makes sense before a screen becomes an act."""
    kept: list[str] = []
    acts: list[Act] = []
    for sentence in (s.strip() for s in _SENTENCE.split(text)):
        act = next((act for act, pattern in _ACTS if pattern.search(sentence)), None)
        if act is None and sentence:
            kept.append(sentence)
        elif act is not None and act not in acts:
            acts.append(act)
    return Spoken(" ".join(kept), tuple(acts))
