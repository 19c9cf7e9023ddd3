"""Sources that are gone: one is the owner's doing, many at once are the folder's fault."""

import random

import pytest
from house import House
from makers import a_job

from hotpress.absent import Absent, is_many
from hotpress.admission import Admission
from hotpress.config.settings import Inbox, Settings


@pytest.fixture
def look(tmp_path):
    """(count, gone) -> the verbs that follow when so many of the folder's videos are gone."""
    house = House(tmp_path)
    inbox = Inbox(path=house.inbox, outbox=house.outbox)
    settings = Settings(inboxes=[inbox])
    admission = Admission("travel", inbox, settings, house.store, house.clock, random.Random(1))
    absent = Absent()

    def made(count, gone):
        house.source.unlink()
        paths = [house.inbox / f"{n}.mov" for n in range(count)]
        for n, path in enumerate(paths):
            path.write_bytes(b"video")
            house.store.add(a_job(id=f"j{n}", root=str(house.inbox), relative=path.name), "")
        absent.look(admission, house.inbox, {path.name for path in paths})
        for path in paths[:gone]:
            path.unlink()
        for _ in range(3):
            absent.look(admission, house.inbox, {path.name for path in paths[gone:]})
            house.clock.move(settings.watch.settle)
        return sorted((command.verb, command.job) for command in house.store.commands())

    return made


def test_one_source_that_vanished_ends_its_job(look):
    """A person deleted it: told once."""
    assert look(12, 1) == [("vanished", "j0")]


@pytest.mark.parametrize(("count", "gone"), [(12, 12), (60, 11), (4, 2)])
def test_many_at_once_end_nothing(look, count, gone):
    """A mount or a sync client took them: each is held until they are back."""
    assert {verb for verb, _ in look(count, gone)} == {"missing"}


@pytest.mark.parametrize(
    ("gone", "known", "many"),
    [(1, 1, False), (2, 10, False), (3, 10, True), (10, 1_000, False), (11, 1_000, True)],
)
def test_how_many_are_many(gone, known, many):
    """More than ten, or more than a fifth of them; a single one never."""
    assert is_many(gone, known) is many
