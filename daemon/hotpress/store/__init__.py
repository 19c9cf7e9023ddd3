"""The only SQL. The store is the queue; memory is a cache."""

from hotpress.store.bell import Bell
from hotpress.store.glance import Failed, Held, Waiting
from hotpress.store.happened import Ended, Figures, Holding
from hotpress.store.history import Sums, Wanted
from hotpress.store.lock import StateLock
from hotpress.store.past import Delivered
from hotpress.store.pruning import Version
from hotpress.store.reading import ReadStore
from hotpress.store.records import Command, JournalLine, Progress, whole
from hotpress.store.rescue import opened
from hotpress.store.sqlite import Store, Written

__all__ = [
    "Bell",
    "Command",
    "Delivered",
    "Ended",
    "Failed",
    "Figures",
    "Held",
    "Holding",
    "JournalLine",
    "Progress",
    "ReadStore",
    "StateLock",
    "Store",
    "Sums",
    "Version",
    "Waiting",
    "Wanted",
    "Written",
    "opened",
    "whole",
]
