"""Changed settings reach each folder's thread, at whatever moment they come."""

import threading

import pytest
from house import House
from integration.test_known_content import admission
from stage import until

from hotpress.config.settings import Inbox, Settings
from hotpress.config.terms import terms_of
from hotpress.hotfolder import HotFolder
from hotpress.ingest import Ingest


class Unlucky(HotFolder):
    """More settings come just after it has taken what was offered."""

    def take(self):
        super().take()
        more, self.more = getattr(self, "more", None), None
        if more:
            more()


@pytest.fixture
def stop():
    found = threading.Event()
    yield found
    found.set()


def test_settings_that_come_between_taking_and_looking_are_taken_at_once(tmp_path, stop):
    """Not minutes later, at the next look that is due."""
    house = House(tmp_path)

    def terms(size):
        inbox = Inbox(name="travel", path=house.inbox, outbox=house.outbox, target_size=size)
        return terms_of(Settings(inboxes=[inbox]))

    [first], [second] = terms("60 MB"), terms("70 MB")
    folder = Unlucky(first.inbox, admission(house))
    ingest = Ingest(lambda _terms: folder, [first], stop)
    folder.more = lambda: ingest.take([second])
    ingest.start()

    until(lambda: folder.inbox.target_size == second.inbox.target_size, 10, "the other settings")
    stop.set()
    assert ingest.rest(5)
