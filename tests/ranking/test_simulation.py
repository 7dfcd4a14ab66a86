from __future__ import annotations

import numpy as np
import pytest

import tweetfocus as tf
from tweetfocus.ranking.relevance import Relevance, relevance
from tweetfocus.ranking.simulation import Rate, Simulation, simulate

HERO = "@mara_lindqvist"


def _simulated(index: tf.AccountIndex, **options: float) -> Simulation:
    found = simulate(index, index.data.row(HERO), relevance(index, HERO), **options)  # type: ignore[arg-type]
    assert found is not None
    return found


def test_the_mean_of_a_rate_by_hand() -> None:
    assert Rate(10, 100, 0, 0).mean == pytest.approx(0.1)
    assert Rate(0, 0, 1, 4).mean == pytest.approx(0.25)
    # the field's hundred cases count like fifty, each of the four own ones like five
    assert Rate(10, 100, 1, 4).mean == pytest.approx((5 + 5) / (50 + 20))
    assert np.isnan(Rate(0, 0, 0, 0).mean)


def test_draws_follow_the_mean() -> None:
    draws = Rate(10, 100, 1, 4).draws(np.random.default_rng(0), 20_000)
    assert draws.mean() == pytest.approx(10.5 / 71, abs=0.003)
    assert ((draws > 0) & (draws < 1)).all()


def test_expectations_are_the_product_of_the_rates(hashed_world_index: tf.AccountIndex) -> None:
    found = _simulated(hashed_world_index, random_share=0.01)
    assert found.random.relevant[0] == pytest.approx(100, rel=0.02)
    rates = {name: rate.mean for name, rate in found.rates.items()}
    engaged = 100 * rates["relevant_engage"] + 9900 * rates["others_engage"]
    assert found.random.engaged[0] == pytest.approx(engaged, rel=0.35)  # Jeffreys' prior lifts a rate near zero
    assert found.chosen.reciprocal[0] == pytest.approx(500 * rates["relevant_return"], rel=0.1)
    assert found.break_even == pytest.approx(found.chosen.relevant[0] / 10_000, rel=0.01)


def test_rates_are_counted_in_the_index(hashed_world_index: tf.AccountIndex) -> None:
    index = hashed_world_index
    near = relevance(index, HERO)
    found = _simulated(index)
    engaged = followers = 0
    for row in np.flatnonzero(near.passes).tolist():
        towards = index.engagement.towards(row)
        relevant = [fan for fan in index.graph.followers(row).tolist() if near.passes[fan]]
        followers += len(relevant)
        engaged += sum(fan in towards for fan in relevant)
    assert (found.rates["relevant_engage"].hits, found.rates["relevant_engage"].among) == (engaged, followers)
    me = index.data.row(HERO)
    mine = [other for other in index.graph.following(me).tolist() if near.passes[other]]
    back = [other for other in mine if me in index.graph.following(other)]
    assert (found.rates["relevant_return"].own_hits, found.rates["relevant_return"].own_among) == (len(back), len(mine))


def test_five_hundred_of_ones_field_beat_ten_thousand_where_few_share_it(hashed_world_index: tf.AccountIndex) -> None:
    found = _simulated(hashed_world_index, random_share=0.002)
    assert found.chosen.relevant[1] > found.random.relevant[2]  # the intervals do not even touch
    assert found.random_share < found.break_even
    assert any("as given" in text for text in found.assumptions)


def test_the_same_seed_says_the_same(hashed_world_index: tf.AccountIndex) -> None:
    assert _simulated(hashed_world_index).to_dict() == _simulated(hashed_world_index).to_dict()


def test_where_nobody_is_judged_nothing_is_simulated(hashed_world_index: tf.AccountIndex) -> None:
    values = np.full(len(hashed_world_index), np.nan)
    nobody = Relevance(0, values, values, values, 2.0, 0.02, ())
    assert simulate(hashed_world_index, 0, nobody) is None
