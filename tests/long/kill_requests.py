"""A kill at every request, three ways; `scripts/test --all` leaves a part of the first way out.

`scripts/long kill-requests [options of pytest]`.
"""

from __future__ import annotations

import sys

import pytest

if __name__ == "__main__":
    raise SystemExit(pytest.main(["-q", "-s", "tests/chaos/test_kill_requests.py", *sys.argv[1:]]))
