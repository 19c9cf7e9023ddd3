"""All planted bugs, each seen by the tests that are named; `scripts/test --all` runs a slice.

`scripts/long planted [options of pytest]`.
"""

from __future__ import annotations

import sys

import pytest

if __name__ == "__main__":
    raise SystemExit(pytest.main(["-q", "tests/chaos/test_planted.py", *sys.argv[1:]]))
