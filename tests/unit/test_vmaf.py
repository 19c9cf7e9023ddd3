"""The pure parts of comparing pictures."""

from __future__ import annotations

import pytest

from hotpress.errors import EncodeFailed
from hotpress.media import vmaf


def test_pooled() -> None:
    """Mean, the fifth percentile, and the second that looks worst, counted from the beginning."""
    scores = [(number, 50.0 if 50 <= number < 60 else 90.0) for number in range(0, 100, 2)]
    quality = vmaf.pooled(scores, 25.0, 10.0)
    assert quality.mean == pytest.approx(86.0)
    assert quality.p5 == 50.0
    assert quality.worst_second_at == 12.0
    assert quality.frames == 50


def test_nothing_to_pool() -> None:
    """No frame is no quality, and never a division by zero."""
    with pytest.raises(EncodeFailed, match="no picture"):
        vmaf.pooled([], 25.0)
