"""Kill -9 at random moments, again and again; `scripts/long kills` does it 200 times."""

import killing
import pytest


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_killed_again_and_again_at_random_moments(tmp_path):
    """Each file is delivered once, its source safe, nothing paid twice, no half file seen."""
    found = killing.run(tmp_path, seed=1, kills=20, files=4)
    print(found)

    assert found.wrong == 0
