from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import tweetfocus as tf
from tweetfocus.evaluation.evaluate import MEASURES
from tweetfocus.evaluation.harness import measure, weighted
from tweetfocus.evaluation.splits import Split, cold_start, complete_accounts, hidden_follows
from tweetfocus.ranking.features import FEATURES

from .planted import graph_decides, text_decides

METHODS = ["weights as given", "weights learned here", "graph alone", "text alone", "most followed", "chance"]
GIVEN = tf.Weights({name: -0.5 if feature.never_helps else 0.3 for name, feature in FEATURES.items()})


@pytest.fixture(scope="module")
def found(hashed_world_index: tf.AccountIndex) -> tf.Evaluation:
    return tf.evaluate(hashed_world_index, queries=8, weights=GIVEN, seed=3)


@pytest.fixture(scope="module")
def splits(hashed_world_index: tf.AccountIndex) -> dict[str, Split]:
    data = hashed_world_index.data
    return {
        "hidden follows": hidden_follows(data, queries=8, seed=3),
        "no follows known": cold_start(data, queries=8, seed=3),
        "newcomer": cold_start(data, queries=8, followers_known=False, seed=3),
    }


def test_every_method_is_tried_in_every_situation(found: tf.Evaluation, splits: dict[str, Split]) -> None:
    assert list(found.results) == list(splits)
    assert all(list(methods) == METHODS for methods in found.results.values())
    assert found.notes == ()
    for situation, split in splits.items():
        assert found.queries[situation] == len(split.truth) == 8
        assert found.candidates[situation] == split.candidates.sum()


@pytest.mark.parametrize("situation", ["hidden follows", "no follows known", "newcomer"])
def test_methods_score_what_the_harness_measures(
    hashed_world_index: tf.AccountIndex, found: tf.Evaluation, splits: dict[str, Split], situation: str
) -> None:
    split = splits[situation]
    index = hashed_world_index.with_follows(split.train)
    words = ("facets", "bio", "words")
    text = {name: value for name, value in GIVEN.values.items() if name.startswith(words)}
    graph = {name: v for name, v in GIVEN.values.items() if not name.startswith((*words, "alike", "spoken", "echo", "pattern"))}
    followers = np.bincount(split.train.pair_rows("follows")[1], minlength=len(index))
    oracles = {
        "weights as given": weighted(index)(GIVEN),
        "text alone": weighted(index)(tf.Weights(text)),
        "graph alone": weighted(index)(tf.Weights(graph)),
        "most followed": lambda row: followers.astype(float),
        "chance": lambda row: np.full(len(index), 7.0),
    }
    for name, oracle in oracles.items():
        expected, tried = measure(split, index, oracle), found.results[situation][name]
        for kind, values in expected.per_query.items():
            np.testing.assert_array_equal(tried.per_query[kind], values)
        assert (tried.coverage, tried.followers, tried.gini) == (expected.coverage, expected.followers, expected.gini)


def test_learned_weights_know_nothing_of_what_is_looked_for(
    hashed_world_index: tf.AccountIndex, found: tf.Evaluation, splits: dict[str, Split]
) -> None:
    split = splits["hidden follows"]
    index = hashed_world_index.with_follows(split.train)
    learned = tf.learn(index, prior=GIVEN, queries=8, seed=4)
    expected = measure(split, index, weighted(index)(learned))
    tried = found.results["hidden follows"]["weights learned here"]
    np.testing.assert_array_equal(tried.per_query["ndcg@10"], expected.per_query["ndcg@10"])


def test_records_are_flat_and_say_everything(found: tf.Evaluation) -> None:
    records = found.to_dicts()
    assert len(records) == 3 * 6
    places = [(record["situation"], record["method"]) for record in records]
    assert places == [(situation, method) for situation in found.results for method in METHODS]
    for record in records:
        measured = found.results[record["situation"]][record["method"]]
        assert all(isinstance(value, (str, int, float)) for value in record.values())
        assert all(math.isfinite(value) for value in record.values() if not isinstance(value, str))
        assert {name: record[name] for name in MEASURES} == {name: measured.mean(name) for name in MEASURES}
        assert (record["ndcg@10 low"], record["ndcg@10 high"]) == measured.interval("ndcg@10")
        assert record["ndcg@10 low"] <= record["ndcg@10"] <= record["ndcg@10 high"]
        assert (record["coverage"], record["mean followers"], record["gini"]) == (
            measured.coverage,
            measured.followers,
            measured.gini,
        )
        assert (record["queries"], record["candidates"]) == (8, found.candidates[record["situation"]])


def test_where_text_decides_text_alone_wins_and_where_the_graph_does_the_graph() -> None:
    by_text = tf.evaluate(text_decides(people=9), queries=9).results["hidden follows"]
    by_graph = tf.evaluate(graph_decides(), queries=9).results["hidden follows"]
    assert by_text["text alone"].gain(by_text["graph alone"], "ndcg@10")[1] > 0.1
    assert by_graph["graph alone"].gain(by_graph["text alone"], "ndcg@10")[1] > 0.1
    assert by_text["text alone"].gain(by_text["chance"], "ndcg@10")[1] > 0.1


def test_a_newcomer_is_no_better_than_chance_by_the_graph_alone() -> None:
    newcomer = tf.evaluate(graph_decides(), queries=8).results["newcomer"]
    np.testing.assert_array_equal(newcomer["graph alone"].per_query["recall@100"], newcomer["chance"].per_query["recall@100"])


def test_few_people_cannot_lose_all_their_follows() -> None:
    index = text_decides(people=9)
    found = tf.evaluate(index, queries=5)
    assert list(found.results) == list(found.queries) == list(found.candidates) == ["hidden follows"]
    assert found.notes == tuple(
        f"{situation}: not tried; only 9 accounts have complete followings" for situation in ("no follows known", "newcomer")
    )
    assert len(complete_accounts(index.data)) == 9


def test_a_situation_without_anything_to_find_is_noted() -> None:
    # a and b follow the same ten, each of whom one other follows: without both of them, too few do
    follows = [(who, f"t{i}") for who in "ab" for i in range(10)] + [(f"o{i}", f"t{i}") for i in range(10)]
    people = [tf.Account(account_id=i, bio="heat pumps") for pair in follows for i in pair]
    data = tf.Dataset.from_records(people, follows=[tf.Follow(source_id=a, target_id=b) for a, b in follows])
    found = tf.evaluate(tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False), queries=4)
    assert found.queries == {"hidden follows": 2}
    nothing = "nothing left to find; the dataset is too small"
    assert found.notes == (
        f"no follows known: not tried; cold start, 0 follows known: {nothing}",
        f"newcomer: not tried; cold start, 0 follows known, no followers: {nothing}",
    )


def test_evaluating_twice_gives_the_same() -> None:
    index = text_decides(people=9)
    assert tf.evaluate(index, queries=3, seed=1).to_dicts() == tf.evaluate(index, queries=3, seed=1).to_dicts()
    assert tf.evaluate(index, queries=3, seed=1).to_dicts() != tf.evaluate(index, queries=3, seed=2).to_dicts()


@pytest.mark.parametrize("queries", [0, -1, False, 3.0, None])
def test_the_number_of_queries_is_a_whole_number(hashed_world_index: tf.AccountIndex, queries: Any) -> None:
    with pytest.raises(tf.InvalidRequest, match="queries must be a whole number from 1 on"):
        tf.evaluate(hashed_world_index, queries=queries)


def test_nobody_with_ten_follows_is_an_error() -> None:
    follows = [tf.Follow(source_id="0", target_id=str(i)) for i in range(1, 10)]
    data = tf.Dataset.from_records([tf.Account(account_id=str(i), bio="Chef") for i in range(12)], follows=follows)
    with pytest.raises(tf.DataError, match="no account with complete followings has at least 10 of them: nobody to ask about"):
        tf.evaluate(tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False))


def test_bars_are_drawn_where_they_are_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    index = text_decides(people=9)
    capsys.readouterr()
    tf.evaluate(index, queries=1)
    assert capsys.readouterr() == ("", "")  # not a terminal
    tf.evaluate(index, queries=1, progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert "learning: hidden follows, 20%" in err
    assert "measuring: hidden follows, 20%" in err


def test_the_follows_of_one_person_are_enough() -> None:
    people = [tf.Account(account_id="me", bio="heat pumps")] + [
        tf.Account(account_id=f"a{i}", bio=f"pumps {i}") for i in range(20)
    ]
    follows = [tf.Follow(source_id="me", target_id=f"a{i}") for i in range(20)]
    data = tf.Dataset.from_records(people, follows=follows)
    found = tf.evaluate(tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False))
    assert list(found.results) == ["hidden follows"]
    assert len(found.notes) == 2
