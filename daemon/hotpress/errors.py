"""Every error of hotpress: what happened (`why`), and the next move for a person (`hint`).

HotpressError(why, hint)
  ConfigError(problems)
  CloudError
    NotSent                 surely nothing happened in the cloud
      Unreachable           no name, no connection, no TLS
      Refused               a whole answer that says no
        TokenRejected       1001
        SessionGone         1002
        OutOfCredits        2001
        PlanRequired        402
        ScopeMissing        403
        UnsupportedFormat   4001
        FileTooLarge        4002
        RateLimited         429
        NotKnown            404: a render id or a link that the cloud does not know
    Lost                    it may have happened: 5xx, time-out, a broken or unreadable answer
  MediaError
    NotAVideo               no tool can read it as a video
    BadLink                 a link file that names no address which may be fetched
    Damaged                 a video, but not a whole one
    EncodeFailed            the encoder gave up
      NoGain                anything smaller would look worse than the original
    TargetImpossible        no decent file fits into the target
  FileError
    SourceChanged           the source is no longer the file that was read
    SourceGone
    DiskFull
    FolderMissing           an inbox or outbox is not there, or not the one it was
    NotAllowed              the operating system says no
  InputGone                 what the step before made is gone or torn: make it again
  StoreError
    StateBusy               another daemon owns this state directory
    IdTaken                 the random id of a new job is another job's
    StateUnusable           newer than this program, or on a network or synced file system
      StateDamaged          the store's file is torn
  NoSuchJob
  Stopping                  hotpress was asked to stop
"""

from __future__ import annotations

import re


class HotpressError(Exception):
    """Base of all: `why` is what happened, `hint` what a person can do next."""

    def __init__(self, why: str, hint: str) -> None:
        super().__init__(why)
        self.why = why
        self.hint = hint

    @property
    def cause(self) -> str:
        """The name by which `words` and `hotpress explain` know it."""
        return cause_of(type(self))


def cause_of(kind: type[HotpressError]) -> str:
    """`NotAVideo` -> `not_a_video`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


class ConfigError(HotpressError):
    """All problems of a config at once, each located as `config.yaml:14  key.path: sentence`."""

    def __init__(self, problems: list[str], hint: str = "Mend this, then start again.") -> None:
        super().__init__("\n".join(problems), hint)
        self.problems = problems


class CloudError(HotpressError):
    """Something went wrong between this machine and the cloud."""


class NotSent(CloudError):
    """Surely nothing happened: the request never arrived, or was refused as a whole."""


class Unreachable(NotSent):
    """No connection could be made."""


class Refused(NotSent):
    """The cloud answered, and the answer is no. `code` is its envelope code or HTTP status."""

    def __init__(self, why: str, hint: str, code: int = 0) -> None:
        super().__init__(why, hint)
        self.code = code


class TokenRejected(Refused):
    """1001: the token is expired or invalid, also after one renewal."""


class SessionGone(Refused):
    """1002: the session, and with it the uploaded file, is gone."""


class OutOfCredits(Refused):
    """2001: spending stops; the work waits."""


class PlanRequired(Refused):
    """402: export is blocked on this plan. Not a matter of credits."""


class ScopeMissing(Refused):
    """403: the token may not do this."""


class UnsupportedFormat(Refused):
    """4001: final for this file."""


class FileTooLarge(Refused):
    """4002: the upload is over the limit."""


class RateLimited(Refused):
    """429: come back after `after_seconds` (None: the cloud did not say)."""

    def __init__(
        self, why: str, hint: str, code: int = 429, after_seconds: float | None = None
    ) -> None:
        super().__init__(why, hint, code)
        self.after_seconds = after_seconds


class NotKnown(Refused):
    """404: the cloud does not know this render id or link (it may not know it yet)."""


class Lost(CloudError):
    """The request may have done its work, but no readable answer came back."""


class MediaError(HotpressError):
    """A video could not be read, judged or made."""


class NotAVideo(MediaError):
    """No video stream can be read from it."""


class BadLink(MediaError):
    """A link file that names no address which may be fetched."""


class Damaged(MediaError):
    """It is a video, but parts of it are missing, broken or not what they must be.

    `of_bytes`: the file itself is cut or spoiled, so that another copy of it may be good.
    """

    def __init__(self, why: str, hint: str, *, of_bytes: bool = False) -> None:
        super().__init__(why, hint)
        self.of_bytes = of_bytes


class EncodeFailed(MediaError):
    """The encoder ended without a result."""


class NoGain(EncodeFailed):
    """Anything smaller would look worse than the original: the original is the better choice."""


class TargetImpossible(MediaError):
    """The target is so small that no decent video fits into it; `enough_bytes` would do."""

    def __init__(self, why: str, hint: str, enough_bytes: int = 0) -> None:
        super().__init__(why, hint)
        self.enough_bytes = enough_bytes


class FileError(HotpressError):
    """A file or folder is not as it has to be."""


class SourceChanged(FileError):
    """The source is no longer the very file that was read."""


class SourceGone(FileError):
    """The source is no longer there."""


class DiskFull(FileError):
    """There is no room for what has to be written."""


class FolderMissing(FileError):
    """An inbox or outbox is away, or another folder lies in its place. `which` names it."""

    def __init__(self, why: str, hint: str, which: str = "outbox") -> None:
        super().__init__(why, hint)
        self.which = which


class NotAllowed(FileError):
    """The operating system refuses to read or write there."""


class InputGone(HotpressError):
    """A step's input is gone or torn. `step` is the step that makes it again."""

    def __init__(self, why: str, step: str) -> None:
        super().__init__(why, "hotpress makes it again by itself.")
        self.step = step


class StoreError(HotpressError):
    """The state directory can't be used."""


class StateBusy(StoreError):
    """Another daemon owns this state directory (exit code 4)."""


class IdTaken(StoreError):
    """The random id of a new job is another job's: it needs another one."""


class StateUnusable(StoreError):
    """The store is from a newer hotpress, or on a file system that can't keep it."""


class StateDamaged(StateUnusable):
    """The store's file is torn: it is kept aside, and made anew from the receipts."""


class NoSuchJob(HotpressError):
    """No job has this id or path."""


class Stopping(HotpressError):
    """hotpress was asked to stop; the work goes on at the next start."""

    def __init__(self) -> None:
        super().__init__("hotpress was asked to stop", "It goes on at the next start.")
