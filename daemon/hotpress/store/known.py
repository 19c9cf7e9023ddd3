"""What is known by content: every delivery on record, and who has which content now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from hotpress.model import Asked, Delivery, Job, State
from hotpress.store.documents import Documents
from hotpress.store.records import DELIVERY_NAMES, file_text, put_on_record, to_delivery


class Known(Documents):
    """Deliveries come from the receipts in the outboxes: also other machines' and older ones."""

    def learn(self, found: Iterable[Delivery | Asked], mark: tuple[str, str]) -> None:
        """Take in what receipts say, and the mark how far they were read, in one transaction."""
        with self._write() as db:
            for each in found:
                if isinstance(each, Delivery):
                    put_on_record(db, each)
                elif each.said:
                    db.execute(
                        "INSERT OR REPLACE INTO asked (job, work_key, host, at) "
                        "VALUES (?, ?, ?, ?)",
                        (each.job, each.work_key, each.host, each.at),
                    )
                else:
                    db.execute("DELETE FROM asked WHERE job = ?", (each.job,))
            db.execute("INSERT OR REPLACE INTO notes (key, value) VALUES (?, ?)", mark)

    def delivered_as(
        self,
        outbox: str,
        inbox: str,
        relative: str,
        size_bytes: int,
        mtime_ns: int,
        output_name: str = "",
    ) -> Delivery | None:
        """Was this very version of this path delivered, by whatever state directory?

        `inbox` is "" where one inbox has the outbox to itself: other machines may name it
        otherwise. `output_name` is "" where any of its results counts.
        """
        rest = """WHERE outbox = ? AND path = ? AND size = ? AND mtime_ns = ?
                  AND (? = '' OR inbox = ?) AND (? = '' OR output_name = ?) LIMIT 1"""
        names = (inbox, inbox, output_name, output_name)
        values = (outbox, relative, size_bytes, mtime_ns, *names)
        return next(iter(self._deliveries(rest, values)), None)

    def delivered_from(self, outbox: str, inbox: str, relative: str, sha256: str) -> list[Delivery]:
        """Deliveries of this content from this path, under any rule, the newest first."""
        rest = """WHERE outbox = ? AND path = ? AND sha256 = ?
                  AND (? = '' OR inbox = ?) ORDER BY at DESC"""
        return self._deliveries(rest, (outbox, relative, sha256, inbox, inbox))

    def delivered_content(self, work_key: str) -> list[Delivery]:
        """Deliveries of this content under these rule values, the newest first."""
        return self._deliveries("WHERE work_key = ? ORDER BY at DESC LIMIT 20", (work_key,))

    def results_of_size(self, size_bytes: int) -> list[Delivery]:
        """Deliveries whose result has this size, the newest first."""
        return self._deliveries("WHERE output_size = ? ORDER BY at DESC LIMIT 100", (size_bytes,))

    def results_at(
        self, outbox: str, inbox: str, relative: str, output_name: str, output: str
    ) -> set[str]:
        """Hashes of what was delivered at a name as one result of one source, in any version."""
        rest = """WHERE outbox = ? AND path = ? AND output = ? AND (? = '' OR inbox = ?)
                  ORDER BY at DESC LIMIT 100"""
        values = (outbox, relative, output, inbox, inbox)
        wish = output_name.partition(" ")[0]  # "web v2" is a further "web"
        return {
            each.output_sha256
            for each in self._deliveries(rest, values)
            if each.output_name.partition(" ")[0] == wish
        }

    def is_source(self, size_bytes: int, sha256: str) -> bool:
        """Was a source of this content dropped before?"""
        sql = """SELECT 1 FROM jobs WHERE size_bytes = ? AND sha256 = ?
                 UNION ALL SELECT 1 FROM deliveries WHERE size = ? AND sha256 = ? LIMIT 1"""
        return bool(self._rows(sql, (size_bytes, sha256) * 2))

    def sources_of_size(self, size_bytes: int) -> dict[str, str]:
        """The hash of each source of this size that was read -> its path below its inbox."""
        sql = """SELECT sha256, relative AS path FROM jobs WHERE size_bytes = ? AND sha256 != ''
                 UNION ALL SELECT sha256, path FROM deliveries WHERE size = ?"""
        rows = self._rows(sql, (size_bytes, size_bytes))
        return {str(row["sha256"]): str(row["path"]) for row in reversed(rows)}

    def result_called(self, outbox: str, output: str) -> Delivery | None:
        """Whose result has this name in this outbox."""
        rest = "WHERE outbox = ? AND output = ? ORDER BY at DESC LIMIT 1"
        return next(iter(self._deliveries(rest, (outbox, output))), None)

    def states_below(self, root: str, folder: str) -> dict[str, str]:
        """Path -> state of its newest job, for the sources below a folder ("" or "a/b/")."""
        sql = """SELECT relative, state, 0.0 AS at FROM forgotten
                 WHERE root = ?1 AND substr(relative, 1, ?2) = ?3
                 UNION ALL SELECT relative, state, created_at AS at FROM jobs
                 WHERE root = ?1 AND substr(relative, 1, ?2) = ?3 ORDER BY at"""
        rows = self._rows(sql, (root, len(folder), folder))
        return {str(row["relative"]): str(row["state"]) for row in rows}

    def delivery_of(self, job_id: str) -> Delivery | None:
        """What the receipts say of a job."""
        found = self._deliveries("WHERE job = ? ORDER BY at LIMIT 1", (job_id,))
        return next(iter(found), None)

    def _deliveries(self, rest: str, values: Sequence[Any]) -> list[Delivery]:
        """The deliveries of `SELECT ... FROM deliveries` with this rest: our own text."""
        sql = f"SELECT outbox, {DELIVERY_NAMES} FROM deliveries {rest}"  # noqa: S608 - our own text
        return [to_delivery(row) for row in self._rows(sql, values)]

    def asked_before(self, work_key: str, job_id: str) -> Asked | None:
        """Was the agent asked for this content by a job that this store does not know?

        Or by this very job, of which an older copy of the store knows nothing.
        """
        sql = """SELECT job, work_key, host, at FROM asked WHERE work_key = ?
                 AND (job = ? OR job NOT IN (SELECT id FROM jobs)) LIMIT 1"""
        rows = self._rows(sql, (work_key, job_id))
        return Asked(**dict(rows[0])) if rows else None

    def delivered_unknown(self) -> list[Job]:
        """Live jobs that receipts call delivered, although they are not near that by our store."""
        return self._jobs(
            """WHERE live = 1 AND state != 'delivered'
               AND step NOT IN ('deliver', 'release') AND id IN (SELECT job FROM deliveries)"""
        )

    def same_size(self, job: Job) -> bool:
        """Is anything else of its size known? Only then it is worth reading it beforehand.

        Other results of the same version are no other content.
        """
        same = "root = ? AND relative = ? AND mtime_ns = ? AND size_bytes = ?"
        sql = f"""SELECT 1 FROM jobs WHERE size_bytes = ? AND NOT ({same})
                  UNION ALL SELECT 1 FROM deliveries WHERE size = ?
                  AND job NOT IN (SELECT id FROM jobs WHERE {same}) LIMIT 1"""  # noqa: S608 - our own text
        version = (job.root, job.relative, job.mtime_ns, job.size_bytes)
        return bool(self._rows(sql, (job.size_bytes, *version, job.size_bytes, *version)))

    def being_read(self, job: Job) -> Job | None:
        """Another job of this size whose content is being read just now, on its way up or here.

        One that has not come so far reads its content itself when it sees another of its size.
        """
        rest = """WHERE size_bytes = ? AND live = 1 AND sha256 = ''
                  AND (state = 'running' AND step = 'session'
                       OR state != 'held' AND step IN ('prepare', 'upload', 'finish')) AND id != ?
                  ORDER BY created_at, id"""
        found = self._jobs(rest, (job.size_bytes, job.id))
        return next((j for j in found if j.rule.bytes_key == job.rule.bytes_key), None)

    def claim_content(self, work_key: str, job_id: str) -> str:
        """The content's key goes to this job if nobody has it; who has it now, by id."""
        with self._write() as db:
            db.execute(
                "INSERT OR IGNORE INTO contents (work_key, job) VALUES (?, ?)", (work_key, job_id)
            )
            row = db.execute("SELECT job FROM contents WHERE work_key = ?", (work_key,)).fetchone()
            return str(row["job"])

    def take_content(self, work_key: str, job_id: str, from_id: str) -> None:
        """Take the key from a job that was forgotten, or has another content or rule by now."""
        with self._write() as db:
            db.execute(
                "UPDATE contents SET job = ? WHERE work_key = ? AND job = ?",
                (job_id, work_key, from_id),
            )

    def asked_by(self, job_id: str) -> bool:
        """Do the receipts say that this job has asked the agent?"""
        return bool(self._rows("SELECT 1 FROM asked WHERE job = ?", (job_id,)))

    def inherit_content(self, work_key: str, job_id: str, heir_of: str) -> bool:
        """Take the key over from a job that has ended; False when somebody was faster."""
        with self._write() as db:
            done = db.execute(
                """UPDATE contents SET job = ? WHERE work_key = ? AND job = ?
                   AND job NOT IN (SELECT id FROM jobs WHERE live = 1)""",
                (job_id, work_key, heir_of),
            )
            return done.rowcount == 1

    def moved_here(
        self, root: str, relative: str, device: int, inode: int, size_bytes: int, mtime_ns: int
    ) -> list[Job]:
        """Jobs of this very file under another path of the same inbox."""
        rest = """WHERE file = ? AND root = ? AND relative != ? AND size_bytes = ?
                  AND mtime_ns = ?"""
        version = (file_text(device, inode), root, relative, size_bytes, mtime_ns)
        return self._jobs(rest, version)

    def live_at(self, root: str) -> list[tuple[str, str, State]]:
        """Id, path and state of each job of an inbox whose source must still be there."""
        sql = """SELECT id, relative, state FROM jobs WHERE root = ? AND live = 1
                 AND state != 'delivered' AND asked = 0"""
        rows = self._rows(sql, (root,))
        return [(str(row["id"]), str(row["relative"]), State(row["state"])) for row in rows]

    def live_under_another_name(self, root: str, inbox: str) -> list[tuple[str, str]]:
        """Id and inbox of each live job of this folder that was made under another inbox's name."""
        sql = "SELECT id, inbox FROM jobs WHERE root = ? AND live = 1 AND inbox != ?"
        return [(str(row["id"]), str(row["inbox"])) for row in self._rows(sql, (root, inbox))]
