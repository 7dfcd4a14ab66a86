from __future__ import annotations

from math import log, sqrt
from random import Random

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from tweetfocus.kernels.neighbours import adamic_adar, co_follow, kindred, reach, shared_followings

Sets = list[set[int]]


@st.composite
def followed_and_seeds(draw: st.DrawFn) -> tuple[Sets, list[int]]:
    """Whom each of up to nine accounts follows, and some of the accounts, perhaps twice."""
    n = draw(st.integers(1, 9))
    rows = st.integers(0, n - 1)
    follows = [draw(st.sets(rows)) - {row} for row in range(n)]
    return follows, draw(st.lists(rows, max_size=4))


def _matrix(follows: Sets) -> csr_array:
    dense = np.zeros((len(follows), len(follows)))
    for row, targets in enumerate(follows):
        dense[row, list(targets)] = 1
    return csr_array(dense)


def _followers(follows: Sets) -> Sets:
    return [{source for source, targets in enumerate(follows) if row in targets} for row in range(len(follows))]


def _cosine(a: set[int], b: set[int]) -> float:
    return len(a & b) / sqrt(len(a) * len(b)) if a and b else 0.0


def _close(found: npt.NDArray[np.float64], expected: list[float]) -> None:
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("asked", [0, 1, 4, 60, 400])
def test_what_a_few_reach_is_the_product_to_the_last_bit(asked: int) -> None:
    rng = np.random.default_rng(asked)
    follows = csr_array((rng.random((400, 400)) < 0.05).astype(np.float32))
    weights = np.zeros(400)
    rows = np.sort(rng.choice(400, asked, replace=False))
    weights[rows] = rng.normal(size=asked) / 3
    assert reach(follows, follows.T.tocsr(), rows, weights[rows]).tolist() == (follows @ weights).tolist()
    assert reach(follows.T.tocsr(), follows, rows, weights[rows]).tolist() == (follows.T.tocsr() @ weights).tolist()


@given(followed_and_seeds())
@settings(max_examples=80, deadline=None)
def test_co_follow_sums_cosines_of_follower_sets(case: tuple[Sets, list[int]]) -> None:
    follows, seeds = case
    matrix, audience = _matrix(follows), _followers(follows)
    expected = [sum(_cosine(own, audience[seed]) for seed in set(seeds)) for own in audience]
    _close(co_follow(matrix, matrix.T.tocsr(), seeds), expected)


@given(followed_and_seeds())
@settings(max_examples=80, deadline=None)
def test_shared_followings_is_the_cosine_with_the_given_set(case: tuple[Sets, list[int]]) -> None:
    follows, seeds = case
    matrix = _matrix(follows)
    _close(shared_followings(matrix, matrix.T.tocsr(), seeds), [_cosine(own, set(seeds)) for own in follows])


@given(followed_and_seeds())
@settings(max_examples=80, deadline=None)
def test_adamic_adar_discounts_those_who_follow_many(case: tuple[Sets, list[int]]) -> None:
    follows, seeds = case
    degree = np.array([len(own) for own in follows])
    expected = [sum(1 / log(1 + len(follows[s])) for s in set(seeds) if row in follows[s]) for row in range(len(follows))]
    _close(adamic_adar(_matrix(follows), _matrix(follows).T.tocsr(), degree, seeds), expected)


# -- kindred -------------------------------------------------------------------------------------------------------------------


def _people(seed: int, m: int = 15, n: int = 10) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Unit rows of m people, two of whom are alike and one of whom knows nobody, and mine."""
    rng = np.random.default_rng(seed)
    rows = rng.random((m, n)) * (rng.random((m, n)) < 0.4)
    rows[:, 0] += 0.1
    rows[1], rows[4] = rows[3], 0
    mine = rng.random(n)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, lengths, out=rows, where=lengths > 0), mine / np.linalg.norm(mine)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("penalty", [0.1, 3.0, 50.0])
def test_kindred_solves_kernel_ridge_regression(seed: int, penalty: float) -> None:
    rows, mine = _people(seed)
    expected = np.linalg.solve(rows @ rows.T + penalty * np.eye(len(rows)), rows @ mine)
    found = kindred(csr_array(rows), mine, penalty=penalty, tolerance=1e-12)
    np.testing.assert_allclose(found, expected, atol=1e-9)
    roughly = kindred(csr_array(rows.astype(np.float32)), mine, penalty=penalty)
    np.testing.assert_allclose(roughly, expected, atol=1e-4 * np.abs(expected).max())
    assert found[1] == pytest.approx(found[3])
    assert found[4] == 0


def test_kindred_solves_it_for_more_people_than_they_have_choices() -> None:
    rows, mine = _people(7, m=400, n=30)
    expected = np.linalg.solve(rows @ rows.T + 3 * np.eye(400), rows @ mine)
    np.testing.assert_allclose(kindred(csr_array(rows), mine), expected, atol=1e-4 * np.abs(expected).max())


@given(st.integers(0, 1000), st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_kindred_does_not_care_about_the_order_of_people(seed: int, rng: Random) -> None:
    rows, mine = _people(seed)
    order = rng.sample(range(len(rows)), len(rows))
    found = kindred(csr_array(rows), mine, tolerance=1e-12)
    np.testing.assert_allclose(kindred(csr_array(rows[order]), mine, tolerance=1e-12), found[order], atol=1e-10)


def test_a_heavy_penalty_leaves_plain_cosines() -> None:
    rows, mine = _people(2)
    np.testing.assert_allclose(kindred(csr_array(rows), mine, penalty=1e7) * 1e7, rows @ mine, atol=1e-5)


def test_a_taste_that_many_share_counts_once() -> None:
    one_of_each, mine = np.eye(2), np.array([0.8, 0.6])
    ten = np.vstack([one_of_each[[0] * 10], one_of_each[1]])
    alone, shared = kindred(csr_array(one_of_each), mine, penalty=1.0), kindred(csr_array(ten), mine, penalty=1.0)
    assert alone == pytest.approx([0.4, 0.3])
    assert shared == pytest.approx([*[0.8 / 11] * 10, 0.3])  # all ten together weigh 0.73, not 4


def test_what_speaks_against_is_negative() -> None:
    # one of them has all that the other has, and something that I have not
    rows = np.array([[1.0, 0.0], [1 / sqrt(2), 1 / sqrt(2)]])
    found = kindred(csr_array(rows), np.array([1.0, 0.0]), penalty=0.1)
    assert found[0] > 0.8
    assert found[1] < 0.1
    assert kindred(csr_array(rows), np.array([0.9, -sqrt(0.19)]), penalty=0.1)[1] < 0


@pytest.mark.parametrize("mine", [np.zeros(3), np.array([0.0, 0.0, 1.0])])
def test_nothing_in_common_weighs_nothing(mine: npt.NDArray[np.float64]) -> None:
    rows = csr_array(np.array([[0.6, 0.8, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]))
    assert kindred(rows, mine).tolist() == [0, 0, 0]
