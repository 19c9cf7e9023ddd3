"""Beside the jobs: their story, progress, commands from people, names that are taken, notes."""

from __future__ import annotations

import json
from typing import Any

from hotpress import names
from hotpress.store.bell import ring
from hotpress.store.database import Database
from hotpress.store.records import Command, JournalLine, Progress


class Notes(Database):
    """Each of these is written by whoever it concerns; none of them moves a job by itself."""

    def ask(self, verb: str, job_id: str, detail: dict[str, Any], now: float) -> int:
        """Leave a command for the worker; its number."""
        with self._write() as db:
            done = db.execute(
                "INSERT INTO commands (verb, job, detail, created_at, answer) "
                "VALUES (?, ?, ?, ?, '')",
                (verb, job_id, json.dumps(detail), now),
            )
        ring(self.path)
        return int(done.lastrowid or 0)

    def commands(self) -> list[Command]:
        """Commands that nobody has obeyed yet."""
        rows = self._rows("SELECT * FROM commands WHERE done_at IS NULL ORDER BY id")
        return [Command(r["id"], r["verb"], r["job"], json.loads(r["detail"])) for r in rows]

    def answer(self, command_id: int, text: str, now: float, *, done: bool = True) -> None:
        """A command was obeyed, or refused (`done` False)."""
        with self._write() as db:
            db.execute(
                "UPDATE commands SET done_at = ?, answer = ?, refused = ? WHERE id = ?",
                (now, text, int(not done), command_id),
            )

    def answer_to(self, command_id: int) -> tuple[str, bool] | None:
        """What came of a command and whether it was done; None until somebody has looked."""
        sql = "SELECT answer, refused FROM commands WHERE id = ? AND done_at IS NOT NULL"
        rows = self._rows(sql, (command_id,))
        return (str(rows[0]["answer"]), not rows[0]["refused"]) if rows else None

    def claim(self, outbox: str, name: str, job_id: str) -> bool:
        """Take a final name for one job; False when another has it."""
        with self._write() as db:
            db.execute(
                "INSERT OR IGNORE INTO claims (outbox, name, job) VALUES (?, ?, ?)",
                (outbox, names.same(name), job_id),
            )
            # Whoever has it may have ended: what lies on the disk was looked at before this.
            db.execute(
                """UPDATE claims SET job = ? WHERE outbox = ? AND name = ? AND EXISTS
                   (SELECT 1 FROM jobs WHERE id = claims.job AND live = 0)""",
                (job_id, outbox, names.same(name)),
            )
            row = db.execute(
                "SELECT job FROM claims WHERE outbox = ? AND name = ?", (outbox, names.same(name))
            ).fetchone()
            return bool(row["job"] == job_id)

    def claimed_by(self, outbox: str, name: str) -> str:
        """The job that has a claim, "" when nobody has."""
        sql = "SELECT job FROM claims WHERE outbox = ? AND name = ?"
        rows = self._rows(sql, (outbox, names.same(name)))
        return str(rows[0]["job"]) if rows else ""

    def unclaim(self, outbox: str, name: str, job_id: str) -> None:
        """Give a claim back."""
        with self._write() as db:
            db.execute(
                "DELETE FROM claims WHERE outbox = ? AND name = ? AND job = ?",
                (outbox, names.same(name), job_id),
            )

    def note(self, key: str) -> str | None:
        """Something remembered."""
        rows = self._rows("SELECT value FROM notes WHERE key = ?", (key,))
        return str(rows[0]["value"]) if rows else None

    def notes(self, start: str) -> dict[str, str]:
        """All that is remembered under names that begin so."""
        sql = "SELECT key, value FROM notes WHERE substr(key, 1, ?) = ?"
        return {str(r["key"]): str(r["value"]) for r in self._rows(sql, (len(start), start))}

    def set_note(self, key: str, value: str) -> None:
        """Remember something."""
        with self._write() as db:
            db.execute("INSERT OR REPLACE INTO notes (key, value) VALUES (?, ?)", (key, value))

    def journal(self, job_id: str) -> list[JournalLine]:
        """A job's story, from its start."""
        sql = "SELECT at, step, what, text FROM journal WHERE job = ? ORDER BY at, rowid"
        return [JournalLine(*row) for row in self._rows(sql, (job_id,))]

    def report(self, job_id: str, progress: Progress) -> None:
        """How far a job is; may be lost, so nothing that goes wrong here matters."""
        self._loosely(
            "INSERT OR REPLACE INTO progress (job, step, fraction, note, at) "
            "VALUES (?, ?, ?, ?, ?)",
            (job_id, progress.step, progress.fraction, progress.note, progress.at),
        )

    def progress(self) -> dict[str, Progress]:
        """Job id -> how far it is."""
        rows = self._rows("SELECT job, step, fraction, note, at FROM progress")
        return {row["job"]: Progress(*tuple(row)[1:]) for row in rows}

    def forget_progress(self, job_id: str) -> None:
        """An ended job has none."""
        self._loosely("DELETE FROM progress WHERE job = ?", (job_id,))
