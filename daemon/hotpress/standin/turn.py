"""One turn of the agent: a generator whose steps are the work, and whose bytes are the stream.

Running it without sending does the same work, which is how an answer gets lost; closing it in
the middle is how a client that goes away ends the work, as Google ADK's server does it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hotpress.standin import draft as drafts
from hotpress.standin.agent import Wish, named, poor_words, understand, words
from hotpress.standin.cloud import Cloud
from hotpress.standin.faults import Actions
from hotpress.standin.ledger import draft_sha256
from hotpress.standin.sessions import Session
from hotpress.standin.speech import TEMPORARY_ISSUE, Speaker

TOOL = "edit_video"
LOOK_SECONDS = 0.2
"""How often a silent turn looks whether its client is still there (real seconds)."""

BEFORE_EDIT = 0.6
"""The part of a turn that passes before the edit is applied."""


@dataclass(slots=True)
class Turn:
    """A message that the agent has taken: the credits for it are frozen."""

    cloud: Cloud
    session: Session
    message: str
    actions: Actions
    n: int
    speaker: Speaker
    price: int
    done: bool = False

    def run(self) -> Iterator[bytes]:
        """The stream. Empty bytes mean: nothing to send, look whether the client is there."""
        odd = self.speaker.odd
        silent = "nothing" in odd
        wish = understand(self.message)
        try:
            if "error_first" in odd:
                yield from self.speaker.exception("boom before any event")
            elif not silent:
                args = {"message_bytes": len(self.message.encode())}
                yield from self.speaker.call(TOOL, args)
            yield from self._quiet(BEFORE_EDIT, silent=silent or "error_first" in odd)
            self._edit(wish)
            yield from self._quiet(1 - BEFORE_EDIT, silent=silent or "error_first" in odd)
            if not silent and "error_first" not in odd:
                yield from self._closing(wish)
        finally:
            if not self.done:
                self._settle(spent=False)
                self.cloud.ledger.fact("turn_cancelled", self.n, session=self.session.id)

    def _quiet(self, part: float, *, silent: bool) -> Iterator[bytes]:
        """Let a part of the turn pass, with signs of life where the dialect has them."""
        knobs, pace = self.cloud.knobs, self.cloud.pace
        whole = self.actions.turn_seconds if self.actions.turn_seconds >= 0 else knobs.turn_seconds
        end = pace.tick() + pace.scaled(part * whole)
        beat = pace.scaled(knobs.heartbeat_seconds)
        next_beat = pace.tick() + beat
        while (left := end - pace.tick()) > 0:
            pace.wait_real(min(left, LOOK_SECONDS, max(0.01, next_beat - pace.tick())))
            if pace.tick() >= next_beat and not silent:
                next_beat = pace.tick() + beat
                yield from self.speaker.alive()
            yield b""

    def _edit(self, wish: Wish) -> None:
        """Apply the wish, unless chance or the scenario leaves the draft as it is; settle."""
        cloud, session, actions = self.cloud, self.session, self.actions
        fails = bool({"error_event", "error_first"} & self.speaker.odd)
        wanted = not fails if actions.edit is None else actions.edit
        unlucky = wanted and actions.edit is None
        unlucky = unlucky and cloud.chance.happens("unchanged", cloud.knobs.unchanged_share)
        with cloud.lock:
            if wanted and not unlucky:
                for upload in session.uploads:
                    drafts.add_upload(session.draft, upload)
                names = named(self.message, [upload.filename for upload in session.uploads])
                drafts.apply_wish(session, wish, names)
                self._extras()
                cloud.sessions.changed(session, cloud.knobs.edit_lag_seconds)
            fact = "edit_applied" if wanted and not unlucky else "edit_unchanged"
            digest = draft_sha256(session.draft)
            cloud.ledger.fact(fact, self.n, session=session.id, draft_sha256=digest)
            self._settle(spent=wanted if actions.charge is None else actions.charge)

    def _extras(self) -> None:
        """What the agent adds on its own."""
        if self.actions.music:
            drafts.add_music(self.session.draft)
            self.session.generated.append({"type": "bgm", "title": "Lo-fi"})
        if self.actions.title:
            drafts.add_title(self.session.draft)

    def _settle(self, *, spent: bool) -> None:
        """Take or free the frozen credits; a session is charged once."""
        self.done = True
        account = self.session.account
        with self.cloud.lock:
            if not self.price:
                return
            self.cloud.accounts.settle(account, self.price, spent=spent)
            if spent:
                self.session.charged = True
                self.cloud.ledger.fact(
                    "message_charged",
                    self.n,
                    session=self.session.id,
                    account=account.user_id,
                    credits=self.price,
                    credits_left=account.available,
                )

    def _closing(self, wish: Wish) -> Iterator[bytes]:
        """The last events: the tool's result, the words, and what may come after them."""
        odd = self.speaker.odd
        if "error_event" in odd:
            yield from self.speaker.failure("MALFORMED_FUNCTION_CALL", "bad call")
            return
        knobs = self.cloud.knobs
        silent = "no_text" in odd or (
            not odd and self.cloud.chance.happens("silent", knobs.silent_share)
        )
        yield from self.speaker.result(TOOL, {"ok": True}, last=silent)
        if silent:
            return
        trails = bool({"error_late", "temporary_issue"} & odd)
        meta = self.session.draft["m"]
        said = words(wish, (meta["width"], meta["height"]), screen=knobs.screen_words)
        yield from self.speaker.text(said, last=not trails)
        if "temporary_issue" in odd:
            yield from self.speaker.text(TEMPORARY_ISSUE, last="error_late" not in odd)
        if "error_late" in odd:
            yield from self.speaker.exception("boom after text")


def poor_stream(speaker: Speaker, how: str, user_id: str) -> Iterator[bytes]:
    """2001 inside a stream: as an error event, or in the agent's words."""
    if how == "event":
        yield from speaker.failure("2001", "insufficient credits")
    else:
        yield from speaker.text(poor_words(user_id), last=True)
