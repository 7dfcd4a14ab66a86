"""Peers that are computed here: against hand-worked answers, networkx and scikit-learn. Those of other libraries need an extra."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import networkx as nx
import numpy as np
import pytest
from sklearn.metrics.pairwise import cosine_similarity

import tweetfocus as tf
from benchmarks.peers import FUSED, PEERS, RANK_FUSION, Method, World
from benchmarks.peers_base import combinations, with_popularity
from benchmarks.peers_graph import GRAPH_PEERS
from benchmarks.peers_library import first_of_rows, strongest_first
from benchmarks.tuning import tune
from tweetfocus.data.graph import FollowGraph
from tweetfocus.errors import InvalidRequest, MissingExtra
from tweetfocus.evaluation.harness import measure, top_rows
from tweetfocus.evaluation.splits import Split, cold_start, hidden_follows

LOG = np.log
PEER = {peer.name: peer for peer in PEERS}

COLD, WARM = "Cold homes cost their owners most in winter", "Warm homes need a heat pump and some insulation"

# 0 follows 1 and 2; 1 follows 3; 2 follows 3 and 4; 5 follows 0; 6 is alone
FOLLOWS = [(0, 1), (0, 2), (1, 3), (2, 3), (2, 4), (5, 0)]


def world(n: int, follows: Sequence[tuple[int, int]], texts: Sequence[str] = (), vectors: Any = None) -> World:
    pairs = np.array(follows, dtype=np.int64).reshape(-1, 2)
    return World(
        FollowGraph.from_pairs(n, pairs[:, 0], pairs[:, 1]),
        list(texts) or [""] * n,
        np.zeros((n, 2), np.float32) if vectors is None else np.asarray(vectors, np.float32),
        np.ones(n, dtype=bool),
    )


def random_world(seed: int, n: int = 30, share: float = 0.12) -> World:
    rng = np.random.default_rng(seed)
    return world(n, [(int(a), int(b)) for a, b in np.argwhere(rng.random((n, n)) < share) if a != b])


def bare(name: str, seen: World, **setting: Any) -> Any:
    """The scores as the method gives them, before the rest is ranked by popularity."""
    peer = PEER[name]
    assert isinstance(peer, Method)
    return peer.make(seen, **setting)


# -- what a peer sees -------------------------------------------------------------------------------------------------------


def test_a_world_holds_only_training_follows_even_of_an_index_that_knows_more(hashed_world_index: tf.AccountIndex) -> None:
    split = hidden_follows(hashed_world_index.data, queries=20, seed=1)
    seen = World.of(split, hashed_world_index)
    assert len(hashed_world_index.graph.out_indices) > len(seen.graph.out_indices) == split.train.follows.num_rows
    for query, truth in split.truth.items():
        assert not np.isin(truth, seen.graph.following(query)).any()
    assert np.array_equal(seen.candidates, split.candidates)


def test_documents_are_the_bio_and_the_posts_and_vectors_give_half_to_each() -> None:
    people = [tf.Account(account_id="1", bio="Heat pumps"), tf.Account(account_id="2"), tf.Account(account_id="3", bio="Chef")]
    posts = [tf.Post(post_id=str(i), account_id="1", text=text) for i, text in enumerate([WARM, COLD])]
    data = tf.Dataset.from_records(people, posts=posts)
    index = tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False)
    seen = World.of(Split("none", data, {}, np.ones(3, dtype=bool)), index)
    assert [sorted(text.split("\n")) for text in seen.texts] == [[COLD, "Heat pumps", WARM], [""], ["Chef"]]
    post = index.post_vectors.astype(np.float64).mean(axis=0)
    expected = index.bio_vectors[0] + post / np.linalg.norm(post)
    assert seen.vectors[0] == pytest.approx(expected / np.linalg.norm(expected), abs=2e-3)
    assert not seen.vectors[1].any()
    assert seen.vectors[2] == pytest.approx(index.bio_vectors[2], abs=2e-3)


def test_what_is_kept_is_made_once() -> None:
    seen, made = world(1, []), []
    assert [seen.keep("key", lambda: made.append(1) or "value") for _ in range(2)] == ["value", "value"]  # type: ignore[func-returns-value]
    assert made == [1]


# -- what it gives back -----------------------------------------------------------------------------------------------------


def test_what_a_method_knows_nothing_of_comes_last_the_most_followed_first() -> None:
    seen = world(5, [(0, 2), (1, 2), (0, 3), (4, 1)])
    scores = with_popularity(seen, lambda _: np.array([0.1, -2.0, 0.0, np.nan, 5.0]))(0)
    assert np.argsort(-scores, kind="stable").tolist() == [4, 0, 2, 1, 3]
    assert scores[[4, 0]].tolist() == [5.0, 0.1]
    assert (scores[[1, 2, 3]] < 0).all()


@pytest.mark.parametrize("peer", [peer for peer in GRAPH_PEERS if peer.name != "random"], ids=lambda peer: peer.name)
def test_every_graph_peer_is_popularity_where_nothing_is_known(peer: Method) -> None:
    seen = world(8, [*FOLLOWS, (1, 4), (5, 4)])
    for setting in peer.grid:
        order = top_rows(
            peer.fit(seen, **setting)(6), np.array([False, True, True, True, True, False, False, False]), 4, seed=3
        )
        assert order[:2].tolist() == [4, 3], setting  # followed by three and by two; the others by one


@pytest.mark.parametrize("peer", [peer for peer in PEERS if isinstance(peer, Method)], ids=lambda peer: peer.name)
def test_settings_differ(peer: Method) -> None:
    said = [tuple(sorted(setting.items(), key=str)) for setting in peer.grid]
    assert len(set(said)) == len(said) > 0


def test_combinations_are_all_in_order() -> None:
    assert combinations(a=(1, 2), b=("x",)) == ({"a": 1, "b": "x"}, {"a": 2, "b": "x"})


def test_a_missing_library_is_named_with_its_install_line() -> None:
    peer = Method("far", lambda _: importlib.import_module("no_such_library.part"), package="no_such_library")
    with pytest.raises(MissingExtra, match=r"pip install 'tweetfocus\[benchmark\]'"):
        peer.fit(world(1, []))
    other = Method("broken", lambda _: importlib.import_module("no_such_module"), package="numpy")
    with pytest.raises(ModuleNotFoundError, match="no_such_module") as error:
        other.fit(world(1, []))
    assert not isinstance(error.value, MissingExtra)


def test_a_peer_says_who_computes_it() -> None:
    assert PEER["popularity"].library == "own"
    assert PEER["TF-IDF"].library.startswith("scikit-learn 1.")
    assert Method("far", lambda _: _, package="no_such_library").library == "no_such_library"


# -- graph ------------------------------------------------------------------------------------------------------------------


def test_random_is_drawn_per_query() -> None:
    score = PEER["random"].fit(world(50, FOLLOWS))
    assert np.array_equal(score(3), score(3))
    assert not np.array_equal(score(3), score(4))


def test_popularity_counts_followers() -> None:
    assert PEER["popularity"].fit(world(7, FOLLOWS))(6).tolist() == [1, 1, 1, 2, 1, 0, 0]


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        ("out", "in", [0, 0, 0, 2, 1, 0, 0]),  # followed by 1 or 2, whom 0 follows
        ("out", "out", [2, 0, 0, 0, 0, 0, 0]),  # follow 1 or 2
        ("both", "both", [3, 0, 0, 2, 1, 0, 0]),
        ("in", "out", [0, 0, 0, 0, 0, 0, 0]),  # follow 5, who follows 0
    ],
)
def test_friends_of_friends_by_hand(mine: str, theirs: str, expected: list[int]) -> None:
    assert bare("friends of friends", world(7, FOLLOWS), mine=mine, theirs=theirs)(0).tolist() == expected


def test_adamic_adar_by_hand() -> None:
    score = bare("Adamic-Adar", world(7, FOLLOWS), mine="out", theirs="in", degree="both")(0)
    one, two = 1 / LOG(2), 1 / LOG(3)  # 1 has the neighbours 0 and 3; 2 has 0, 3 and 4
    assert score == pytest.approx([0, 0, 0, one + two, two, 0, 0])


def test_adamic_adar_is_that_of_networkx_on_the_undirected_graph() -> None:
    seen = random_world(5)
    graph = nx.Graph(seen.graph.to_networkx())
    scores = [bare("Adamic-Adar", seen, mine="both", theirs="both", degree="both")(row) for row in range(30)]
    pairs = [(a, b) for a in graph for b in graph if a != b]
    for a, b, expected in nx.adamic_adar_index(graph, pairs):
        assert scores[a][b] == pytest.approx(expected)


def test_bm25_by_hand() -> None:
    """Candidates are the documents, their followers the terms; seven documents, document lengths by followers, mean 6 / 7."""
    score = bare("BM25 on neighbours", world(7, FOLLOWS), mine="out", theirs="in", length="in", k=2.0, b=0.5)(0)
    of_one, of_two = LOG((7 - 1 + 0.5) / 1.5), LOG((7 - 2 + 0.5) / 2.5)  # 1 is a follower of one account, 2 of two

    def saturation(length: int) -> float:
        return 3 / (2 * (0.5 + 0.5 * length / (6 / 7)) + 1)

    assert score == pytest.approx([0, 0, 0, saturation(2) * (of_one + of_two), saturation(1) * of_two, 0, 0])


def test_bm25_takes_nothing_off_for_a_neighbour_whom_most_have() -> None:
    seen = world(4, [(0, 1), (1, 2), (1, 3), (1, 0)])
    assert bare("BM25 on neighbours", seen, mine="out", theirs="in", length="in", k=1.0, b=0.0)(0).tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("way", ["out", "both"])
@pytest.mark.parametrize("damping", [0.3, 0.85])
def test_pagerank_is_that_of_networkx(way: str, damping: float) -> None:
    seen = random_world(8, share=0.05)
    assert (seen.graph.out_degree == 0).any()
    graph: Any = seen.graph.to_networkx()
    graph = nx.Graph(graph) if way == "both" else graph
    score = bare("personalised PageRank", seen, way=way, damping=damping)
    for row in range(30):
        expected = nx.pagerank(graph, alpha=damping, personalization={row: 1}, tol=1e-12, max_iter=1000)
        assert score(row) == pytest.approx([expected[other] for other in range(30)], abs=1e-6)


def test_salsa_by_hand() -> None:
    """Two in the circle who follow: from 1 to 3, from 2 to 3 or 4, and back; without restarts 3 is met twice as often as 4."""
    seen = world(7, [(0, 1), (0, 2), (1, 3), (2, 3), (2, 4)])
    score = bare("SALSA", seen, way="out", size=3, steps=200, reset=0.0)(0)
    assert score[3] == pytest.approx(2 * score[4])
    assert score[5:].tolist() == [0, 0]
    alone = bare("SALSA", seen, way="out", size=1, steps=200, reset=0.0)(0)
    assert alone == pytest.approx([0, 0.5, 0.5, 0, 0, 0, 0])  # a circle of oneself meets only those one follows


@pytest.mark.parametrize("way", ["out", "both"])
def test_co_follow_is_the_sum_of_cosines_between_columns(way: str) -> None:
    seen = random_world(4)
    chosen = (seen.graph.out_matrix if way == "out" else seen.graph.undirected_matrix).toarray()
    likeness = cosine_similarity(chosen.T)
    score = bare("co-follow cosine", seen, way=way, power=0.5)
    for row in range(30):
        assert score(row) == pytest.approx(likeness @ chosen[row], abs=1e-6)


@pytest.mark.parametrize(("profile", "vote", "power"), [("out", "out", 1.0), ("both", "out", 2.0), ("in", "both", 1.0)])
def test_user_knn_is_the_vote_of_the_nearest(profile: str, vote: str, power: float) -> None:
    seen = random_world(6)
    matrices = {"out": seen.graph.out_matrix, "in": seen.graph.in_matrix, "both": seen.graph.undirected_matrix}
    likeness = cosine_similarity(matrices[profile].toarray())
    np.fill_diagonal(likeness, 0)
    score = bare("user-kNN", seen, profile=profile, vote=vote, k=5, power=power)
    compared = 0
    for row in range(30):
        nearest = np.argsort(-likeness[row])
        if likeness[row][nearest[4]] > likeness[row][nearest[5]] + 1e-6:  # who is fifth is beyond doubt
            votes = matrices[vote].toarray()[nearest[:5]]
            assert score(row) == pytest.approx(likeness[row][nearest[:5]] ** power @ votes, abs=1e-6)
            compared += 1
    assert compared > 5


def test_user_knn_of_more_neighbours_than_people_asks_everybody() -> None:
    few = bare("user-kNN", world(7, FOLLOWS), profile="both", vote="out", k=500, power=1.0)
    everybody = bare("user-kNN", world(7, FOLLOWS), profile="both", vote="out", k=7, power=1.0)
    assert few(0) == pytest.approx(everybody(0))


def test_the_strongest_neighbours_of_each_item_are_kept() -> None:
    from scipy.sparse import csr_matrix, random_array

    matrix = csr_matrix(random_array((20, 20), density=0.4, rng=np.random.default_rng(2)))
    for k in (1, 3, 50):
        kept = first_of_rows(strongest_first(matrix), k).toarray()
        for row, full in zip(kept, matrix.toarray(), strict=True):
            least = np.sort(full)[::-1][min(k, 20) - 1]
            assert np.array_equal(row, np.where(full >= max(least, 1e-12), full, 0))


# -- text -------------------------------------------------------------------------------------------------------------------


def test_tfidf_is_the_cosine_of_documents() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = ["heat pumps and homes", "heat pumps", "homes and gardens", "chef", ""]
    seen = world(5, [(0, 3), (0, 2)], texts)
    documents = TfidfVectorizer().fit_transform(texts)
    score = PEER["TF-IDF"].fit(seen, ngrams=1, sublinear=False, followed=0.0)(0)
    assert score[:3] == pytest.approx(cosine_similarity(documents[[0]], documents)[0][:3])
    assert score[3:].tolist() == [-np.inf, -np.inf]
    centroid = PEER["TF-IDF"].fit(seen, ngrams=1, sublinear=False, followed=1.0)(0)
    of_followed = np.asarray(documents[[2, 3]].mean(axis=0)).reshape(1, -1)
    assert centroid[[0, 2, 3]] == pytest.approx(cosine_similarity(of_followed, documents)[0][[0, 2, 3]])
    assert centroid[[1, 4]].tolist() == [-np.inf, -np.inf]


def test_tfidf_of_nobody_who_speaks_ranks_nobody() -> None:
    score = PEER["TF-IDF"].fit(world(2, [(0, 1)]), ngrams=1, sublinear=True, followed=0.5)
    assert score(0).tolist() == [-np.inf, -np.inf]


def test_sentence_vectors_of_myself_and_of_those_i_follow() -> None:
    half = 0.5**0.5
    seen = world(5, [(0, 1), (0, 2), (0, 4)], vectors=[[1, 0], [0.6, 0.8], [0, 1], [half, half], [0, 0]])
    peer = PEER["sentence embedding"]
    own = [1, 0.6, -np.inf, half, -np.inf]  # a cosine of exactly 0 says nothing
    centroid = np.array([0.6, 1.8]) / np.hypot(0.6, 1.8)
    to_mean = np.array([[1, 0], [0.6, 0.8], [0, 1], [half, half]]) @ centroid
    assert peer.fit(seen, followed=0.0, nearest=None)(0) == pytest.approx(own)
    assert peer.fit(seen, followed=1.0, nearest=None)(0)[:4] == pytest.approx(to_mean)
    assert peer.fit(seen, followed=0.25, nearest=None)(0)[3] == pytest.approx(0.75 * half + 0.25 * to_mean[3])
    assert peer.fit(seen, followed=1.0, nearest=1)(0)[[0, 3]] == pytest.approx([0.6, half * 1.4])
    assert peer.fit(seen, followed=1.0, nearest=2)(0)[0] == pytest.approx((0.6 + 0.0) / 2)
    assert peer.fit(seen, followed=1.0, nearest=10)(3)[1] == pytest.approx(half * 1.4)  # follows nobody: the own vector speaks


# -- fusion -----------------------------------------------------------------------------------------------------------------


def test_rank_fusion_by_hand() -> None:
    seen = world(6, [(0, 1)])
    one = np.array([9.0, 9.0, 3.0, 2.0, 1.0, -np.inf])  # 0 asks and follows 1: 2, 3, 4 have the ranks 1, 2, 3
    two = np.array([0.0, 0.0, 5.0, 7.0, 5.0, np.nan])  # 3 has rank 1, 2 and 4 share 2 and 3
    fused = RANK_FUSION.fit(seen, [lambda _: one, lambda _: two])(0)
    assert fused[2:5] == pytest.approx([1 / 61 + 1 / 62.5, 1 / 62 + 1 / 61, 1 / 63 + 1 / 62.5])
    assert fused[[0, 1, 5]].tolist() == [-np.inf] * 3


def test_rank_fusion_is_of_all_but_random_and_popularity() -> None:
    assert {peer.name for peer in PEERS} - {peer.name for peer in FUSED} == {"random", "popularity"}


# -- tuning -----------------------------------------------------------------------------------------------------------------


def _planted(truth: Any) -> Method:
    """Of four settings the third knows the truth best, the fourth equally well."""

    def make(_: World, known: float) -> Any:
        def score(row: int) -> Any:
            scores = np.zeros(len(truth[1]))
            scores[truth[0][row]] = known
            return scores + 0.5 * truth[1]

        return score

    return Method("planted", make, combinations(known=(0.0, 0.4, 2.0, 3.0)), falls_back=False)


def test_tuning_picks_the_best_setting_and_the_first_of_equals(hashed_world_index: tf.AccountIndex) -> None:
    split = hidden_follows(hashed_world_index.data, queries=15, seed=4)
    noise = np.random.default_rng(0).random(len(hashed_world_index))
    told: list[tuple[Any, float]] = []
    setting, mean = tune(
        _planted((split.truth, noise)), split, hashed_world_index, tell=lambda setting, score: told.append((setting, score))
    )
    assert (setting, mean) == ({"known": 2.0}, 1.0)
    assert [setting["known"] for setting, _ in told] == [0.0, 0.4, 2.0, 3.0]
    assert told[0][1] < told[1][1] < told[2][1] == told[3][1] == 1.0


def test_tuning_never_looks_at_the_outer_truth(hashed_world_index: tf.AccountIndex) -> None:
    """The index handed over knows every follow; the same tuning with an index of the training part gives the same figures."""
    data = hashed_world_index.data
    outer = hidden_follows(data, queries=25, seed=2026)
    inner = hidden_follows(outer.train, queries=25, seed=7)
    known = outer.train
    graph = FollowGraph.from_pairs(len(known), *known.pair_rows("follows"))
    honest = replace(hashed_world_index, data=known, graph=graph)
    seen: list[World] = []

    def spy(world: World, **setting: Any) -> Any:
        seen.append(world)
        return PEER["user-kNN"].fit(world, profile="both", vote="out", power=1.0, **setting)

    peer = Method("spy", spy, combinations(k=(2, 5, 10)))
    assert tune(peer, inner, hashed_world_index) == tune(peer, inner, honest)
    for query, truth in [*outer.truth.items(), *inner.truth.items()]:
        assert not any(np.isin(truth, world.graph.following(query)).any() for world in seen)


def test_the_tuned_score_is_what_the_harness_measures(hashed_world_index: tf.AccountIndex) -> None:
    split = hidden_follows(hashed_world_index.data, queries=20, seed=3)
    peer = PEER["Adamic-Adar"]
    setting, mean = tune(peer, split, hashed_world_index)
    world = World.of(split, hashed_world_index)
    trained = replace(hashed_world_index, data=split.train, graph=world.graph)
    means = [measure(split, trained, peer.fit(world, **other)).mean("ndcg@10") for other in peer.grid]
    assert mean == max(means)
    assert setting == peer.grid[int(np.argmax(means))]


def test_a_peer_without_settings_cannot_be_tuned(hashed_world_index: tf.AccountIndex) -> None:
    split = hidden_follows(hashed_world_index.data, queries=5)
    with pytest.raises(InvalidRequest, match="hollow has no settings"):
        tune(Method("hollow", PEER["popularity"].fit, ()), split, hashed_world_index)


def test_where_no_query_has_follows_a_peer_that_needs_them_is_measured_once(hashed_world_index: tf.AccountIndex) -> None:
    told: dict[str, list[float]] = {"Adamic-Adar": [], "TF-IDF": [], "popularity": []}
    for known, measured in ((3, 27), (0, 1)):
        split = cold_start(hashed_world_index.data, known=known, followers_known=False, queries=10)
        for name, means in told.items():
            means.clear()
            tune(PEER[name], split, hashed_world_index, tell=lambda _, mean, means=means: means.append(mean))
        assert {name: len(means) for name, means in told.items()} == {"Adamic-Adar": measured, "TF-IDF": 20, "popularity": 1}
    assert told["Adamic-Adar"] == told["popularity"]
