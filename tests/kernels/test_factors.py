from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy.sparse import csr_array
from sklearn.linear_model import Ridge as SklearnRidge

from tweetfocus.kernels.factors import follow_factors, follower_places, ridge


def _follows(seed: int, n: int = 24, density: float = 0.3) -> npt.NDArray[np.float64]:
    follows = (np.random.default_rng(seed).random((n, n)) < density).astype(np.float64)
    np.fill_diagonal(follows, 0)
    follows[3], follows[:, 5] = 0, 0  # one follows nobody, one is followed by nobody
    return follows


def _scaled(follows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    out, into = np.maximum(follows.sum(axis=1), 1), np.maximum(follows.sum(axis=0), 1)
    return follows / out[:, None] ** 0.5 / into[None, :] ** 0.25


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("size", [1, 4, 9])
def test_factors_span_the_leading_right_singular_vectors(seed: int, size: int) -> None:
    follows = _follows(seed)
    factors = follow_factors(csr_array(follows), size=size).astype(np.float64)
    leading = np.linalg.svd(_scaled(follows))[2][:size].T
    np.testing.assert_allclose(factors.T @ factors, np.eye(size), atol=1e-5)
    np.testing.assert_allclose(factors @ factors.T, leading @ leading.T, atol=1e-3)
    np.testing.assert_allclose(factors[5], 0, atol=1e-6)


def test_factors_are_the_same_at_every_call() -> None:
    follows = csr_array(_follows(1))
    assert follow_factors(follows, size=5).tolist() == follow_factors(follows, size=5).tolist()


def test_places_of_followers_are_unit_sums_over_whom_they_follow() -> None:
    follows = _follows(2)
    factors = follow_factors(csr_array(follows), size=4)
    expected = _scaled(follows) @ factors
    lengths = np.linalg.norm(expected, axis=1, keepdims=True)
    expected = np.divide(expected, lengths, out=np.zeros_like(expected), where=lengths > 0)
    np.testing.assert_allclose(follower_places(csr_array(follows), factors), expected, atol=1e-5)
    assert follower_places(csr_array(follows), factors)[3].tolist() == [0] * 4


@pytest.mark.parametrize(("pairs", "width"), [([], 0), ([(0, 1)], 0), ([(0, 2), (1, 3)], 1), ([(0, 3), (1, 3), (2, 3)], 0)])
def test_small_graphs_have_few_factors(pairs: list[tuple[int, int]], width: int) -> None:
    follows = np.zeros((4, 4))
    for pair in pairs:
        follows[pair] = 1
    factors = follow_factors(csr_array(follows), size=8)
    assert factors.shape == (4, width)
    assert follower_places(csr_array(follows), factors).shape == (4, width)


@pytest.mark.parametrize("penalty", [0.1, 3.0, 100.0])
def test_ridge_agrees_with_scikit_learn(penalty: float) -> None:
    rng = np.random.default_rng(4)
    inputs = (rng.standard_normal((30, 6)) + 2).astype(np.float32)
    targets = (inputs @ rng.standard_normal((6, 3)) + rng.standard_normal((30, 3)) + 5).astype(np.float32)
    asked = rng.standard_normal((7, 6)).astype(np.float32)
    expected = SklearnRidge(alpha=penalty).fit(inputs, targets).predict(asked)
    np.testing.assert_allclose(ridge(inputs, targets, penalty=penalty)(asked), expected, atol=1e-3)


def test_ridge_without_examples_maps_to_zero() -> None:
    assert (
        ridge(np.zeros((0, 2), np.float32), np.zeros((0, 3), np.float32))(np.ones((4, 2), np.float32)).tolist() == [[0] * 3] * 4
    )
