from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tweetfocus.ranking.diversity import spread


@st.composite
def lists(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    fields = draw(st.integers(0, 4))
    rows = draw(st.lists(st.tuples(st.integers(-40, 40), st.integers(-1, fields - 1)), max_size=30))
    shares = np.array(draw(st.lists(st.integers(1, 9), min_size=fields, max_size=fields)), dtype=np.float32)
    scores = np.array([score for score, _ in rows], dtype=np.float64) / 8
    return scores, np.array([field for _, field in rows], dtype=np.int64), shares / max(shares.sum(), 1)


amounts = st.sampled_from([0.0, 0.25, 0.5, 2.0, 100.0])


@given(lists(), amounts, st.integers(1, 40))
def test_names_each_position_once_and_as_many_as_asked_for(
    given_list: tuple[np.ndarray, np.ndarray, np.ndarray], give_up: float, n: int
) -> None:
    scores, facet, shares = given_list
    order = spread(scores, facet, shares, n, give_up=give_up).tolist()
    assert len(order) == len(set(order)) == min(n, len(scores))
    assert set(order) <= set(range(len(scores)))


@given(lists(), st.integers(1, 40))
def test_giving_up_nothing_is_the_order_of_scores(given_list: tuple[np.ndarray, np.ndarray, np.ndarray], n: int) -> None:
    scores, facet, shares = given_list
    by_score = sorted(range(len(scores)), key=lambda place: (-scores[place], place))[:n]
    assert spread(scores, facet, shares, n, give_up=0).tolist() == by_score


@given(lists(), amounts)
def test_no_place_costs_more_than_was_to_be_given_up(
    given_list: tuple[np.ndarray, np.ndarray, np.ndarray], give_up: float
) -> None:
    scores, facet, shares = given_list
    left = set(range(len(scores)))
    for place in spread(scores, facet, shares, len(scores), give_up=give_up).tolist():
        assert scores[place] >= max(scores[i] for i in left) - give_up
        left.remove(place)


@given(lists(), amounts)
def test_within_a_field_the_better_one_comes_first(
    given_list: tuple[np.ndarray, np.ndarray, np.ndarray], give_up: float
) -> None:
    scores, facet, shares = given_list
    order = spread(scores, facet, shares, len(scores), give_up=give_up).tolist()
    for field in range(-1, len(shares)):
        own = [place for place in order if facet[place] == field]
        assert own == sorted(own, key=lambda place: (-scores[place], place))


@given(lists(), amounts, st.integers(1, 30))
def test_asking_for_fewer_cuts_the_same_list_short(
    given_list: tuple[np.ndarray, np.ndarray, np.ndarray], give_up: float, n: int
) -> None:
    scores, facet, shares = given_list
    whole = spread(scores, facet, shares, len(scores), give_up=give_up).tolist()
    assert spread(scores, facet, shares, n, give_up=give_up).tolist() == whole[:n]


@pytest.mark.parametrize("share", [0.5, 0.6, 0.75, 0.9])
def test_two_fields_get_their_shares_of_the_top(share: float) -> None:
    # a hundred accounts of the first field stand in front of a hundred of the second; it costs 2 points to mix them
    scores = np.concatenate([np.linspace(4, 3, 100), np.linspace(3, 2, 100)])
    facet = np.repeat([0, 1], 100)
    shares = np.array([share, 1 - share], dtype=np.float32)
    for n in (10, 20, 40):
        top = facet[spread(scores, facet, shares, n, give_up=2.0)]
        assert abs((top == 0).sum() - share * n) <= 1


def test_what_is_too_far_below_waits_its_turn() -> None:
    scores = np.array([3.0, 2.9, 2.8, 2.0])
    facet = np.array([0, 0, 0, 1])
    even = np.array([0.5, 0.5])
    assert spread(scores, facet, even, 4, give_up=0.5).tolist() == [0, 1, 2, 3]
    assert spread(scores, facet, even, 4, give_up=0.9).tolist() == [0, 3, 1, 2]


def test_accounts_without_a_field_give_way_and_keep_their_order() -> None:
    scores = np.array([5.0, 4.0, 3.0])
    assert spread(scores, np.array([-1, 0, 1]), np.array([0.5, 0.5]), 3, give_up=9.0).tolist() == [1, 2, 0]
    assert spread(scores, np.array([-1, -1, -1]), np.array([0.5, 0.5]), 3, give_up=9.0).tolist() == [0, 1, 2]


def test_a_field_that_has_its_share_leaves_the_place_to_the_best() -> None:
    # nobody is there for the first field; the second gets half of the places, not all of them
    scores, facet = np.array([5.0, 4.5, 4.4, 4.0]), np.array([-1, 1, 1, -1])
    assert spread(scores, facet, np.array([0.5, 0.5]), 4, give_up=9.0).tolist() == [1, 0, 2, 3]
