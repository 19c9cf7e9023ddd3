"""The line to the cloud is away, breaks, or is slow: jobs wait with a sentence and go on."""

from concurrent.futures import ThreadPoolExecutor

import outages
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
SIDE_BY_SIDE = 8  # runs that mostly wait


def side_by_side(run, cases):
    """What came of each case; the first failure comes out when all have ended."""
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        return [future.result() for future in [pool.submit(run, *case) for case in cases]]


@pytest.mark.parametrize("when", outages.WHENS)
def test_the_network_goes_away_in_each_step(tmp_path, when):
    """Held as offline, in words; delivered by itself when it is back; nothing paid twice."""
    # `scripts/long network` takes all steps both ways.
    reads = () if when == "asked" else ("token", "review", "render", "download")
    cases = [(tmp_path / step, step, when) for step in outages.STEPS if step not in reads]
    side_by_side(outages.cut_off, cases)
    print(f"offline at its {when}: {len(cases)} steps went on, lost 0, double charges 0, orphans 0")


def test_a_fifth_of_all_connections_is_reset(tmp_path):
    """Three files, three seeds: delivered, or held as unclear; nothing twice, no orphan."""
    cases = [(tmp_path / f"{seed}", seed) for seed in (1, 2, 3)]
    found = side_by_side(outages.reset_line, cases)
    resets, delivered, held = (sum(column) for column in zip(*found, strict=True))
    print(f"{resets} connections reset: delivered {delivered}, held {held}, double charges 0")

    assert resets >= 3
    assert delivered + held == 9


def test_a_line_of_a_kilobyte_a_second(tmp_path):
    """What ends in time is delivered: slow is no error, and nothing is sent again."""
    assert outages.slow_line(tmp_path) > 10


@pytest.mark.parametrize("kind", ["upload", "cdn"])
def test_a_stop_in_the_middle_of_a_slow_transfer(tmp_path, kind):
    """Exit 0 within ten seconds; after the next start it goes on to one result."""
    assert outages.stopped_midway(tmp_path, kind) < 10
