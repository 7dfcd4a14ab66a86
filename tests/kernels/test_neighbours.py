from __future__ import annotations

from math import log, sqrt

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from tweetfocus.kernels.neighbours import adamic_adar, co_follow, shared_followings, user_knn

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
    _close(shared_followings(_matrix(follows), seeds), [_cosine(own, set(seeds)) for own in follows])


@given(followed_and_seeds(), st.integers(1, 12), st.data())
@settings(max_examples=80, deadline=None)
def test_user_knn_sums_the_likeness_of_the_nearest(case: tuple[Sets, list[int]], k: int, data: st.DataObject) -> None:
    follows, _ = case
    likeness = [data.draw(st.sampled_from([-0.5, 0.0, 0.25, 0.5, 1.0])) for _ in follows]
    nearest = sorted(range(len(follows)), key=lambda row: (-likeness[row], row))[:k]
    expected = [sum(max(likeness[one], 0) for one in nearest if row in follows[one]) for row in range(len(follows))]
    _close(user_knn(_matrix(follows), np.array(likeness), k=k), expected)


@given(followed_and_seeds())
@settings(max_examples=80, deadline=None)
def test_adamic_adar_discounts_those_who_follow_many(case: tuple[Sets, list[int]]) -> None:
    follows, seeds = case
    degree = np.array([len(own) for own in follows])
    expected = [sum(1 / log(1 + len(follows[s])) for s in set(seeds) if row in follows[s]) for row in range(len(follows))]
    _close(adamic_adar(_matrix(follows).T.tocsr(), degree, seeds), expected)
