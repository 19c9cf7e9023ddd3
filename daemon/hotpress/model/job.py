"""One file on its way to one result: every outcome so far, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from hotpress.model.media import Expected, Facts, Final, Material
from hotpress.model.remote import Message, Render, Session, Upload
from hotpress.model.rule import Rule
from hotpress.model.stages import (
    CLOUD_STEPS,
    ENDED,
    LINK_ENDINGS,
    LOCAL_STEPS,
    Reason,
    Route,
    State,
    Step,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How often a way back was taken. Each has its limit in `policy`."""

    session_gone: int = 0
    evidence: int = 0
    upload_absent: int = 0
    bad_renders: int = 0
    stuck_renders: int = 0
    fresh_ids: int = 0
    bad_downloads: int = 0
    stale_links: int = 0
    input_gone: int = 0
    name_taken: int = 0
    rate_limited: int = 0
    retries: int = 0  # in a row, for one step


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One file on its way to one result."""

    id: str
    inbox: str
    root: str  # the inbox's path
    relative: str
    outbox: str
    size_bytes: int
    mtime_ns: int
    device: int
    inode: int
    rule: Rule
    created_at: float
    updated_at: float
    unruled: bool = False  # its rule files could not be understood: `rule` is not its own yet
    link: str = ""  # the web address in a link file, as it was read; secret, like all addresses
    damage: str = ""  # why it looked unfinished when it had rested long enough
    state: State = State.QUEUED
    step: Step = Step.PROBE
    route: Route = Route.CLOUD
    route_why: str = ""
    reason: Reason | None = None
    why: str = ""
    hint: str = ""
    cause: str = ""  # of an end without a result, as `words` knows it: a `Cause`, or an error's
    wake_at: float | None = None
    finished_at: float | None = None
    # The step mechanism (docs/decisions/0005): set by a take, cleared by an outcome only.
    begun_at: float | None = None
    begins: int = 0
    boot: str = ""
    stopped: bool = False
    ending: State | None = None  # a cancel or a failure that waits until nothing of it runs on
    end_why: str = ""  # its sentence and next step, kept while `why` tells of the wait
    end_hint: str = ""
    scout: Reason | None = None  # woken to see whether this reason has gone, for all others
    was_held: Reason | None = None  # for a person's word, when its source vanished
    waits_on: str = ""  # another job of the same content, which goes first
    ended_with: str = ""  # another job whose end was this one's, too; its retry takes both up
    offline_since: float | None = None  # since when it waits for the cloud to answer at all
    anew: str = ""  # a person wants it made again: by today's "rule", or "again" at any price
    reuse: Material | None = None  # the delivered file of the same content
    adopted: bool = False  # its render was made for another job of the same content
    owner: str = ""
    epoch: int = 0  # the rest are outcomes, in the order of the steps
    facts: Facts | None = None
    prepared: Material | None = None
    session: Session | None = None
    upload: Upload | None = None
    upload_doubt_at: float | None = None  # since when nobody knows whether the upload arrived
    upload_stopped: bool = False  # an orderly stop cut it: its absence is no bad sign
    message: Message | None = None
    messages_sent: int = 0
    asked: str = ""  # made by `ask`: "message" or "export", in the session of another job
    credits_spent: float | None = None  # None unless no other job could spend meanwhile
    renders: tuple[Render, ...] = ()
    expected: Expected | None = None
    download: Material | None = None
    final: Final | None = None
    placed_at: float | None = None
    left_beside: str = ""  # what of the source's companions could not be delivered with it
    released_at: float | None = None
    private_name: str = ""
    source_sha256: str = ""
    note: str = ""  # said beside a delivered job
    tally: Tally = field(default_factory=Tally)

    @property
    def source(self) -> Path:
        """The file that was dropped."""
        return Path(self.root) / self.relative

    @property
    def render(self) -> Render | None:
        """The render that counts now."""
        return self.renders[-1] if self.renders else None

    @property
    def output(self) -> Path | None:
        """The delivered file, once it has been placed."""
        placed = self.final is not None and self.placed_at is not None
        return Path(self.outbox) / self.final.name if self.final and placed else None

    @property
    def edited(self) -> bool:
        """Is there an edit that only the cloud's file has?"""
        return bool(self.rule.instructions or self.asked)

    @property
    def is_link(self) -> bool:
        """Is its source a link file? Then the video itself never lies on this machine."""
        return self.relative.lower().endswith(LINK_ENDINGS)

    @property
    def only_cloud(self) -> bool:
        """Can it be made of nothing but the cloud's file?"""
        return self.edited or self.is_link

    @property
    def size_before(self) -> int | None:
        """The size of the video that was dropped; None where nobody here has seen it."""
        return None if self.is_link else self.size_bytes

    @property
    def work_key(self) -> str:
        """The source's hash with the rule values that alter bytes, "" while nobody has read it.

        Of a link its address counts: two files may name the same. What was asked in the session
        of another job has none: it is wanted beside the first.
        """
        if not self.source_sha256 or self.asked:
            return ""
        content = self.source_sha256
        if self.is_link:
            content = sha256(f"link {self.link}".encode()).hexdigest()
        return f"{content}:{self.rule.bytes_key}"

    @property
    def sending(self) -> bool:
        """Is a message on its way, or was it when hotpress stopped?"""
        return self.step is Step.INSTRUCT and self.begun_at is not None

    @property
    def said(self) -> bool:
        """May the agent have heard of this content from this job?"""
        return self.messages_sent > 0 or self.sending

    @property
    def live(self) -> bool:
        """Is there still something to do? A delivered job's source may have to be released."""
        if self.state is State.DELIVERED:
            return self.released_at is None
        return self.state not in ENDED

    @property
    def target_bytes(self) -> int | None:
        """The ceiling that the rule sets, before `max_rate`."""
        if self.rule.target_share is not None:
            return int(self.size_bytes * self.rule.target_share)
        return self.rule.target_bytes

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of this job's route."""
        return LOCAL_STEPS if self.route is Route.LOCAL else CLOUD_STEPS

    def counted(self, what: str) -> Job:
        """This job with one more of `what` in its tally."""
        return replace(
            self, tally=replace(self.tally, **{what: int(getattr(self.tally, what)) + 1})
        )

    def with_render(self, render: Render) -> Job:
        """This job with `render` in the place of the one of the same id, or added as the last."""
        kept = tuple(render if old.id == render.id else old for old in self.renders)
        if render not in kept:
            kept = (*kept, render)
        return replace(self, renders=kept)
