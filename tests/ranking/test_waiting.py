from __future__ import annotations

import numpy as np
import pytest

from tweetfocus.data.correspondence import UNDATED
from tweetfocus.ranking.waiting import HALF_LIFE, freshness, waiting_parts

DAY = 86_400_000_000


def test_freshness_halves_with_each_half_life() -> None:
    now = 1000 * DAY
    times = np.array([now, now - HALF_LIFE * DAY, now - 2 * HALF_LIFE * DAY, UNDATED, now + DAY])
    assert freshness(times, now).tolist() == [1.0, 0.5, 0.25, 0.0, 1.0]


def test_the_parts_are_those_of_the_authors() -> None:
    parts = waiting_parts(
        np.array([2, 0]), np.array([UNDATED, 0]), relevance=np.array([0.5, 0, 1]), courtesy=np.array([np.nan, 1, 0.25]), now=0
    )
    assert {name: part.tolist() for name, part in parts.items()} == {
        "relevance": [1.0, 0.5],
        "courtesy": [0.25, 0.0],
        "freshness": [0.0, 1.0],
    }
    assert sum(part[0] for part in parts.values()) == pytest.approx(1.25)
