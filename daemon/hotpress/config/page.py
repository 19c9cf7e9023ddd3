"""Where the page is shown, and to whom: what a person writes under `page`."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

USUAL = "127.0.0.1:8420"
_ADDRESS = re.compile(r"(?:\[(?P<six>[^\]]+)\]|(?P<four>[^:\s]+)):(?P<port>\d{1,5})")
_NAME = re.compile(r"[A-Za-z0-9.-]{1,253}", re.ASCII)
_HASH = re.compile(r"scrypt:\d+:\d+:\d+:[\w-]+:[\w-]+")
_OFF = ("off", "false", "no")


def _address(value: object) -> object:
    """`host:port`; `off` for no page at all."""
    text = str(value).strip()
    if text.lower() in _OFF:
        return "off"
    found = _ADDRESS.fullmatch(text)
    if found is None or not 0 <= int(found["port"]) <= 65_535:
        raise ValueError(f"{text[:60]} is no address with its port; write for example {USUAL}")
    if found["six"] is None and not _NAME.fullmatch(found["four"]):
        raise ValueError(f"{text[:60]} is no address with its port; write for example {USUAL}")
    return text


def _hash(value: object) -> object:
    if value is None or isinstance(value, SecretStr):
        return value
    if not _HASH.fullmatch(str(value)):  # the value is not shown: it may be the password itself
        raise ValueError("is no hash of a password; `hotpress page password` makes one")
    return str(value)


def or_off(schema: dict[str, Any]) -> None:
    """For editors: the section, or the word."""
    ref = schema.pop("$ref", None)
    if ref is not None:
        schema["anyOf"] = [{"$ref": ref}, {"enum": ["off", False]}]


class Page(BaseModel):
    """Where the page is shown, and to whom."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    listen: Annotated[str, BeforeValidator(_address)] = Field(
        USUAL, description="another address than this machine's own needs a password; or off"
    )
    password: Annotated[SecretStr, BeforeValidator(_hash)] | None = Field(
        None, description="its hash: hotpress page password"
    )
    hosts: tuple[str, ...] = Field(
        (), max_length=20, description="further names of this machine, as a browser is given them"
    )

    @model_validator(mode="before")
    @classmethod
    def _from_word(cls, value: Any) -> Any:  # noqa: ANN401 - YAML is anything
        """`page: off` is the short form."""
        if value is False or (isinstance(value, str) and value.strip().lower() in _OFF):
            return {"listen": "off"}
        return value

    @property
    def is_off(self) -> bool:
        """Is there no page?"""
        return self.listen == "off"

    @property
    def host(self) -> str:
        """The address without its port."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port; 0: any that is free."""
        return int(self.listen.rpartition(":")[2])

    @property
    def is_loopback(self) -> bool:
        """Can it be reached from this machine alone?"""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def hashed(self) -> str:
        """The password's hash, "" when there is none."""
        return self.password.get_secret_value() if self.password else ""
