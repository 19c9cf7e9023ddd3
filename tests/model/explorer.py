"""Walks every state of a small model, breadth first, and says which promise breaks and how.

A model hands out its first state, the moves that are possible in a state, what is wrong in a
state, and whether it is at rest. The first trace that is found to a wrong state is a shortest one.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

CAP_STATES = 2_000_000  # about 2 GB
STUCK = "STUCK"


class Move(NamedTuple):
    """One thing that can happen. `fault`: it need not, so no way out may depend on it."""

    label: str
    state: Hashable
    fault: bool = False


def fault(label: str, state: Any) -> Move:
    """A fault: one less may follow."""
    return Move(label, state._replace(faults=state.faults - 1), fault=True)


def swapped(row: tuple, place: int, value: object) -> tuple:
    """The row with another value in one place."""
    return (*row[:place], value, *row[place + 1 :])


class Model(Protocol):
    """What can be explored."""

    def first(self) -> Hashable:
        """The state that all begins with."""

    def moves(self, state: Hashable) -> Iterator[Move]:
        """All that can happen next."""

    def wrong(self, state: Hashable) -> str:
        """A broken promise ("P3 asked twice"), or nothing."""

    def at_rest(self, state: Hashable) -> bool:
        """Is every job at its end, or held for a person?"""


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken promise and a shortest way to it."""

    sentence: str
    trace: tuple[str, ...]

    @property
    def kind(self) -> str:
        """P1 to P8, or STUCK."""
        return self.sentence.partition(" ")[0]


@dataclass(frozen=True, slots=True)
class Found:
    """What a walk came to. `cut`: the cap was reached, so not all was seen."""

    states: int
    seconds: float
    cut: bool
    violations: tuple[Violation, ...]

    @property
    def clean(self) -> bool:
        """Was all seen, and nothing wrong?"""
        return not self.cut and not self.violations

    def said(self) -> str:
        """In a word, for people."""
        if self.violations:
            return ", ".join(dict.fromkeys(v.kind for v in self.violations))
        return f"cut at {self.states} states" if self.cut else "clean"


def explore(model: Model, *, cap: int = CAP_STATES, stop_at_first: bool = False) -> Found:
    """Walk all states (up to `cap`), or up to the first that is wrong."""
    walk = _Walk(model, cap)
    began = time.monotonic()
    walk.run(stop_at_first)
    if not walk.cut and not (stop_at_first and walk.wrong):
        walk.look_for_a_way_out()
    found = tuple(Violation(text, walk.trace(n)) for text, n in walk.wrong.items())
    return Found(len(walk.numbers), time.monotonic() - began, walk.cut, found)


class _Walk:
    def __init__(self, model: Model, cap: int) -> None:
        self.model = model
        self.cap = cap
        self.cut = False
        self.wrong: dict[str, int] = {}
        first = model.first()
        self.numbers: dict[Hashable, int] = {first: 0}  # in the order of their distance
        self.queue: list[Hashable] = [first]
        self.parents = array("l", [-1])
        self.labels: list[str] = [""]
        self.good: list[int] = []  # at rest, or already counted as wrong
        self.steps_from = array("l")  # without faults, as two columns: the edges of the graph
        self.steps_to = array("l")

    def run(self, stop_at_first: bool) -> None:
        """Breadth first: the queue only grows, and a state's number is its place in it."""
        number = 0
        while number < len(self.queue):
            state = self.queue[number]
            self.queue[number] = None  # the dict has it; its place is all that is still needed
            sentence = self.model.wrong(state)
            if sentence:
                self.wrong.setdefault(sentence, number)
                self.good.append(number)
                if stop_at_first:
                    return
            else:
                if self.model.at_rest(state):
                    self.good.append(number)
                self._follow(state, number)
            number += 1

    def _follow(self, state: Hashable, number: int) -> None:
        for label, after, fault in self.model.moves(state):
            known = self.numbers.get(after)
            if known is None:
                if len(self.queue) >= self.cap:
                    self.cut = True
                    continue
                known = self.numbers[after] = len(self.queue)
                self.queue.append(after)
                self.parents.append(number)
                self.labels.append(label)
            if not fault:
                self.steps_from.append(number)
                self.steps_to.append(known)

    def look_for_a_way_out(self) -> None:
        """From every state there must be a way without faults to an end or a hold."""
        before: dict[int, list[int]] = {}
        for came, went in zip(self.steps_from, self.steps_to, strict=True):
            before.setdefault(went, []).append(came)
        escaped = bytearray(len(self.queue))
        open_ends = list(self.good)
        for number in open_ends:
            escaped[number] = 1
        while open_ends:
            for number in before.get(open_ends.pop(), ()):
                if not escaped[number]:
                    escaped[number] = 1
                    open_ends.append(number)
        lost = escaped.find(0)
        if lost >= 0:
            self.wrong[f"{STUCK} there is no way without faults to an end or a hold"] = lost

    def trace(self, number: int) -> tuple[str, ...]:
        """The labels from the first state to this one."""
        labels: list[str] = []
        while number > 0:
            labels.append(self.labels[number])
            number = self.parents[number]
        return tuple(reversed(labels))
