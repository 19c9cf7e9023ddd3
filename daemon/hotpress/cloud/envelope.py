"""What an answer means. HTTP status and envelope code can each carry the error."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from hotpress.errors import (
    FileTooLarge,
    Lost,
    NotKnown,
    OutOfCredits,
    PlanRequired,
    RateLimited,
    Refused,
    ScopeMissing,
    SessionGone,
    TokenRejected,
    UnsupportedFormat,
)
from hotpress.human import one_line
from hotpress.log import redact
from hotpress.words import ERRORS, REASONS

FORMATS = "mp4 mov avi webm mkv jpg png gif webp mp3 wav m4a aac"
_RATE_WAIT_LIMIT_SECONDS = 7 * 86_400.0
_REPORT = "A proxy on the way may remove them (X-Skill-...); see `hotpress show`."
_BY_STATUS = {401: 1001, 413: 4002, 415: 4001}

_KNOWN: dict[int, tuple[type[Refused], str, str]] = {
    400: (Refused, "the cloud refused the request", ERRORS["refused"].next),
    1001: (
        TokenRejected,
        "the cloud no longer accepts the token",
        REASONS["token"].next,
    ),
    1002: (
        SessionGone,
        "the cloud has forgotten this video's project",
        "hotpress uploads it once more.",
    ),
    2001: (
        OutOfCredits,
        "the account has no credits left",
        "Register or top up; hotpress goes on by itself.",
    ),
    402: (
        PlanRequired,
        "the cloud's free plan does not hand out this video",
        REASONS["plan"].next,
    ),
    403: (
        ScopeMissing,
        "the token may not do this",
        REASONS["scope"].next,
    ),
    404: (NotKnown, "the cloud does not know it", "hotpress looks again."),
    4001: (
        UnsupportedFormat,
        "the cloud does not take this kind of file",
        f"{ERRORS['unsupported_format'].next} The cloud takes {FORMATS}.",
    ),
    4002: (
        FileTooLarge,
        "the file is over the cloud's upload limit",
        ERRORS["file_too_large"].next,
    ),
}


def data_of(status: int, headers: Mapping[str, str], body: bytes) -> Any:  # noqa: ANN401 - JSON
    """The `data` of a good answer (or the whole of a bare one). Raises Refused or Lost."""
    answer = _parsed(body)
    if not isinstance(answer, dict):
        if status in (413, 429):  # a proxy in front of the API says these two in HTML
            raise refusal(_BY_STATUS.get(status, status), "", headers)
        kind = "nothing" if not body else "something that is no JSON"
        raise Lost(
            f"the cloud answered with {kind} (HTTP {status})", "hotpress tries again by itself."
        )
    code = _code(answer, status)
    if code == 0:
        return answer.get("data", answer) if "data" in answer else answer
    raise refusal(code, _message(answer), headers, status)


def refusal(
    code: int, message: str, headers: Mapping[str, str], status: int = 200
) -> Refused | Lost:
    """The error for a code: a refusal where the contract knows it, else Lost."""
    said = one_line(redact(message), 160)
    if code == 429:
        return RateLimited(
            "the cloud asks for a pause", "hotpress goes on by itself.", 429, retry_after(headers)
        )
    if code == 402 and "header" in said.lower():  # not the plan: our own headers got lost
        return Refused(f"the cloud misses hotpress's own headers: {said}", _REPORT, code)
    if code in _KNOWN:
        kind, why, hint = _KNOWN[code]
        return kind(why + (f" ({said})" if said and code in (400, 404) else ""), hint, code)
    if 400 <= code < 500 or 400 <= status < 500:
        return Refused(
            f"the cloud refused it with code {code}: {said}", ERRORS["refused"].next, code
        )
    return Lost(
        f"the cloud answered with code {code} (HTTP {status}): {said}",
        "hotpress looks whether it arrived before it does anything again.",
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from a `Retry-After` header (a number or a date), if there is one."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), _RATE_WAIT_LIMIT_SECONDS)
    date = headers.get("date", "")
    try:
        seconds = (parsedate_to_datetime(text) - parsedate_to_datetime(date)).total_seconds()
    except (TypeError, ValueError):
        return None
    return min(max(seconds, 1.0), _RATE_WAIT_LIMIT_SECONDS)


def _parsed(body: bytes) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _code(answer: dict[str, Any], status: int) -> int:
    code = _whole(answer.get("code"))
    if code == 0 and answer.get("success") is False:
        code = _BY_STATUS.get(status, max(status, 400))
    if code == 0 and status >= 400:
        code = _BY_STATUS.get(status, status)
    gone = "session not found" in _message(answer).lower()
    return 1002 if gone and code in (400, 404) else code


def _whole(code: object) -> int:
    """A code as a number, 0 when there is none; one that can't be read is -1, never a success."""
    if code is None:
        return 0
    if isinstance(code, str) and re.fullmatch(r"\s*-?[0-9]{1,9}\s*", code):
        return int(code)
    if isinstance(code, float) and code.is_integer():
        return int(code)
    return code if isinstance(code, int) and not isinstance(code, bool) else -1


def _message(answer: dict[str, Any]) -> str:
    return str(answer.get("message") or answer.get("detail") or answer.get("error") or "")
