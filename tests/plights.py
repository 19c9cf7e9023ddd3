"""How each reason, and each end without a result, comes about for real: one small story each.

`SCENES` has those that need no process of their own. `ELSEWHERE` names the test that provokes the
others, and `NO_VIDEO` those that end a command, a start or a try, and never a video.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from cloudstage import MARK, Place, at
from onejob import MEDIA
from plight import Plight, with_mounts
from saying import log_as_it_was, silence
from switch import clip_bytes

from hotpress import courtesy
from hotpress.courtesy import Peer
from hotpress.media import Media
from hotpress.model import Step
from hotpress.words import ERRORS, REASONS

LOCAL = {"route": "local"}
CLOUD = {"route": "cloud"}
LINK = b"[InternetShortcut]\r\nURL=https://93.184.216.34/talk.mp4\r\n"
SIZED = {"target_size": "40 kB", "resolution": "source"}


@dataclass(frozen=True, slots=True)
class Scene:
    """`story` makes it happen, and returns the name of the video."""

    story: Callable[[Plight], str | None]
    values: dict[str, Any] = field(default_factory=dict)
    sections: dict[str, Any] = field(default_factory=dict)
    faults: tuple[Any, ...] = ()
    knobs: dict[str, Any] | None = None  # None: no stand-in
    root: bool = False


SCENES: dict[str, Scene] = {}


def scene(name: str, **given: Any) -> Callable[[Callable[[Plight], str | None]], Any]:
    """Put a story into the table."""

    def add(story: Callable[[Plight], str | None]) -> Any:
        assert name not in SCENES
        SCENES[name] = Scene(story, **given)
        return story

    return add


@contextmanager
def lived(folder: Path, told: Scene) -> Iterator[tuple[Plight, str]]:
    """The house after the story, and the name of the video."""
    with log_as_it_was(), Place(folder) as place:
        silence()
        api_url = ""
        if told.knobs is not None:
            api_url = place.cloud(*told.faults, **told.knobs).api_url
        own = folder / "house"
        own.mkdir()
        house = Plight(own, told.values, told.sections, api_url)
        try:
            yield house, told.story(house) or "clip.mov"
        finally:
            house.close()


def cloud(*faults: Any, **knobs: Any) -> dict[str, Any]:
    """Before a stand-in that knows the token."""
    return {"values": CLOUD, "faults": faults, "knobs": {"tokens": [MARK], "credits": 500, **knobs}}


def edited(*faults: Any, **knobs: Any) -> dict[str, Any]:
    """The same, with words for the agent."""
    return {**cloud(*faults, **knobs), "values": {**CLOUD, "instructions": "make it louder"}}


# --- a video waits, or is held ----------------------------------------------------------------


@scene("hours", **{**cloud(), "values": {**CLOUD, "hours": "22:00-07:00"}})
def _hours(house: Plight) -> None:
    house.drop()
    house.once()


@scene("rate_limit", **cloud(at("session", status=429, retry_after=3600)))
def _rate_limit(house: Plight) -> None:
    house.drop()
    house.once()


@scene("render", **cloud(render_seconds=3600.0))
def _render(house: Plight) -> None:
    house.drop()
    house.work_on(until=Step.RENDER)
    house.once()


@scene("retry", **cloud(at("session", [1], drop_before=True)))
def _retry(house: Plight) -> None:
    house.drop()
    house.once()


@scene("stream", **edited(at("run_sse", edit=False, charge=True)))
def _stream(house: Plight) -> None:
    house.drop()
    house.work_on(until=Step.REVIEW)
    house.once()


@scene("credits", **cloud(credits=10))
def _credits(house: Plight) -> None:
    house.drop("clip.mov")
    house.work_on("clip.mov")


@scene("budget", **{**cloud(), "sections": {"cloud": {"budget": {"per_day": 40}}}})
def _budget(house: Plight) -> None:
    house.drop()
    house.work_on()


@scene("plan", **cloud(at("submit", status=402)))
def _plan(house: Plight) -> None:
    house.drop()
    house.work_on()


@scene("scope", **cloud(tokens=[{"token": MARK, "scopes": "read write"}]))
def _scope(house: Plight) -> None:
    house.drop()
    house.work_on()


@scene("token", **cloud(tokens=["another"]))
def _token(house: Plight) -> None:
    house.drop()
    house.work_on()


@scene("offline", values=CLOUD)
def _offline(house: Plight) -> None:
    house.cloud.close()
    house.cloud = house.client("http://127.0.0.1:9")
    house.drop()
    house.work_on()


@scene("paused", values=LOCAL)
def _paused(house: Plight) -> None:
    house.order("pause", house.drop())


@scene("disk_full", values=LOCAL, root=True)
def _disk_full(house: Plight) -> None:
    house.drop()
    spool = house.state / "spool"
    spool.mkdir(exist_ok=True)
    full = [
        ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(spool)],
        ["sh", "-c", f"head -c 100k /dev/zero >'{spool}/other' 2>/dev/null || true"],
    ]
    with_mounts(full, house.work_on)


@scene("outbox_missing", values=LOCAL)
def _outbox_missing(house: Plight) -> None:
    house.drop()
    away = house.outbox.with_name("away")
    house.outbox.rename(away)
    house.work_on()
    away.rename(
        house.outbox
    )  # so that there is a place for the note: it says why, until it is free


@scene("inbox_missing", values=LOCAL)
def _inbox_missing(house: Plight) -> str:
    names = [f"clip {n:02}.mov" for n in range(12)]
    for name in names:
        house.put(name, name)
    house.settle()
    for name in names:
        (house.inbox / name).unlink()
    house.settle(5.0)
    return names[0]


@scene("permission", values=LOCAL, root=True)
def _permission(house: Plight) -> None:
    house.drop()
    own = str(house.outbox)
    shut = [["mount", "--bind", own, own], ["mount", "-o", "remount,bind,ro", own]]
    with_mounts(shut, house.work_on)


@scene("quality", values={**LOCAL, **SIZED, "quality_floor": "best"})
def _quality(house: Plight) -> None:
    house.drop("clip.mov", clip_bytes("small"))
    house.work_on()


@scene("unclear", **edited(at("run_sse", edit=False, charge=True)))
def _unclear(house: Plight) -> None:
    house.drop()
    house.work_on()


@scene("approval", values={**LOCAL, "existing": "ask"})
def _approval(house: Plight) -> str:
    names = [f"clip {n:02}.mov" for n in range(12)]
    for name in names:
        house.put(name, name)
    house.settle()
    return names[0]


@scene("rules", values=LOCAL)
def _rules(house: Plight) -> str:
    (house.inbox / "hotpress.yaml").write_text("target_size: 60\n")
    house.drop()
    house.settle()
    return "clip.mov"


@scene("elsewhere", values=LOCAL)
def _elsewhere(house: Plight) -> None:
    other = Peer("1-other", "kitchen-mac", 1, "x", house.clock.now())
    courtesy.announce(house.outbox, other)
    house.drop()
    house.work_on()


# --- a video ends without a result, by an error -----------------------------------------------


@scene("not_a_video", values=LOCAL)
def _not_a_video(house: Plight) -> None:
    house.put("clip.mov", b"Dear Anna, this is no video at all. " * 2_000)
    house.settle(400.0)
    house.work_on()


@scene("bad_link", values={**CLOUD, "links": "on"})
def _bad_link(house: Plight) -> str:
    _saved(house, LINK.replace(b"https", b"ftp"))
    return "talk.url"


@scene("target_impossible", values={**LOCAL, "target_size": "1 kB"})
def _target_impossible(house: Plight) -> None:
    house.drop()
    house.work_on()


@scene("encode_failed", values={**LOCAL, **SIZED})
def _encode_failed(house: Plight) -> None:
    house.broken[Step.FINISH] = lambda tools: replace(tools, media=_weak(house))
    house.drop("clip.mov", clip_bytes("small"))
    house.work_on()


@scene("media_error", values={**LOCAL, "encoder": "/bin/false"})
def _media_error(house: Plight) -> None:
    house.drop()
    house.work_on()


@scene("unsupported_format", **cloud(at("upload", code=4001)))
def _unsupported_format(house: Plight) -> None:
    house.drop()
    house.work_on()


@scene("file_too_large", **cloud(at("upload", code=4002)))
def _file_too_large(house: Plight) -> None:
    house.drop()
    house.work_on()


@scene("refused", **cloud(at("session", status=418)))
def _refused(house: Plight) -> None:
    house.drop()
    house.work_on()


@scene("source_changed", values=LOCAL)
def _source_changed(house: Plight) -> str:
    job = house.drop()
    house.work_on(until=Step.FINISH)
    house.put("clip.mov", "another version")
    house.run(job.id)
    return job.relative


@scene("source_gone", values=LOCAL)
def _source_gone(house: Plight) -> None:
    house.drop()
    (house.inbox / "clip.mov").unlink()
    house.settle(5.0)


# --- a video ends without a result, by a decision ---------------------------------------------


@scene("by_hand", values=LOCAL)
def _by_hand(house: Plight) -> None:
    house.order("cancel", house.drop())


@scene("declined", values={**LOCAL, "existing": "none"})
def _declined(house: Plight) -> None:
    house.put()
    house.settle()


@scene("left_out", values=LOCAL)
def _left_out(house: Plight) -> None:
    rules = house.inbox / "hotpress.yaml"
    rules.write_text("target_size: 60\n")
    house.drop()
    house.clock.move(60.0)
    rules.write_text('exclude: ["clip.*"]\n')
    house.settle(30.0)


@scene("already_small", values={**LOCAL, "already_small": "skip", "resolution": "source"})
def _already_small(house: Plight) -> None:
    house.drop()
    house.work_on()


@scene("already_there", values={**LOCAL, "collision": "skip"})
def _already_there(house: Plight) -> None:
    (house.outbox / "clip.mp4").write_bytes(b"of somebody")
    house.drop()
    house.work_on()


@scene("delivered_before", values=LOCAL)
def _delivered_before(house: Plight) -> None:
    house.drop()
    house.work_on()
    house.clock.move(60.0)
    house.drop()  # the same bytes, with another time
    house.work_on()


@scene("delivered_elsewhere", values=LOCAL)
def _delivered_elsewhere(house: Plight) -> None:
    other = Peer("1-other", "kitchen-mac", 1, "x", house.clock.now())
    courtesy.announce(house.outbox, other)
    job = house.drop()
    house.work_on()
    courtesy.withdraw(house.outbox, other)
    house.order("elsewhere", job, host="kitchen-mac", output="clip.mp4")


@scene("moved_away", **cloud())
def _moved_away(house: Plight) -> str:
    house.drop()
    house.work_on()
    (house.outbox / "clip.mp4").rename(house.folder / "elsewhere.mp4")
    house.store.close()
    (house.state / "hotpress.db").unlink()  # a lost state directory: the outbox alone knows
    house.boot()
    house.notes = house.teller()
    house.drop("copy.mov", "one")
    house.work_on("copy.mov")
    return "copy.mov"


@scene("asked_before", **cloud(at("submit", render_fails=True)))
def _asked_before(house: Plight) -> str:
    house.drop()
    house.work_on()
    house.drop("copy.mov", "one")
    house.work_on("copy.mov")
    return "copy.mov"


@scene(
    "first_failed",
    **{
        **edited(at("submit", render_fails=True)),
        "values": {
            **CLOUD,
            "instructions": "make it louder",
            "outputs": [{"name": "web"}, {"name": "chat", "output": "{stem} chat.mp4"}],
        },
    },
)
def _first_failed(house: Plight) -> None:
    house.drop()
    for _ in range(100):
        for job in house.store.jobs(live_only=True):
            house.clock.move(max(0.0, (job.wake_at or 0.0) - house.clock.now()))
            house.run(job.id)
    house.output = "chat"


@scene(
    "other_edit",
    **{
        **edited(at("submit", render_fails=True)),
        "values": {
            **CLOUD,
            "instructions": "make it louder",
            "outputs": [{"name": "web"}, {"name": "chat", "output": "{stem} chat.mp4"}],
        },
    },
)
def _other_edit(house: Plight) -> None:
    house.drop()
    house.output = "web"
    lead = house.work_on()
    house.order("retry", lead, rule=asdict(replace(lead.rule, instructions="quieter")), again=True)
    house.output = "chat"
    house.work_on()


@scene("cut_off", values=LOCAL)
def _cut_off(house: Plight) -> None:
    raw = clip_bytes("tiny")
    house.put("clip.mov", raw[: len(raw) * 2 // 3])
    house.settle(400.0)
    house.work_on()


@scene("link_not_taken", values={**LOCAL, "links": "on"})
def _link_not_taken(house: Plight) -> str:
    _saved(house, LINK)
    return "talk.url"


@scene("link_without_video", values={**CLOUD, "links": "on"})
def _link_without_video(house: Plight) -> str:
    _saved(house, LINK)  # `Sky` knows of nothing there
    return "talk.url"


@scene("edit_gone", **{**cloud(at("upload", code=1002)), "values": CLOUD})
def _edit_gone(house: Plight) -> None:
    job = house.drop()
    house.work_on(until=Step.UPLOAD)
    now = house.at()
    house.store.write(replace(now, asked="message", epoch=now.epoch + 1), [], epoch=now.epoch)
    house.work_on()
    assert job.relative == "clip.mov"


@scene("tried_often", **cloud(at("upload", code=1002)))
def _tried_often(house: Plight) -> None:
    house.drop()
    house.work_on()


@scene("bad_render", **cloud(at("submit", render_fails=True)))
def _bad_render(house: Plight) -> None:
    house.drop()
    house.work_on()


@scene("render_unknown", **cloud(render_unknown_seconds=1e6))
def _render_unknown(house: Plight) -> None:
    house.drop()
    house.work_on()


@scene("render_stuck", **cloud(at("submit", render_sticks=True)))
def _render_stuck(house: Plight) -> None:
    house.drop()
    for _ in range(2):
        house.work_on(until=Step.RENDER)
        house.once()
        house.clock.move(31.0)
        house.run(house.at().id)
        house.clock.move(3_700.0)
        house.run(house.at().id)
    house.work_on()


@scene("stopped_often", values=LOCAL)
def _stopped_often(house: Plight) -> None:
    house.drop()
    house.work_on(until=Step.FINISH)
    for _ in range(4):
        taken = house.worker._take(house.at())
        assert taken is not None
        house.boots -= 1  # the program died, not the machine
        house.crash()
        house.notes = house.teller()
    house.run(house.at().id)


@scene("mistake", values=LOCAL)
def _mistake(house: Plight) -> None:
    house.broken[Step.FINISH] = lambda tools: replace(tools, media=None)
    house.drop()
    house.work_on()


def _saved(house: Plight, link: bytes) -> None:
    """A link file: it needs a little longer until it is taken."""
    house.put("talk.url", link)
    for _ in range(3):
        house.settle()
    house.work_on("talk.url")


def _weak(house: Plight) -> Any:
    """The real media, with an encoder that is well until it has to encode."""
    program = house.folder / "ffmpeg"
    real = MEDIA.encoder.path
    program.write_text(
        f'#!/bin/sh\ncase " $* " in *" -passlogfile "*|*" -crf "*) echo "[libx264 @ 0x55] '
        f'malloc failed" >&2; exit 1;; esac\nexec {real} "$@"\n'
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return Media(str(program))


# Of what nothing is written into the outbox, and why.
QUIET = {
    "render": "nothing. Every video waits so for minutes.",
    "retry": "nothing. It is over in a moment, or becomes `offline`.",
    "stream": "nothing. It is over in minutes, or becomes `unclear`.",
    "elsewhere": "nothing of this computer's. The other one, which works on it, writes the notes.",
}
# What has no small story: the test (file below tests/, and its name) that brings it about.
ELSEWHERE = {
    "file_error": "integration/test_files.py::test_errors_of_the_system_say_what_to_do",
    "no_gain": "integration/test_every_reason.py::test_what_cannot_gain_says_so",
}
# What ends a command, a start or a try, and never a video.
_HERE = "integration/test_every_reason.py::test_what_ends_a_command_says_what_to_do"
NO_VIDEO = {
    "config_error": _HERE,
    "hotpress_error": _HERE,
    "no_such_job": _HERE,
    "state_busy": "integration/test_store.py::test_one_daemon_per_state_directory",
    "state_damaged": "e2e/test_holding.py::"
    "test_a_torn_store_is_kept_aside_and_nothing_is_done_twice",
    "state_unusable": "e2e/test_holding.py::test_a_state_directory_in_a_synced_folder_is_refused",
    "stopping": "e2e/test_holding.py::test_a_stop_takes_less_than_ten_seconds_at_any_moment",
    "id_taken": "integration/test_store.py::test_an_id_that_another_file_has_is_no_second_look",
    # A step before it does its work again; too often, and the video ends as `tried_often`.
    "session_gone": "integration/test_contract_errors.py::"
    "test_error_row_1002_session_not_found_really",
    "input_gone": "integration/test_steps_files.py::test_a_torn_finished_file_is_made_again",
    # A result that is not what it must be is made again; twice, and it ends as `bad_render`.
    "damaged": "integration/test_steps_verify.py::test_a_wrong_render_is_never_fetched_again",
}
# Errors that hold a video up: what happens is the scene of the reason.
HOLDS_UP = {
    name: next(reason for reason, words in REASONS.items() if words is each)
    for name, each in ERRORS.items()
    if name not in REASONS and any(each is words for words in REASONS.values())
}
