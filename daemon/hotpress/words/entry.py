"""What a person reads of one reason, or of one way in which a video ends without a result."""

from __future__ import annotations

from dataclasses import dataclass

BY_ITSELF = "Nothing to do: hotpress goes on by itself."


@dataclass(frozen=True, slots=True)
class Words:
    """Four sentences. `cause` may be said of many videos; a job's own `why` has its figures."""

    cause: str
    means: str
    next: str
    cost: str
