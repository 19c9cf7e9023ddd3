"""The daemon is stopped by SIGSTOP at the worst moment, and wakes when every limit has passed."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import outages
import pytest
from relay import line_to
from stage import FAST, Stage, sha256, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
LIMITS = {"stream_limit": "1s", "stream_silence": "1s", "upload_look": "1s", "render_look": "1s"}
FROZEN_SECONDS = 3.0  # longer than each of these
SIDE_BY_SIDE = 4


@contextmanager
def run(folder):
    """A daemon at work on one file over a line; afterwards: one result, nothing twice."""
    stage = Stage(folder)
    with line_to(stage, {}, *outages.QUICK) as line:
        stage.configure(outages.RULE, cloud={"timing": {**FAST, **LIMITS}})
        source = outages.drop(stage, "a.mp4", 1)
        before = {source: sha256(source)}
        stage.start()
        try:
            yield stage, line
            outages.come(stage, lambda: outages.at_rest(stage), 40)
            assert stage.stop() == 0
        finally:
            stage.end()
        outages.delivered_once(stage, before)
        facts = stage.facts()
        assert facts["message_received"] == 1
        assert facts["render_submitted"] == 1


def frozen_until_all_limits_have_passed(stage):
    end = time.monotonic() + FROZEN_SECONDS
    until(lambda: time.monotonic() > end, FROZEN_SECONDS + 5, "the end of the sleep")
    stage.daemon.send_signal(signal.SIGCONT)


def at_the_request(folder, kind, line_does):
    """Frozen when its request is on the way: it passes meanwhile, is held up, or passes and breaks.

    What is held up reaches the cloud only when the daemon has woken.
    """
    with run(folder) as (stage, line):
        seen = []

        def freeze(now, _number):
            if now == kind and not seen:
                os.kill(stage.daemon.pid, signal.SIGSTOP)
                seen.append(now)
                if line_does == "holds":
                    line.hold()

        line.on_asked = freeze
        until(lambda: seen, 30, f"the request {kind}")
        if line_does == "breaks":
            fact = {"run_sse": "edit_applied", "submit": "render_submitted"}[kind]
            until(lambda: stage.facts()[fact], 20, fact)
            line.reset()
        frozen_until_all_limits_have_passed(stage)
        line.release()


def before_the_request(folder, step):
    """Frozen as soon as the store shows that the step has begun."""
    with run(folder) as (stage, _):
        end = time.monotonic() + 30
        while not any(j["step"] == step and j["begun_at"] for j in stage.stored()):
            assert time.monotonic() < end, f"never began: {step}"
        os.kill(stage.daemon.pid, signal.SIGSTOP)
        frozen_until_all_limits_have_passed(stage)


def in_the_middle(folder, kind, line_does):
    """Frozen in a slow transfer, whose connection breaks meanwhile or not."""
    with run(folder) as (stage, line):
        line.rate, line.slow_kinds = 20_000, frozenset([kind])
        until(lambda: line.passed[kind] > 10_000, 30, f"the middle of {kind}")
        os.kill(stage.daemon.pid, signal.SIGSTOP)
        if line_does == "breaks":
            line.reset()
        frozen_until_all_limits_have_passed(stage)
        line.rate = None


@pytest.mark.parametrize(("step", "kind"), [("instruct", "run_sse"), ("submit", "submit")])
def test_frozen_right_before_it_is_sent(tmp_path, step, kind):
    """The message, and the render: once in the ledger, however long the machine slept."""
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        runs = [
            pool.submit(at_the_request, tmp_path / does, kind, does)
            for does in ("passes", "holds", "breaks")
        ]
        runs.append(pool.submit(before_the_request, tmp_path / "before", step))
        for each in runs:
            each.result()
    print(f"frozen at {step}: {len(runs)} woke, lost 0, double charges 0, orphans 0")


def test_frozen_in_the_middle_of_a_transfer(tmp_path):
    """Upload and download, with a connection that is still there or not: they go on."""
    cases = [(kind, does) for kind in ("upload", "cdn") for does in ("passes", "breaks")]
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        runs = [pool.submit(in_the_middle, tmp_path / "-".join(case), *case) for case in cases]
        for each in runs:
            each.result()
    print(f"frozen in a transfer: {len(runs)} woke, lost 0, double charges 0, orphans 0")
