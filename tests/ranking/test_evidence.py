from __future__ import annotations

import math
from collections.abc import Sequence

import networkx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import tweetfocus as tf
from tweetfocus.kernels.similarity import unit_rows
from tweetfocus.ranking.evidence import Evidence, rarity
from tweetfocus.ranking.query import make_query

NAN = math.nan
KINDS = ("facets", "bio", "words", "walk", "trust", "co_follow", "likeness", "peers", "friends", "follows_me", "engaged")
# who follows whom; rows are in this order: a, b, c, d, m
FOLLOWS = ["ma", "mb", "ac", "bc", "bd", "da", "dc", "cm"]


def _index(
    accounts: list[tf.Account], posts: list[tf.Post] | None = None, follows: list[str] | None = None, dimension: int = 4096
) -> tf.AccountIndex:
    pairs = [tf.Follow(source_id=source, target_id=target) for source, target in follows or []]
    data = tf.Dataset.from_records(accounts, posts=posts or [], follows=pairs)
    return tf.AccountIndex.build(data, encoder=tf.HashingEncoder(dimension), cache=False)


@pytest.fixture(scope="module")
def graph_evidence() -> Evidence:
    posts = [
        tf.Post(account_id="c", text="@me which grid do you mean?"),
        tf.Post(account_id="c", text="asked @me and @me about it"),
        tf.Post(account_id="c", text="RT @me: a grid"),
        tf.Post(account_id="d", text="thanks @ME"),
        tf.Post(account_id="a", text="thanks @men and me@me.example"),
        tf.Post(account_id="m", text="@me speaks to itself"),
    ]
    index = _index([tf.Account(account_id=i) for i in "abcd"] + [tf.Account(account_id="m", username="me")], posts, FOLLOWS)
    return Evidence(index, make_query(index, "@me"))


# a has one following and b two, so a follow by a counts 1 / log 2 and one by b 1 / log 3
@pytest.mark.parametrize(
    ("kind", "by_hand"),
    [
        ("friends", [0, 0, 1 / math.log(2) + 1 / math.log(3), 1 / math.log(3), NAN]),
        ("likeness", [0, 0, 0, 1 / math.sqrt(2 * 2), NAN]),
        ("co_follow", [(1 + 1 / math.sqrt(2)) / 2, (1 + 1 / math.sqrt(2)) / 2, 1 / math.sqrt(3 * 2) / 2, 0, NAN]),
        ("peers", [0.5, 0, 0.5, 0, NAN]),
        ("follows_me", [0, 0, 1, 0, NAN]),
        ("engaged", [0, 0, 3, 1, NAN]),
    ],
)
def test_ties_by_hand(graph_evidence: Evidence, kind: str, by_hand: list[float]) -> None:
    np.testing.assert_allclose(getattr(graph_evidence, kind), by_hand, rtol=1e-6)


def test_walk_is_pagerank_along_follows_in_either_direction(graph_evidence: Evidence) -> None:
    oracle = networkx.pagerank(networkx.Graph([tuple(pair) for pair in FOLLOWS]), personalization={"m": 1}, tol=1e-12)
    np.testing.assert_allclose(graph_evidence.walk, [*(oracle[i] for i in "abcd"), NAN], atol=1e-5)


def test_trust_is_followed_within_the_circle(graph_evidence: Evidence) -> None:
    trust = graph_evidence.trust
    assert np.flatnonzero(np.nan_to_num(trust) > 0).tolist() == [0, 2, 3]  # nobody but me follows b
    assert int(np.nanargmax(trust)) == 2
    assert math.isnan(trust[4])


def test_text_by_hand() -> None:
    bios = {"1": "heat pumps", "2": "heat ovens", "3": "pumps valves", "4": "valves ovens", "5": None}
    index = _index([tf.Account(account_id=i, bio=bio) for i, bio in bios.items()])
    mine = Evidence(index, make_query(index, "1"))
    # three terms each, the pair of words among them; one is shared
    np.testing.assert_allclose(mine.facets, [NAN, 1 / 3, 1 / 3, 0, NAN], atol=1e-3)
    np.testing.assert_allclose(mine.bio, mine.facets, atol=1e-3)
    # pairs are nobody else's; all single words are equally rare
    np.testing.assert_allclose(mine.words, [NAN, 0.5, 0.5, 0, NAN], atol=1e-6)
    np.testing.assert_allclose(mine.rarities["facets"], [0, math.log10(3 / 2), math.log10(3 / 2), 0, 0])
    assert mine.any.tolist() == [False, True, True, True, False]


def test_the_nearest_of_several_fields_counts() -> None:
    bios = {"1": "heat pumps", "2": "sour dough", "3": "dental floss"}
    index = _index([tf.Account(account_id=i, bio=bio) for i, bio in bios.items()])
    both = Evidence(index, make_query(index, None, interests=["heat pumps", "sour dough"]))
    np.testing.assert_allclose(both.facet_likeness, [[1, 0], [0, 1], [0, 0]], atol=1e-3)
    np.testing.assert_allclose(both.facets, [1, 1, 0], atol=1e-3)


def test_an_account_is_met_by_the_nearest_of_its_facets() -> None:
    posts = [tf.Post(account_id="1", text=f"heat pumps grids {number}") for number in range(8)]
    posts += [tf.Post(account_id="1", text=f"sour dough bread {number}") for number in range(8)]
    index = _index([tf.Account(account_id="1"), tf.Account(account_id="2", bio="sour dough bread")], posts)
    assert len(index.facet_vectors(0)[0]) == 2
    cosines = index.facet_vectors(0)[0] @ index.facet_vectors(1)[0][0]
    assert Evidence(index, make_query(index, "2")).facets[0] == pytest.approx(max(cosines))


def test_who_asks_and_the_examples_are_no_evidence_about_others(hashed_world_index: tf.AccountIndex) -> None:
    query = make_query(hashed_world_index, "@me", seeds=["@camille_dbt", "@wen_pipelines"])
    asking = sorted({query.row, *query.seeds.tolist()})
    evidence = Evidence(hashed_world_index, query)
    for kind in KINDS:
        assert np.isnan(getattr(evidence, kind)[asking]).all(), kind
    assert all((values[asking] == 0).all() for values in evidence.rarities.values())
    assert not evidence.any[asking].any()


def test_without_text_and_follows_there_is_no_evidence() -> None:
    index = _index([tf.Account(account_id="1"), tf.Account(account_id="2", bio="heat pumps"), tf.Account(account_id="3")])
    nothing = Evidence(index, make_query(index, "1"))
    assert not nothing.any.any()
    assert all(np.nan_to_num(getattr(nothing, kind)).tolist() == [0, 0, 0] for kind in KINDS)


class Dense:
    """Every text has a value in every dimension, as with a real model: sums of them round differently in another order."""

    fingerprint = "dense"
    dimension = 256

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        drawn = [np.random.default_rng(list(text.encode())).normal(size=self.dimension) for text in texts]
        return unit_rows(np.array(drawn))


@pytest.mark.parametrize("twins", [2, 3, 7, 16])
@pytest.mark.parametrize("asking", [{"who": "m"}, {"interests": ["grids"]}, {"seeds": ["s"]}])
def test_twins_have_exactly_equal_evidence(twins: int, asking: dict[str, object]) -> None:
    ids = [f"t{number:02}" for number in range(twins)]
    bio = "Planning grids, storage and heat pumps for a small island"
    people = [tf.Account(account_id=i, bio=bio) for i in ids]
    people += [tf.Account(account_id=i, bio="Storage for grids on islands") for i in "ms"]
    posts = [tf.Post(account_id=i, text=text) for i in ids for text in ("the pump plan changed", "an island without grids")]
    pairs = [(i, "s") for i in ids] + [("f", i) for i in ids] + [("m", "f"), ("m", "s")]
    follows = [tf.Follow(source_id=source, target_id=target) for source, target in pairs]
    data = tf.Dataset.from_records(people, posts=posts, follows=follows)
    index = tf.AccountIndex.build(data, encoder=Dense(), cache=False)
    evidence = Evidence(index, make_query(index, asking.get("who"), **{k: v for k, v in asking.items() if k != "who"}))  # type: ignore[arg-type]
    rows = [index.data.row(i) for i in ids]
    for kind in KINDS:
        assert len(set(getattr(evidence, kind)[rows].tolist())) == 1, kind
    for kind, values in evidence.rarities.items():
        assert len(set(values[rows].tolist())) == 1, kind


def test_rarity_by_hand() -> None:
    values = np.array([5.0, 3.0, NAN, 3.0, 1.0, 0.0, -2.0])
    # six known: one has as much as 5, three as much as 3, four as much as 1; nothing and less than nothing speak for nobody
    by_hand = [math.log10(6), math.log10(2), 0, math.log10(2), math.log10(6 / 4), 0, 0]
    np.testing.assert_allclose(rarity(values), by_hand)


def test_what_all_have_is_not_rare() -> None:
    assert rarity(np.array([2.0, 2.0, 2.0])).tolist() == [0, 0, 0]
    assert rarity(np.array([NAN, NAN])).tolist() == [0, 0]
    assert rarity(np.zeros(0)).tolist() == []


numbers = arrays(np.float64, st.integers(0, 30), elements=st.integers(-3, 9).map(float) | st.just(NAN))


@given(numbers)
def test_rarity_counts_those_with_as_much(values: np.ndarray) -> None:
    known = values[~np.isnan(values)]
    oracle = [math.log10(len(known) / (known >= value).sum()) if value > 0 else 0 for value in values]
    np.testing.assert_allclose(rarity(values), oracle)


@given(numbers)
def test_rarity_does_not_care_about_the_scale(values: np.ndarray) -> None:
    assert rarity(values).tolist() == rarity(values * 1000).tolist() == rarity(np.cbrt(values)).tolist()
