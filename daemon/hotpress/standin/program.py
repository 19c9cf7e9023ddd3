"""Starting and stopping the stand-in: as a program of its own, or from another one."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from hotpress.standin.cloud import Cloud, build
from hotpress.standin.scenario import KIND, PESSIMIST, Scenario, ScenarioError, read_scenario
from hotpress.standin.server import CloudServer

POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says. Port 0 is a free one; `speed` divides every wait."""

    port: int = 0
    cdn_port: int = 0
    cdn_host: str = "127.0.0.1"
    scenario: Path | None = None
    log: Path | None = None
    ledger: Path | None = None
    speed: float = 1.0
    kind: bool = False
    seed: int = 1
    state: Path | None = None


@dataclass(slots=True)
class Standin:
    """A running stand-in: where it listens, and how to end it."""

    cloud: Cloud
    servers: list[CloudServer]
    folder: Path
    temporary: bool
    api_url: str
    cdn_url: str

    def stop(self) -> None:
        """End both servers and the encoder, and remove what was only temporary."""
        self.cloud.close()
        # Each takes up to POLL_SECONDS to notice: let them do so side by side.
        enders = [threading.Thread(target=server.shutdown) for server in self.servers]
        for ender in enders:
            ender.start()
        for ender, server in zip(enders, self.servers, strict=True):
            ender.join()
            server.server_close()
        if self.temporary:
            shutil.rmtree(self.folder, ignore_errors=True)


def scenario_of(options: Options) -> Scenario:
    """The scenario file's, or the plain one of the mode."""
    if options.scenario is None:
        return Scenario(KIND if options.kind else PESSIMIST)
    try:
        text = options.scenario.read_text("utf-8")
    except OSError as error:
        raise ScenarioError(f"the scenario can't be read: {error}") from error
    return read_scenario(text, kind=options.kind)


def start(options: Options) -> Standin:
    """Listen on both ports; the answers come from threads of this process."""
    scenario = scenario_of(options)
    temporary = options.state is None
    folder = Path(tempfile.mkdtemp(prefix="standin-")) if options.state is None else options.state
    folder.mkdir(parents=True, exist_ok=True)
    ledger = options.ledger
    if ledger is None and options.log is not None:
        ledger = options.log.with_suffix(".ledger")
    cloud = build(
        scenario,
        seed=options.seed,
        speed=options.speed,
        log=options.log,
        ledger=ledger,
        folder=folder.absolute(),
    )
    api = CloudServer("api", options.port, cloud)
    cdn = CloudServer("cdn", options.cdn_port, cloud)
    cloud.cdn_url = f"http://{options.cdn_host}:{cdn.server_port}"
    for server in (api, cdn):
        threading.Thread(
            target=server.serve_forever, args=(POLL_SECONDS,), name=server.host, daemon=True
        ).start()
    api_url = f"http://127.0.0.1:{api.server_port}"
    return Standin(cloud, [api, cdn], folder, temporary, api_url, cloud.cdn_url)


def run(options: Options) -> int:
    """Run until SIGTERM or SIGINT; the exit code. Call it in the main thread."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    try:
        standin = start(options)
    except ScenarioError as error:
        print(error, file=sys.stderr)  # noqa: T201 - this is what the person reads
        return 2
    except OSError as error:
        print(f"the stand-in can't start: {error}", file=sys.stderr)  # noqa: T201
        return 1
    place = {"api_url": standin.api_url, "cdn_url": standin.cdn_url, "pid": os.getpid()}
    print(json.dumps(place), flush=True)  # noqa: T201 - the one line that callers read
    ended.wait()
    standin.stop()
    return 0
