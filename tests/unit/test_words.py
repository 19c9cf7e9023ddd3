import re

import pytest

from hotpress.model import Reason
from hotpress.words import REASONS

# DESIGN: what people never read.
NEVER = re.compile(r"\b(settle|mezzanine|spool|draft|session|receipt|VMAF)", re.IGNORECASE)


def test_every_reason_has_its_words():
    """`hotpress explain` knows each, and no other."""
    assert set(REASONS) == {reason.value for reason in Reason}


@pytest.mark.parametrize("name", REASONS)
def test_no_reason_uses_a_word_of_the_house(name):
    """People read what happened, not how the house calls it."""
    words = REASONS[name]

    for sentence in (words.cause, words.means, words.next, words.cost):
        assert not NEVER.search(sentence), sentence
