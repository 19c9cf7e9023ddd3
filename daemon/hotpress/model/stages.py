"""Where a job stands: its step, its state, its reason, its route."""

from __future__ import annotations

from enum import StrEnum


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


LINK_ENDINGS = (".url", ".webloc")  # of files that only name a web address
BY_HAND = "cancelled by hand"  # a cancelled job that only a person takes up again


class Route(StrEnum):
    """Where the small version is made."""

    AUTO = "auto"
    CLOUD = "cloud"
    LOCAL = "local"
