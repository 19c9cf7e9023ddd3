"""What came of what was just asked: kept for the look that follows, under a name nobody guesses."""

from __future__ import annotations

import random
from collections import OrderedDict

from hotpress.clock import fresh_id

_MOST = 100
Answer = tuple[str, bool]  # a sentence, and was it done?


class Answers:
    """The last hundred."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._kept: OrderedDict[str, Answer] = OrderedDict()

    def keep(self, answer: Answer) -> str:
        """Its name."""
        key = fresh_id(self._chance, 64)
        self._kept[key] = answer
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        return key

    def get(self, key: str) -> Answer | None:
        """The answer of this name."""
        return self._kept.get(key)
