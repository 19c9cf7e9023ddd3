"""`config.example.yaml`, made from the settings: every key, its default, its sentence.

Run `python -m hotpress.config.sample > config.example.yaml` after a change; a test compares them.
"""

from __future__ import annotations

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from hotpress.config.limits import Limits
from hotpress.config.page import Page
from hotpress.config.settings import (
    CloudSettings,
    Log,
    RuleSettings,
    Settings,
    Timing,
    Watch,
)
from hotpress.config.spelling import NOTHING, spelled

_LEFT_OUT = {"hours", "outputs", "include", "exclude"}  # an example says more than "none"
_HEAD = """\
# Every key of hotpress with its default. Copy what you change; leave out the rest.
# An unknown key is refused with its line, so a slip of the pen never passes in silence.
"""
_INBOXES = """\
inboxes:                       # hot folders; each key of `defaults` may stand here, too
  - name: travel               # optional, from the path
    path: ~/Sync/Inbox
    outbox: ~/Sync/Compressed  # may not lie inside an inbox, nor the other way round
    target_size: 60 MB
    instructions: "keep the original sound"
    priority: normal           # high: four turns for each one of a normal inbox; low: one for four
    order: oldest              # of its videos; smallest: large ones wait while small ones come
    # limits: {uploads: 1, upload_rate: 5 Mbit/s}    # of this inbox, within those below
    budget: {per_day: none, per_month: none}    # credits of this inbox, within cloud.budget
    # watch: {mode: polling, settle: 5s}    # any key of `watch`, for this inbox
    rules:                     # first match wins, over the inbox's own values
      - match: "under 25 MB/**"    # case ignored; without a slash it matches names at any depth
        target_size: 25 MB
"""
_NOTIFY = """\
notify: []                     # whom to tell, also per inbox; docs/notices.md. Apprise URLs, or
#  - {url: "${NTFY_URL}", events: [failed, held, token, weekly], names: off, quiet: 22:00-07:00}
#  - {command: /usr/local/bin/told, events: [delivered, failed, held]}   # the job as JSON on stdin
# all events: delivered, failed, held, token, daily, weekly, ping
"""


def text() -> str:
    """The whole sample."""
    history = Settings.model_fields["history"]
    parts = [
        _HEAD,
        _section("cloud", CloudSettings, "all optional"),
        _section("defaults", RuleSettings, "a rule, inherited by every inbox"),
        _INBOXES,
        _section("limits", Limits, "how much at once"),
        _section("watch", Watch, "how folders are watched"),
        _section("page", Page, "jobs in a browser; or off"),
        _NOTIFY,
        _section("log", Log, ""),
        _line(f"history: {_value('history', history)}", history.description or "") + "\n",
    ]
    return "\n".join(parts)


def _section(name: str, model: type[BaseModel], comment: str) -> str:
    lines = [_line(f"{name}:", comment)]
    for key, info in model.model_fields.items():
        if isinstance(info.default, Timing):
            continue  # in the reference only: the defaults are the service's own advice
        sentence = info.description or ""
        value = _value(key, info)
        mark = "# " if value is None else ""
        lines.append(_line(f"  {mark}{key}: {_unset(key) if value is None else value}", sentence))
    return "\n".join(lines) + "\n"


def _line(start: str, comment: str) -> str:
    return f"{start:<30} # {comment}" if comment else start


def _value(key: str, info: FieldInfo) -> str | None:
    """The default as a person writes it; None for a key that is better left out."""
    value = info.default
    if key in _LEFT_OUT or (value is None and key not in NOTHING):
        return None
    return spelled(key, value)


def _unset(key: str) -> str:
    return {
        "token": "${NEMO_TOKEN}",
        "archive_to": "~/Videos/Archive",
        "hours": "22:00-07:00",
        "outputs": "[{name: web}, {name: chat, target_size: 16 MB, output: '{stem} chat.mp4'}]",
        "include": '["*.mov", "Raw/**"]',
        "exclude": '["* rough.*", "Old/**"]',
        "password": "scrypt:...",
        "client_id": "",
        "platform": "",
    }.get(key, "")


if __name__ == "__main__":
    print(text(), end="")  # noqa: T201 - this is its output
