"""Whom to tell: what a person writes under `notify`, and what of it can't work."""

from __future__ import annotations

import logging
import shlex
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    model_validator,
)

from hotpress.config.units import Hours

Event = Literal["delivered", "failed", "held", "token", "daily", "weekly", "ping"]
_USUAL: tuple[Event, ...] = ("failed", "held", "token", "weekly")
DESKTOP = "desktop://"  # not of Apprise, whose own need libraries that pip does not bring
EXAMPLE = "write for example ntfys://ntfy.sh/YOUR-TOPIC; docs/notices.md has more"
# Known without asking Apprise, whose import takes longer than most verbs run.
_COMMON = frozenset(
    [
        "discord",
        "gotify",
        "gotifys",
        "json",
        "jsons",
        "mailto",
        "mailtos",
        "matrix",
        "matrixs",
        "msteams",
        "ntfy",
        "ntfys",
        "pover",
        "slack",
        "tgram",
        "workflow",
        "workflows",
        "signal",
        "signals",
    ]
)


def _url(value: object) -> object:
    """An address that Apprise knows. It may hold a password: it is never shown."""
    if isinstance(value, SecretStr):
        return value
    if isinstance(value, str) and value.strip().lower() == DESKTOP:
        return DESKTOP
    scheme, mark, rest = value.partition("://") if isinstance(value, str) else ("", "", "")
    if not mark or not rest.strip():
        raise ValueError(f"is no address for notices; {EXAMPLE}")
    if scheme.lower() in ("http", "https") or scheme.lower() in _COMMON:
        return value
    if scheme.lower() not in _schemes():
        raise ValueError(f"begins with {scheme[:20]}://, which nobody knows; {EXAMPLE}")
    return value


@cache  # Apprise takes half a second to list them, and an unknown one may stand there often
def _schemes() -> frozenset[str]:
    """All that Apprise knows."""
    from apprise import Apprise  # noqa: PLC0415 - slow, and most configs never need it

    found = Apprise().details()["schemas"]
    return frozenset(
        name
        for each in found
        for kind in ("protocols", "secure_protocols")
        for name in each[kind] or ()
    )


def _command(value: object) -> object:
    """Words, or one line that is split as a shell would."""
    if isinstance(value, list | tuple):
        words = [str(each) for each in value]
    else:
        try:
            words = shlex.split(str(value))
        except ValueError:
            raise ValueError("has a quote without its end; write [program, word, word]") from None
    if not words or not words[0].startswith("/"):
        raise ValueError(
            "must begin with a program's whole path; write for example /usr/bin/logger"
        )
    return tuple(words)


def _names(value: object) -> object:
    return {"true": "on", "false": "off", "yes": "on", "no": "off"}.get(str(value).lower(), value)


class Notify(BaseModel):
    """One whom hotpress tells: an Apprise URL, or a program of yours."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: Annotated[SecretStr, BeforeValidator(_url)] | None = None
    command: Annotated[tuple[str, ...], BeforeValidator(_command)] | None = None
    events: tuple[Event, ...] = Field(_USUAL, max_length=7)
    names: Annotated[Literal["off", "on"], BeforeValidator(_names)] = "off"
    quiet: Hours = ()

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:  # noqa: ANN401 - YAML is anything
        """A plain URL is the short form."""
        return {"url": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_way(self) -> Notify:
        if (self.url is None) == (self.command is None):
            raise ValueError("needs a url or a command, and not both; write {url: ...}")
        if self.is_web and self.events != ("ping",) and not apprise_of(self.address):
            raise ValueError(
                "a plain http address can only be called while all is well; write events: [ping], "
                "or an address that Apprise knows, such as json://"
            )
        return self

    @property
    def address(self) -> str:
        """The URL itself: a secret."""
        return self.url.get_secret_value() if self.url else ""

    @property
    def scheme(self) -> str:
        """What may be shown of it."""
        return self.address.partition("://")[0]

    @property
    def is_desktop(self) -> bool:
        """Is it this computer's own desktop?"""
        return self.address == DESKTOP

    @property
    def is_web(self) -> bool:
        """Is it a plain web address?"""
        return self.scheme.lower() in ("http", "https")


def apprise_of(url: str) -> Any:  # noqa: ANN401 - Apprise has no types for it
    """What sends there, by Apprise; None where it does not know the address."""
    from apprise import Apprise  # noqa: PLC0415 - slow, and most configs never need it

    # It logs the address when something goes wrong, with its password.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    return Apprise.instantiate(url, suppress_exceptions=True)
