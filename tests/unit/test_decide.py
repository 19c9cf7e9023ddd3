"""What is to become of a file, before anything is paid."""

from __future__ import annotations

from dataclasses import replace

import pytest
from makers import AAC, FULL_HD, a_job

from hotpress.model import Facts, Job, Route, Rule
from hotpress.steps import decide, prepare

MB = 1_000_000
LIMIT = 500 * MB


def a_plan(facts: Facts = FULL_HD, *, size: int | None = None, **rule: object) -> decide.Decision:
    facts = replace(facts, size_bytes=size or facts.size_bytes)
    return decide.decide(of(facts, **rule), facts, LIMIT)


def of(facts: Facts, **rule: object) -> Job:
    return a_job(size_bytes=facts.size_bytes, rule=Rule(**rule))  # type: ignore[arg-type]


def test_the_smaller_ceiling_wins() -> None:
    """`target_size` and `max_rate` at the delivered frame: the smaller of both."""
    assert a_plan(target_bytes=60 * MB).target_bytes == 60 * MB
    assert a_plan(target_bytes=150 * MB).target_bytes == 100 * MB  # 8 Mbit/s for 100 s
    quarter = a_plan(target_bytes=150 * MB, resolution="480p").target_bytes
    assert quarter == pytest.approx(100 * MB * (854 * 480) / (1920 * 1080), rel=0.01)


def test_what_is_within_the_target_must_gain_something() -> None:
    """A 4K file within its target, brought to 1080p, has to save what `min_saving` says."""
    big = replace(FULL_HD, width=3840, height=2160, size_bytes=50 * MB)
    assert a_plan(big).target_bytes == 45 * MB
    assert a_plan(big, min_saving=0.0).target_bytes == 50 * MB
    assert not decide.is_small(of(big), big)


@pytest.mark.parametrize(
    ("facts", "rule", "route", "why"),
    [
        (FULL_HD, {}, Route.CLOUD, "route: auto"),
        (FULL_HD, {"route": Route.LOCAL}, Route.LOCAL, "route: local"),
        (FULL_HD, {"route": Route.CLOUD}, Route.CLOUD, "route: cloud"),
        (FULL_HD, {"route": Route.CLOUD, "codec": "hevc"}, Route.LOCAL, "codec: hevc"),
        (FULL_HD, {"codec": "hevc", "instructions": "cut"}, Route.CLOUD, "instructions"),
        (replace(FULL_HD, fps=120), {"route": Route.CLOUD}, Route.LOCAL, "100 or more frames"),
        (FULL_HD, {"instructions": "cut"}, Route.CLOUD, "its instructions need the cloud"),
        (replace(FULL_HD, size_bytes=MB), {}, Route.LOCAL, "already small"),
        (replace(FULL_HD, size_bytes=MB), {"route": Route.CLOUD}, Route.LOCAL, "already small"),
        (replace(FULL_HD, size_bytes=MB), {"already_small": "compress"}, Route.CLOUD, "auto"),
        (replace(FULL_HD, size_bytes=600 * MB), {}, Route.LOCAL, "over the cloud's upload limit"),
        (replace(FULL_HD, size_bytes=600 * MB), {"oversize": "shrink"}, Route.CLOUD, "auto"),
        (replace(FULL_HD, fps=120), {}, Route.LOCAL, "100 or more frames"),
        (replace(FULL_HD, fps=120), {"fps": 30}, Route.LOCAL, "fewer pictures a second"),
        (replace(FULL_HD, sounds=(AAC, AAC)), {}, Route.LOCAL, "several sound tracks"),
        (FULL_HD, {"resolution": "source"}, Route.CLOUD, "auto"),
        (
            replace(FULL_HD, width=3840, height=2160),
            {"resolution": "2160p"},
            Route.LOCAL,
            "at most 1920x1080",
        ),
        (replace(FULL_HD, transfer="pq"), {"hdr": "keep"}, Route.LOCAL, "HDR"),
        (replace(FULL_HD, transfer="pq"), {}, Route.CLOUD, "auto"),
        (FULL_HD, {"codec": "av1"}, Route.LOCAL, "codec: av1"),
        (FULL_HD, {"audio_bits_per_second": 64_000}, Route.LOCAL, "audio_bitrate"),
    ],
)
def test_every_reason_of_the_route(facts: Facts, rule: dict, route: Route, why: str) -> None:
    """Each is decided before a session is made, and says why."""
    found = a_plan(facts, **rule)
    assert found.route is route
    assert why in found.why


def test_oversize_refused_is_said_before_anything_is_paid() -> None:
    """`oversize: refuse` names both sizes and two ways on; a file with instructions has none."""
    found = a_plan(size=600 * MB, oversize="refuse")
    assert "600 MB" in found.refused
    assert "500 MB" in found.refused
    assert "--new-rule" in found.hint
    edited = a_plan(size=600 * MB, oversize="refuse", instructions="cut")
    assert edited.refused
    assert a_plan(size=600 * MB, oversize="local", route=Route.CLOUD).route is Route.LOCAL


def test_an_impossible_target_is_said_before_anything_is_paid() -> None:
    """With a size that would do; where `max_rate` is the limit it is named instead."""
    found = a_plan(target_bytes=500_000)
    assert found.refused == "500 kB are too little for 1 min 40 s of video"
    assert "--target '1.2 MB'" in found.hint
    slow = a_plan(max_bits_per_second=60_000)
    assert "max_rate" in slow.hint
    assert not a_plan(target_bytes=500_000, instructions="only the first 5 seconds").refused


def test_kept_hdr_needs_ten_bits() -> None:
    """`codec: h264` with `hdr: keep` becomes HEVC; other files stay H.264."""
    pq = replace(FULL_HD, transfer="pq")
    assert decide.codec(of(pq, hdr="keep"), pq) == "hevc"
    assert decide.codec(of(pq, hdr="keep", codec="av1"), pq) == "av1"
    assert decide.codec(of(FULL_HD, hdr="keep"), FULL_HD) == "h264"


def test_a_rate_is_only_lowered() -> None:
    """Never doubled pictures; the same within 2 %."""
    assert decide.capped_fps(of(FULL_HD, fps=25), FULL_HD) == 25
    assert decide.capped_fps(of(FULL_HD, fps=29.97), FULL_HD) is None
    assert decide.capped_fps(of(FULL_HD, fps=60), FULL_HD) is None


@pytest.mark.parametrize(
    ("facts", "rule", "words"),
    [
        (FULL_HD, {}, []),
        (replace(FULL_HD, size_bytes=501 * MB), {}, ["takes at most 500 MB"]),
        (replace(FULL_HD, transfer="hlg"), {}, ["HDR"]),
        (replace(FULL_HD, transfer="hlg"), {"hdr": "keep"}, []),
        (replace(FULL_HD, interlaced=True), {}, ["interlaced"]),
        (replace(FULL_HD, coded_height=1081), {}, ["odd side"]),
    ],
)
def test_when_a_working_copy_is_encoded(facts: Facts, rule: dict, words: list[str]) -> None:
    """Each reason in words; a plain phone clip goes up as it is."""
    found = prepare.anew(of(facts, **rule), facts, LIMIT)
    assert len(found) == len(words)
    assert all(word in text for word, text in zip(words, found, strict=True))


def test_when_only_the_container_changes() -> None:
    """What the cloud doesn't take, MKV as the service advises, and what must lose its words."""
    job = of(FULL_HD)
    assert prepare.container(replace(job, relative="a.mp4")) == []
    assert "MKV" in prepare.container(replace(job, relative="a.MKV"))[0]
    assert ".mts" in prepare.container(replace(job, relative="a.mts"))[0]
    stripped = prepare.container(replace(of(FULL_HD, metadata="strip"), relative="a.mp4"))
    assert "taken out" in stripped[0]
