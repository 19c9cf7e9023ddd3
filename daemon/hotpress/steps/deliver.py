"""Place the file. `resume` and `run` are the same: the final name is looked at first, then temp."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hotpress import files, outbox, policy, receipts
from hotpress.clock import fresh_id
from hotpress.errors import InputGone
from hotpress.human import joined
from hotpress.model import Job, Next, Outcome, Step, delivery_of
from hotpress.steps import companions, replacing
from hotpress.steps.tools import Tools


def run(job: Job, tools: Tools) -> Outcome:
    """One atomic step to the final name, then what a crash may have left out."""
    final = job.final
    if final is None:
        raise InputGone("there is no finished file", Step.FINISH.value)
    folder = Path(job.outbox)
    outbox.check(folder, tools.desk.outbox_id())
    path, temp = folder / final.name, Path(final.temp)
    with files.told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        there = None if files.claimed(temp, path) else _at(path)
        if there is None or (there == final.replaces and there != final.sha256):
            if files.sha256_at(temp) != final.sha256:
                temp.unlink(missing_ok=True)
                replacing.put_back(job, path)
                return policy.back(job, "input_gone", Step.FINISH, "the finished file is gone")
            files.sync_file(temp)
            there = _placed(job, temp, path)
        if there != final.sha256:
            replacing.put_back(job, path)
            return policy.back(job, "name_taken", Step.FINISH, f"{final.name} is taken")
        temp.unlink(missing_ok=True)
        files.sync_up(path.parent, folder)
        _receipt(job, folder, tools)
        replacing.removed(job, path)
    left = companions.copied(job, path, tools)
    private = f".hotpress-{job.id}-{fresh_id(tools.chance, 40)}{job.source.suffix}"
    done = replace(job, placed_at=tools.clock.now(), private_name=private)
    done = replace(done, left_beside=left, note=left)
    return Next(done, why=joined(f"delivered as {final.name}", left))


resume = run

_TAKEN = "taken"


def _placed(job: Job, temp: Path, path: Path) -> str | None:
    """The hash of what lies at the final name now; nothing is ever placed over anything."""
    try:
        if not replacing.made_room(job, path):
            return _TAKEN
        files.place(temp, path)
    except FileExistsError:
        return _TAKEN
    return files.sha256_at(path)


def _at(path: Path) -> str | None:
    """The hash of what lies at the final name; a link, a folder or a pipe there is a stranger's."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        return _TAKEN
    return files.sha256_at(path)


def _receipt(job: Job, folder: Path, tools: Tools) -> None:
    """On record beside the file, once."""
    delivery = delivery_of(job, tools.clock.now())
    if delivery is not None and not receipts.has(folder, job.id):
        receipts.add(folder, delivery)
