from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from tweetfocus.kernels.partition import halves_share, partition, shared_likeness


def _groups(sizes: list[int], noise: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Unit rows round the axes of a space of twelve dimensions, and which axis each lies round, in mixed order."""
    rng = np.random.default_rng(seed)
    truth = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    rows = np.eye(12)[truth] + rng.normal(0, noise, (len(truth), 12))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True), truth


@pytest.mark.parametrize("sizes", [[40], [30, 30], [60, 20, 20], [20] * 5, [15] * 10])
def test_planted_groups_are_found(sizes: list[int]) -> None:
    rows, truth = _groups(sizes, 0.12)
    found, _ = partition(rows, fewest=5, limit=0.4)
    assert found.groups == len(sizes)
    assert adjusted_rand_score(truth, found.labels) == pytest.approx(1)
    assert np.bincount(found.labels).tolist() == sorted(sizes, reverse=True)


def test_never_more_than_asked_for() -> None:
    rows, _ = _groups([15] * 8, 0.12)
    assert partition(rows, fewest=5, limit=0.4, most=3)[0].groups <= 3


def test_a_cloud_without_groups_is_one_and_the_refused_cut_says_why() -> None:
    rng = np.random.default_rng(0)
    rows = np.eye(12)[0] + rng.normal(0, 0.3, (200, 12))
    found, finer = partition(rows / np.linalg.norm(rows, axis=1, keepdims=True), fewest=5, limit=0.4)
    assert found.groups == 1
    assert np.isnan(found.shared)
    assert finer is not None
    assert finer.shared > 0.4


def test_a_group_that_is_too_small_is_not_one() -> None:
    rows, _ = _groups([40, 4], 0.1)
    assert partition(rows, fewest=5, limit=0.4)[0].groups == 1
    assert partition(rows, fewest=3, limit=0.4)[0].groups == 2


def test_uniform_noise_is_one_group_whatever_the_limit() -> None:
    """Directions without any order can be cut so that the halves share little, but never the same way twice."""
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(60, 12))
    found, finer = partition(rows / np.linalg.norm(rows, axis=1, keepdims=True), fewest=5, limit=0.4)
    assert found.groups == 1
    assert finer is not None
    assert finer.stable < 0.8


def test_shared_likeness_by_hand() -> None:
    # within the first group 0.6 (one pair), within the second 1; across them 0.8 and 0 for each of the two
    rows = np.array([[1, 0], [0.6, 0.8], [0, 1], [0, 1]], dtype=float)
    assert shared_likeness(rows, np.array([0, 0, 1, 1])) == pytest.approx(((0 + 0 + 0.8 + 0.8) / 4) / ((0.6 + 1) / 2))


def test_of_three_groups_the_nearest_two_count() -> None:
    near = np.array([0.8, 0.6, 0])
    rows = np.array([[1, 0, 0], [1, 0, 0], near, near, [0, 0, 1], [0, 0, 1]], dtype=float)
    assert shared_likeness(rows, np.array([0, 0, 1, 1, 2, 2])) == pytest.approx(0.8)


def test_halves_share() -> None:
    apart, _ = _groups([30, 30], 0.1)
    assert halves_share(apart) < 0.1
    assert np.isnan(halves_share(apart[:8]))
    assert np.isnan(halves_share(np.tile([[1.0, 0.0]], (20, 1))))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_the_order_of_the_rows_hardly_matters(seed: int) -> None:
    rows, truth = _groups([30, 20, 15], 0.12)
    order = np.random.default_rng(seed).permutation(len(rows))
    found, _ = partition(rows[order], fewest=5, limit=0.4)
    assert adjusted_rand_score(truth[order], found.labels) == pytest.approx(1)


@pytest.mark.parametrize("many", [0, 1, 3])
def test_a_handful_of_rows_is_one_group(many: int) -> None:
    found, finer = partition(np.eye(12)[:many], fewest=5, limit=0.4)
    assert len(found.labels) == many
    assert found.groups == 1
    assert finer is None
