from __future__ import annotations

import math

import numpy as np
import pytest

import tweetfocus as tf
from tweetfocus.ranking.evidence import KINDS, Evidence
from tweetfocus.ranking.features import FEATURES, contributions
from tweetfocus.ranking.query import make_query


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    """1 asks; 2 follows and answers, seven times; 3 repeats a link; 4 is known by name only."""
    posts = [tf.Post(account_id="2", text=f"@me the grid has changed {number}") for number in range(7)]
    posts += [tf.Post(account_id="3", post_id=str(i), text="Buy now https://shop.example/pumps") for i in range(10)]
    people = [tf.Account(account_id="1", username="me", bio="heat pumps"), tf.Account(account_id="2", bio="heat pumps")]
    people += [tf.Account(account_id="3", bio="sour dough"), tf.Account(account_id="4")]
    data = tf.Dataset.from_records(people, posts=posts, follows=[tf.Follow(source_id="2", target_id="1")])
    index = tf.AccountIndex.build(data, encoder=tf.HashingEncoder(4096), cache=False)
    return Evidence(index, make_query(index, "1"))


def _values(evidence: Evidence, name: str) -> list[float]:
    return np.nan_to_num(FEATURES[name].measure(evidence)).tolist()


def test_facts_of_a_pair(evidence: Evidence) -> None:
    assert _values(evidence, "follows_me") == [0, 1, 0, 0]
    assert _values(evidence, "engaged") == pytest.approx([0, math.log(1 + 5), 0, 0])  # more than five posts say no more
    assert _values(evidence, "link_spam") == [0, 0, 1, 0]
    assert _values(evidence, "self_promotion") == [0, 0, 1, 0]
    assert _values(evidence, "conversation") == [0, 1, 0, 0]
    assert _values(evidence, "facets_cosine") == pytest.approx([0, float(evidence.facets[1]), 0, 0], abs=0.05)
    for name in set(KINDS) - {"spoken", "echo"}:
        assert _values(evidence, name) == evidence.rarities[name].tolist()
        assert _values(evidence, f"{name}_relative") == evidence.relatives[name].tolist()


def test_every_kind_of_evidence_is_a_feature_twice() -> None:
    others = {"facets_cosine", "follows_me", "engaged", "conversation", "link_spam", "self_promotion"}
    assert set(FEATURES) == set(KINDS) | {f"{kind}_relative" for kind in KINDS} | others


def test_a_text_counts_less_the_more_follow_the_account(hashed_world_index: tf.AccountIndex) -> None:
    asked = Evidence(hashed_world_index, make_query(hashed_world_index, "@me"))
    followers = hashed_world_index.trusted.in_degree
    for name, plain in (
        ("spoken", asked.rarities["spoken"]),
        ("spoken_relative", asked.relatives["spoken"]),
        ("echo", asked.rarities["echo"]),
        ("echo_relative", asked.relatives["echo"]),
    ):
        assert _values(asked, name) == pytest.approx((plain * 3 / (3 + followers)).tolist())
    assert followers.max() > 2 * followers.min()


def test_contributions_are_weight_times_feature(evidence: Evidence) -> None:
    weights = {"link_spam": -4.0, "follows_me": 0.5, "bio": 0.0}
    names, parts = contributions(evidence, np.array([2, 1, 3]), weights)
    assert names == ("follows_me", "link_spam")  # in the order of FEATURES; a weight of zero is left out
    assert parts.tolist() == [[0, -4], [0.5, 0], [0, 0]]
    assert not np.signbit(parts[1:]).any()  # no -0.0


def test_the_unknown_contributes_nothing(evidence: Evidence) -> None:
    names, parts = contributions(
        evidence, np.array([3]), {name: -1.0 if f.never_helps else 1.0 for name, f in FEATURES.items()}
    )
    assert names == tuple(FEATURES)
    assert parts.tolist() == [[0.0] * len(names)]


def test_no_weights_no_contributions(evidence: Evidence) -> None:
    names, parts = contributions(evidence, np.array([1, 2]), {})
    assert names == ()
    assert parts.shape == (2, 0)


def test_what_never_helps_is_never_negative(hashed_world_index: tf.AccountIndex) -> None:
    asked = Evidence(hashed_world_index, make_query(hashed_world_index, "@me"))
    for name, feature in FEATURES.items():
        values = np.nan_to_num(feature.measure(asked))
        assert values.min() >= 0, name
        assert values.max() > 0, name
        assert feature.about
