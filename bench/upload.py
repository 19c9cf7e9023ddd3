"""Upload of 500 MB beside `curl -F` of the same file, in one run: ratios, CPU a GB, memory.

`python bench/upload.py [--rounds N]`. Bare loopback, and (as root) shaped to 1 Gbit/s in a network
namespace of its own. Nothing leaves this machine.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

SIZE_BYTES = 500_000_000
NAMESPACE = "hotpress-bench"
ANSWER = json.dumps({"code": 0, "data": {"files": [{"filename": "v.mp4"}]}}).encode()


def sink() -> int:
    """A server that swallows one body a connection; its port. As fast as Python can read."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=8)

    def serve() -> None:
        buffer = bytearray(1 << 20)
        while True:
            peer, _ = listener.accept()
            with peer:
                head = b""
                while b"\r\n\r\n" not in head:
                    head += peer.recv(65_536)
                start, _, rest = head.partition(b"\r\n\r\n")
                fields = dict(
                    line.split(b": ", 1)
                    for line in start.lower().split(b"\r\n")[1:]
                    if b": " in line
                )
                if fields.get(b"expect"):
                    peer.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                left = int(fields[b"content-length"]) - len(rest)
                while left > 0 and (got := peer.recv_into(buffer, min(left, 1 << 20))):
                    left -= got
                length = str(len(ANSWER)).encode()
                peer.sendall(
                    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: "
                    + length
                    + b"\r\nconnection: close\r\n\r\n"
                    + ANSWER
                )

    threading.Thread(target=serve, daemon=True).start()
    return int(listener.getsockname()[1])


def hotpress(path: Path, url: str) -> dict[str, float]:
    """One upload by our client in a process of its own."""
    code = f"""
import json, resource, threading, time
from pathlib import Path
from hotpress.clock import SystemClock
from hotpress.cloud import Cloud, Identity
from hotpress.cloud.client import Address
cloud = Cloud(Address({url!r}), Identity(Path({str(path.parent)!r})), SystemClock(),
              threading.Event(), configured_token=lambda: "nmv_usr_x")
usage = lambda: resource.getrusage(resource.RUSAGE_SELF)
before, started = usage(), time.monotonic()
with open({str(path)!r}, "rb") as file:
    cloud.upload("s", 0, file, name="v.mp4", size_bytes={path.stat().st_size},
                 progress=lambda n: None)
wall, after = time.monotonic() - started, usage()
cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
rss = (after.ru_maxrss - before.ru_maxrss) / 1000
print(json.dumps({{"wall": wall, "cpu": cpu, "rss_mb": rss}}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def curl(path: Path, url: str) -> dict[str, float]:
    """One upload by curl."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    command = ["curl", "-s", "-o", "/dev/null", "-F", f"files=@{path};filename=v.mp4", f"{url}/u"]
    subprocess.run(command, check=True)
    wall = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall": wall, "cpu": cpu}


def compare(line: str, path: Path, rounds: int) -> None:
    """Paired runs on one line; medians and their ratio."""
    url = f"http://127.0.0.1:{sink()}"
    curl(path, url)
    pairs = [(curl(path, url), hotpress(path, url)) for _ in range(rounds)]
    gb = path.stat().st_size / 1e9
    ratio = statistics.median(theirs["wall"] / ours["wall"] for theirs, ours in pairs)
    ours_cpu = statistics.median(o["cpu"] for _, o in pairs) / gb
    curl_cpu = statistics.median(c["cpu"] for c, _ in pairs) / gb
    wall = statistics.median(o["wall"] for _, o in pairs)
    rss = max(o["rss_mb"] for _, o in pairs)
    print(
        f"{line:12} hotpress {wall:6.2f} s, {ratio:5.2f} of curl's speed; CPU s/GB "
        f"{ours_cpu:.2f} (curl {curl_cpu:.2f}); memory +{rss:.1f} MB"
    )


def shaped(options: list[str]) -> None:
    """This program once more, where loopback is a line of 1 Gbit/s."""
    subprocess.run(["ip", "netns", "add", NAMESPACE], check=True)
    inside = ["ip", "netns", "exec", NAMESPACE]
    try:
        subprocess.run([*inside, "ip", "link", "set", "lo", "up"], check=True)
        rate = ["tbf", "rate", "1gbit", "burst", "256kb", "latency", "50ms"]
        subprocess.run([*inside, "tc", "qdisc", "add", "dev", "lo", "root", *rate], check=True)
        again = [sys.executable, __file__, "--line", "1 Gbit/s", *options]
        subprocess.run([*inside, *again], check=True)
    finally:
        subprocess.run(["ip", "netns", "del", NAMESPACE], check=True)


def main() -> None:
    """Both lines, or the one that is named."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--line", default="")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "v.mp4"
        with path.open("wb") as file:
            for _ in range(SIZE_BYTES // 1_000_000):
                file.write(os.urandom(1_000_000))
        compare(chosen.line or "loopback", path, chosen.rounds)
    if not chosen.line and os.geteuid() == 0 and shutil.which("tc"):
        shaped(["--rounds", str(chosen.rounds)])


if __name__ == "__main__":
    main()
