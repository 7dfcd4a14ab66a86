from __future__ import annotations

import math

import numpy as np
import pytest

import tweetfocus as tf
from tweetfocus.data.engagement import KINDS
from tweetfocus.ranking.influence import KIND_POINTS, measure_influence
from tweetfocus.ranking.relevance import Relevance, relevance

HERO = "@mara_lindqvist"


def _near(index: tf.AccountIndex, row: int, values: dict[str, float]) -> Relevance:
    column = np.full(len(index), np.nan)
    for who, value in values.items():
        column[index.data.row(who)] = value
    return Relevance(row, column, column, column, 2.0, 0.02, ())


def _index(posts: list[tf.Post], followers: int | None = None) -> tf.AccountIndex:
    names = {"1": "ana", "2": "bo", "3": "cy", "4": "dee"}
    people = [tf.Account(account_id=i, username=n, followers_count=followers if i == "1" else None) for i, n in names.items()]
    return tf.AccountIndex.build(tf.Dataset.from_records(people, posts=posts), encoder=tf.HashingEncoder(), cache=False)


TALK = [
    tf.Post(account_id="2", post_id="a", text="@ana which grid?"),
    tf.Post(account_id="2", post_id="b", text="RT @ana: grids"),
    tf.Post(account_id="1", post_id="c", text="@bo the old one"),
    tf.Post(account_id="3", post_id="d", text="asked @ana about it"),
    tf.Post(account_id="4", post_id="e", text="@ana buy this"),
    tf.Post(account_id="1", post_id="f", text="thanks, @cy and others"),
    tf.Post(account_id="1", post_id="g", text="thanks again, @cy"),
]


def test_points_by_hand() -> None:
    index = _index(TALK)
    near = _near(index, 0, {"@bo": 9.0, "@cy": 2.0})  # weights 1 and one half
    found = measure_influence(index, 0, near, np.zeros(4, dtype=bool))
    by = {exchange.username: exchange for exchange in found.exchanges}
    assert by["bo"].points == pytest.approx(math.log2(1 + 1.0 + 0.7))  # both ways
    assert by["cy"].points == pytest.approx(0.5 * math.log2(1 + 0.5))
    assert by["dee"].points == 0  # nothing is known of the relevance
    assert found.engagement == pytest.approx(by["bo"].points + by["cy"].points)
    whole = math.log2(2.7) + math.log2(1.5) + 0.5 * math.log2(2)
    assert found.quality == pytest.approx(found.engagement / whole)
    assert (found.received, found.given) == (4, 3)
    assert by["bo"].given_points == pytest.approx(math.log2(1 + 1))
    assert found.giving == pytest.approx(math.log2(2) + 0.5 * math.log2(1 + 2 * 0.5))
    assert [exchange.username for exchange in found.exchanges] == ["bo", "cy", "dee"]


def test_every_point_leads_to_its_posts() -> None:
    index = _index(TALK)
    found = measure_influence(index, 0, _near(index, 0, {"@bo": 9.0}), np.zeros(4, dtype=bool))
    by = {exchange.username: exchange for exchange in found.exchanges}
    assert by["bo"].received_post_ids == ("a", "b")
    assert dict(by["bo"].received) == {"reply": 1, "repost": 1}
    assert by["bo"].given_post_ids == ("c",)
    assert by["cy"].given_post_ids == ("f", "g")
    assert dict(by["cy"].given) == {"mention": 2}


def test_spam_counts_nothing() -> None:
    index = _index(TALK)
    spam = np.array([False, True, False, False])
    found = measure_influence(index, 0, _near(index, 0, {"@bo": 9.0, "@cy": 9.0}), spam)
    assert {exchange.username for exchange in found.exchanges if exchange.points} == {"cy"}


def test_one_who_shouts_gains_little() -> None:
    loud = [tf.Post(account_id="2", post_id=str(n), text=f"@ana hey {n}") for n in range(100)]
    several = [tf.Post(account_id=who, post_id=who, text="@ana hello there") for who in "234"]
    everybody = {"@bo": 9.0, "@cy": 9.0, "@dee": 9.0}
    one, three = (
        measure_influence(index, 0, _near(index, 0, everybody), np.zeros(4, dtype=bool)).engagement
        for index in (_index(loud[:1]), _index(several))
    )
    many = measure_influence(_index(loud), 0, _near(_index(loud), 0, everybody), np.zeros(4, dtype=bool)).engagement
    assert three == pytest.approx(3 * one)
    assert many < 7 * one


@pytest.mark.parametrize(("followers", "reach"), [(0, 1.0), (999, 1.05), (999_999, 1.1), (10**12, 1.1)])
def test_followers_are_a_small_bounded_factor(followers: int, reach: float) -> None:
    index = _index(TALK, followers)
    found = measure_influence(index, 0, _near(index, 0, {"@bo": 9.0}), np.zeros(4, dtype=bool))
    assert found.reach == pytest.approx(reach)
    assert found.followers == followers
    assert found.score == pytest.approx(found.engagement * reach)


def test_nobody_spoke() -> None:
    index = _index([])
    found = measure_influence(index, 0, _near(index, 0, {}), np.zeros(4, dtype=bool))
    assert (found.score, found.quality, found.rank, found.exchanges) == (0, None, None, ())


def test_the_rank_compares_with_the_same_measure_of_others(hashed_world_index: tf.AccountIndex) -> None:
    index = hashed_world_index
    row = index.data.row(HERO)
    near = relevance(index, HERO)
    spam = np.nan_to_num(index.signals.link_spam) >= 0.8
    found = measure_influence(index, row, near, spam)
    lower = 0
    peers = [peer for peer in np.flatnonzero(near.passes).tolist() if peer != row]
    for peer in peers:
        towards = index.engagement.towards(peer)
        points = 0.0
        for other, kinds in towards.items():
            back = peer in index.engagement.towards(other)
            posts = sum(KIND_POINTS[kind] * count for kind, count in kinds.items())
            points += (0 if spam[other] else near.weights[other]) * (1 if back else 0.5) * math.log2(1 + posts)
        lower += points < found.engagement - 1e-9
    assert found.rank == pytest.approx(lower / len(peers))
    assert set(KIND_POINTS) == set(KINDS)
