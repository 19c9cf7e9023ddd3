"""`collision: replace`: an earlier result of the same source makes room, and nothing else ever."""

import hashlib
from dataclasses import replace

import pytest
from house import House

from hotpress import files, receipts, record
from hotpress.model import Delivery, Next, Rule, Step
from hotpress.steps import deliver, finish, replacing

OLD = b"the result of the first version"


@pytest.fixture
def house(tmp_path):
    """An earlier result lies in the outbox, and is on record; the new one is finished."""
    found = House(tmp_path)
    found.final = found.outbox / "clip.mp4"
    found.final.write_bytes(OLD)
    found.job = replace(found.job, rule=Rule(collision="replace"))
    on_record(found)
    return found


def sha(data):
    return hashlib.sha256(data).hexdigest()


def on_record(house, **other):
    first = {
        "job": "first",
        "at": 1.0,
        "outbox": str(house.outbox),
        "inbox": house.job.inbox,
        "path": house.job.relative,
        "size": 1,
        "mtime_ns": 1,
        "sha256": "0" * 64,
        "work_key": "w",
        "output_name": "main",
        "output": "clip.mp4",
        "output_size": len(OLD),
        "output_sha256": sha(OLD),
        "made_by": "encode",
    }
    receipts.add(house.outbox, Delivery(**(first | other)))
    record.learn(house.store, house.outbox)


def finished(house):
    """The job as finish hands it over: its name, and what is to make room there."""
    job = house.job
    name, old = finish._free_name(job, facts(), ".mp4", house.tools())
    return replace(job, final=replace(job.final, name=name, replaces=old), step=Step.DELIVER)


def facts():
    from makers import FULL_HD  # noqa: PLC0415 - one constant

    return FULL_HD


def delivered(house, job):
    outcome = deliver.run(job, house.tools())
    assert isinstance(outcome, Next), outcome
    return outcome


def names_in(house):
    return sorted(p.name for p in house.outbox.iterdir() if p.is_file())


def test_an_earlier_result_of_the_same_source_makes_room(house):
    """One file of that name, the new one; the old one is gone, also from the private folder."""
    job = finished(house)
    assert (job.final.name, job.final.replaces) == ("clip.mp4", sha(OLD))
    delivered(house, job)

    assert house.final.read_bytes() == b"smaller"
    assert names_in(house) == ["clip.mp4"]
    assert not replacing.aside(job).exists()


@pytest.mark.parametrize(
    ("what", "other"),
    [
        ("a stranger's file", {"output_sha256": "1" * 64}),
        ("a result of another source", {"path": "another.mov"}),
        ("a result that was delivered elsewhere", {"output": "other.mp4"}),
        ("another result of the same source", {"output_name": "chat"}),
    ],
)
def test_what_no_receipt_shows_to_be_ours_is_kept(tmp_path, what, other):
    """Whatever has the name: the new result gets another one."""
    house = House(tmp_path)
    (house.outbox / "clip.mp4").write_bytes(OLD)
    house.job = replace(house.job, rule=Rule(collision="replace"))
    on_record(house, **other)
    job = finished(house)

    assert (job.final.name, job.final.replaces) == ("clip (mov).mp4", ""), what


def test_without_replace_both_are_kept(house):
    """The default."""
    house.job = replace(house.job, rule=Rule())

    assert finished(house).final.name == "clip (mov).mp4"


def test_a_result_that_somebody_changed_since_is_not_replaced(house):
    """It was ours when finish looked, and a person's when deliver came: theirs stays."""
    job = finished(house)
    house.final.write_bytes(b"cut by hand")
    outcome = deliver.run(job, house.tools())

    assert isinstance(outcome, Next)
    assert outcome.to is Step.FINISH
    assert house.final.read_bytes() == b"cut by hand"


def test_what_was_caught_instead_goes_back(house, monkeypatch):
    """Changed between the look and the move: compared in the private folder, and put back."""
    job = finished(house)
    place = files.place

    def late(temp, final):
        if final == replacing.aside(job):
            temp.write_bytes(b"cut by hand")
        place(temp, final)

    monkeypatch.setattr(files, "place", late)
    outcome = deliver.run(job, house.tools())

    assert outcome.to is Step.FINISH
    assert house.final.read_bytes() == b"cut by hand"
    assert not replacing.aside(job).exists()


class Killed(BaseException):
    """As a crash: nothing behind it runs."""


@pytest.mark.parametrize("call", range(1, 12))
def test_a_crash_at_any_file_operation_loses_nothing(house, monkeypatch, call):
    """Killed before the nth step on the disk, then resumed: the new result, once, on record."""
    job = finished(house)
    seen = 0
    for name in ("place", "sync_folder", "sync_file", "sync_up"):
        real = getattr(files, name)

        def counted(*args, _real=real):
            nonlocal seen
            seen += 1
            if seen == call:
                raise Killed
            return _real(*args)

        monkeypatch.setattr(files, name, counted)
    try:
        deliver.run(job, house.tools())
    except Killed:
        whole = [p.read_bytes() for p in (house.final, replacing.aside(job)) if p.exists()]
        assert OLD in whole or b"smaller" in whole
    monkeypatch.undo()
    delivered(house, job)

    assert house.final.read_bytes() == b"smaller"
    assert names_in(house) == ["clip.mp4"]
    assert not replacing.aside(job).exists()
    assert receipts.has(house.outbox, job.id)


def test_an_unfinished_result_brings_the_earlier_one_back(house):
    """Killed with the earlier one moved aside, and the new one torn: nothing is hidden."""
    job = finished(house)
    replacing.made_room(job, house.final)
    house.temp.write_bytes(b"torn")
    outcome = deliver.resume(job, house.tools())

    assert outcome.to is Step.FINISH
    assert house.final.read_bytes() == OLD


def test_a_stranger_who_took_the_name_meanwhile_keeps_it(house):
    """Then the earlier result stands beside it, and the new one gets a name of its own."""
    job = finished(house)
    replacing.made_room(job, house.final)
    house.final.write_bytes(b"a stranger's")
    outcome = deliver.resume(job, house.tools())

    assert outcome.to is Step.FINISH
    assert house.final.read_bytes() == b"a stranger's"
    assert (house.outbox / "clip v2.mp4").read_bytes() == OLD
    delivered(house, finished(replace_final(house, outcome.job)))
    assert (house.outbox / "clip (mov).mp4").read_bytes() == b"smaller"


def replace_final(house, job):
    house.job = replace(job, final=job.final or house.job.final)
    house.temp.write_bytes(b"smaller")
    return house


def test_the_same_bytes_again_are_only_put_on_record(house):
    """The new result is the old one to the byte: it stays where it is."""
    house.temp.write_bytes(OLD)
    final = replace(house.job.final, sha256=sha(OLD), size_bytes=len(OLD))
    house.job = replace(house.job, final=final)
    delivered(house, finished(house))

    assert house.final.read_bytes() == OLD
    assert names_in(house) == ["clip.mp4"]
