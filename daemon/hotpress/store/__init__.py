"""The only SQL. The store is the queue; memory is a cache."""

from hotpress.store.lock import StateLock
from hotpress.store.records import Command, JournalLine, Progress
from hotpress.store.rescue import opened
from hotpress.store.sqlite import Store, Written

__all__ = ["Command", "JournalLine", "Progress", "StateLock", "Store", "Written", "opened"]
