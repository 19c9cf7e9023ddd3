"""Which notes that are gone mean "try again"? Pure.

A person deletes a note or a few. A sync client, a mount or a sweep of the whole folder takes many,
or everything: that is nobody's wish, and nothing may be tried (and paid) because of it.
"""

from __future__ import annotations

from dataclasses import dataclass

MOST = 5  # at once, and a minute


@dataclass(frozen=True, slots=True)
class Seen:
    """One look at an outbox. `results_*`: delivered files that were there at the last look."""

    notes: frozenset[str]  # all that were written, by path
    gone: frozenset[str]
    gone_before: frozenset[str]  # at the look before
    results_before: frozenset[str] = frozenset()
    results_now: frozenset[str] = frozenset()
    swept: frozenset[str] = frozenset()  # those that went together with their folder


@dataclass(frozen=True, slots=True)
class Verdict:
    """`wished`: try these again. `accident`: nobody's wish took these; they are written anew."""

    wished: frozenset[str] = frozenset()
    accident: frozenset[str] = frozenset()


def judge(seen: Seen) -> Verdict:
    """What is gone at two looks in a row, and went alone or with a few, is a wish."""
    if len(seen.gone) > MOST or _emptied(seen):
        return Verdict(accident=seen.gone)
    gone = seen.gone & seen.gone_before
    # Who moves a folder of results away has not read the notes in it.
    return Verdict(wished=gone - seen.swept, accident=gone & seen.swept)


def _emptied(seen: Seen) -> bool:
    """Is nothing left of what was there?"""
    everything = seen.gone == seen.notes and bool(seen.gone)
    return everything and bool(seen.results_before) and not seen.results_now
