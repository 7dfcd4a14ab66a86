from __future__ import annotations

import math
from collections import Counter
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tweetfocus as tf
from tweetfocus.evaluation.harness import Measured, compare, measure, top_rows, weighted
from tweetfocus.evaluation.splits import Split, hidden_follows
from tweetfocus.kernels.metrics import bootstrap_interval
from tweetfocus.ranking.features import FEATURES

NAN, INF = math.nan, math.inf
A, B, C, D, E, F, G, H = range(8)


def _index(accounts: list[tf.Account], follows: list[str] | None = None, posts: list[tf.Post] | None = None) -> tf.AccountIndex:
    pairs = [tf.Follow(source_id=source, target_id=target) for source, target in follows or []]
    data = tf.Dataset.from_records(accounts, posts=posts or [], follows=pairs)
    return tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False)


def _mask(*rows: int) -> np.ndarray:
    return np.isin(np.arange(8), rows)


@pytest.fixture(scope="module")
def index() -> tf.AccountIndex:
    """What is left of the follows: c has three followers, d and a have one."""
    return _index([tf.Account(account_id=i) for i in "abcdefgh"], ["ac", "bc", "hc", "hd", "ha"])


@pytest.fixture(scope="module")
def split(index: tf.AccountIndex) -> Split:
    """a followed d and e, b followed g; everybody else could be recommended."""
    return Split("by hand", index.data, {A: np.array([D, E]), B: np.array([G])}, _mask(C, D, E, F, G, H))


SCORES = {
    #       a    b    c    d    e    f    g     h
    A: [NAN, 9.0, 5.0, 0.8, 0.3, 0.9, 0.2, 0.1],  # b is no candidate, c is followed already: f, d, e, g, h
    B: [9.0, 8.0, 7.0, 1.0, NAN, NAN, -INF, NAN],  # nobody but d can be ranked
}


def _score(row: int) -> np.ndarray:
    return np.array(SCORES[row])


def test_measures_by_hand(split: Split, index: tf.AccountIndex) -> None:
    found = measure(split, index, _score)
    ideal = 1 + 1 / math.log2(3)
    expected = {
        "ndcg@10": [(1 / math.log2(3) + 1 / 2) / ideal, 0],
        "recall@100": [1, 0],
        "precision@10": [2 / 10, 0],
        "mrr": [1 / 2, 0],
        "facets": [NAN, NAN],  # they have said nothing
    }
    assert set(found.per_query) == set(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(found.per_query[name], values, err_msg=name)
    assert found.mean("mrr") == 1 / 4
    assert math.isnan(found.mean("facets"))
    # d was shown twice; e, f, g and h once; c never
    assert found.coverage == pytest.approx(5 / 6)
    assert found.followers == pytest.approx(2 * 1 / 6)
    assert found.gini == pytest.approx((-3 - 1 + 1 + 3 + 5 * 2) / (6 * 6))


def test_who_is_followed_already_or_no_candidate_counts_nothing(split: Split, index: tf.AccountIndex) -> None:
    def raised(row: int) -> np.ndarray:
        return np.where(np.isin(np.arange(8), [A, B, *index.graph.following(row)]), 99.0, _score(row))

    one, other = measure(split, index, _score), measure(split, index, raised)
    for name, values in one.per_query.items():
        np.testing.assert_array_equal(values, other.per_query[name])
    assert (one.coverage, one.followers, one.gini) == (other.coverage, other.followers, other.gini)


def test_only_ten_are_shown_and_a_hundred_count_for_recall() -> None:
    index = _index([tf.Account(account_id=f"{i:03}") for i in range(150)])
    candidates = np.arange(150) > 0
    split = Split("long", index.data, {0: np.array([5, 10, 11, 99, 100, 101, 149])}, candidates)
    found = measure(split, index, lambda row: -np.arange(150.0))  # 1, 2, 3 ...
    assert found.per_query["recall@100"].tolist() == pytest.approx([5 / 7])
    assert found.per_query["precision@10"].tolist() == pytest.approx([2 / 10])
    assert found.per_query["mrr"].tolist() == pytest.approx([1 / 5])
    gains = [1 / math.log2(place + 1) for place in range(1, 8)]
    assert found.per_query["ndcg@10"].tolist() == pytest.approx([(gains[4] + 1 / math.log2(11)) / sum(gains)])
    assert found.coverage == pytest.approx(10 / 149)


def test_a_method_that_ranks_nobody_finds_nobody(split: Split, index: tf.AccountIndex) -> None:
    found = measure(split, index, lambda row: np.full(8, NAN))
    assert [found.mean(name) for name in ("ndcg@10", "recall@100", "precision@10", "mrr")] == [0, 0, 0, 0]
    assert (found.coverage, found.followers, found.gini) == (0, 0, 0)


# -- the first places ----------------------------------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.sampled_from([NAN, -INF, INF, -1.0, 0.0, 0.5, 2.0]), st.booleans()), max_size=12),
    st.integers(1, 14),
    st.integers(0, 99),
)
@settings(max_examples=100, deadline=None)
def test_the_first_places_hold_the_highest_finite_scores(places: list[tuple[float, bool]], k: int, seed: int) -> None:
    scores, allowed = np.array([s for s, _ in places]), np.array([a for _, a in places], dtype=bool)
    rows = top_rows(scores, allowed, k, seed=seed)
    ranked = sorted((score for score, fine in places if fine and math.isfinite(score)), reverse=True)
    assert scores[rows].tolist() == ranked[:k]
    assert allowed[rows].all()
    assert len(set(rows.tolist())) == len(rows)
    assert rows.tolist() == top_rows(scores, allowed, k, seed=seed).tolist()


@pytest.mark.parametrize("k", [1, 4])
def test_equal_scores_stand_in_an_order_that_the_seed_draws(k: int) -> None:
    scores, allowed = np.array([1.0, 1.0, 0.0, 1.0, 1.0]), np.ones(5, dtype=bool)
    first = Counter(int(top_rows(scores, allowed, k, seed=seed)[0]) for seed in range(800))
    assert sorted(first) == [0, 1, 3, 4]
    assert all(150 < count < 250 for count in first.values())


def test_ties_are_drawn_anew_for_each_query() -> None:
    index = _index([tf.Account(account_id=f"{i:02}") for i in range(60)])
    split = Split("ties", index.data, {row: np.array([59]) for row in range(40)}, np.ones(60, dtype=bool))
    chance = measure(split, index, lambda row: np.zeros(60))
    assert chance.coverage == 1  # by row, the same ten would always be shown
    assert 0.05 < chance.mean("precision@10") * 10 < 0.35  # one in six is expected


# -- summaries -----------------------------------------------------------------------------------------------------------------


def _measured(values: list[float]) -> Measured:
    return Measured(MappingProxyType({"mrr": np.array(values)}), 0.0, 0.0, 0.0)


def test_means_and_intervals_leave_out_queries_that_a_measure_does_not_apply_to() -> None:
    values = [0.5, NAN, 0.1, 0.9, 0.3]
    assert _measured(values).mean("mrr") == pytest.approx(0.45)
    assert _measured(values).interval("mrr") == bootstrap_interval([0.5, 0.1, 0.9, 0.3])


def test_a_gain_is_paired() -> None:
    one, other = _measured([0.9, 0.2, 0.6, NAN]), _measured([0.5, 0.1, 0.2, 0.4])
    mean, low, high = one.gain(other, "mrr")
    assert mean == pytest.approx((0.4 + 0.1 + 0.4) / 3)
    assert (low, high) == bootstrap_interval(np.array([0.9 - 0.5, 0.2 - 0.1, 0.6 - 0.2]))
    assert one.gain(one, "mrr") == (0, 0, 0)
    # far apart, but always by the same: no doubt about the difference
    assert _measured([0.3, 0.9, 0.5]).gain(_measured([0.1, 0.7, 0.3]), "mrr") == pytest.approx((0.2, 0.2, 0.2))


def test_a_gain_over_a_multiple() -> None:
    mean, low, high = _measured([0.6, 0.3]).gain(_measured([0.5, 0.25]), "mrr", factor=1.2)
    assert (mean, low, high) == pytest.approx((0, 0, 0), abs=1e-12)
    assert _measured([0.6, 0.3]).gain(_measured([0.5, 0.25]), "mrr", factor=2.0)[0] == pytest.approx((-0.4 - 0.2) / 2)
    assert all(math.isnan(value) for value in _measured([NAN]).gain(_measured([1.0]), "mrr"))


# -- fields served -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "share"), [("p", 1 / 2), ("d", 1 / 2), ("pd", 1), ("ppp", 1 / 2), ("s", 0), ("ps", 1 / 2), ("b", 1 / 2)]
)
def test_a_field_is_served_by_an_account_that_is_nearest_to_it(shown: str, share: float) -> None:
    pumps, dough = "heat pumps grids", "sour dough bread"
    posts = [tf.Post(account_id="m", text=f"{text} {i}") for text in (pumps, dough) for i in range(8)]
    people = [tf.Account(account_id="m"), tf.Account(account_id="o", bio="heat")]
    bios = {"p": pumps, "d": dough, "s": None, "b": f"{pumps} {pumps} heat dough"}
    people += [tf.Account(account_id=f"{kind}{i}", bio=bios[kind]) for i, kind in enumerate(shown)]
    index = _index(people, posts=posts)
    me, other = index.data.row("m"), index.data.row("o")
    assert len(index.facet_vectors(me)[0]) == 2
    candidates = np.array([index.data.account_id(row)[0] not in "mo" for row in range(len(index))])
    truth = np.flatnonzero(candidates)
    found = measure(Split("fields", index.data, {me: truth, other: truth}, candidates), index, lambda row: np.zeros(len(index)))
    np.testing.assert_allclose(found.per_query["facets"], [share, NAN])
    assert found.mean("facets") == share  # who has one field only is not counted


# -- several methods, and the weights ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def world_split(hashed_world_index: tf.AccountIndex) -> tuple[Split, tf.AccountIndex]:
    split = hidden_follows(hashed_world_index.data, queries=12)
    return split, hashed_world_index.with_follows(split.train)


def test_comparing_measures_each_by_itself(world_split: tuple[Split, tf.AccountIndex]) -> None:
    split, index = world_split
    score = weighted(index)
    noise = np.random.default_rng(2).integers(0, 4, (len(index), len(index))).astype(np.float32)
    methods = {
        "followers": lambda row: index.graph.in_degree.astype(float),
        "noise": lambda row: noise[row],
        "facets": score(tf.Weights({"facets": 1.0})),
        "walk": score(tf.Weights({"walk": 1.0, "bio": 0.5})),
    }
    together = compare(split, index, methods)
    assert list(together) == list(methods)
    for name, method in methods.items():
        alone = measure(split, index, method)
        for kind, values in alone.per_query.items():
            assert len(values) == len(split.truth)
            np.testing.assert_array_equal(values, together[name].per_query[kind])
        assert (alone.coverage, alone.followers, alone.gini) == (
            together[name].coverage,
            together[name].followers,
            together[name].gini,
        )
    assert together["walk"].mean("ndcg@10") > together["noise"].mean("ndcg@10")


def test_weighted_scores_are_those_of_recommend(hashed_world_index: tf.AccountIndex) -> None:
    index = hashed_world_index
    rng = np.random.default_rng(5)
    weights = tf.Weights({name: -rng.random() if feature.never_helps else rng.random() for name, feature in FEATURES.items()})
    everybody = [index.data.account_id(row) for row in range(len(index))]
    score = weighted(index)(weights)
    for who in ("@me", "@copepod_nils", everybody[77]):
        recs = tf.recommend(index, who, n=len(index), candidates=everybody, weights=weights, diversity=0, inactive_days=None)
        assert len(recs) > 100
        scores = score(index.data.row(who))
        rows = [index.data.row(rec.account_id) for rec in recs]
        np.testing.assert_allclose(scores[rows], [rec.score for rec in recs], rtol=1e-9)


def test_weights_share_the_evidence_but_not_the_scores(hashed_world_index: tf.AccountIndex) -> None:
    score = weighted(hashed_world_index)
    one, other = score(tf.Weights({"facets": 1.0})), score(tf.Weights({"walk": 2.0}))
    both = score(tf.Weights({"facets": 1.0, "walk": 2.0}))
    for row in (3, 99, 3):
        np.testing.assert_allclose(both(row), one(row) + other(row), atol=1e-12)
    assert not np.allclose(one(3), one(99))
    assert not score(tf.Weights({}))(3).any()


def test_the_bar_is_drawn_where_it_is_wanted(split: Split, index: tf.AccountIndex, capsys: pytest.CaptureFixture[str]) -> None:
    measure(split, index, _score)
    assert capsys.readouterr() == ("", "")
    measure(split, index, _score, progress=True)
    assert "measuring: by hand" in capsys.readouterr().err
