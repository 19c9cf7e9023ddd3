"""Files that try to make hotpress read other files, or call someone."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import clips
import pytest

from hotpress.errors import Damaged, EncodeFailed, NotAVideo, TargetImpossible
from hotpress.media import Media
from hotpress.model import Expected

pytestmark = pytest.mark.slow
MEDIA = Media()
EXPECTED = Expected(duration_seconds=10, width=480, height=270, has_sound=True)


class Listener:
    """A server on loopback that only counts who calls."""

    def __init__(self) -> None:
        self.calls = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.calls += 1
            connection.close()

    def close(self) -> None:
        """End the thread: a shut-down socket wakes its accept."""
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(5)


@pytest.fixture
def listener() -> Iterator[Listener]:
    """For one test."""
    server = Listener()
    yield server
    server.close()


def test_the_trap_works(listener: Listener) -> None:
    """Otherwise the tests below would prove nothing."""
    socket.create_connection(("127.0.0.1", listener.port), timeout=2).close()
    for _ in range(100):
        if listener.calls:
            break
        threading.Event().wait(0.02)
    assert listener.calls == 1


TEXTS = {
    "concat": "ffconcat version 1.0\nfile '{secret}'\n",
    "concat, relative": "ffconcat version 1.0\nfile secret.mp4\n",
    "concat, network": "ffconcat version 1.0\nfile 'http://127.0.0.1:{port}/a.mp4'\nduration 10\n",
    "playlist": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{secret}\n#EXT-X-ENDLIST\n",
    "playlist, network": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n"
    "http://127.0.0.1:{port}/a.ts\n#EXT-X-ENDLIST\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static">'
    "<BaseURL>http://127.0.0.1:{port}/</BaseURL></MPD>",
    "sdp": "v=0\nc=IN IP4 127.0.0.1\nm=video {port} RTP/AVP 96\na=rtpmap:96 H264/90000\n",
}


@pytest.mark.parametrize("kind", TEXTS)
def test_texts_that_point_elsewhere(tmp_path: Path, listener: Listener, kind: str) -> None:
    """Named .mp4, and under the ending that they belong to: nothing is read, nobody is called."""
    base = clips.make_clip(tmp_path, "base")
    facts = MEDIA.probe(base)
    base.rename(tmp_path / "secret.mp4")
    text = TEXTS[kind].format(secret=tmp_path / "secret.mp4", port=listener.port)
    out = tmp_path / "out.mp4"
    for name in ("clip.mp4", "clip.m3u8", "clip.ffconcat"):
        path = tmp_path / name
        path.write_text(text)
        with pytest.raises(NotAVideo, match="it is a list of other files, not a video"):
            MEDIA.probe(path)
        with pytest.raises(NotAVideo):
            MEDIA.damage(path, facts)
        with pytest.raises(Damaged):
            MEDIA.check(path, EXPECTED, None)
        with pytest.raises(EncodeFailed):
            MEDIA.fit(path, facts, out, target_bytes=400_000, frame=(480, 270))
        with pytest.raises(EncodeFailed):
            MEDIA.remux(path, out, facts)
        assert not out.exists() or out.stat().st_size == 0
    assert listener.calls == 0


def test_a_mov_that_refers_to_another_file(tmp_path: Path) -> None:
    """A data reference that says "not in this file" is not followed to the file that it names."""
    secret = clips.make_clip(tmp_path, "moov_last").rename(tmp_path / "secret.mp4")
    data = secret.read_bytes()
    # url box with flag 1 (self-contained) becomes one that names a file, length unchanged.
    own = b"\0\0\0\x0curl \0\0\0\x01"
    assert data.count(own) == 2
    start = data.index(b"moov") - 4
    pointer = tmp_path / "clip.mp4"
    pointer.write_bytes(data[:32] + data[start:].replace(own, own[:-1] + b"\0"))
    try:
        facts = MEDIA.probe(pointer)
    except NotAVideo:
        return
    assert MEDIA.damage(pointer, facts) is not None


def test_claims_without_end(tmp_path: Path) -> None:
    """A header that claims a thousand years and a billion pictures a second costs a sentence."""
    path = clips.make_clip(tmp_path, "silent")
    ages = replace(MEDIA.probe(path), duration_seconds=1e15, fps=1e9)
    with pytest.raises(TargetImpossible, match="too little"):
        MEDIA.fit(path, ages, tmp_path / "out.mp4", target_bytes=400_000, frame=(480, 270))
