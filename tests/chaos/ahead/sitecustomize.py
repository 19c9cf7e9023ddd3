"""Python imports this at the start of a program that has this folder in PYTHONPATH.

Its clock (not the steady one) is then ahead by as many seconds as the file $CLOCK_AHEAD says, as
after a suspend. libfaketime does the same to all programs, but breaks `time.sleep` of this Python.
"""

import os
import time
from pathlib import Path

_AHEAD = Path(os.environ["CLOCK_AHEAD"])
_real = time.time


def _ahead() -> float:
    return _real() + float(_AHEAD.read_text())


time.time = _ahead
