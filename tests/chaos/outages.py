"""Runs over a line that breaks; the tests take a slice of them, `scripts/long network` all."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import clips
from relay import line_to, seeded_cuts
from stage import Stage, no_charge_twice, sha256, until

QUICK = ("--kind", "--speed", "20")
RULE = {"target_size": "60 kB", "route": "cloud"}
# Each cloud step by its request; of the states it is the first after the message.
STEPS = {
    "token": "token",
    "session": "session",
    "upload": "upload",
    "instruct": "run_sse",
    "review": "state",
    "submit": "submit",
    "render": "poll",
    "download": "cdn",
}
WHENS = ("asked", "answered")


def drop(stage: Stage, name: str, number: int) -> Path:
    """A clip of its own into the inbox."""
    return clips.numbered(number, stage.inbox() / name)


def outcome(stage: Stage) -> list[tuple[str, str, str]]:
    """What the jobs say, for a failed check."""
    return [(j["state"], j["reason"], j["why"]) for j in stage.stored()]


def come(stage: Stage, condition: Callable[[], Any], seconds: float) -> None:
    """Wait for it; a failure says how the jobs stand by then."""
    try:
        until(condition, seconds, "what the jobs should come to")
    except AssertionError as error:
        raise AssertionError(f"{error}: {outcome(stage)}") from None


def delivered_once(stage: Stage, sources: dict[Path, str]) -> None:
    """Each source is there unchanged with one result within its target; nothing is left under way.

    By the ledger nothing was paid or rendered twice, and no render was left behind.
    """
    assert [j["state"] for j in stage.stored()] == ["delivered"] * len(sources), outcome(stage)
    assert {path: sha256(path) for path in sources} == sources
    results = stage.delivered()
    assert [r.name for r in results] == sorted(path.name for path in sources)
    assert all(result.stat().st_size <= 60_000 for result in results)
    assert not list((stage.outbox() / ".hotpress/tmp").iterdir())
    no_charge_twice(stage)


def cut_off(folder: Path, step: str, when: str) -> str:
    """The whole network is away from the request of one step on, until hotpress has said so.

    `asked`: the request never arrives; `answered`: it does, and its answer is lost. The sentence.
    """
    stage = Stage(folder)
    struck: list[str] = []
    with line_to(stage, {}, *QUICK) as line:

        def strike(kind: str, _number: int) -> None:
            told = step != "review" or line.passed["run_sse"]
            if kind == STEPS[step] and told and not struck:
                struck.append(kind)
                line.down()

        setattr(line, "on_request" if when == "asked" else "on_answer", strike)
        stage.configure(RULE)
        source = drop(stage, "a.mp4", 1)
        before = {source: sha256(source)}
        stage.start()
        try:
            until(line.is_down.is_set, 30, f"the request of {step}")
            come(stage, lambda: stage.stored()[0]["state"] == "held", 60)
            [job] = stage.stored()
            assert job["reason"] == "offline", outcome(stage)
            assert job["why"].startswith("no connection to "), job["why"]
            assert job["hint"]
            line.up()
            come(stage, lambda: at_rest(stage), 60)
            assert stage.stop() == 0
        finally:
            stage.end()
        delivered_once(stage, before)
    return str(job["why"])


def reset_line(folder: Path, seed: int, files: int = 3, share: float = 0.2) -> tuple[int, int, int]:
    """A share of the connections is reset until all has ended. Resets, delivered, held."""
    stage = Stage(folder)
    with line_to(stage, {"credits": 1000}, *QUICK, "--seed", str(seed)) as line:
        line.cuts = seeded_cuts(seed, share)
        stage.configure(RULE)
        sources = [drop(stage, f"{n}.mp4", n) for n in range(files)]
        before = {path: sha256(path) for path in sources}
        stage.start()
        try:
            come(stage, lambda: len(at_rest(stage)) == files, 150)
            assert stage.stop() == 0
        finally:
            stage.end()
        jobs = stage.stored()
        delivered = [j for j in jobs if j["state"] == "delivered"]
        for job in jobs:
            honest = job["state"] == "held" and job["reason"] == "unclear" and job["why"]
            assert job in delivered or honest, outcome(stage)
        assert {path: sha256(path) for path in sources} == before
        assert len(stage.delivered()) == len(delivered)
        no_charge_twice(stage)
        return line.broken, len(delivered), len(jobs) - len(delivered)


def at_rest(stage: Stage) -> list[dict[str, Any]]:
    """Jobs that have ended, or wait for a person: those that are offline go on by themselves."""
    return [
        j
        for j in stage.stored()
        if j["state"] in ("failed", "cancelled", "skipped")
        or (j["state"] == "held" and j["reason"] != "offline")
        or (j["state"] == "delivered" and j["released_at"] is not None)
    ]


def _stopped(stage: Stage) -> float:
    """How long a stop takes; it ends with 0 within ten seconds."""
    began = time.monotonic()
    assert stage.stop(10) == 0
    return time.monotonic() - began


def stopped_midway(folder: Path, kind: str) -> float:
    """SIGTERM in the middle of a slow upload or download; then it goes on. Seconds of the stop."""
    stage = Stage(folder)
    with line_to(stage, {}, *QUICK) as line:
        line.rate, line.slow_kinds = 20_000, frozenset([kind])
        stage.configure(RULE)
        source = drop(stage, "a.mp4", 1)
        before = {source: sha256(source)}
        stage.start()
        try:
            until(lambda: line.passed[kind] > 10_000, 30, f"the middle of the {kind}")
            assert line.passed[kind] < 50_000, "that was no longer the middle"
            seconds = _stopped(stage)
            line.rate = None
            stage.start()
            come(stage, lambda: at_rest(stage), 30)
            assert stage.stop() == 0
        finally:
            stage.end()
        delivered_once(stage, before)
        return seconds


def slow_line(folder: Path, bytes_per_second: int = 1_000) -> float:
    """All at 1 kB/s: a clip so small that it gets there. Seconds from start to delivery."""
    stage = Stage(folder)
    with line_to(stage, {}, *QUICK) as line:
        line.rate = bytes_per_second
        small = {"target_size": "9 kB", "already_small": "compress"}  # else it would stay here
        stage.configure({**small, "route": "cloud"})
        source = clips.make_clip(stage.inbox(), "tiny")
        before, began = sha256(source), time.monotonic()
        stage.start()
        try:
            come(stage, lambda: at_rest(stage), 90)
            seconds = time.monotonic() - began
            assert stage.stop() == 0
        finally:
            stage.end()
        [job] = stage.stored()
        assert job["state"] == "delivered", outcome(stage)
        assert sha256(source) == before
        [result] = stage.delivered()
        assert result.stat().st_size <= 9_000
        assert line.broken == 0
        assert stage.facts()["upload_received"] == 1
        no_charge_twice(stage)
        return seconds
