from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tweetfocus.kernels.chance import lower_null, one_in, share_interval


def test_centre_and_spread_by_hand() -> None:
    assert lower_null([0.0, 2.0, 4.0, np.nan, 9.0, 100.0]) == (4.0, pytest.approx(np.sqrt((16 + 4 + 0) / 3)))
    assert all(np.isnan(lower_null([np.nan])))


def test_of_a_normal_distribution_it_is_the_mean_and_the_deviation() -> None:
    centre, spread = lower_null(np.random.default_rng(0).normal(3, 2, 100_000))
    assert centre == pytest.approx(3, abs=0.03)
    assert spread == pytest.approx(2, abs=0.03)


@given(st.lists(st.floats(-1, 1), min_size=3, max_size=50), st.floats(1, 1e6))
def test_what_lies_above_the_median_may_lie_anywhere_above_it(values: list[float], factor: float) -> None:
    centre, _ = lower_null(values)
    moved = [v + factor if v > centre else v for v in values]
    if len(values) % 2:  # the median is one of the values
        assert lower_null(moved) == lower_null(values)


def test_one_in() -> None:
    assert one_in(0.5) == pytest.approx(0)
    assert one_in(0.025) == pytest.approx(1.959964, abs=1e-6)


def test_interval_of_a_share_against_a_published_example() -> None:
    # Newcombe (1998), Statistics in Medicine 17, table I: 81 of 263 and 0 of 20
    assert share_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert share_interval(0, 20) == pytest.approx((0, 0.1611), abs=5e-5)
    assert all(np.isnan(share_interval(0, 0)))


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share(case: tuple[int, int]) -> None:
    hits, among = case
    low, high = share_interval(hits, among)
    assert 0 <= low <= hits / among <= high <= 1
