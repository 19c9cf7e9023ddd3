"""Whom the page answers, and what a browser may do with it. Decisions are pure.

A foreign page in the same browser can send requests here, and can make its own name lead here. So
a request must name this page as its host, and one that changes something must come from a page of
ours: by its Origin, and by a token that only our pages know.
"""

from __future__ import annotations

import hmac
import socket
from collections.abc import Mapping
from ipaddress import ip_address

from hotpress.config.page import Page

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with less a browser would not say where a form comes from
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
_OWN_SITES = ("same-origin", "none")


def own_names(page: Page) -> frozenset[str]:
    """The names under which this page may be opened, besides addresses in numbers."""
    names = {"localhost", *(host.lower() for host in page.hosts)}
    if not page.is_loopback:
        machine = socket.gethostname().lower()
        names |= {machine, f"{machine.partition('.')[0]}.local", page.host.lower()}
    return frozenset(names)


def is_own_host(host: str, names: frozenset[str], *, loopback: bool) -> bool:
    """May a request name this host? A foreign name that leads here is not this page's."""
    name = _without_port(host)
    try:
        address = ip_address(name.strip("[]"))
    except ValueError:
        return name.lower().rstrip(".") in names
    return address.is_loopback or not loopback


def is_own_request(headers: Mapping[str, str], host: str) -> bool:
    """Does a request that changes something come from a page of ours, as far as it says so?"""
    site = headers.get("sec-fetch-site")
    if site is not None and site not in _OWN_SITES:
        return False
    origin = headers.get("origin")
    return origin is None or origin.lower() in (f"http://{host.lower()}", f"https://{host.lower()}")


def is_token(said: str, known: str) -> bool:
    """Did the form bring back what only a page of ours knows?"""
    return hmac.compare_digest(said.encode("utf-8", "replace"), known.encode())


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.rpartition(":")[0] if host.count(":") == 1 else host
