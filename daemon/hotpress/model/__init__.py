"""The nouns of the house: job, rule, step, outcome. Values only; nothing here touches the world.

Sizes are bytes, times seconds since 1970 (suffix `_at`) or seconds (suffix `_seconds`).
"""

from hotpress.model.delivery import Asked, Delivery, delivered, delivery_of
from hotpress.model.job import Job, Tally
from hotpress.model.media import Expected, Facts, Final, Material, Sound
from hotpress.model.outcome import Fail, Hold, Next, Outcome, Wait
from hotpress.model.remote import Before, Credits, Message, Render, Session, Upload
from hotpress.model.rule import FLOORS, Rule
from hotpress.model.stages import (
    BY_HAND,
    CLOUD_STEPS,
    ENDED,
    IN_CLOUD,
    LINK_ENDINGS,
    LOCAL_STEPS,
    Cause,
    Reason,
    Route,
    State,
    Step,
)

__all__ = [
    "BY_HAND",
    "CLOUD_STEPS",
    "ENDED",
    "FLOORS",
    "IN_CLOUD",
    "LINK_ENDINGS",
    "LOCAL_STEPS",
    "Asked",
    "Before",
    "Cause",
    "Credits",
    "Delivery",
    "Expected",
    "Facts",
    "Fail",
    "Final",
    "Hold",
    "Job",
    "Material",
    "Message",
    "Next",
    "Outcome",
    "Reason",
    "Render",
    "Route",
    "Rule",
    "Session",
    "Sound",
    "State",
    "Step",
    "Tally",
    "Upload",
    "Wait",
    "delivered",
    "delivery_of",
]
