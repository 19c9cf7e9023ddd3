"""download, verify, finish. The map to the product stands in file_half.py."""

from __future__ import annotations

from collections.abc import Iterator

from explorer import Move
from file_state import EARLIER, GOOD, NAMES, OURS, PART, File, Turn

from hotpress.model import Step


def download(turn: Turn) -> Iterator[Move]:
    """Resumed by what is there, synced before the outcome."""
    spool = turn.spool
    if turn.job.at == "downloaded":
        kept = spool and spool._replace(synced=spool.synced or turn.rules.SYNC_SPOOL)
        after = turn.outcome(turn.row(spool=kept), step=Step.VERIFY)
        yield Move(turn.me + "download's outcome", after)
    elif spool is None:
        yield Move(turn.me + "gets the first half", turn.row(spool=File(PART)))
    elif spool.bytes == PART:
        got = turn.at("downloaded", turn.row(spool=File(GOOD)))
        yield Move(turn.me + "gets the rest", got)
    else:
        yield Move(turn.me + "its size is full", turn.at("downloaded"))


def verify(turn: Turn) -> Iterator[Move]:
    """Is it what was downloaded, and a whole film?"""
    if turn.spool is None:
        yield Move(turn.me + "verify: gone", turn.back(Step.DOWNLOAD))
    elif turn.spool.bytes != GOOD:
        yield Move(turn.me + "verify: bad", turn.back(Step.DOWNLOAD, turn.row(spool=None)))
    else:
        yield Move(turn.me + "verified", turn.outcome(step=Step.FINISH))


def finish(turn: Turn) -> Iterator[Move]:
    """Makes the file to be delivered, then takes a final name for it."""
    match turn.job.at:
        case "run":
            yield _written(turn)
        case "written":
            yield _claimed(turn) if turn.rules.NAME_CLAIMED_FIRST else _seen_free(turn, 0)
        case "claimed":
            yield _claim_looked_at(turn)
        case "seen free":
            yield _claimed_after(turn)


def _written(turn: Turn) -> Move:
    rules, spool = turn.rules, turn.spool
    if rules.bounds.outputs and turn.world.source[turn.src] != OURS:
        return Move(turn.me + "finish: the source is gone", turn.outcome(end="no source"))
    if spool is None:
        return Move(turn.me + "finish: its input is gone", turn.back(Step.DOWNLOAD))
    if rules.HASH_IN and spool.bytes != GOOD:
        after = turn.back(Step.DOWNLOAD, turn.row(spool=None))
        return Move(turn.me + "finish: its input is torn", after)
    temp = File(spool.bytes, rules.SYNC_TEMP)
    return Move(turn.me + "writes the finished file", turn.at("written", turn.row(temp=temp)))


def _claimed(turn: Turn, lowest: int = 0) -> Move:
    """The dearest name that no other live job has."""
    name = next(n for n in range(lowest, NAMES + 1) if n == NAMES or not _taken(turn, n))
    if name == NAMES:
        return Move(turn.me + "no name is left", turn.outcome(end="failed"))
    return Move(f"{turn.me}claims name {name}", turn.at("claimed", name=name))


def _claim_looked_at(turn: Turn) -> Move:
    name = turn.job.name
    there = turn.world.box[name]
    if there is not None and there.owner == EARLIER and turn.rules.bounds.replace:
        return _finished(turn, name, replaces=True)
    if there is not None:
        return _claimed(turn, name + 1)
    return _finished(turn, name)


def _seen_free(turn: Turn, lowest: int) -> Move:
    """Only where NAME_CLAIMED_FIRST is out: looked for on the disk before it is claimed."""
    free = (n for n in range(lowest, NAMES) if turn.world.box[n] is None)
    name = next(free, NAMES)
    if name == NAMES:
        return Move(turn.me + "no name is left", turn.outcome(end="failed"))
    world = turn.at("seen free", made=str(name))  # not stored: it lives in the step
    return Move(f"{turn.me}sees that name {name} is free", world)


def _claimed_after(turn: Turn) -> Move:
    name = int(turn.job.made)
    if _taken(turn, name):
        return _seen_free(turn, name + 1)
    return _finished(turn, name)


def _taken(turn: Turn, name: int) -> bool:
    """Has another job claimed it that is not at its end?"""
    return turn.rules.OWN_NAME and any(
        other.name == name and not other.end
        for n, other in enumerate(turn.world.jobs)
        if n != turn.number
    )


def _finished(turn: Turn, name: int, *, replaces: bool = False) -> Move:
    made = turn.temp.bytes if turn.temp else GOOD
    after = turn.outcome(step=Step.DELIVER, name=name, made=made, replaces=replaces)
    return Move(f"{turn.me}finished, to be name {name}", after)
