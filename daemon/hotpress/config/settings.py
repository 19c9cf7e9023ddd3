"""All that can be set, with its default and the sentence that explains it.

`config.example.yaml` and the error messages are made from these classes. Sizes become bytes,
times seconds, rates bits per second.
"""

from __future__ import annotations

from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)

from hotpress.config.limits import InboxLimits, Limits, Section, Spend
from hotpress.config.notify import Notify
from hotpress.config.page import Page, or_off
from hotpress.config.units import (
    Duration,
    EncoderPath,
    Floor,
    FrameRate,
    Glob,
    Globs,
    Hours,
    Pause,
    Rate,
    Resolution,
    Share,
    Size,
    SoundRate,
    Target,
    TimeZone,
    duration,
    size,
)
from hotpress.model import Route

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _folder(value: object) -> Path:
    """`~` is the home folder; a relative path has no place in a daemon's config."""
    if value is None:  # in YAML a lone ~ means nothing at all
        raise ValueError('is no folder; write it out, or "~" in quotes for your home folder')
    try:
        path = Path(str(value)).expanduser()
    except RuntimeError:
        raise ValueError(f"{value} names nobody on this machine; write the whole path") from None
    if not path.is_absolute() or "\0" in str(path):
        raise ValueError(f"{value or repr(value)} must start with / or ~; write the whole path")
    return path


Folder = Annotated[Path, BeforeValidator(_folder)]


class Timing(Section):
    """How long to wait for the cloud. The defaults are the service's own advice."""

    render_poll: Duration = duration("30s")
    rate_limit_wait: Duration = duration("30s")
    stream_limit: Duration = duration("15m")
    stream_silence: Duration = duration("10m")
    after_break: Duration = duration("30s")
    recheck: Duration = duration("60s")
    recheck_times: int = Field(5, ge=1, le=100)
    working_note: Duration = duration("2m")
    credits_look: Duration = duration("1h")
    token_retry: Duration = duration("1h")
    upload_look: Duration = duration("30s")
    render_look: Duration = duration("60s")
    offline_look: Duration = duration("30s")


class Budget(Section):
    """Credits that may be spent."""

    per_day: float | None = Field(None, ge=0)
    per_month: float | None = Field(None, ge=0)
    reserve: float = Field(0, ge=0)

    @field_validator("per_day", "per_month", mode="before")
    @classmethod
    def _none(cls, value: object) -> object:
        """`none`: as much as there is."""
        return None if isinstance(value, str) and value.lower() == "none" else value


class CloudSettings(Section):
    """The NemoVideo cloud."""

    api_url: str = Field("https://mega-api-prod.nemovideo.ai", description="or NEMO_API_URL")
    web_url: str = Field("https://nemovideo.com", description="or NEMO_WEB_URL")
    token: SecretStr | None = Field(
        None, description="or NEMO_TOKEN; unset: a free anonymous one, renewed before it ends"
    )
    client_id: str | None = Field(None, description="or NEMO_CLIENT_ID; unset: made once and kept")
    language: str = Field("auto", description="auto, or an ISO code such as en or zh")
    budget: Budget = Field(Budget(), description="credits; reserve: never spend the last ones")
    estimate: float = Field(50, ge=0, description="credits a job, until one was charged")
    max_upload: Size = Field(size("500 MB"), description="the service takes no more")
    plain_http: Literal["refuse", "allow"] = Field(
        "refuse", description="http:// is for this very machine; allow: anywhere"
    )
    skill_version: str = "1.0.0"
    platform: str | None = Field(None, description="or SKILL_SOURCE; unset: from the install path")
    timing: Timing = Timing()

    @field_validator("token", mode="before")
    @classmethod
    def _token(cls, value: object) -> object:
        """Without the line's end behind it; an empty one is none."""
        if not isinstance(value, str):
            return value or None
        value = value.strip()
        if not value.isascii() or not value.isprintable() or " " in value:
            raise ValueError("is no token; write it without spaces, or take the line out")
        return value or None

    @field_validator("api_url", "web_url")
    @classmethod
    def _address(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
            good = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
        except ValueError:
            good = False
        if not good:  # it may hold a password: it is not shown
            raise ValueError("is no address; write https://host, without name and password")
        return value

    @property
    def is_open_to_readers(self) -> bool:
        """Would videos go over a line in plain text?"""
        parts = urlsplit(self.api_url)
        plain = parts.scheme == "http" and parts.hostname not in LOOPBACK
        return plain and self.plain_http != "allow"


class RuleSettings(Section):
    """A rule as it is written: what is left out is inherited."""

    target_size: Target = Field(
        size("100 MB"), description="a ceiling: 60 MB, 25 MiB, 40 % of the source, none"
    )
    max_rate: Rate = Field(8_000_000, description="at 1080p, in proportion to the pixels elsewhere")
    resolution: Resolution = Field(
        "1080p", description="short side; 720p, 1280x720, source; never enlarged"
    )
    instructions: str = Field("", max_length=2_000, description="extra words for the agent")
    route: Route = Field(
        Route.AUTO, description="auto: the cloud, and this machine when credits or plan end"
    )
    auto_after: Duration = Field(
        duration("1h"), description="so long without the cloud, then route: auto goes on here"
    )
    codec: Literal["h264", "hevc", "av1"] = Field(
        "h264", description="h264 plays everywhere; hevc and av1 look better, and are made here"
    )
    encoder: EncoderPath = Field("auto", description="or the path of an ffmpeg with x264")
    fps: FrameRate = Field(None, description="at most so many pictures a second, or source")
    audio_bitrate: SoundRate = Field(
        None, description="of each sound track, such as 96 kbit/s; auto: by what the target leaves"
    )
    oversize: Literal["auto", "local", "shrink", "refuse"] = Field(
        "auto", description="over max_upload: local under route: auto, else a smaller working copy"
    )
    already_small: Literal["copy", "compress", "skip"] = Field(
        "copy", description="within target and resolution: copy, compress, skip"
    )
    min_saving: Share = Field(
        0.1, description="less gained, and the original is delivered, where it is within the target"
    )
    quality_floor: Floor = Field(
        None, description="none, ok, good, best: a target below it is held before anything is paid"
    )
    hdr: Literal["sdr", "keep"] = Field(
        "sdr", description="HDR colours become ordinary ones, or are kept (then as hevc or av1)"
    )
    metadata: Literal["keep", "strip"] = Field(
        "keep", description="dates, place, chapters; strip: none of it, also not in the upload"
    )
    source: Literal["keep", "archive", "trash", "delete"] = Field(
        "keep", description="keep, archive, trash, delete: only after the result is proven"
    )
    archive_to: Folder | None = Field(None, description="by default Archive beside the inbox")
    propagates_deletion: Literal["refuse", "ok"] = Field(
        "refuse", description="ok: in a synced folder a source may go on every device"
    )
    output: str = Field(
        "{stem}.mp4", max_length=200, description="{stem} {ext} {date} {inbox} {resolution}"
    )
    outputs: tuple[OutputSettings, ...] = Field(
        (),
        max_length=10,
        description="several results of each video; it is uploaded and edited once",
    )
    collision: Literal["keep_both", "replace", "skip"] = Field(
        "keep_both", description="replace: the result of an earlier version of the same file goes"
    )
    existing: Literal["ask", "all", "none"] = Field(
        "ask", description="what lay there before: over 10 videos or 5 GB wait for approval"
    )
    online_only: Literal["fetch", "wait"] = Field(
        "fetch", description="what a sync client keeps elsewhere; wait: until it brings it itself"
    )
    session: Literal["file", "inbox"] = Field(
        "file", description="inbox: several files in one project of the cloud, one by one"
    )
    words: Literal["on", "off"] = Field(
        "on", description="off: clip.mov.hotpress.txt beside a video is not read"
    )
    links: Literal["off", "on", "local"] = Field(
        "off", description="link files (.url, .webloc); on: public addresses; local: any"
    )
    hours: Hours = Field(
        (), description="when something new may start in the cloud; also Sa-Su 00:00-24:00"
    )
    include: Globs = Field((), description="only these videos")
    exclude: Globs = Field((), description="globs as in `match`: left alone, and counted")
    companions: Literal["copy", "ignore"] = Field(
        "copy", description=".srt .vtt .xmp .gpx of the same name lie beside the result, too"
    )

    @field_validator("output")
    @classmethod
    def _inside_the_outbox(cls, value: str) -> str:
        if value.startswith(("/", "\\")) or ".." in Path(value).parts or not value.strip():
            raise ValueError(
                f"{value!r} is no name inside the outbox; write for example {{stem}}.mp4"
            )
        words = {"stem", "ext", "date", "inbox", "resolution"}
        try:
            plain = all(
                name is None or (name in words and not spec and not conversion)
                for _, name, spec, conversion in Formatter().parse(value)
            )
        except ValueError:
            plain = False
        if not plain:
            known = "{stem} {ext} {date} {inbox} {resolution}"
            raise ValueError(f"{value!r} has an unknown word in braces; write {known}")
        return value

    def written(self) -> dict[str, Any]:
        """Only the rule keys that somebody wrote here."""
        keys = RuleSettings.model_fields.keys() & self.model_fields_set
        return {key: getattr(self, key) for key in keys}


# What becomes of a source, or is said of all files: not of one of its results.
_OF_THE_SOURCE = frozenset(
    {
        *("source", "archive_to", "propagates_deletion", "existing", "session", "hours"),
        *("include", "exclude", "words", "links", "online_only", "outputs"),
    }
)


class OutputSettings(RuleSettings):
    """One of several results: any key that is about a result, over those beside `outputs`."""

    name: str = Field(
        min_length=1, max_length=40, pattern=r"^[\w-]+$", description="letters, digits, - and _"
    )

    @model_validator(mode="after")
    def _of_a_result(self) -> OutputSettings:
        wrong = sorted(_OF_THE_SOURCE & self.model_fields_set)
        if wrong:
            raise ValueError(f"{wrong[0]} is for the whole video; write it beside outputs")
        return self


class MatchRule(RuleSettings):
    """A rule for some files of an inbox: the first match wins."""

    match: Glob = Field(description="a glob; without a slash it matches names at any depth")


class InboxWatch(Section):
    """How one folder is watched: what is left out is as in `watch`."""

    mode: Literal["auto", "events", "polling"] | None = None
    settle: Pause | None = None
    patience: Pause | None = None
    rescan: Pause | None = None
    poll: Pause | None = None


class Inbox(RuleSettings):
    """A hot folder and its outbox."""

    name: str = Field("", max_length=60, description="by default from the path")
    path: Folder = Field(description="where videos are dropped")
    outbox: Folder = Field(description="where smaller ones appear")
    timezone: TimeZone = Field("local", description="of `hours`, such as Europe/Berlin")
    priority: Literal["high", "normal", "low"] = Field(
        "normal", description="high: four turns for each one of a normal inbox; low: one for four"
    )
    order: Literal["oldest", "smallest"] = Field(
        "oldest", description="of its videos; smallest: large ones wait while small ones come"
    )
    limits: InboxLimits = Field(
        InboxLimits(), description="any key of `limits` but free_space, for this inbox alone"
    )
    budget: Spend = Field(Spend(), description="credits of this inbox, within cloud.budget")
    watch: InboxWatch = Field(InboxWatch(), description="any key of `watch`, for this inbox")
    notify: tuple[Notify, ...] = Field((), max_length=20, description="instead of the general one")
    rules: list[MatchRule] = Field(default_factory=list, max_length=200)


class Watch(Section):
    """How folders are watched."""

    mode: Literal["auto", "events", "polling"] = "auto"
    settle: Pause = Field(duration("1s"), description="quiet for so long: finished")
    patience: Pause = Field(duration("10m"), description="a file that looks cut off may rest")
    rescan: Pause = Field(duration("5m"), description="events are hints; this is the truth")
    poll: Pause = Field(duration("15s"), description="the same on network folders")


class Log(Section):
    """What is logged, and how."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "console", "json"] = Field(
        "auto", description="console on a terminal, JSON elsewhere"
    )


class Settings(Section):
    """The whole config."""

    cloud: CloudSettings = CloudSettings()
    defaults: RuleSettings = RuleSettings()
    inboxes: list[Inbox] = Field(default_factory=list, max_length=500)
    limits: Limits = Limits()
    watch: Watch = Watch()
    page: Page = Field(Page(), json_schema_extra=or_off)
    notify: tuple[Notify, ...] = Field((), max_length=20)
    log: Log = Log()
    history: Duration = Field(duration("1y"), description="what ended longer ago is forgotten")

    def bearer(self) -> str | None:
        """The token that a person has set, if any."""
        return self.cloud.token.get_secret_value() if self.cloud.token else None


for _with_outputs in (RuleSettings, OutputSettings, MatchRule, Inbox, Settings):
    _with_outputs.model_rebuild()

# What holds when nobody wrote anything.
BUILT_IN: dict[str, Any] = {key: f.default for key, f in RuleSettings.model_fields.items()}
