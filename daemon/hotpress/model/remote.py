"""What a job has in the cloud. Times in seconds since 1970 (suffix `_at`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Credits:
    """An account's credits, as the cloud tells them."""

    available: float
    frozen: float
    total: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A cloud session, made with token number `token`; `upload_name` is stored before its use.

    `shared`: several files of one inbox are worked on in it, one by one.
    """

    id: str
    token: int
    upload_name: str
    made_at: float
    task: str = ""
    shared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What session and account looked like before the message: the evidence of `review`."""

    draft: str  # canonical JSON, "" when there was none
    media: tuple[str, ...]
    credits: Credits | None
    at: float = 0.0


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
    draft: str = ""  # an edit that was seen after a broken stream: taken when it stays so
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
    seen: bool = False  # a poll has answered for it
    unknown_looks: int = 0
    resubmits: int = 0
    ended: str = ""  # "done", "failed", "cancelled", "unknown", "unsent"
    url: str = ""
