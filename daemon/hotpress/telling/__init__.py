"""Telling people: the notes in the outbox, and notices to where they are."""

from hotpress.telling.messenger import Messenger
from hotpress.telling.outbox_notes import OutboxNotes

__all__ = ["Messenger", "OutboxNotes"]
