"""The NemoVideo client, usable alone: it knows the contract, and nothing of jobs."""

from hotpress.cloud.agent import Turn
from hotpress.cloud.client import Cloud
from hotpress.cloud.draft import Draft
from hotpress.cloud.identity import Identity
from hotpress.cloud.render import Poll
from hotpress.cloud.state import Balance, CloudState, Media

__all__ = ["Balance", "Cloud", "CloudState", "Draft", "Identity", "Media", "Poll", "Turn"]
