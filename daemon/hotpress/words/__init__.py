"""The one place for what people read of every reason, and of every end without a result."""

from __future__ import annotations

from collections.abc import Mapping

from hotpress.words.ends import DECIDED, ENDS, ERRORS
from hotpress.words.entry import Words, for_job, to_do
from hotpress.words.reasons import REASONS
from hotpress.words.steps import STEPS

# A name that is both (disk_full) has the same words as a reason and as an error.
ALL: Mapping[str, Words] = {**ENDS, **REASONS}

__all__ = ["ALL", "DECIDED", "ENDS", "ERRORS", "REASONS", "STEPS", "Words", "for_job", "to_do"]
