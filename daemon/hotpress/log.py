"""One way to log: structlog, one redaction before every sink. An event is `noun.past_verb`."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

# A bearer of the service, a claim link's code, and anything that stands behind "Bearer"; also
# where they are glued to something, as in %20nmv_...
_SECRET = re.compile(r"(?:nmv|clm)_[\w\-]+|(?<=bearer )[^\s'\"]+", re.IGNORECASE)
_HEADER = re.compile(
    r"((?:authorization|cookie)['\"]?\s*[:=]\s*['\"]?(?:(?:basic|bearer|digest) )?)[^\s'\",}]+",
    re.IGNORECASE,
)
_USER = re.compile(r"(?<=://)[^\s/@'\"]*:[^\s/@'\"]*@")  # of an address, with its password
_BREAKS = str.maketrans({"\u2028": " ", "\u2029": " ", "\x85": " "})  # lines to some readers
_URL_QUERY = re.compile(r"(https?://[^\s?\"']+)\?[^\s\"']*")
_SECRET_KEYS = ("token", "authorization", "bearer", "password", "claim")
_TEXT_LIMIT_CHARS = 4_000
_wanted: list[str] = []  # the level for whoever logs first, while nobody has


def redact(text: str) -> str:
    """`text` without tokens, headers that hold one, passwords in addresses, and queries of links.

    Signed links are secrets.
    """
    text = _HEADER.sub(r"\1***", _SECRET.sub("***", text))
    return _URL_QUERY.sub(r"\1?...", _USER.sub("***@", text))


def _clean(value: Any) -> Any:  # noqa: ANN401 - a log field may be anything
    if isinstance(value, str):
        return redact(value).translate(_BREAKS)[:_TEXT_LIMIT_CHARS]
    if isinstance(value, bytes | bytearray):
        return _clean(bytes(value).decode("utf-8", "backslashreplace"))
    if isinstance(value, dict):
        return {redact(str(k)): _clean_field(str(k), v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(v) for v in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _clean(str(value))


def _clean_field(key: str, value: Any) -> Any:  # noqa: ANN401
    secret = any(word in key.lower() for word in _SECRET_KEYS)
    plain = value is None or isinstance(value, bool | int | float)  # a token's number says nothing
    return "***" if secret and not plain else _clean(value)


def _redaction(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    return {key: _clean_field(key, value) for key, value in event.items()}


def setup(level: str = "info", form: str = "auto", stream: TextIO | None = None) -> None:
    """Console lines on a terminal, JSON lines elsewhere; foreign libraries' warnings too."""
    import structlog  # noqa: PLC0415 - slow, and `status` never logs

    _wanted.clear()
    out = stream or sys.stderr
    console = form == "console" or (form == "auto" and out.isatty())
    number = getattr(logging, level.upper())
    last: Any = (
        structlog.dev.ConsoleRenderer(colors=out.isatty())
        if console
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    before: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*before, structlog.processors.format_exc_info, _redaction, last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _redaction,
                last,
            ],
            foreign_pre_chain=before,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)


def setup_when_used(level: str) -> None:
    """The same, but not before somebody needs a logger."""
    if "structlog" in sys.modules:
        setup(level)
    else:
        _wanted[:] = [level]


Logger = Any  # structlog's loggers are untyped by design


def get(room: str) -> Logger:
    """A logger for one room of the house."""
    import structlog  # noqa: PLC0415 - slow, and `status` never logs

    if _wanted:
        setup(_wanted[0])
    return structlog.get_logger(room=room)
