"""The bold clauses of DESIGN section 5, by name, and which of them are in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Clause(Enum):
    """Each with its sentence. All are in; a case takes one out to see what it protects."""

    # The cloud half.
    BEGUN_KEPT = "an orderly stop never clears `begun`"
    SEND_THEN_LOOK = "a step that must not be repeated does its one side effect and ends"
    LIMIT = "deadlines count from the sending step's outcome or the doubt, never from `begun`"
    DOUBT = "doubt belongs to one message or one render id, never to the job"
    DRAFT = "submit renders exactly the stored draft"
    NEW_ID = "each review after a way back stores a new render id"
    IDS = "a job ends only when each render id that it may have sent is settled"
    CREDITS = "the evidence compares the credits, too, not draft and media alone"
    TOTAL = "all three credit figures are compared, so that a top-up hides no charge"
    DIFFERS = "with instructions, ready also means that the draft differs from before"
    FENCE = "owner and epoch are checked at the send itself"
    SAME_KEY = "the work key is unique among live jobs: the second waits for the first"
    HEIR = "if the first had begun its message and did not deliver, the second ends, too"
    # The file half.
    SYNC_SPOOL = "download syncs file and folder before its outcome"
    SYNC_TEMP = "finish syncs file and folder before its outcome"
    HASH_IN = "finish compares its input with the stored hash"
    HASH_OUT = "deliver compares the finished file with the stored hash"
    FINAL_FIRST = "deliver looks at the final name first, then at the finished file"
    REDO = "a final name with our hash: go on with what may be missing"
    PLACE_NEW = "a result is placed without replacing"
    ASIDE = "what is to make room is moved aside without replacing, and compared there"
    COMPARE_ASIDE = "what was moved aside is compared with what was delivered"
    RETURN_ASIDE = "on every way back what was moved aside returns"
    RECEIPT_LAST = "the receipt comes after the file and its folder are synced"
    OWN_NAME = "the final name is unique in the store"
    # The product looks first: that matters only between results that are equal in every byte.
    NAME_CLAIMED_FIRST = "the final name is claimed before it is looked for on the disk"
    LOOK_AGAIN = "the limit of stops never skips deliver's look at the final name"
    NO_LATE_CANCEL = "no cancel once deliver has begun"
    RECORD_FIRST = "the source is released after the delivery is on record"
    LAST_RELEASES = "once per source, when all its jobs are delivered"
    SEE_PRIVATE = "release looks for the private name first"
    COMPARE_SOURCE = "release compares what it moved with what was read"
    BACK_NEW = "what is not the file that was read is put back without replacing"
    PUT_BACK = "the limit of stops never skips putting the source back"
    COPY_THEN_UNLINK = "across file systems: copy, sync, place, compare, only then unlink"


EVERY = frozenset(Clause)


@dataclass(frozen=True)
class Rules:
    """The bounds of a walk and the clauses that are in it."""

    bounds: Any
    clauses: frozenset[Clause] = EVERY

    def __post_init__(self) -> None:
        """`rules.IDS` and so on: they are asked for at every move, and so cost next to nothing."""
        for clause in Clause:
            object.__setattr__(self, clause.name, clause in self.clauses)

    def may(self, world: Any, kind: str) -> bool:
        """May this fault still happen?"""
        return world.faults > 0 and kind in self.bounds.kinds
