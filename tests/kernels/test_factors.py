from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy.sparse import csr_array
from sklearn.linear_model import Ridge as SklearnRidge

from tweetfocus.kernels.factors import follow_factors, follower_places, ridge, term_factors


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
    assert factors[5].tolist() == [0] * size


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


@pytest.mark.parametrize("n", [20, 100, 600])
def test_accounts_with_the_same_followers_have_exactly_the_same_place(n: int) -> None:
    follows = _follows(5, n, density=min(0.3, 20 / n))
    follows[:, 7:18] = follows[:, [6]]
    factors = follow_factors(csr_array(follows))
    assert factors.shape[1] > 5
    assert (factors[6:18] == factors[6]).all()
    assert not factors[5].any()


def test_a_graph_of_few_tastes_has_few_factors() -> None:
    # forty people of three kinds: beyond the third, directions would be arbitrary, and give a place to those without followers
    rng = np.random.default_rng(6)
    tastes = np.zeros((3, 60))
    tastes[:, :50] = rng.random((3, 50)) < 0.4
    follows = np.zeros((60, 60))
    follows[:40] = tastes[rng.integers(0, 3, 40)]
    factors = follow_factors(csr_array(follows)).astype(np.float64)
    leading = np.linalg.svd(_scaled(follows))[2][:3].T
    assert factors.shape == (60, 3)
    np.testing.assert_allclose(factors @ factors.T, leading @ leading.T, atol=1e-4)
    assert not factors[50:].any()


# -- terms ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 5, 12])
def test_term_factors_span_the_leading_right_singular_vectors(size: int) -> None:
    rng = np.random.default_rng(size)
    weights = rng.random((40, 25)) * (rng.random((40, 25)) < 0.2)
    factors = term_factors(csr_array(weights), size=size).astype(np.float64)
    leading = np.linalg.svd(weights)[2][:size].T
    np.testing.assert_allclose(factors.T @ factors, np.eye(size), atol=1e-5)
    np.testing.assert_allclose(factors @ factors.T, leading @ leading.T, atol=5e-3)
    assert term_factors(csr_array(weights), size=size).tolist() == factors.tolist()


@pytest.mark.parametrize(("shape", "width"), [((30, 5), 5), ((3, 20), 3), ((1, 4), 1), ((0, 4), 0), ((4, 0), 0)])
def test_there_are_no_more_term_factors_than_terms_or_accounts(shape: tuple[int, int], width: int) -> None:
    weights = np.random.default_rng(8).random(shape)
    assert term_factors(csr_array(weights), size=8).shape == (shape[1], width)


def test_without_words_there_are_no_term_factors() -> None:
    assert term_factors(csr_array((6, 9))).shape == (9, 0)


# -- ridge ---------------------------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("n", [3, 64, 301])
def test_equal_inputs_have_exactly_equal_predictions(n: int) -> None:
    rng = np.random.default_rng(9)
    line = ridge(rng.standard_normal((50, 130)).astype(np.float32), rng.standard_normal((50, 17)).astype(np.float32))
    twins = np.repeat(rng.standard_normal((1, 130)).astype(np.float32), n, axis=0)
    assert len(np.unique(line(twins), axis=0)) == 1
    assert line(twins)[0].tolist() == line(twins[:1])[0].tolist()
