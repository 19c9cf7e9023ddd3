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


class Cause(StrEnum):
    """Why a job ended without a result, where no error says it (those: `HotpressError.cause`)."""

    BY_HAND = "by_hand"
    DECLINED = "declined"
    LEFT_OUT = "left_out"
    ALREADY_SMALL = "already_small"
    ALREADY_THERE = "already_there"
    DELIVERED_BEFORE = "delivered_before"
    DELIVERED_ELSEWHERE = "delivered_elsewhere"
    MOVED_AWAY = "moved_away"
    ASKED_BEFORE = "asked_before"
    CUT_OFF = "cut_off"
    EDIT_GONE = "edit_gone"
    OTHER_EDIT = "other_edit"
    FIRST_FAILED = "first_failed"
    TRIED_OFTEN = "tried_often"
    LINK_NOT_TAKEN = "link_not_taken"
    LINK_WITHOUT_VIDEO = "link_without_video"
    BAD_RENDER = "bad_render"
    RENDER_UNKNOWN = "render_unknown"
    RENDER_STUCK = "render_stuck"
    STOPPED_OFTEN = "stopped_often"
    MISTAKE = "mistake"


BY_HAND = "cancelled by hand"  # a cancelled job that only a person takes up again


class Route(StrEnum):
    """Where the small version is made."""

    AUTO = "auto"
    CLOUD = "cloud"
    LOCAL = "local"
