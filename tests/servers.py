"""Programs that bring files, started for a test on loopback, with folders of their own."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from stage import until


def free_port() -> int:
    """A port that nobody has now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


# --- HTTP ---------------------------------------------------------------------------------------

_PIECE_BYTES, _BETWEEN_SECONDS = 64 * 1024, 0.08


class _Slow(BaseHTTPRequestHandler):
    """Files of a folder, whole or a range of them, at about 800 kB a second."""

    protocol_version = "HTTP/1.1"
    folder: Path

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        data = (self.folder / Path(self.path).name).read_bytes()
        start, end = 0, len(data)
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("range", ""))
        if asked:
            start = int(asked[1])
            end = min(end, int(asked[2]) + 1) if asked[2] else end
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("content-range", f"bytes {start}-{end - 1}/{len(data)}")
        self.send_header("accept-ranges", "bytes")
        self.send_header("last-modified", "Sun, 09 Sep 2001 01:46:40 GMT")
        self.send_header("content-length", str(end - start))
        self.end_headers()
        with contextlib.suppress(OSError):  # a client that has enough
            for at in range(start, end if body else start, _PIECE_BYTES):
                self.wfile.write(data[at : min(end, at + _PIECE_BYTES)])
                time.sleep(_BETWEEN_SECONDS)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def slow_web(folder: Path) -> Iterator[str]:
    """The address of a slow server for the files in `folder`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Slow", (_Slow,), {"folder": folder}))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


# --- Samba --------------------------------------------------------------------------------------


@contextmanager
def samba(folder: Path, share: Path) -> Iterator[list[str]]:
    """A share of its own; the words that start `smbclient` on it."""
    port = free_port()
    for name in ("state", "private"):
        (folder / name).mkdir(parents=True)
    config = folder / "smb.conf"
    config.write_text(
        f"""[global]
interfaces = lo
bind interfaces only = yes
smb ports = {port}
disable netbios = yes
map to guest = bad user
guest account = root
log file = {folder}/log
lock directory = {folder}/state
state directory = {folder}/state
cache directory = {folder}/state
pid directory = {folder}/state
private dir = {folder}/private
ncalrpc dir = {folder}/state
load printers = no
[films]
path = {share}
writable = yes
guest ok = yes
"""
    )
    server = subprocess.Popen(
        ["smbd", "--foreground", "--no-process-group", "--configfile", str(config)],
        start_new_session=True,  # at its end it ends its whole group, which would be us
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: _listens(port), 20, "smbd")
        yield ["smbclient", "//127.0.0.1/films", "-N", "-p", str(port), "-s", str(config)]
    finally:
        server.terminate()
        server.wait(10)


def _listens(port: int) -> bool:
    with socket.socket() as found:
        return found.connect_ex(("127.0.0.1", port)) == 0


# --- Syncthing ----------------------------------------------------------------------------------


class Peer:
    """One Syncthing on loopback: it finds nobody, tells nobody, and is told its peer by hand."""

    def __init__(self, folder: Path) -> None:
        self.home = folder
        self._env = {**os.environ, "HOME": str(folder), "STNOUPGRADE": "1"}
        self._call("generate", f"--home={folder}", "--no-default-folder")
        self.id = self._call(f"--home={folder}", "--device-id").strip()
        self.gui, self.port = free_port(), free_port()
        self.folders: dict[str, Path] = {}

    def _call(self, *words: str) -> str:
        done = subprocess.run(
            ["syncthing", *words], env=self._env, capture_output=True, text=True, check=True
        )
        return done.stdout

    def configure(self, other: Peer, folders: dict[str, Path]) -> None:
        """Know the other one, and share these folders with it."""
        self.folders = folders
        path = self.home / "config.xml"
        tree = ET.parse(path)
        root = tree.getroot()
        options, gui = root.find("options"), root.find("gui")
        assert options is not None
        assert gui is not None
        _set(options, "listenAddress", f"tcp://127.0.0.1:{self.port}")
        for name in ("globalAnnounceEnabled", "localAnnounceEnabled", "relaysEnabled"):
            _set(options, name, "false")
        for name in ("natEnabled", "startBrowser", "crashReportingEnabled"):
            _set(options, name, "false")
        _set(options, "urAccepted", "-1")
        _set(options, "autoUpgradeIntervalH", "0")
        _set(options, "reconnectionIntervalS", "1")
        _set(options, "maxSendKbps", "1500")
        _set(options, "limitBandwidthInLan", "true")
        _set(gui, "address", f"127.0.0.1:{self.gui}")
        key = gui.find("apikey")
        assert key is not None
        self._key = str(key.text)
        device = ET.SubElement(root, "device", id=other.id, name="other", introducer="false")
        ET.SubElement(device, "address").text = f"tcp://127.0.0.1:{other.port}"
        for name, place in folders.items():
            place.mkdir(parents=True, exist_ok=True)
            folder = ET.SubElement(
                root, "folder", id=name, label=name, path=str(place), type="sendreceive",
                rescanIntervalS="3600", fsWatcherEnabled="true", fsWatcherDelayS="1",
            )  # fmt: skip
            ET.SubElement(folder, "maxConflicts").text = "10"
            for one in (self.id, other.id):
                ET.SubElement(folder, "device", id=one)
        tree.write(path)

    def start(self) -> None:
        self._program = subprocess.Popen(
            ["syncthing", "serve", f"--home={self.home}", "--no-browser", "--no-restart",
             "--logfile=" + str(self.home / "log")],
            env=self._env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def end(self) -> None:
        program = getattr(self, "_program", None)
        if program is not None:
            program.terminate()
            program.wait(20)

    def ask(self, path: str, method: str = "GET") -> Any:
        """One call of its REST API; None while it does not answer."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.gui}/rest/{path}",
            method=method,
            headers={"X-API-Key": self._key},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                text = answer.read()
        except (urllib.error.URLError, OSError):
            return None
        return json.loads(text) if text else {}

    def connected(self) -> bool:
        found = self.ask("system/connections") or {"connections": {}}
        return any(one["connected"] for one in found["connections"].values())

    def scan(self) -> None:
        for name in self.folders:
            self.ask(f"db/scan?folder={name}", "POST")

    def at_rest(self) -> bool:
        """Has it all, and nothing to do?"""
        states = [self.ask(f"db/status?folder={name}") for name in self.folders]
        return all(s is not None and s["state"] == "idle" and not s["needFiles"] for s in states)


def _set(parent: ET.Element, name: str, text: str) -> None:
    for old in parent.findall(name):
        parent.remove(old)
    ET.SubElement(parent, name).text = text


@contextmanager
def syncthing(
    folder: Path, here: dict[str, Path], there: dict[str, Path]
) -> Iterator[tuple[Peer, Peer]]:
    """Two peers that share folders by name: ours, and that of the person far away."""
    one, other = Peer(folder / "one"), Peer(folder / "other")
    one.configure(other, here)
    other.configure(one, there)
    try:
        one.start()
        other.start()
        until(lambda: one.connected() and other.connected(), 60, "the connection")
        yield one, other
    finally:
        one.end()
        other.end()
