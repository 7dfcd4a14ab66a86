from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge

import tweetfocus as tf
from tweetfocus.data.graph import FollowGraph
from tweetfocus.index.building import FacetTable
from tweetfocus.index.follow_space import FollowSpace, follow_space
from tweetfocus.index.voices import Voices
from tweetfocus.index.words import WordTable, word_table
from tweetfocus.kernels.factors import follow_factors, follower_places, term_factors
from tweetfocus.kernels.similarity import unit_rows
from tweetfocus.ranking.query import make_query

CIRCLES, PEOPLE, ITEMS, D = 4, 10, 12, 8
N = CIRCLES * (PEOPLE + ITEMS)
PERSON = np.arange(N) < CIRCLES * PEOPLE
CIRCLE = np.arange(N) % CIRCLES
SILENT, NEW_ITEM, NEW_PERSON = N - 1, N - 2, 0  # without text; whom nobody follows; who follows nobody


def _graph(seed: int) -> FollowGraph:
    """Everybody follows half of the accounts of their circle."""
    rng = np.random.default_rng(seed)
    pairs = [
        (person, item)
        for person in np.flatnonzero(PERSON)
        for item in np.flatnonzero(~PERSON & (CIRCLE[person] == CIRCLE))
        if rng.random() < 0.6 and person != NEW_PERSON and item != NEW_ITEM
    ]
    return FollowGraph.from_pairs(N, [a for a, _ in pairs], [b for _, b in pairs])


def _facets(seed: int) -> FacetTable:
    """Meaning points to the circle; every fifth account has a second facet, and one says nothing."""
    rng = np.random.default_rng(seed)
    vectors, shares, offsets = [], [], [0]
    for row in range(N):
        own = 0 if row == SILENT else 2 if row % 5 == 0 else 1
        vectors += [3 * np.eye(D)[CIRCLE[row]] + rng.normal(size=D) for _ in range(own)]
        shares += [[], [1.0], [0.7, 0.3]][own]
        offsets.append(offsets[-1] + own)
    return FacetTable(
        unit_rows(np.array(vectors)),
        np.float32(shares),
        np.array(offsets),
        np.zeros(0, np.int8),
        np.full(N, np.nan, np.float32),
    )


def _words(seed: int) -> WordTable:
    rng = np.random.default_rng(seed)
    texts = [[f"{'abcd'[c]}{word}x" for word in rng.choice(list("klmnop"), 3)] for c in CIRCLE]
    return word_table([[] if row == SILENT else [" and ".join(own)] for row, own in enumerate(texts)])


@pytest.fixture(scope="module")
def parts() -> tuple[FollowGraph, FacetTable, WordTable]:
    return _graph(1), _facets(2), _words(3)


@pytest.fixture(scope="module")
def space(parts: tuple[FollowGraph, FacetTable, WordTable]) -> FollowSpace:
    return follow_space(*parts)


def _voice(facets: FacetTable, words: WordTable, terms: np.ndarray, row: int) -> np.ndarray:
    own = slice(facets.offsets[row], facets.offsets[row + 1])
    meant = facets.shares[own] @ facets.vectors[own]
    length = np.linalg.norm(meant)
    return np.concatenate([meant / length if length else meant, words.weights[[row]].toarray()[0] @ terms])


def test_places_are_those_of_the_graph(parts: tuple[FollowGraph, FacetTable, WordTable], space: FollowSpace) -> None:
    graph, _, words = parts
    assert space.items.tolist() == follow_factors(graph.out_matrix).tolist()
    assert space.people.tolist() == follower_places(graph.out_matrix, space.items).tolist()
    assert space.terms.tolist() == term_factors(words.weights).tolist()
    assert space.items.shape == (N, CIRCLES * PEOPLE - 2)  # one follows nobody, and the last direction is noise
    assert not space.items[[NEW_ITEM, NEW_PERSON]].any()
    assert not space.people[NEW_PERSON].any()


def test_maps_from_text_are_ridge_regressions(parts: tuple[FollowGraph, FacetTable, WordTable], space: FollowSpace) -> None:
    graph, facets, words = parts
    voices = np.array([_voice(facets, words, space.terms, row) for row in range(N)])
    speaks = np.arange(N) != SILENT
    followed, follows = speaks & (graph.in_degree >= 2), speaks & (graph.out_degree >= 5)
    assert 30 < followed.sum() < CIRCLES * ITEMS
    assert 20 < follows.sum() < CIRCLES * PEOPLE
    to_items = Ridge(alpha=10.0).fit(voices[followed], space.items[followed] * np.sqrt(N))
    np.testing.assert_allclose(space.spoken[speaks], to_items.predict(voices[speaks]) / np.sqrt(N), atol=1e-5)
    to_people = Ridge(alpha=3.0).fit(voices[follows], space.people[follows])
    for row in np.flatnonzero(speaks).tolist():
        own = slice(facets.offsets[row], facets.offsets[row + 1])
        terms = np.repeat(words.weights[[row]].toarray(), own.stop - own.start, axis=0)
        found = space.place_of(facets.vectors[own], facets.shares[own], terms)
        np.testing.assert_allclose(found, to_people.predict(voices[[row]])[0], atol=1e-5)


def test_what_a_text_lets_expect_is_a_ridge_regression_on_the_followed(
    parts: tuple[FollowGraph, FacetTable, WordTable], space: FollowSpace
) -> None:
    graph, facets, words = parts
    voices = Voices(facets, words, space.terms)
    known, followed = np.random.default_rng(4).normal(size=N), graph.in_degree > 0
    learnt = np.flatnonzero(followed & (np.arange(N) != SILENT))
    oracle = Ridge(alpha=10.0).fit(voices.rows()[learnt], known[learnt])
    expected = oracle.predict(voices.rows()) - oracle.predict(voices.rows()[learnt].mean(axis=0, keepdims=True))
    found = space.expect(known, followed, voices)
    assert np.flatnonzero(np.isnan(found)).tolist() == [SILENT]
    speaks = np.arange(N) != SILENT
    np.testing.assert_allclose(found[speaks], expected[speaks], atol=1e-5)


def test_who_says_nothing_is_placed_nowhere(space: FollowSpace) -> None:
    assert not space.spoken[SILENT].any()
    assert space.items[SILENT].any()  # though followed
    assert np.abs(space.spoken).max(axis=1)[:SILENT].min() > 0


def test_the_graph_teaches_where_newcomers_would_stand(
    parts: tuple[FollowGraph, FacetTable, WordTable], space: FollowSpace
) -> None:
    _, facets, words = parts
    known = [np.flatnonzero((circle == CIRCLE) & ~PERSON & (np.arange(N) < NEW_ITEM)) for circle in range(CIRCLES)]
    centres = unit_rows([space.items[rows].mean(axis=0) for rows in known])
    assert int(np.argmax(centres @ space.spoken[NEW_ITEM])) == CIRCLE[NEW_ITEM]
    own = slice(facets.offsets[NEW_PERSON], facets.offsets[NEW_PERSON + 1])
    terms = np.repeat(words.weights[[NEW_PERSON]].toarray(), 2, axis=0)
    place = space.place_of(facets.vectors[own], facets.shares[own], terms)
    followed = space.items @ place
    assert set(np.argsort(-followed)[: ITEMS - 2].tolist()) <= set(known[CIRCLE[NEW_PERSON]].tolist())


def test_known_factors_of_the_terms_are_taken_as_they_are(parts: tuple[FollowGraph, FacetTable, WordTable]) -> None:
    _, facets, words = parts
    whole, again = follow_space(*parts), follow_space(*parts, terms=term_factors(words.weights))
    for name in ("items", "spoken", "people", "terms", "mean", "slope", "offset"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(again, name))
        assert getattr(whole, name).dtype == np.float32
    np.testing.assert_array_equal(whole.solver, again.solver)
    mine = np.zeros((len(words.vocabulary), 2), np.float32)
    other = follow_space(parts[0], facets, words, terms=mine)
    assert other.terms is mine
    assert other.slope.shape[0] == D + 2
    assert not other.slope[D:].any()


@pytest.mark.parametrize("pairs", [[], [(0, 50)], [(0, 50), (1, 50), (2, 50)]])
def test_a_graph_without_taste_has_no_places(pairs: list[tuple[int, int]]) -> None:
    facets, words = _facets(2), _words(3)
    space = follow_space(FollowGraph.from_pairs(N, [a for a, _ in pairs], [b for _, b in pairs]), facets, words)
    assert space.items.shape == space.spoken.shape == space.people.shape == (N, 0)
    assert space.place_of(facets.vectors[:1], np.ones(1, np.float32), words.weights[[0]].toarray()).shape == (0,)


def test_twins_stand_in_the_same_place() -> None:
    bio = "Planning grids and storage"
    people = [tf.Account(account_id=f"t{i:02}", bio=bio) for i in range(9)]
    people += [
        tf.Account(account_id=f"x{i:02}", bio=f"Planning {'grids' if i % 2 else 'cakes'} and pumps {i}") for i in range(20)
    ]
    rng = np.random.default_rng(4)
    follows = [(f"f{p:02}", f"x{i:02}") for p in range(25) for i in range(20) if rng.random() < 0.4]
    follows += [(f"f{p:02}", f"t{i:02}") for p in range(0, 25, 3) for i in range(9)]
    data = tf.Dataset.from_records(people, follows=[tf.Follow(source_id=a, target_id=b) for a, b in follows])
    index = tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False)
    twins = [index.data.row(f"t{i:02}") for i in range(9)]
    for places in (index.follow_space.items, index.follow_space.spoken):
        assert places[twins].any()
        assert len(np.unique(places[twins], axis=0)) == 1


def test_an_account_asks_from_where_its_own_text_puts_it() -> None:
    # one facet and a handful of texts: what is asked is what was learned from
    people = [
        tf.Account(account_id=f"p{i:02}", bio=f"{'heat pumps' if i % 2 else 'sour dough'} {'abcdefg'[i % 7]}xyz")
        for i in range(40)
    ]
    rng = np.random.default_rng(5)
    follows = [(a, b) for a in range(40) for b in range(40) if a != b and (a - b) % 2 == 0 and rng.random() < 0.5]
    data = tf.Dataset.from_records(people, follows=[tf.Follow(source_id=f"p{a:02}", target_id=f"p{b:02}") for a, b in follows])
    index = tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False)
    space, terms = index.follow_space, index.words.weights.toarray() @ index.follow_space.terms
    voices = np.hstack([unit_rows(index.facets.vectors), terms])
    oracle = Ridge(alpha=3.0).fit(voices, space.people).predict(voices)
    for row in range(40):
        query = make_query(index, index.data.account_id(row))
        np.testing.assert_allclose(space.place_of(query.facets, query.shares, query.terms), oracle[row], atol=1e-4)
