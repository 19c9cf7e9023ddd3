"""What happens on a timetable: looks that free held jobs, the token, the sweep of the spool."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from hotpress import log, policy
from hotpress.clock import Clock
from hotpress.cloud import Cloud
from hotpress.config.settings import Timing
from hotpress.errors import CloudError
from hotpress.model import Reason
from hotpress.places import BAD
from hotpress.reach import NoAnswer, within
from hotpress.store import Store

_LONGEST_SLEEP_SECONDS = 600.0
_BAD_KEPT_SECONDS = 86_400.0
_LOGGER = log.get("chores")


class Chores:
    """Each method is one chore; daemon.py has the timetable."""

    def __init__(
        self,
        store: Store,
        cloud: Callable[[], Cloud],
        clock: Clock,
        timing: Callable[[], Timing],
        poke: Callable[[], None],
        outboxes: Callable[[], list[Path]],
    ) -> None:
        self._outboxes = outboxes
        self._store = store
        self._cloud = cloud
        self._clock = clock
        self._timing = timing
        self._poke = poke
        self._seen = (-1, -1)
        self._slept_at = self._look_at = 0.0

    def wake_held(self) -> None:
        """For each reason, from time to time, one job looks whether it still holds.

        Nothing is asked of the store while nothing was written there and no look is due: held
        jobs cost the same whether there are ten or ten thousand.
        """
        now, version = self._clock.now(), self._store.version()
        if version == self._seen and self._slept_at <= now < self._look_at:
            return
        self._seen, self._slept_at, self._look_at = version, now, now + _LONGEST_SLEEP_SECONDS
        for (reason, inbox), since in self._held_since().items():
            every = self._every(Reason(reason))
            if every is None:
                continue
            # In the store, not in memory: a machine that is off each night must get there, too.
            key = f"looked:{reason}:{inbox}"
            last = max(since, float(self._store.note(key) or 0.0))
            if now - last >= every or now < last:
                self._store.set_note(key, str(now))
                self._store.ask("wake", "", {"reason": reason, "inbox": inbox}, now)
                self._poke()
                last = now
            self._look_at = min(self._look_at, last + every)

    def _held_since(self) -> dict[tuple[str, str], float]:
        """Since when each reason holds: of a folder or disk for each inbox, else for all."""
        found: dict[tuple[str, str], float] = {}
        for (reason, inbox), since in self._store.held_since().items():
            place = inbox if Reason(reason) in policy.OF_A_PLACE else ""
            found[reason, place] = min(since, found.get((reason, place), since))
        return found

    def renew_token(self) -> None:
        """Within twelve hours of its end, and only with work to do."""
        if not self._store.unfinished_in_cloud():
            return
        try:
            if self._cloud().tokens.renew_if_due():
                _LOGGER.info("token.renewed")
            self._note_token_trouble("")
        except CloudError as error:
            _LOGGER.info("token.renewal_failed", why=error.why)
            self._note_token_trouble(error.why)

    def _note_token_trouble(self, why: str) -> None:
        """For a notice; written only when it changes."""
        if why != (self._store.note("token_trouble") or ""):
            self._store.set_note("token_trouble", why)

    def sweep_spool(self, spool: Path) -> None:
        """Files under way of jobs that have ended go, here and in the outboxes."""
        live = self._store.ids(live=True)
        for folder in spool.iterdir() if spool.is_dir() else ():
            if folder.name == BAD:
                self._sweep_bad(folder)
            elif folder.name not in live:
                shutil.rmtree(folder, ignore_errors=True)
        for outbox in self._outboxes():
            # One that is dead or hangs is swept another time, and costs the others nothing.
            with contextlib.suppress(OSError, NoAnswer):
                within(outbox, partial(self._sweep_outbox, outbox, live))

    def _sweep_bad(self, folder: Path) -> None:
        """A bad result is kept for a day; where the clock was set back, not for ever."""
        for file in folder.iterdir():
            with contextlib.suppress(OSError):
                if abs(self._clock.now() - file.stat().st_mtime) > _BAD_KEPT_SECONDS:
                    file.unlink()

    def _sweep_outbox(self, outbox: Path, live: set[str]) -> None:
        for half in (outbox / ".hotpress/tmp").glob("*.part"):
            job_id = half.name.partition(".")[0]
            # Only ours: another machine may deliver into the same folder.
            if job_id not in live and self._store.get(job_id) is not None:
                half.unlink(missing_ok=True)

    def _every(self, reason: Reason) -> float | None:
        if reason in (Reason.CREDITS, Reason.BUDGET):
            return self._timing().credits_look
        if reason is Reason.OFFLINE:
            return self._timing().offline_look
        return policy.LOOK_SECONDS[reason]
