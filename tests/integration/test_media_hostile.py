"""Files that try to make hotpress read other files, or call someone."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import clips
import fuzzing
import hostile
import pytest

from hotpress.errors import Damaged, EncodeFailed, MediaError, NotAVideo, TargetImpossible
from hotpress.media import Encoder, Media, Wish, belongings, container
from hotpress.model import Expected, Facts

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


def taken_over(path: Path, out: Path, *, facts: Facts, encoder: Encoder) -> None:
    """A result that takes what it lacks from this file."""
    good = path.with_name("good.mp4")
    if not good.exists():
        clips.make_clip(path.parent, "tiny").rename(good)
    belongings.taken_over(good, path, out, facts=facts, encoder=encoder)


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
            MEDIA.fit(path, facts, out, Wish(frame=(480, 270), target_bytes=400_000))
        with pytest.raises(EncodeFailed):
            MEDIA.remux(path, out, facts)
        for make in (belongings.stripped, taken_over):
            with pytest.raises(EncodeFailed):
                make(path, out, facts=facts, encoder=MEDIA.encoder)
        assert belongings.carried(path) == belongings.Carried()
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
        MEDIA.fit(path, ages, tmp_path / "out.mp4", Wish(frame=(480, 270), target_bytes=400_000))


REFUSED = {
    "many_tracks": "within its limits",
    "deep_boxes": "not in a video format",
    "deep_tracks": "no moving pictures",
    "huge_frame_in_pictures": "claim a size that no video has",
    "huge_frame_in_avi": "its pictures are in a format",
    "zeros_for_ever": "it has no length",
}
DAMAGED = {
    "two_billion_pictures": "there are no pictures in it",
    "endless_matroska": "it is cut off at 47 %",
    "matroska_for_ages": "it is cut off at 0 %",
}
LOOK_SECONDS = 15.0  # each took under 1.2 s on two busy cores (measured 2026-11)
CHILD_BYTES = 1 << 30  # a probe needs 0.05 GB; the encodes of the tests before it count, too


@pytest.mark.parametrize("claim", hostile.CLAIMS)
def test_claims_larger_than_any_disk(tmp_path: Path, claim: str) -> None:
    """Sizes, counts and depths beyond reason: each ends soon, with its sentence."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(hostile.CLAIMS[claim]())
    began, own = time.monotonic(), fuzzing.memory_bytes(resource.RUSAGE_SELF)
    container.completeness(path)
    belongings.carried(path)
    if claim in REFUSED:
        with pytest.raises(NotAVideo, match=REFUSED[claim]):
            MEDIA.probe(path)
    else:
        facts = MEDIA.probe(path)
        assert 0 < facts.width < 2000
        assert 0 < facts.height < 2000
        assert (MEDIA.damage(path, facts) or "").startswith(DAMAGED.get(claim, ""))
    assert time.monotonic() - began < LOOK_SECONDS
    assert fuzzing.memory_bytes(resource.RUSAGE_CHILDREN) < CHILD_BYTES
    assert fuzzing.memory_bytes(resource.RUSAGE_SELF) - own < 100_000_000


@pytest.mark.parametrize("claim", hostile.CLAIMS)
def test_claims_in_every_program(tmp_path: Path, claim: str) -> None:
    """A check, an encode, and copies without loss of such files end within their limits, too."""
    path, out = tmp_path / "clip.mp4", tmp_path / "out.mp4"
    path.write_bytes(hostile.CLAIMS[claim]())
    try:
        facts = MEDIA.probe(path)
    except NotAVideo:
        facts = MEDIA.probe(clips.make_clip(tmp_path, "small"))
    began = time.monotonic()
    with pytest.raises(Damaged):
        MEDIA.check(path, EXPECTED, None)
    for make in (_fit, MEDIA.remux, _stripped):
        refused = None
        try:
            make(path, out, facts)
        except MediaError as problem:
            refused = problem
        assert refused is None or (refused.why and refused.hint and not out.exists())
    assert time.monotonic() - began < 90


def _fit(path: Path, out: Path, facts: Facts) -> None:
    wish = Wish(frame=(64, 48), target_bytes=400_000, preset="ultrafast")
    MEDIA.fit(path, facts, out, wish, time_limit_seconds=20.0)


def _stripped(path: Path, out: Path, facts: Facts) -> None:
    belongings.stripped(path, out, facts=facts, encoder=MEDIA.encoder)


def test_a_hundred_thousand_chapters(tmp_path: Path) -> None:
    """Are counted, looked through, and left out or carried within seconds."""
    path = hostile.many_chapters(tmp_path)
    began = time.monotonic()
    facts = MEDIA.probe(path)
    assert facts.chapters == 100_000
    assert MEDIA.damage(path, facts) is None
    MEDIA.remux(path, tmp_path / "out.mp4", facts)
    assert MEDIA.probe(tmp_path / "out.mp4").duration_seconds == pytest.approx(2, abs=0.2)
    assert time.monotonic() - began < 3 * LOOK_SECONDS


def test_no_file_at_all_in_every_program(tmp_path: Path) -> None:
    """A pipe that nobody writes to, and zeros without end behind a link."""
    facts = MEDIA.probe(clips.make_clip(tmp_path, "tiny"))
    os.mkfifo(tmp_path / "pipe.mp4")
    (tmp_path / "zero.mp4").symlink_to("/dev/zero")
    for name in ("pipe.mp4", "zero.mp4"):
        with pytest.raises(Damaged, match="no ordinary file"):
            MEDIA.check(tmp_path / name, EXPECTED, None)
        with pytest.raises(EncodeFailed):
            wish = Wish(frame=(64, 48), target_bytes=400_000, preset="ultrafast")
            MEDIA.fit(tmp_path / name, facts, tmp_path / "out.mp4", wish, time_limit_seconds=2.0)
        assert belongings.carried(tmp_path / name) == belongings.Carried()


@pytest.mark.timeout(600)
def test_two_hundred_mutants(tmp_path: Path) -> None:
    """Real files, mutated: each is read or refused with a sentence; `scripts/long fuzz-media`."""
    figures = fuzzing.look_at(20261124, range(200), tmp_path, fuzzing.Figures())
    print(figures)
    assert figures.problems == []
    assert sum(figures.ended.values()) == 200
    assert figures.ended["read"] > 10
    assert figures.ended["damaged"] > 10


TRACED = """
import sys
from pathlib import Path
from hotpress.errors import MediaError
from hotpress.media import Media, Wish, belongings
from hotpress.model import Expected
folder, media = Path(sys.argv[1]), Media()
facts = media.probe(folder / "good.mp4")
expected = Expected(duration_seconds=1, width=64, height=48, has_sound=False)
wish = Wish(frame=(64, 48), target_bytes=9000)
for path in sorted(folder.glob("clip*")):
    for act in (
        lambda: media.probe(path),
        lambda: media.damage(path, facts),
        lambda: media.check(path, expected, facts),
        lambda: media.fit(path, facts, folder / "out.mp4", wish),
        lambda: media.remux(path, folder / "out.mp4", facts),
        lambda: belongings.stripped(path, folder / "out.mp4", facts=facts, encoder=media.encoder),
        lambda: belongings.carried(path),
    ):
        try:
            act()
        except MediaError:
            pass
"""


@pytest.mark.system
def test_what_the_system_sees(tmp_path: Path, listener: Listener) -> None:
    """The system's own log of calls: the secret is never opened, and no address is called."""
    clips.make_clip(tmp_path, "tiny").rename(tmp_path / "good.mp4")
    clips.make_clip(tmp_path, "base").rename(tmp_path / "secret.mp4")
    for number, text in enumerate(TEXTS.values()):
        words = text.format(secret=tmp_path / "secret.mp4", port=listener.port)
        (tmp_path / f"clip{number}.mp4").write_text(words)
    log = tmp_path / "calls.log"
    calls = "trace=open,openat,openat2,connect,sendto,socket"
    tracer = ["strace", "-f", "-qq", "-s", "300", "-e", calls, "-o", str(log)]
    subprocess.run([*tracer, sys.executable, "-c", TRACED, str(tmp_path)], check=True)
    seen = log.read_text(errors="replace")
    assert seen.count("clip0.mp4") > 5
    assert "secret.mp4" not in seen
    assert "AF_INET" not in seen
    assert listener.calls == 0
