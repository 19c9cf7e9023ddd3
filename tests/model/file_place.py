"""deliver: place the file, then what proves it. The map stands in file_half.py."""

from __future__ import annotations

from collections.abc import Iterator

from explorer import Move, swapped
from file_state import Placed, Turn, World

from hotpress.model import Step


def deliver(turn: Turn) -> Iterator[Move]:
    """`run` and `resume` alike."""
    match turn.job.at:
        case "run":
            yield _looked(turn)
        case "ready":
            yield _placed(turn)
        case "placed":
            world = turn.row(temp=None)
            name, placed = turn.job.name, turn.world.box[turn.job.name]
            named = swapped(world.box, name, placed and placed._replace(named=True))
            after = turn.at("named", world._replace(box=named))
            yield Move(turn.me + "unlinks the finished file, syncs the folder", after)
        case "named":
            yield Move(turn.me + "receipt", turn.at("recorded", turn.row(receipts=True)))
        case "recorded":
            if turn.rules.RECORD_FIRST:
                after = turn.outcome(step=Step.RELEASE)
                yield Move(turn.me + "deliver's outcome", after)
            else:
                yield Move(turn.me + "releases at once", turn.at("hide"))


def _looked(turn: Turn) -> Move:
    rules, job, temp = turn.rules, turn.job, turn.temp
    there = turn.world.box[job.name]
    if not rules.FINAL_FIRST and temp is None:
        return Move(turn.me + "the finished file is gone", turn.back(Step.FINISH))
    if there is not None and rules.ours(there, turn.number):
        after = turn.at("placed") if rules.REDO else turn.outcome(step=Step.RELEASE)
        return Move(turn.me + "it stands there already", after)
    if there is not None:
        return Move(turn.me + "the name is taken", turn.outcome(step=Step.FINISH))
    if temp is None:
        return Move(turn.me + "the finished file is gone", turn.back(Step.FINISH))
    if rules.HASH_OUT and temp.bytes != job.made:
        after = turn.back(Step.FINISH, turn.row(temp=None))
        return Move(turn.me + "the finished file is torn", after)
    world = turn.row(temp=temp._replace(synced=True))
    if not rules.RECEIPT_LAST:
        world = world._replace(receipts=swapped(world.receipts, turn.number, True))
    return Move(turn.me + "ready to be placed", turn.at("ready", world))


def _placed(turn: Turn) -> Move:
    job, temp, box = turn.job, turn.temp, turn.world.box
    if temp is None:
        return Move(turn.me + "the finished file is gone", turn.back(Step.FINISH))
    there = box[job.name]
    if there is not None and turn.rules.PLACE_NEW:
        return Move(turn.me + "cannot be placed: taken", turn.outcome(step=Step.FINISH))
    world: World = turn.world if turn.rules.bounds.links else turn.row(temp=None)
    fresh = Placed(turn.number, temp.bytes, temp.synced, named=False)
    world = world._replace(
        box=swapped(box, job.name, fresh),
        wrong="P2 a file that hotpress did not make was replaced" if there else "",
    )
    return Move(f"{turn.me}places name {job.name}", turn.at("placed", world))
