"""release: what becomes of the source. The map stands in file_half.py."""

from __future__ import annotations

from collections.abc import Iterator

from explorer import Move
from file_state import GOOD, NEWER, OURS, Placed, Turn, World

from hotpress.model import Step


def release(turn: Turn) -> Iterator[Move]:
    """Moves what was read to a private name, compares it there, then does as the rule says."""
    match turn.job.at:
        case "run" | "hide":
            yield _hidden(turn)
        case "hidden":
            yield _compared(turn)
        case "copied":
            yield _copy_compared(turn)
        case "gone":
            yield Move(turn.me + "syncs the folders", turn.at("released", _synced(turn)))
        case "released":
            yield Move(turn.me + "release's outcome", _done(turn))


def put_back(turn: Turn) -> Move:
    """Stopped too often in this step, with the source hidden: back where it was, and said."""
    return Move(turn.me + "stopped too often: puts the source back", _done(turn, _returned(turn)))


def _done(turn: Turn, world: World | None = None) -> World:
    """The end; as one write with the delivery where RECORD_FIRST is out."""
    return turn.outcome(world, step=Step.RELEASE, end="done")


def _hidden(turn: Turn) -> Move:
    world, src = turn.world, turn.src
    if turn.rules.bounds.policy == "keep":
        return Move(turn.me + "the source stays", _done(turn))
    if world.private[src] and turn.rules.SEE_PRIVATE:
        return Move(turn.me + "it lies under its private name", turn.at("hidden"))
    if not world.source[src]:
        return Move(turn.me + "the source is no longer there", _done(turn))
    if world.private[src]:  # only where SEE_PRIVATE is out
        return Move(turn.me + "its private name is taken", _done(turn))
    moved = turn.row(source="", private=world.source[src])
    return Move(turn.me + "moves the source to its private name", turn.at("hidden", moved))


def _compared(turn: Turn) -> Move:
    found = turn.world.private[turn.src]
    if found != OURS and turn.rules.COMPARE_SOURCE:
        return Move(turn.me + "it is another file: put back", _done(turn, _returned(turn)))
    wrong = "P1 a file that was never read is released" if found != OURS else ""
    match turn.rules.bounds.policy:
        case "delete":
            after = turn.row(private="", released=True)
            label = "deletes it"
        case "move":
            # One rename: a journal keeps it whole or not at all, so it is never nowhere.
            after = turn.row(private="", released=True, archive=Placed(turn.number, GOOD))
            label = "moves it to its place"
        case _:
            return _copied(turn)
    return Move(turn.me + label, turn.at("gone", after._replace(wrong=wrong)))


def _copied(turn: Turn) -> Move:
    """Copied and synced under a temporary name, then placed; the folder is not yet synced.

    After a crash it is copied again: that syncs the folder, too, and finds the name taken by the
    same bytes.
    """
    before = turn.world.archive[turn.src]
    if not turn.rules.COPY_THEN_UNLINK:
        copy = Placed(turn.number, GOOD, synced=False, named=False)
        after = turn.row(archive=copy, private="", released=True)
        return Move(turn.me + "copies it and unlinks it", turn.at("gone", after))
    copy = Placed(turn.number, GOOD, named=before is not None)
    return Move(turn.me + "copies, syncs, places", turn.at("copied", turn.row(archive=copy)))


def _copy_compared(turn: Turn) -> Move:
    copy = turn.world.archive[turn.src]
    if copy is None or copy.bytes != GOOD:
        return Move(turn.me + "the copy differs: put back", _done(turn, _returned(turn)))
    after = turn.row(archive=copy._replace(named=True), private="", released=True)
    return Move(turn.me + "syncs the folder, compares, unlinks", turn.at("gone", after))


def _synced(turn: Turn) -> World:
    copy = turn.world.archive[turn.src]
    return turn.row(archive=copy and copy._replace(synced=True, named=True))


def _returned(turn: Turn) -> World:
    """Never over another file: when the name is taken, beside it."""
    world, src = turn.world, turn.src
    if not world.source[src]:
        return turn.row(source=world.private[src], private="")
    if turn.rules.BACK_NEW:
        return turn.row(private="")
    after = turn.row(source=world.private[src], private="")
    lost = world.source[src] == NEWER
    return after._replace(wrong="P1 a newer file was replaced" if lost else "")
