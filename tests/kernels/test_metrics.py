from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn.metrics import ndcg_score

from tweetfocus.kernels.metrics import bootstrap_interval, gini, ndcg, precision, recall, reciprocal_rank


@given(st.lists(st.booleans(), min_size=2, max_size=12), st.integers(1, 15))
@settings(max_examples=60, deadline=None)
def test_ndcg_of_a_whole_list_agrees_with_scikit_learn(hits: list[bool], k: int) -> None:
    places = np.array(hits)
    if places.any():
        expected = ndcg_score([places.astype(float)], [np.arange(len(hits), 0, -1)], k=k)
        assert ndcg(places, int(places.sum()), k) == pytest.approx(expected)
    else:
        assert np.isnan(ndcg(places, 0, k))


def test_ndcg_counts_relevant_items_that_the_list_lacks() -> None:
    assert ndcg(np.array([True]), relevant=2, k=2) == pytest.approx(1 / (1 + 1 / np.log2(3)))
    assert ndcg(np.array([True]), relevant=2, k=1) == 1
    assert ndcg(np.array([], bool), relevant=2, k=5) == 0


def test_recall_and_precision_by_hand() -> None:
    hits = np.array([True, False, True, True])
    assert [recall(hits, 6, k) for k in (1, 3, 4, 9)] == pytest.approx([1 / 6, 2 / 6, 3 / 6, 3 / 6])
    assert [precision(hits, k) for k in (1, 3, 4, 6)] == pytest.approx([1, 2 / 3, 3 / 4, 3 / 6])
    assert np.isnan(recall(hits, 0, 3))


@pytest.mark.parametrize(("hits", "expected"), [([], 0), ([False], 0), ([True], 1), ([False, False, True, True], 1 / 3)])
def test_reciprocal_rank_is_one_over_the_first_hit(hits: list[bool], expected: float) -> None:
    assert reciprocal_rank(np.array(hits, bool)) == expected


@given(st.lists(st.integers(0, 50), min_size=1, max_size=10))
@settings(max_examples=60, deadline=None)
def test_gini_is_half_the_relative_mean_difference(counts: list[int]) -> None:
    differences = sum(abs(a - b) for a, b in product(counts, repeat=2))
    expected = differences / (2 * len(counts) * sum(counts)) if sum(counts) else 0
    assert gini(counts) == pytest.approx(expected, abs=1e-12)


def test_gini_of_nothing_is_even() -> None:
    assert gini([]) == gini([0, 0]) == 0


def test_bootstrap_interval_is_near_the_normal_one() -> None:
    values = np.random.default_rng(3).normal(5, 2, 400)
    expected = norm.interval(0.9, values.mean(), values.std() / 20)
    assert bootstrap_interval(values, level=0.9, samples=4000) == pytest.approx(expected, abs=0.02)


def test_bootstrap_interval_leaves_out_what_is_unknown() -> None:
    assert bootstrap_interval([1.0, float("nan"), 2.0, 3.0]) == bootstrap_interval([1.0, 2.0, 3.0])
    assert bootstrap_interval([4.0, 4.0]) == (4, 4)
    assert np.isnan(bootstrap_interval([float("nan")])).all()
    assert bootstrap_interval([1.0, 2.0, 5.0], seed=1) == bootstrap_interval([1.0, 2.0, 5.0], seed=1)
