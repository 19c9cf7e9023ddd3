"""Size targets on real clips, whole: the slice of `scripts/long sizes`."""

import landing
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.mark.parametrize(("clip", "share"), landing.SLICE)
def test_every_encode_lands(tmp_path, clip, share):
    """Within 97-100 % of the target in bytes on disk, after all that is done to it; in four tries.

    Or smaller, and then it says that more would not be seen.
    """
    found = landing.one(tmp_path, clip, share)
    print(
        f"{found.clip}: {found.share or 0:.3f} of {found.target_bytes:,}, {found.encodes} encodes"
    )
    assert found.is_right, found
    assert found.share is not None
