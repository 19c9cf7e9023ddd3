"""The size arithmetic over all inputs."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from hotpress.media import fit
from hotpress.media.fit import Attempt

SIDES = st.integers(16, 8000)
RESOLUTIONS = st.sampled_from(["2160p", "1080p", "480p", "source", "auto", "1280x720", "333x777"])


@settings(deadline=None)
@given(RESOLUTIONS, SIDES, SIDES)
def test_frames_are_even_and_never_larger(resolution: str, width: int, height: int) -> None:
    """What x264 needs, what the rule says, and the shape kept within two pixels."""
    wide, high = fit.frame_for(resolution, width, height)
    assert wide % 2 == high % 2 == 0
    assert 2 <= wide <= width
    assert 2 <= high <= height
    assert abs(wide * height - high * width) <= 2 * max(width, height)
    if resolution == "1280x720":
        assert wide <= 1280
        assert high <= 720


@settings(deadline=None)
@given(
    st.lists(
        st.builds(Attempt, st.integers(1000, 10**8), st.integers(1, 10**10)),
        min_size=1,
        max_size=4,
    ),
    st.integers(1000, 10**10),
    st.integers(0, 10**7),
)
def test_next_rate_is_always_a_rate(attempts: list[Attempt], target: int, fixed: int) -> None:
    """Whatever sizes an encoder makes: a positive number, at most four times what was tried."""
    bits = fit.next_bits(attempts, target, fixed_bytes=fixed)
    assert 1 <= bits <= 4 * max(attempt.bits for attempt in attempts)


@settings(deadline=None)
@given(
    st.floats(0.4, 2.2),
    st.floats(0.5, 1.5),
    st.integers(100_000, 10**9),
)
def test_search_lands(miss: float, power: float, target: int) -> None:
    """An encoder that misses by a factor and answers by a power law: landed within four tries."""
    wanted = target * fit.AIM * 8 / 10
    bits = round(wanted)
    tries: list[Attempt] = []
    for _ in range(4):
        size = round(target * fit.AIM * miss * (bits / wanted) ** power)
        tries.append(Attempt(bits, size))
        if target * fit.SMALLEST_SHARE <= size <= target:
            return
        bits = fit.next_bits(tries, target)
    raise AssertionError(tries)
