"""What crashes, people and other programs do to the files."""

from __future__ import annotations

from collections.abc import Iterator

from explorer import Move, fault, swapped
from file_state import EARLIER, GOOD, NEWER, OURS, STRANGER, TORN, File, FileRules, Placed, World

from hotpress.model import Step


def moves(rules: FileRules, world: World) -> Iterator[Move]:
    """All that can happen beside the jobs' own moves."""
    if world.crashes and any(job.at for job in world.jobs):
        stopped = tuple(job._replace(at="") for job in world.jobs)
        killed = world._replace(jobs=stopped, crashes=world.crashes - 1)
        yield Move("KILL", killed, fault=True)
        yield Move("POWER LOSS", _power_loss(killed, names_kept=False), fault=True)
        yield Move("POWER LOSS, names kept", _power_loss(killed, names_kept=True), fault=True)
    if not world.faults:
        return
    for name, placed in enumerate(world.box):
        wished = any(job.name == name for job in world.jobs)
        if placed is None and wished and rules.may(world, "stranger"):
            box = swapped(world.box, name, Placed(STRANGER, GOOD))
            yield fault(f"a stranger's file appears at name {name}", world._replace(box=box))
        if placed and placed.owner == EARLIER and rules.may(world, "edited"):
            box = swapped(world.box, name, Placed(STRANGER, GOOD))
            yield fault("a person saves over the earlier result", world._replace(box=box))
    yield from _sources(rules, world)
    for number in range(len(world.jobs)):
        for row in ("spool", "temp"):
            files = getattr(world, row)
            if files[number] and rules.may(world, f"{row} gone"):
                gone = world._replace(**{row: swapped(files, number, None)})
                yield fault(f"job {number}: its {row} file is gone", gone)


def _power_loss(world: World, *, names_kept: bool) -> World:
    """What was not synced is torn, or its name is gone, too."""
    return world._replace(
        spool=tuple(map(_torn, world.spool)),
        temp=tuple(map(_torn, world.temp)),
        box=tuple(_left(placed, names_kept=names_kept) for placed in world.box),
        archive=tuple(_left(placed, names_kept=names_kept) for placed in world.archive),
    )


def _torn(file: File | None) -> File | None:
    return file if file is None or file.synced else File(TORN, synced=True)


def _left(placed: Placed | None, *, names_kept: bool) -> Placed | None:
    if placed is None or not (placed.named or names_kept):
        return None
    if not placed.synced:
        return Placed(placed.owner, TORN)
    return placed._replace(named=True)


def _sources(rules: FileRules, world: World) -> Iterator[Move]:
    for src, there in enumerate(world.source):
        if there != NEWER and rules.may(world, "source saved anew"):
            anew = world._replace(source=swapped(world.source, src, NEWER))
            yield fault("a new file is saved at the source's name", anew)
    for number, job in enumerate(world.jobs):
        src = rules.source_of(number)
        late = rules.NO_LATE_CANCEL and job.step is Step.DELIVER and job.begun
        open_to_it = not (job.at or job.end or late) and job.step is not Step.RELEASE
        if open_to_it and world.source[src] == OURS and rules.may(world, "source vanishes"):
            cancelled = job._replace(end="cancelled")
            gone = world._replace(
                source=swapped(world.source, src, ""), jobs=swapped(world.jobs, number, cancelled)
            )
            yield fault(f"the source vanishes: job {number} is cancelled", gone)
