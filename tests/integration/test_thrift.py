"""What the C library keeps for threads, in a process of its own: what it is told holds for good."""

import subprocess
import sys

import pytest

_ARENAS = """
import ctypes, sys, threading
from hotpress import thrift
if sys.argv[2] == "thrifty":
    assert thrift.begin()
library = ctypes.CDLL(None)
library.fopen.restype = ctypes.c_void_p
library.malloc.restype = ctypes.c_void_p
meet = threading.Barrier(12)
def work():
    meet.wait()
    assert library.malloc(ctypes.c_size_t(5_000))
    meet.wait()
threads = [threading.Thread(target=work) for _ in range(12)]
for each in threads: each.start()
for each in threads: each.join()
thrift.give_back()
file = ctypes.c_void_p(library.fopen(sys.argv[1].encode(), b"w"))
assert library.malloc_info(0, file) == 0
library.fclose(file)
"""


@pytest.mark.parametrize(("how", "few"), [("thrifty", True), ("as usual", False)])
def test_threads_share_one_arena(tmp_path, how, few):
    """However many threads ask for memory at once; without it each has one of its own."""
    told = tmp_path / "arenas.xml"
    subprocess.run([sys.executable, "-c", _ARENAS, str(told), how], check=True, timeout=60)

    assert (told.read_text().count("<heap nr=") == 1) is few
