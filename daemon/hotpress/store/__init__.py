"""The only SQL. The store is the queue; memory is a cache."""

from hotpress.store.bell import Bell
from hotpress.store.glance import Failed, Waiting
from hotpress.store.happened import Ended, Figures, Holding
from hotpress.store.lock import StateLock
from hotpress.store.pruning import Version
from hotpress.store.records import Command, JournalLine, Progress, whole
from hotpress.store.rescue import opened
from hotpress.store.sqlite import Store, Written

__all__ = [
    "Bell",
    "Command",
    "Ended",
    "Failed",
    "Figures",
    "Holding",
    "JournalLine",
    "Progress",
    "StateLock",
    "Store",
    "Version",
    "Waiting",
    "Written",
    "opened",
    "whole",
]
