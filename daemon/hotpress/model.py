"""The nouns of the house: job, rule, step, outcome. Values only; nothing here touches the world.

Sizes are bytes, times seconds since 1970 (suffix `_at`) or seconds (suffix `_seconds`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path


class Step(StrEnum):
    """What a job goes through, in order. A local job has probe, finish, deliver, release."""

    PROBE = "probe"
    PREPARE = "prepare"
    SESSION = "session"
    UPLOAD = "upload"
    INSTRUCT = "instruct"
    REVIEW = "review"
    SUBMIT = "submit"
    RENDER = "render"
    DOWNLOAD = "download"
    VERIFY = "verify"
    FINISH = "finish"
    DELIVER = "deliver"
    RELEASE = "release"


LOCAL_STEPS = (Step.PROBE, Step.FINISH, Step.DELIVER, Step.RELEASE)
CLOUD_STEPS = tuple(Step)
IN_CLOUD = frozenset(CLOUD_STEPS[2:9])  # session to download: a job takes a place in the cloud


class State(StrEnum):
    """Where a job stands. The last four are ends."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    HELD = "held"
    DELIVERED = "delivered"
    SKIPPED = "skipped"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = frozenset({State.DELIVERED, State.SKIPPED, State.FAILED, State.CANCELLED})


class Reason(StrEnum):
    """Why a job waits (until a time) or is held (until something changes)."""

    HOURS = "hours"
    RATE_LIMIT = "rate_limit"
    RENDER = "render"
    RETRY = "retry"
    STREAM = "stream"
    CREDITS = "credits"
    BUDGET = "budget"
    PLAN = "plan"
    SCOPE = "scope"
    TOKEN = "token"  # noqa: S105 - the reason's name
    OFFLINE = "offline"
    PAUSED = "paused"
    DISK_FULL = "disk_full"
    OUTBOX_MISSING = "outbox_missing"
    INBOX_MISSING = "inbox_missing"
    PERMISSION = "permission"
    QUALITY = "quality"
    UNCLEAR = "unclear"
    APPROVAL = "approval"
    RULES = "rules"
    ELSEWHERE = "elsewhere"


class Route(StrEnum):
    """Where the small version is made."""

    AUTO = "auto"
    CLOUD = "cloud"
    LOCAL = "local"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One folder's intention, frozen into each of its jobs."""

    target_bytes: int | None = 100_000_000
    target_share: float | None = None  # of the source's size, instead of target_bytes
    max_bits_per_second: int | None = 8_000_000  # at 1080p, in proportion to the pixels elsewhere
    resolution: str = "1080p"
    instructions: str = ""
    route: Route = Route.AUTO
    source: str = "keep"
    archive_to: str | None = None
    output: str = "{stem}.mp4"
    output_name: str = "main"
    collision: str = "keep_both"


@dataclass(frozen=True, slots=True)
class Sound:
    """One sound track of a file."""

    codec: str
    channels: int
    sample_rate: int
    bits_per_second: int | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a probe knows of a video. Width and height are as shown: rotation and SAR applied."""

    container: str
    duration_seconds: float
    width: int
    height: int
    fps: float
    codec: str
    size_bytes: int
    coded_width: int = 0
    coded_height: int = 0
    rotation: int = 0
    variable_fps: bool = False
    frames: int | None = None
    pixel_format: str = ""
    transfer: str = ""  # "pq", "hlg" or "" for SDR
    interlaced: bool = False
    sounds: tuple[Sound, ...] = ()
    subtitles: int = 0
    chapters: int = 0
    created_at: str | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Credits:
    """An account's credits, as the cloud tells them."""

    available: float
    frozen: float
    total: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A cloud session, made with token number `token`; `upload_name` is stored before its use."""

    id: str
    token: int
    upload_name: str
    made_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What session and account looked like before the message: the evidence of `review`."""

    draft: str  # canonical JSON, "" when there was none
    media: tuple[str, ...]
    credits: Credits | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """The file as it went up."""

    name: str
    size_bytes: int
    sha256: str
    before: Before


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to the agent. `settled_at`: its outcome, or when the doubt was noted."""

    session: str
    settled_at: float
    doubt: bool
    said: str = ""  # the agent's words, translated for a person
    refusal: int = 0  # a code that came inside the stream
    looks: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Render:
    """One render of exactly `draft` under `id`. Kept for ever: a job ends when all are ended."""

    id: str
    session: str
    token: int
    draft: str
    sent: bool = False  # a submit may have reached the cloud
    doubt_at: float | None = None
    settled_at: float | None = None
    polled_at: float | None = None
    unknown_looks: int = 0
    resubmits: int = 0
    ended: str = ""  # "done", "failed", "cancelled", "unknown", "unsent"
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the cloud's result must be like."""

    duration_seconds: float
    width: int
    height: int
    has_sound: bool
    fps: float | None = None
    edited: bool = False  # by instructions: the draft says what is right, not the source
    removed: tuple[str, ...] = ()  # what nobody asked for and was taken out


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A file of ours in the spool, whole and synced, with the hash it had then."""

    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Final:
    """What is to be delivered: name in the outbox (with subfolders), and the file beside it."""

    name: str
    temp: str
    size_bytes: int
    sha256: str
    made_by: str  # "cloud", "encode", "copy"
    note: str = ""


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
    state: State = State.QUEUED
    step: Step = Step.PROBE
    route: Route = Route.CLOUD
    route_why: str = ""
    reason: Reason | None = None
    why: str = ""
    hint: str = ""
    wake_at: float | None = None
    finished_at: float | None = None
    # The step mechanism (docs/decisions/0005): set by a take, cleared by an outcome only.
    begun_at: float | None = None
    begins: int = 0
    boot: str = ""
    stopped: bool = False
    ending: State | None = None  # a cancel or a failure that waits until nothing of it runs on
    scout: Reason | None = None  # woken to see whether this reason has gone, for all others
    owner: str = ""
    epoch: int = 0  # the rest are outcomes, in the order of the steps
    facts: Facts | None = None
    prepared: Material | None = None
    session: Session | None = None
    upload: Upload | None = None
    upload_doubt_at: float | None = None  # since when nobody knows whether the upload arrived
    message: Message | None = None
    messages_sent: int = 0
    renders: tuple[Render, ...] = ()
    expected: Expected | None = None
    download: Material | None = None
    final: Final | None = None
    placed_at: float | None = None
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


@dataclass(frozen=True, slots=True)
class Next:
    """The step is done: go on with the next one, or with an earlier one (`to`)."""

    job: Job
    to: Step | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """Look again after `seconds`."""

    job: Job
    seconds: float
    why: str
    reason: Reason = Reason.RETRY


@dataclass(frozen=True, slots=True)
class Hold:
    """Wait until something changes."""

    job: Job
    reason: Reason
    why: str
    hint: str


@dataclass(frozen=True, slots=True)
class Fail:
    """The end, with its sentence: failed, or skipped or cancelled, where nothing went wrong."""

    job: Job
    why: str
    hint: str
    end: State = State.FAILED


Outcome = Next | Wait | Hold | Fail
