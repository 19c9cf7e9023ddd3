"""Telling people where they look: the notes in the outbox, for those who have only the folder."""

from hotpress.telling.outbox_notes import OutboxNotes

__all__ = ["OutboxNotes"]
