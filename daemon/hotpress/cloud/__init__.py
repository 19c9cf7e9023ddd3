"""The NemoVideo client, usable alone: it knows the contract, and nothing of jobs.

Its parts are loaded when they are named: who only reads the kept token's expiry needs no HTTP.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hotpress.cloud.agent import Turn
    from hotpress.cloud.client import Cloud
    from hotpress.cloud.draft import Draft
    from hotpress.cloud.identity import Identity
    from hotpress.cloud.render import Poll
    from hotpress.cloud.state import Balance, CloudState, Media

__all__ = ["Balance", "Cloud", "CloudState", "Draft", "Identity", "Media", "Poll", "Turn"]
_FROM = {
    "Balance": "state",
    "Cloud": "client",
    "CloudState": "state",
    "Draft": "draft",
    "Identity": "identity",
    "Media": "state",
    "Poll": "render",
    "Turn": "agent",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever has this name
    if name not in _FROM:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_FROM[name]}"), name)
