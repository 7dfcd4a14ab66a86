from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression

import tweetfocus as tf
from tweetfocus.evaluation.harness import compare, weighted
from tweetfocus.evaluation.learn import Episode, collect, fit, gather, learn
from tweetfocus.evaluation.splits import hidden_follows
from tweetfocus.ranking.evidence import Evidence
from tweetfocus.ranking.features import FEATURES, contributions
from tweetfocus.ranking.query import make_query
from tweetfocus.ranking.weights import default_weights

from .planted import graph_decides, text_decides

NAMES = list(FEATURES)
FLAT = {name: -0.2 if feature.never_helps else 0.2 for name, feature in FEATURES.items()}  # a prior that prefers nothing
TEXT = ("facets", "bio", "words", "alike", "spoken", "echo")
GRAPH = ("peers", "neighbours", "fellows", "co_follow", "walk", "trust", "friends", "audience", "likeness")


def _episode(columns: dict[str, list[float]], found: list[int]) -> Episode:
    """Candidates with these features and no others."""
    n = len(next(iter(columns.values())))
    features = np.zeros((n, len(NAMES)))
    for name, values in columns.items():
        features[:, NAMES.index(name)] = values
    return Episode(features, np.isin(np.arange(n), found))


def _drawn(
    rng: np.random.Generator, queries: int, names: list[str], weights: list[float], candidates: int = 8
) -> list[Episode]:
    """Questions whose answers are drawn by the softmax of a score with these weights."""
    episodes = []
    for _ in range(queries):
        values = rng.normal(size=(candidates, len(names)))
        luck = rng.gumbel(size=candidates)
        best = int(np.argmax(values @ weights + luck))
        episodes.append(_episode(dict(zip(names, values.T.tolist(), strict=True)), [best]))
    return episodes


# -- the fit, against others' ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pull", [0.3, 5.0, 80.0])
def test_of_two_candidates_it_is_logistic_regression_of_their_difference(pull: float) -> None:
    names, truth = ["facets", "walk", "link_spam"], [1.5, 0.7, -1.0]
    episodes = _drawn(np.random.default_rng(1), 200, names, truth, candidates=2)
    fitted = fit(episodes, {}, pull=pull)
    columns = [NAMES.index(name) for name in names]
    spread = np.concatenate([episode.features for episode in episodes])[:, columns].std(axis=0)
    differences = np.array([episode.features[1, columns] - episode.features[0, columns] for episode in episodes]) / spread
    oracle = LogisticRegression(C=1 / pull, fit_intercept=False, tol=1e-10).fit(differences, [e.found[1] for e in episodes])
    expected = dict(zip(names, oracle.coef_[0] / spread, strict=True))
    assert fitted == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize("seed", range(3))
def test_the_fit_is_the_least_of_a_loss_written_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    names = ["facets", "co_follow", "self_promotion", "follows_me"]
    episodes = []
    for _ in range(12):  # lists of unequal length, several hidden follows in one, two features that point the wrong way
        n = int(rng.integers(2, 9))
        found = rng.choice(n, int(rng.integers(1, n)), replace=False).tolist()
        values = rng.normal(size=(n, 4)) * [1, 10, 0.1, 1]
        values[found] += [1, -5, 0.1, 0]
        episodes.append(_episode(dict(zip(names, values.T.tolist(), strict=True)), found))
    prior, pull = {"facets": 0.4, "co_follow": 0.02, "self_promotion": -0.5, "follows_me": 0.1}, 3.0
    columns = [NAMES.index(name) for name in names]
    spread = np.concatenate([episode.features for episode in episodes])[:, columns].std(axis=0)
    start = np.array(list(prior.values()))

    def loss(scaled: np.ndarray) -> float:
        total = 0.0
        for episode in episodes:
            likely = log_softmax(episode.features[:, columns] @ (scaled / spread))
            total -= likely[episode.found].mean()
        return total + pull / 2 * ((scaled - start * spread) ** 2).sum()

    bounds = [(0, None), (0, None), (None, 0), (0, None)]
    oracle = minimize(loss, start * spread, method="Nelder-Mead", bounds=bounds, tol=1e-10, options={"maxiter": 9999})
    fitted = fit(episodes, prior, pull=pull)
    found = np.array([fitted.get(name, 0.0) for name in names])
    assert loss(found * spread) <= oracle.fun + 1e-4
    np.testing.assert_allclose(found * spread, oracle.x, atol=5e-3)
    assert (found[:2] > 0).tolist() == [True, False]  # what is not found by co-follows is not held against anybody


def test_planted_weights_are_found_again() -> None:
    names, truth = ["facets", "walk", "engaged", "link_spam"], [1.2, 0.4, 0.0, -0.8]
    fitted = fit(_drawn(np.random.default_rng(3), 4000, names, truth), {}, pull=1e-6)
    assert [fitted.get(name, 0.0) for name in names] == pytest.approx(truth, abs=0.08)


def test_scores_too_large_for_exp_do_no_harm() -> None:
    huge = _episode({"facets": [5000.0, 0.0, -5000.0], "walk": [0.0, 1e5, 0.0]}, [0])
    fitted = fit([huge] * 3, {"facets": 9.0, "walk": 9.0})
    assert np.isfinite(list(fitted.values())).all()


# -- the prior -------------------------------------------------------------------------------------------------------------------


def test_few_queries_stay_near_the_prior_and_many_leave_it() -> None:
    rng = np.random.default_rng(4)
    one = _drawn(rng, 1, ["facets", "walk"], [3.0, 0.0])
    many = _drawn(rng, 3000, ["facets", "walk"], [3.0, 0.0])
    prior = {"facets": 0.5, "walk": 1.0}
    assert fit(one, prior) == pytest.approx(prior, abs=0.1)
    far = fit(many, prior)
    assert far["facets"] == pytest.approx(3.0, abs=0.5)
    assert far["walk"] < 0.2
    distance = [abs(fit(many[:n], prior)["facets"] - 0.5) for n in (1, 10, 100, 1000)]
    assert distance == sorted(distance)


@pytest.mark.parametrize(("pull", "near"), [(1e9, True), (1e-3, False)])
def test_a_firm_prior_does_not_move(pull: float, near: bool) -> None:
    prior = {"facets": 0.5, "walk": 1.0, "link_spam": -2.0}
    episodes = _drawn(np.random.default_rng(5), 50, ["facets", "walk", "link_spam"], [3.0, 0.0, 0.0])
    assert (fit(episodes, prior, pull=pull) == pytest.approx(prior, abs=1e-3)) == near


def test_what_the_questions_do_not_tell_stays_as_it_was() -> None:
    episodes = [_episode({"facets": [1.0, 0.0, 0.5], "bio": [0.3, 0.3, 0.3]}, [0])]
    fitted = fit(episodes, {"bio": 0.7, "engaged": 0.4, "link_spam": -3.0, "walk": 0.0})
    assert {name: fitted[name] for name in ("bio", "engaged", "link_spam")} == {"bio": 0.7, "engaged": 0.4, "link_spam": -3.0}
    assert set(fitted) == {"facets", "bio", "engaged", "link_spam"}  # weights of zero are left out


def test_the_scale_of_a_feature_does_not_matter() -> None:
    rng = np.random.default_rng(6)
    small = _drawn(rng, 40, ["facets", "walk"], [1.0, 0.5])
    hundredfold = np.where(np.array(NAMES) == "walk", 100.0, 1.0)
    large = [Episode(episode.features * hundredfold, episode.found) for episode in small]
    one, other = fit(small, {"walk": 0.4}, pull=5.0), fit(large, {"walk": 0.004}, pull=5.0)
    assert one["facets"] == pytest.approx(other["facets"], abs=1e-3)
    assert one["walk"] == pytest.approx(100 * other["walk"], abs=1e-2)


@st.composite
def episodes(draw: st.DrawFn) -> list[Episode]:
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    shapes = draw(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 3)), min_size=1, max_size=4))
    return [
        Episode(rng.normal(size=(n, len(NAMES))) * rng.integers(0, 2, len(NAMES)), rng.permutation(n) < min(found, n))
        for n, found in shapes
    ]


@given(episodes(), st.sampled_from([{}, FLAT]), st.sampled_from([0.01, 100.0]))
@settings(max_examples=25, deadline=None)
def test_spam_never_helps_and_nothing_good_speaks_against(
    questions: list[Episode], prior: dict[str, float], pull: float
) -> None:
    for name, value in fit(questions, prior, pull=pull).items():
        assert np.isfinite(value)
        assert (value < 0) == FEATURES[name].never_helps


def test_candidates_that_are_all_the_same_teach_nothing() -> None:
    assert fit([_episode({"facets": [0.5, 0.5]}, [1])], {"facets": 1.0, "walk": 0.0}) == {"facets": 1.0}


def test_spam_that_people_follow_is_not_rewarded() -> None:
    fitted = fit([_episode({"link_spam": [1.0, 0.0], "facets": [0.0, 1.0]}, [0])] * 500, {"link_spam": -1.0, "facets": 1.0})
    assert fitted == {}


# -- what is asked ---------------------------------------------------------------------------------------------------------------


def test_questions_hold_the_features_of_candidates_and_what_was_hidden(hashed_world_index: tf.AccountIndex) -> None:
    split = hidden_follows(hashed_world_index.data, queries=6, seed=2)
    index = hashed_world_index.with_follows(split.train)
    questions = collect(index, split)
    assert len(questions) == 6
    weights = dict.fromkeys(NAMES, 1.0)
    for (query, hidden), question in zip(split.truth.items(), questions, strict=True):
        evidence = Evidence(index, make_query(index, index.data.account_id(query)))
        strangers = split.candidates.copy()
        strangers[[query, *index.graph.following(query)]] = False
        rows = np.flatnonzero(strangers)
        _, every = contributions(evidence, rows, weights)
        known = {line.tobytes(): row for line, row in zip(every, rows.tolist(), strict=True)}
        asked = [known[(line + 0.0).tobytes()] for line in question.features]  # strangers only, with their own features
        assert len(asked) > 50
        found = {asked[place] for place in np.flatnonzero(question.found).tolist()}
        assert found <= set(hidden.tolist()) | {row for row in asked if asked.count(row) > 1}
        assert 0 < question.found.sum() <= len(hidden)


def test_a_question_without_an_answer_is_left_out() -> None:
    people = [tf.Account(account_id="m", bio="heat pumps"), tf.Account(account_id="o", bio="heat")]
    people += [tf.Account(account_id=f"p{i}", bio="heat pumps") for i in range(4)]
    people += [tf.Account(account_id=f"s{i}") for i in range(8)]
    follows = [tf.Follow(source_id="m", target_id=f"p{i}") for i in range(4)]
    follows += [tf.Follow(source_id="o", target_id=f"s{i}") for i in range(8)]
    data = tf.Dataset.from_records(people, follows=follows)
    split = hidden_follows(data, share=0.9, fewest=4, fewest_followers=0)
    index = tf.AccountIndex.build(split.train, encoder=tf.HashingEncoder(), cache=False)
    assert len(split.truth) == 2
    (question,) = collect(index, split)  # nothing speaks for those whom o followed
    assert question.found.sum() == len(split.truth[data.row("m")])


@pytest.mark.parametrize(("people", "kinds"), [(10, 5), (9, 1)])
def test_newcomers_are_asked_about_where_enough_people_are_known(
    people: int, kinds: int, capsys: pytest.CaptureFixture[str]
) -> None:
    index = text_decides(people=people)
    gather(index, queries=3, progress=True)
    bars = re.findall(r"learning: (.+?): +\d+%", capsys.readouterr().err)
    every = {
        "hidden follows, 20%",
        "cold start, 0 follows known",
        "cold start, 3 follows known",
        "cold start, 0 follows known, no followers",
        "new accounts, 10% of the followed, following nobody",
    }
    assert set(bars) == (every if kinds == 5 else {"hidden follows, 20%"})


# -- learning --------------------------------------------------------------------------------------------------------------------


def _text_part(weights: tf.Weights) -> float:
    """How much of the weight is on what accounts say, rather than on ties."""
    of = {kinds: sum(value for name, value in weights.values.items() if name.startswith(kinds)) for kinds in (TEXT, GRAPH)}
    return of[TEXT] / (of[TEXT] + of[GRAPH])


@pytest.mark.parametrize(("world", "by_text"), [(text_decides, True), (graph_decides, False)])
def test_weights_move_to_the_kind_of_evidence_that_decides(world: Callable[[], tf.AccountIndex], by_text: bool) -> None:
    whole = world()
    test = hidden_follows(whole.data, seed=5)
    index = whole.with_follows(test.train)
    prior = tf.Weights(FLAT)
    learned = learn(index, prior=prior, queries=40)
    assert _text_part(prior) == pytest.approx(13 / 31)  # six kinds in two forms and a cosine, of fifteen kinds and a cosine
    assert (_text_part(learned) > 0.55) == by_text
    assert (_text_part(learned) < 0.2) == (not by_text)
    score = weighted(index)
    found = compare(test, index, {"prior": score(prior), "learned": score(learned)})
    assert found["learned"].gain(found["prior"], "ndcg@10")[0] > 0.05


@pytest.fixture(scope="module")
def small() -> tf.AccountIndex:
    return text_decides(people=9)


def test_learning_twice_gives_the_same_weights(small: tf.AccountIndex) -> None:
    one, again, other = (tf.learn(small, queries=5, seed=seed) for seed in (4, 4, 5))
    assert one == again
    assert one.values != other.values


def test_weights_say_where_they_come_from(small: tf.AccountIndex) -> None:
    asked = len(gather(small, queries=5, seed=4))
    assert 0 < asked <= 5
    learned = tf.learn(small, prior=tf.Weights({"facets": 1.0}, "by hand"), queries=5, seed=4)
    assert learned.provenance == f"learned from hidden follows, {asked} questions; prior: by hand"
    assert learned.index_fingerprint == small.fingerprint
    assert default_weights().provenance in tf.learn(small, queries=1).provenance


def test_learned_weights_rank_and_their_contributions_add_up(hashed_world_index: tf.AccountIndex) -> None:
    learned = tf.learn(hashed_world_index, queries=6)
    recs = tf.recommend(hashed_world_index, "@me", weights=learned, n=100)
    assert len(recs) == 100
    for rec in recs:
        assert set(rec.contributions) <= set(learned.values)
        assert sum(rec.contributions.values()) == pytest.approx(rec.score, abs=1e-9)
    assert recs.settings["weights"] == learned.provenance


@pytest.mark.parametrize("marked", [True, None])
def test_the_follows_of_one_person_are_enough(marked: bool | None) -> None:
    people = [tf.Account(account_id="me", bio="heat pumps and grids", is_source=marked)]
    bios = ["grids, storage, heat pumps"] * 20 + [f"sour dough and bread number {i}" for i in range(20)]
    people += [tf.Account(account_id=f"a{i:02}", bio=bio) for i, bio in enumerate(bios)]
    data = tf.Dataset.from_records(people, follows=[tf.Follow(source_id="me", target_id=f"a{i:02}") for i in range(12)])
    index = tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False)
    prior = tf.Weights({"facets": 0.1, "words": 0.1, "walk": 0.4})
    weights = tf.learn(index, prior=prior)
    assert weights.values["words"] > 0.1
    assert weights.values["walk"] == 0.4  # nobody else follows anybody: no walk tells anything
    assert {name: weights.values[name] for name in prior.values} == pytest.approx(dict(prior.values), abs=0.5)
    assert [rec.account_id for rec in tf.recommend(index, "me", weights=weights, n=8)] == [f"a{i}" for i in range(12, 20)]


# -- errors ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("queries", [0, -3, True, 2.5, "10"])
def test_the_number_of_queries_is_a_whole_number(hashed_world_index: tf.AccountIndex, queries: Any) -> None:
    with pytest.raises(tf.InvalidRequest, match="queries must be a whole number from 1 on"):
        tf.learn(hashed_world_index, queries=queries)


def test_without_follows_there_is_nothing_to_learn_from() -> None:
    people = [tf.Account(account_id=str(i), bio="heat pumps") for i in range(9)]
    few = [tf.Follow(source_id="0", target_id=str(i)) for i in range(1, 5)]
    index = tf.AccountIndex.build(tf.Dataset.from_records(people, follows=few), encoder=tf.HashingEncoder(), cache=False)
    with pytest.raises(tf.DataError, match="no account with complete followings has at least 5 of them: nobody to ask about"):
        tf.learn(index)


def test_follows_for_which_nothing_speaks_teach_nothing() -> None:
    follows = [tf.Follow(source_id="0", target_id=str(i)) for i in range(1, 9)]
    data = tf.Dataset.from_records([tf.Account(account_id=str(i)) for i in range(9)], follows=follows)
    with pytest.raises(tf.DataError, match="no hidden follow could be found by any evidence"):
        tf.learn(tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False))
