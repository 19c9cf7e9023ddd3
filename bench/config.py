"""What a config costs to read: the sample, the largest that is taken, and texts that are no config.

python bench/config.py
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from heavy_texts import ENVIRONMENT, HEAVY  # noqa: E402

from hotpress.config.read import read_text  # noqa: E402
from hotpress.errors import ConfigError  # noqa: E402

_ROUNDS = 5
_INBOX = "  - {{path: /in{0}, outbox: /out{0}, target_size: 60 MB}}\n"


def main() -> int:
    """The best of some rounds, in milliseconds: what else runs on the machine is not meant."""
    many = "inboxes:\n" + "".join(_INBOX.format(n) for n in range(500))
    sample = (ROOT / "config.example.yaml").read_text(encoding="utf-8")
    for name, text in {"config.example.yaml": sample, "500 inboxes": many, **HEAVY}.items():
        spent = []
        for _ in range(_ROUNDS):
            began = time.perf_counter()
            said = _said_of(text)
            spent.append(time.perf_counter() - began)
        print(f"{1000 * min(spent):7.1f} ms  {len(text) / 1000:8.0f} kB  {name}: {said[:70]}")
    return 0


def _said_of(text: str) -> str:
    try:
        read_text(text, Path("config.yaml"), ENVIRONMENT)
    except ConfigError as error:
        return error.problems[0]
    return "taken"


if __name__ == "__main__":
    sys.exit(main())
