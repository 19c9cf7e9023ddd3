"""deliver: place the file, then what proves it. The map stands in file_half.py."""

from __future__ import annotations

from collections.abc import Iterator

from explorer import Move, swapped
from file_state import EARLIER, NAMES, STRANGER, Placed, Turn, World

from hotpress.model import Step


def deliver(turn: Turn) -> Iterator[Move]:
    """`run` and `resume` alike."""
    match turn.job.at:
        case "run":
            yield _looked(turn)
        case "ready":
            yield _made_room(turn) if _is_in_the_way(turn) else _placed(turn)
        case "moved":
            yield _compared(turn)
        case "placed":
            world = turn.row(temp=None)
            name, placed = turn.job.name, turn.world.box[turn.job.name]
            named = swapped(world.box, name, placed and placed._replace(named=True))
            after = turn.at("named", world._replace(box=named))
            yield Move(turn.me + "unlinks the finished file, syncs the folder", after)
        case "named":
            yield Move(turn.me + "receipt", turn.at("recorded", turn.row(receipts=True)))
        case "recorded":
            if turn.world.aside is not None and turn.job.replaces:
                yield _removed(turn)
            elif turn.rules.RECORD_FIRST:
                after = turn.outcome(step=Step.RELEASE)
                yield Move(turn.me + "deliver's outcome", after)
            else:
                yield Move(turn.me + "releases at once", turn.at("hide"))


def _looked(turn: Turn) -> Move:
    rules, job, temp = turn.rules, turn.job, turn.temp
    there = turn.world.box[job.name]
    if not rules.FINAL_FIRST and temp is None:
        return Move(turn.me + "the finished file is gone", _back(turn))
    if there is not None and rules.ours(there, turn.number):
        after = turn.at("placed") if rules.REDO else turn.outcome(step=Step.RELEASE)
        return Move(turn.me + "it stands there already", after)
    if there is not None and not _is_in_the_way(turn):
        return Move(turn.me + "the name is taken", _taken(turn))
    if temp is None:
        return Move(turn.me + "the finished file is gone", _back(turn))
    if rules.HASH_OUT and temp.bytes != job.made:
        after = _back(turn, turn.row(temp=None))
        return Move(turn.me + "the finished file is torn", after)
    world = turn.row(temp=temp._replace(synced=True))
    if not rules.RECEIPT_LAST:
        world = world._replace(receipts=swapped(world.receipts, turn.number, True))
    place = "moved" if turn.world.aside is not None and job.replaces else "ready"
    return Move(turn.me + "ready to be placed", turn.at(place, world))


def _is_in_the_way(turn: Turn) -> bool:
    """Does the earlier result still have the name? `ready` looks no more: it only moves."""
    there = turn.world.box[turn.job.name]
    if turn.job.at == "run":
        return bool(there and there.owner == EARLIER and turn.job.replaces)
    free = turn.world.aside is None and turn.rules.ASIDE
    return bool(there and turn.job.replaces and free)


def _made_room(turn: Turn) -> Move:
    """Whatever has the name now goes to the private folder, where nothing is replaced."""
    world = turn.world
    moved = world._replace(
        aside=world.box[turn.job.name], box=swapped(world.box, turn.job.name, None)
    )
    return Move(turn.me + "moves the earlier result aside", turn.at("moved", moved))


def _compared(turn: Turn) -> Move:
    aside = turn.world.aside
    if turn.rules.COMPARE_ASIDE and aside and aside.owner != EARLIER:
        return Move(turn.me + "another file was caught", _taken(turn))
    return Move(turn.me + "it is the earlier result", turn.at("ready"))


def _removed(turn: Turn) -> Move:
    """The new result is on record: the earlier one goes."""
    world, aside = turn.world, turn.world.aside
    lost = bool(aside and aside.owner == STRANGER)
    gone = world._replace(
        aside=None, wrong="P2 a file that hotpress did not make was removed" if lost else ""
    )
    return Move(turn.me + "removes the earlier result", turn.at("recorded", gone))


def _returned(turn: Turn, world: World) -> World:
    """What was moved aside stands in the outbox again, at its name or at the next free one."""
    if world.aside is None or not turn.job.replaces or not turn.rules.RETURN_ASIDE:
        return world
    free = [n for n in (turn.job.name, *range(NAMES)) if world.box[n] is None]
    if not free:
        return world
    return world._replace(aside=None, box=swapped(world.box, free[0], world.aside))


def _taken(turn: Turn) -> World:
    """Back for another name."""
    return turn.outcome(_returned(turn, turn.world), step=Step.FINISH)


def _back(turn: Turn, world: World | None = None) -> World:
    """Back for the file itself."""
    return turn.back(Step.FINISH, _returned(turn, world or turn.world))


def _placed(turn: Turn) -> Move:
    job, temp, box = turn.job, turn.temp, turn.world.box
    if temp is None:
        return Move(turn.me + "the finished file is gone", _back(turn))
    there = box[job.name]
    over = job.replaces and not turn.rules.ASIDE
    if there is not None and turn.rules.PLACE_NEW and not over:
        return Move(turn.me + "cannot be placed: taken", _taken(turn))
    world: World = turn.world if turn.rules.bounds.links else turn.row(temp=None)
    fresh = Placed(turn.number, temp.bytes, temp.synced, named=False)
    world = world._replace(
        box=swapped(box, job.name, fresh),
        wrong=_wrong(there),
    )
    return Move(f"{turn.me}places name {job.name}", turn.at("placed", world))


def _wrong(there: Placed | None) -> str:
    """Over an earlier result alone nothing is lost that was not to go."""
    if there is None or there.owner == EARLIER:
        return ""
    return "P2 a file that hotpress did not make was replaced"
