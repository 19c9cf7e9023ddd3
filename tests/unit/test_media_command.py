"""The words of an ffmpeg command."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hotpress.media import command, encode
from hotpress.media.encoder import Encoder
from hotpress.media.fit import Attempt, AudioPlan
from hotpress.media.task import reporter
from hotpress.model import Facts, Sound

FFMPEG = Encoder("/ff", "n9.0.2", frozenset(), frozenset({"bwdif", "zscale", "tonemap"}))
BARE = replace(FFMPEG, version="6.0", filters=frozenset())
CLIP = Facts(
    container="mp4",
    duration_seconds=10,
    width=1920,
    height=1080,
    fps=25,
    codec="h264",
    size_bytes=10**7,
    coded_width=1920,
    coded_height=1080,
)


def chain(facts: Facts, frame: tuple[int, int], encoder: Encoder = FFMPEG) -> str:
    """The filters alone."""
    return command.picture(facts, frame, encoder)[0][1]


def test_nothing_is_scaled_that_fits() -> None:
    """Also not what lies on its side and is turned by ffmpeg itself."""
    assert chain(CLIP, (1920, 1080)) == "setsar=1,format=yuv420p"
    turned = replace(CLIP, width=1080, height=1920, rotation=90)
    assert "scale" not in chain(turned, (1080, 1920))
    assert chain(turned, (720, 1280)).startswith("scale=720:1280:flags=lanczos,setsar=1")
    pal = replace(CLIP, coded_width=1440)
    assert "scale=1920:1080" in chain(pal, (1920, 1080))


def test_combs_are_removed_first() -> None:
    """Before scaling, which would smear them."""
    assert chain(replace(CLIP, interlaced=True), (960, 540)).startswith("bwdif=")
    assert "bwdif" not in chain(replace(CLIP, interlaced=True), (960, 540), BARE)


@pytest.mark.parametrize(("transfer", "curve"), [("pq", "smpte2084"), ("hlg", "arib-std-b67")])
def test_hdr_becomes_sdr_and_is_said(transfer: str, curve: str) -> None:
    """Where the filters are missing, that is said instead."""
    hdr = replace(CLIP, transfer=transfer)
    words, note = command.picture(hdr, (1920, 1080), FFMPEG)
    assert f"tin={curve}" in words[1]
    assert note == "its HDR colours were converted to ordinary ones (SDR)"
    words, note = command.picture(hdr, (1920, 1080), BARE)
    assert words[1] == "setsar=1,format=yuv420p"
    assert "can't convert" in note


def test_variable_rates_keep_the_fine_clock() -> None:
    """By the word that this version knows."""
    vfr = replace(CLIP, variable_fps=True)
    assert command.timing(CLIP, FFMPEG) == ["-fps_mode", "vfr"]
    assert command.timing(vfr, FFMPEG)[-1] == "demux"
    assert command.timing(vfr, BARE)[-1] == "-1"


def test_only_readable_sound_is_mapped() -> None:
    """One unknown track would end the whole encode."""
    aac = Sound(codec="aac", channels=2, sample_rate=48_000)
    odd = Sound(codec="unknown", channels=0, sample_rate=0)
    facts = replace(CLIP, sounds=(odd, aac))
    words = command.sound(facts, AudioPlan(True, 128_000, 2, 1))
    assert words == ["-map", "0:a:1", "-c:a", "copy"]
    assert command.sound(CLIP, AudioPlan(False, 0, 0)) == ["-an"]


def test_paths_are_no_words() -> None:
    """`file:` and absolute, with both lists in front."""
    words = command.reading(Path("-y.mp4"))
    assert words[-1].startswith("file:/")
    assert words.index("-format_whitelist") < words.index("-i")
    assert "concat" not in command.FORMATS
    assert "hls" not in command.FORMATS


def test_memory_has_a_ceiling() -> None:
    """A frame of any size asks for no more than the machine has, and small ones for enough."""
    assert command.memory_bytes((1280, 720)) >= 4 << 30
    assert command.memory_bytes((10**6, 10**6)) < 1 << 50


def test_progress_never_goes_back() -> None:
    """With a variable rate ffmpeg's own times do."""
    heard: list[float] = []
    told = reporter(heard.append, 10, 0.5, 1.0)
    for line in ("out_time_us=N/A", "frame=3", "out_time_us=5000000", "out_time_us=4000000"):
        told(line)
    told("out_time_us=99000000")
    assert heard == [0.75, 0.75, 1.0]


def test_when_to_stop_trying() -> None:
    """After four, or when more bits make no larger file: a still picture needs no more."""
    assert not encode._is_over([Attempt(100, 50)])
    assert not encode._is_over([Attempt(100, 50), Attempt(200, 90)])
    assert encode._is_over([Attempt(100, 50), Attempt(200, 50)])
    assert encode._is_over([Attempt(100, 50), Attempt(90, 40), Attempt(95, 48), Attempt(93, 45)])
