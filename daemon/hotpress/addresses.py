"""Which addresses lie on the public internet: a name may lead into this machine or network."""

from __future__ import annotations

import ipaddress
import socket

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public(text: str) -> bool:
    """May anybody reach it? Not loopback, private, link-local, or any of these in IPv6 clothes."""
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return all(each.is_global and not each.is_multicast for each in (found, *_inside(found)))


def _inside(found: _Address) -> list[_Address]:
    """IPv4 addresses that an IPv6 address stands for."""
    if isinstance(found, ipaddress.IPv4Address):
        return []
    if found.ipv4_mapped is not None:  # its own answer differs between versions of Python
        return [found.ipv4_mapped]
    hidden: list[_Address] = [found.sixtofour] if found.sixtofour else []
    if found.teredo:
        hidden += found.teredo
    if found in _NAT64:
        hidden.append(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF))
    if int(found) >> 32 == 0:  # the old, compatible form
        hidden.append(ipaddress.IPv4Address(int(found)))
    return hidden


def resolved(host: str) -> set[str]:
    """All addresses of a name, or of a number in whatever writing. Raises OSError."""
    try:
        return {str(info[4][0]) for info in socket.getaddrinfo(host, None)}
    except UnicodeError as error:  # no name at all: a part of it is empty or too long
        raise socket.gaierror(socket.EAI_NONAME, "no such name") from error
