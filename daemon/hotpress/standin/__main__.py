"""The command line of the stand-in cloud: `python -m hotpress.standin`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from hotpress.standin.program import Options, run


def parser() -> argparse.ArgumentParser:
    """The flags; docs/sandbox.md tells the scenario's keys."""
    made = argparse.ArgumentParser(
        prog="hotpress.standin",
        description="A stand-in for the cloud, on this machine: pessimistic unless --kind.",
    )
    add = made.add_argument
    add("--port", type=int, default=0, help="port of the API (0: a free one)")
    add("--cdn-port", type=int, default=0, help="port of the download host (0: a free one)")
    add("--cdn-host", default="127.0.0.1", help="how download addresses name their host")
    add("--scenario", type=Path, help="YAML file of knobs and faults")
    add("--log", type=Path, help="request log, JSON Lines")
    add("--ledger", type=Path, help="facts of the cloud, JSON Lines (default: beside the log)")
    add("--speed", type=float, default=1.0, help="divide every wait by this")
    add("--kind", action="store_true", help="no adversities: keeps to the size, no lag")
    add("--seed", type=int, default=1, help="seed of everything left to chance")
    add("--state", type=Path, help="folder for files (default: a temporary one, removed)")
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Read the flags and run; the exit code."""
    flags = parser().parse_args(argv)
    if flags.speed <= 0:
        parser().error("--speed must be above 0")
    return run(Options(**vars(flags)))


if __name__ == "__main__":
    sys.exit(main())
