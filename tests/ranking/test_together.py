from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tweetfocus.ranking.together import choose, shares_of


@pytest.mark.parametrize(
    ("shares", "n", "whole"),
    [
        ([1.0], 5, [5]),
        ([0.5, 0.5], 3, [2, 1]),
        ([0.7, 0.2, 0.1], 5, [4, 1, 0]),
        ([0.6, 0.4], 0, [0, 0]),
        ([2.0, 2.0], 4, [2, 2]),
    ],
)
def test_places_in_proportion(shares: list[float], n: int, whole: list[int]) -> None:
    assert shares_of(np.array(shares), n).tolist() == whole


Case = tuple[np.ndarray, np.ndarray, np.ndarray, int, float]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    m, k = draw(st.integers(1, 7)), draw(st.integers(0, 3))
    values = np.array(draw(st.lists(st.integers(0, 6), min_size=m, max_size=m)), dtype=np.float64)
    facet = np.array(draw(st.lists(st.integers(-1, k - 1), min_size=m, max_size=m)), dtype=np.int64)
    shares = np.array(draw(st.lists(st.integers(1, 5), min_size=k, max_size=k)), dtype=np.float64)
    return values, facet, shares, draw(st.integers(1, m)), draw(st.sampled_from([0.0, 1.0, 2.5]))


def _worth(chosen: tuple[int, ...], case: Case) -> float:
    values, facet, shares, n, coverage = case
    quota = shares_of(shares, n) if len(shares) else []
    covered = sum(min(sum(facet[at] == f for at in chosen), int(q)) for f, q in enumerate(quota))
    return float(sum(values[at] for at in chosen)) + coverage * covered


@given(cases())
@settings(deadline=None)
def test_no_other_set_is_worth_more(case: Case) -> None:
    values, facet, shares, n, coverage = case
    chosen, _ = choose(values, facet, shares, n, coverage=coverage)
    assert len(set(chosen.tolist())) == n
    assert chosen.tolist() == sorted(chosen.tolist())
    best = max(_worth(some, case) for some in combinations(range(len(values)), n))
    assert _worth(tuple(chosen.tolist()), case) == pytest.approx(best)


@given(cases(), st.data())
@settings(deadline=None)
def test_one_candidate_less_takes_at_most_one_other_in(case: Case, data: st.DataObject) -> None:
    values, facet, shares, n, coverage = case
    assume(len(values) > n)
    before = choose(values, facet, shares, n, coverage=coverage)[0].tolist()
    gone = data.draw(st.sampled_from(before))
    rest = np.delete(np.arange(len(values)), gone)
    after = rest[choose(values[rest], facet[rest], shares, n, coverage=coverage)[0]].tolist()
    assert set(before) - {gone} <= set(after)


def test_without_coverage_the_best_are_chosen() -> None:
    assert choose(np.array([1.0, 3.0, 2.0]), np.array([0, 0, 0]), np.array([1.0]), 2, coverage=0)[0].tolist() == [1, 2]
