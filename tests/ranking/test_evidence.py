from __future__ import annotations

import gc
import math
import weakref
from collections.abc import Sequence
from dataclasses import replace

import networkx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import tweetfocus as tf
from tweetfocus.index.rounded import round_rows
from tweetfocus.kernels.similarity import unit_rows
from tweetfocus.ranking import evidence as evidence_module
from tweetfocus.ranking.evidence import KINDS, Evidence, rarity, relative
from tweetfocus.ranking.features import FEATURES
from tweetfocus.ranking.query import make_query
from tweetfocus.ranking.reasons import explain

NAN = math.nan
EVERY = (*KINDS, "follows_me", "engaged")
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


@pytest.fixture(scope="module")
def planted() -> tf.AccountIndex:
    """Gridders and bakers follow their own kind; two newcomers have a bio, one nothing, and some accounts are silent."""
    rng = np.random.default_rng(3)
    bios = {"g": "heat pumps and grids", "b": "sour dough and bread"}
    people = [tf.Account(account_id=f"{kind}{i:02}", bio=f"{bios[kind]} {i}") for kind in "gb" for i in range(24)]
    people += [tf.Account(account_id=f"new-{kind}", bio=bios[kind]) for kind in "gb"] + [tf.Account(account_id="nobody")]
    follows = []
    for kind in "gb":
        for i in range(12):
            follows += [(f"{kind}{i:02}", f"{kind}{j:02}") for j in range(12, 22) if rng.random() < 0.7]
            follows += [(f"{kind}{i:02}", f"silent-{kind}{j}") for j in range(4) if rng.random() < 0.7]
            follows += [(f"{kind}{i:02}", f"{kind}{j:02}") for j in range(12) if j != i and rng.random() < 0.2]
    return _index(people, follows=follows)  # type: ignore[arg-type]


# a has one following and b two, so a follow by a counts 1 / log 2 and one by b 1 / log 3
@pytest.mark.parametrize(
    ("kind", "by_hand"),
    [
        ("friends", [0, 0, 1 / math.log(2) + 1 / math.log(3), 1 / math.log(3), NAN]),
        ("likeness", [0, 0, 0, 1 / math.sqrt(2 * 2), NAN]),
        ("co_follow", [(1 + 1 / math.sqrt(2)) / 2, (1 + 1 / math.sqrt(2)) / 2, 1 / math.sqrt(3 * 2) / 2, 0, NAN]),
        ("audience", [0, 0, 0, 0, NAN]),  # c follows me and nobody else
        ("follows_me", [0, 0, 1, 0, NAN]),
        ("engaged", [0, 0, 3, 1, NAN]),
    ],
)
def test_ties_by_hand(graph_evidence: Evidence, kind: str, by_hand: list[float]) -> None:
    np.testing.assert_allclose(getattr(graph_evidence, kind), by_hand, rtol=1e-6)


def test_my_followers_speak_for_whom_they_follow(graph_evidence: Evidence) -> None:
    index = graph_evidence.index  # d and m follow a; d follows c as well, and m follows b
    audience = Evidence(index, make_query(index, "a")).audience
    np.testing.assert_allclose(audience, [NAN, 1 / math.log(3), 1 / math.log(3), 0, 0])
    assert not np.nan_to_num(Evidence(index, make_query(index, None, seeds=["a"])).audience).any()  # examples ask for nobody


def _unit(rows: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)


def _by_people(follows: np.ndarray, theirs: np.ndarray, mine: np.ndarray) -> np.ndarray:
    """Kernel ridge regression over all who follow two accounts or more, written out."""
    choosers = np.flatnonzero(follows.sum(axis=1) >= 2)
    rows, own = _unit(theirs)[choosers], _unit(mine)
    weights = np.linalg.solve(rows @ rows.T + 3 * np.eye(len(choosers)), rows @ own)
    return np.maximum((weights * follows[choosers].sum(axis=1) ** -0.25) @ follows[choosers], 0)


@pytest.mark.parametrize("who", ["@me", "@copepod_nils", "@labourlaw_lene", "g03", "g13"])
def test_people_like_me_by_kernel_ridge_regression(
    hashed_world_index: tf.AccountIndex, planted: tf.AccountIndex, who: str
) -> None:
    index = hashed_world_index if who.startswith("@") else planted
    row, follows = index.data.row(who), index.trusted.out_matrix.toarray().astype(np.float64)
    evidence = Evidence(index, make_query(index, who))
    around = np.maximum(follows, follows.T) + np.eye(len(index))
    around = around * (around.sum(axis=0) ** -0.25)
    audiences = follows.T + np.eye(len(index))
    expected = {
        "peers": _by_people(follows, follows, follows[row]),
        "neighbours": _by_people(follows, around, around[row]),
        "fellows": _by_people(follows, audiences, audiences[row]),
    }
    for kind, values in expected.items():
        found, others = getattr(evidence, kind), np.arange(len(index)) != row
        assert values[others].any() == (kind != "peers" or who != "g13")  # who follows nobody
        np.testing.assert_allclose(found[others], values[others], atol=1e-4 * values.max(), err_msg=kind)


def test_examples_are_neighbours_of_those_who_know_them(hashed_world_index: tf.AccountIndex) -> None:
    index = hashed_world_index
    examples = [index.data.row(name) for name in ("@camille_dbt", "@wen_pipelines")]
    evidence = Evidence(index, make_query(index, None, seeds=["@camille_dbt", "@wen_pipelines"]))
    follows = index.trusted.out_matrix.toarray().astype(np.float64)
    around = np.maximum(follows, follows.T) + np.eye(len(index))
    around = around * (around.sum(axis=0) ** -0.25)
    mine = np.zeros(len(index))
    mine[examples] = (np.count_nonzero(around, axis=0) ** -0.25)[examples]
    expected = _by_people(follows, around, mine)
    others = ~np.isin(np.arange(len(index)), examples)
    np.testing.assert_allclose(evidence.neighbours[others], expected[others], atol=1e-4 * expected.max())
    assert not np.nan_to_num(evidence.fellows).any()


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
    for kind in EVERY:
        values = getattr(evidence, kind)
        assert np.isnan(values[asking]).all() or not values.any(), kind
    assert not evidence.fellows.any()  # the only one that examples have no part in
    assert all((values[asking] == 0).all() for values in evidence.rarities.values())
    assert not evidence.any[asking].any()


def test_without_text_and_follows_there_is_no_evidence() -> None:
    index = _index([tf.Account(account_id="1"), tf.Account(account_id="2", bio="heat pumps"), tf.Account(account_id="3")])
    nothing = Evidence(index, make_query(index, "1"))
    assert not nothing.any.any()
    assert all(np.nan_to_num(getattr(nothing, kind)).tolist() == [0, 0, 0] for kind in EVERY)


class Dense:
    """Every text has a value in every dimension, as with a real model: sums of them round differently in another order."""

    fingerprint = "dense"
    dimension = 256

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        drawn = [np.random.default_rng(list(text.encode())).normal(size=self.dimension) for text in texts]
        return unit_rows(np.array(drawn))


# -- where text and graph meet -------------------------------------------------------------------------------------------------


def _kinds(index: tf.AccountIndex, values: np.ndarray) -> set[str]:
    return {index.data.account_id(row).removeprefix("silent-")[0] for row in np.flatnonzero(np.nan_to_num(values) > 0)}


@pytest.mark.parametrize("kind", ["g", "b"])
def test_a_newcomer_is_led_to_what_people_with_such_a_bio_follow(planted: tf.AccountIndex, kind: str) -> None:
    index = planted
    evidence = Evidence(index, make_query(index, f"new-{kind}"))
    place = index.follow_space.place_of(evidence.query.facets, evidence.query.shares, evidence.query.terms)
    expected = np.maximum(index.follow_space.items @ place, 0)
    others = np.arange(len(index)) != evidence.query.row
    np.testing.assert_allclose(evidence.alike[others], expected[others], atol=1e-5 * expected.max())
    # nothing but the text is known: the pattern is the same, to a scale
    np.testing.assert_allclose(evidence.pattern * np.linalg.norm(place), evidence.alike, atol=1e-6)
    for found in (evidence.alike, evidence.pattern):
        assert {index.data.account_id(row).removeprefix("silent-")[0] for row in np.argsort(-np.nan_to_num(found))[:10]} == {
            kind
        }
        assert found[index.data.row(f"silent-{kind}0")] > 0  # who says nothing is found by who follows them
    assert evidence.any[index.data.row(f"silent-{kind}0")]
    unfollowed = index.data.row(f"{kind}23")
    assert evidence.alike[unfollowed] == 0
    assert evidence.spoken[unfollowed] > np.nanmedian(evidence.spoken)  # but describes itself like those who are followed


def test_where_i_stand_is_text_follows_and_followers_by_how_much_is_known(planted: tf.AccountIndex) -> None:
    index = planted
    space, graph = index.follow_space, index.graph
    row = index.data.row("g03")
    query = make_query(index, "g03")
    mine, fans = graph.following(row), graph.followers(row)
    assert 0 < len(fans) < 10
    followed = sum(graph.in_degree[item] ** -0.25 * space.items[item] for item in mine)
    place = 10 * space.place_of(query.facets, query.shares, query.terms) + len(mine) * followed / np.linalg.norm(followed)
    place = place + len(fans) * np.mean([space.people[fan] for fan in fans], axis=0)
    place /= np.linalg.norm(place)
    evidence = Evidence(index, query)
    others = np.arange(len(index)) != row
    np.testing.assert_allclose(evidence.pattern[others], np.maximum(space.items @ place, 0)[others], atol=1e-5)
    spoken = np.where(space.spoken.any(axis=1), np.maximum(space.spoken @ place, 0), NAN)
    np.testing.assert_allclose(evidence.spoken[others], spoken[others], atol=1e-5)


def test_an_echo_is_what_texts_let_expect_of_the_follows_of_those_near(planted: tf.AccountIndex) -> None:
    evidence = Evidence(planted, make_query(planted, "g03"))
    followed = planted.graph.in_degree > 0
    expected = planted.follow_space.expect(np.nan_to_num(evidence.neighbours), followed, planted.products.voices)
    others = np.arange(len(planted)) != evidence.query.row
    np.testing.assert_allclose(evidence.echo[others], np.maximum(expected, 0)[others], atol=1e-5 * np.nanmax(expected))
    unfollowed = {kind: evidence.echo[planted.data.row(f"{kind}23")] for kind in "gb"}
    assert unfollowed["g"] > unfollowed["b"]  # nobody follows either: their texts tell
    alone = Evidence(planted, make_query(planted, "new-g"))
    assert np.nan_to_num(alone.echo).tolist() == [0] * len(planted)  # without neighbours there is nobody to echo


def test_what_link_spammers_follow_is_no_evidence(planted: tf.AccountIndex) -> None:
    names = [planted.data.account_id(row) for row in range(len(planted))]
    posts = [
        tf.Post(account_id=f"spam{s}", post_id=f"{s}-{p}", text=f"Best offer https://offers.example/{p % 2}")
        for s in range(5)
        for p in range(20)
    ]
    follows = [tf.Follow(source_id=f"spam{s}", target_id=name) for s in range(5) for name in names[s::3]]
    crowd = tf.Dataset.from_records([tf.Account(account_id=f"spam{s}") for s in range(5)], posts=posts, follows=follows)
    crowded = planted.add(crowd, cache=False)
    kept = [crowded.data.row(name) for name in names]
    assert len(crowded.graph.out_indices) == len(planted.graph.out_indices) + len(follows)
    assert len(crowded.trusted.out_indices) == len(planted.graph.out_indices)
    assert planted.trusted is planted.graph
    before, after = Evidence(planted, make_query(planted, "g03")), Evidence(crowded, make_query(crowded, "g03"))
    for kind in ("walk", "peers", "neighbours", "co_follow", "friends", "audience", "fellows", "likeness"):
        np.testing.assert_allclose(getattr(after, kind)[kept], getattr(before, kind), atol=1e-5, err_msg=kind)


def test_those_who_say_nothing_have_no_place_by_what_they_say(planted: tf.AccountIndex) -> None:
    silent = [planted.data.row(name) for name in ("silent-g1", "silent-b2", "nobody")]
    evidence = Evidence(planted, make_query(planted, "g05"))
    assert np.isnan(evidence.spoken[silent]).all()
    assert np.isnan(evidence.echo[silent]).all()
    assert np.isfinite(evidence.spoken).sum() == 2 * 24 + 2 - 1
    nothing = Evidence(planted, make_query(planted, "nobody"))
    assert all(np.nan_to_num(getattr(nothing, kind)).tolist() == [0] * len(planted) for kind in EVERY)


def test_followers_count_for_a_person_but_not_for_a_declared_field(planted: tf.AccountIndex) -> None:
    field = Evidence(planted, make_query(planted, "g03", interests=["sour dough and bread"]))
    alone = Evidence(planted, make_query(planted, None, interests=["sour dough and bread"]))
    others = np.arange(len(planted)) != field.query.row
    assert field.query.following.size == 0  # nobody whom g03 follows is near that field
    for kind in ("alike", "pattern", "neighbours", "fellows", "peers"):
        np.testing.assert_array_equal(getattr(field, kind)[others], getattr(alone, kind)[others])
    assert field.audience[others].any()


def test_rounding_speaks_for_nobody() -> None:
    """Two worlds without a tie between them; whoever asks in one has nothing to do with the other."""
    rng = np.random.default_rng(6)
    follows = [
        (f"{w}{a:02}", f"{w}{b:02}") for w in "xy" for a in range(20) for b in range(20) if a != b and rng.random() < 0.3
    ]
    index = _index([tf.Account(account_id="z")], follows=follows)  # type: ignore[arg-type]
    evidence = Evidence(index, make_query(index, "x07"))
    for kind in KINDS:
        assert _kinds(index, getattr(evidence, kind)) <= {"x"}, kind
        assert _kinds(index, evidence.rarities[kind]) <= {"x"}, kind
    assert np.nan_to_num(evidence.pattern).sum() > 0


@pytest.mark.parametrize("twins", [2, 3, 7, 16])
@pytest.mark.parametrize("asking", [{"who": "m"}, {"interests": ["grids"]}, {"seeds": ["s"]}])
def test_twins_have_exactly_equal_evidence(twins: int, asking: dict[str, object]) -> None:
    ids = [f"t{number:02}" for number in range(twins)]
    bio = "Planning grids, storage and heat pumps for a small island"
    people = [tf.Account(account_id=i, bio=bio) for i in ids]
    people += [tf.Account(account_id=i, bio="Storage for grids on islands") for i in "ms"]
    posts = [tf.Post(account_id=i, text=text) for i in ids for text in ("the pump plan changed", "an island without grids")]
    pairs = [(i, "s") for i in ids] + [("f", i) for i in ids] + [("m", "f"), ("m", "s")]
    readers = [f"r{number}" for number in range(7)]
    people += [tf.Account(account_id=i, bio=f"Reading of islands, grids and {i}") for i in readers]
    people += [tf.Account(account_id=f"x{number}", bio=f"Writing of grids and {number}") for number in range(7)]
    pairs += [(i, f"x{n}") for place, i in enumerate(readers) for n in range(7) if (place * n) % 4 != 1]
    pairs += [(i, twin) for i in readers[:4] for twin in ids] + [("r5", "m")]
    follows = [tf.Follow(source_id=source, target_id=target) for source, target in pairs]
    data = tf.Dataset.from_records(people, posts=posts, follows=follows)
    index = tf.AccountIndex.build(data, encoder=Dense(), cache=False)
    evidence = Evidence(index, make_query(index, asking.get("who"), **{k: v for k, v in asking.items() if k != "who"}))  # type: ignore[arg-type]
    rows = [index.data.row(i) for i in ids]
    for kind in EVERY:
        assert len(set(getattr(evidence, kind)[rows].tolist())) == 1, kind
    for values in (evidence.rarities, evidence.relatives):
        assert all(len(set(own[rows].tolist())) == 1 for own in values.values())
    met = [kind for kind in ("alike", "spoken", "echo", "pattern") if np.nan_to_num(getattr(evidence, kind)).any()]
    assert met == ["alike", "spoken", "echo", "pattern"] if "who" in asking else set(met) >= {"alike", "spoken", "pattern"}


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


# -- relative ------------------------------------------------------------------------------------------------------------------


def test_relative_by_hand() -> None:
    values = np.array([8.0, 2.0, NAN, 4.0, 0.0, -3.0])
    assert relative(values, np.array([], dtype=np.int64)).tolist() == [1, 0.25, 0, 0.5, 0, 0]
    assert relative(values, np.array([0])).tolist() == [1, 0.5, 0, 1, 0, 0]  # whom I follow has no more than the most
    assert relative(values, np.array([0, 1, 3])).tolist() == [0] * 6  # nobody else has any
    assert relative(np.zeros(0), np.array([], dtype=np.int64)).tolist() == []


@given(numbers, st.data())
def test_relative_is_a_part_of_the_most_outside_the_known(values: np.ndarray, data: st.DataObject) -> None:
    known = sorted(data.draw(st.sets(st.integers(0, len(values) - 1)))) if len(values) else []
    found = relative(values, np.array(known, dtype=np.int64))
    others = [row for row in range(len(values)) if row not in known]
    most = max((values[row] for row in others if values[row] > 0), default=0)
    assert ((found >= 0) & (found <= 1)).all()
    expected = [min(value / most, 1) if most and value > 0 else 0 for value in values]
    np.testing.assert_allclose(found, expected)
    assert not most or max(found[others]) == 1
    assert relative(values * 64, np.array(known, dtype=np.int64)).tolist() == found.tolist()


def test_what_i_follow_already_sets_no_measure(hashed_world_index: tf.AccountIndex) -> None:
    index = hashed_world_index
    evidence = Evidence(index, make_query(index, "@me"))
    followed = index.graph.following(int(evidence.query.row or 0))
    strangers = ~np.isin(np.arange(len(index)), [*followed, evidence.query.row])
    assert set(evidence.relatives) == set(evidence.rarities) == set(KINDS)
    for kind, values in evidence.relatives.items():
        assert values[strangers].max() == 1, kind
        assert values.max() <= 1
        assert values.min() >= 0
        assert values[evidence.query.row] == 0
        own = np.nan_to_num(getattr(evidence, kind))
        np.testing.assert_allclose(values[strangers] * own[strangers].max(), np.maximum(own[strangers], 0), rtol=1e-9)


def test_preparing_covers_every_kind_and_changes_no_number() -> None:
    assert sorted([*evidence_module._BY_GRAPH, *evidence_module._BY_TEXT]) == sorted(KINDS)
    exact = tf.AccountIndex.build(tf.demo_dataset(), encoder=tf.HashingEncoder(64), cache=False)
    rounded = round_rows(exact.facets, exact.bio_vectors, exact.post_offsets, exact.words, exact.follow_space)
    for index in (exact, replace(exact, rounded=rounded)):
        plain, prepared = (Evidence(index, make_query(index, "@me")) for _ in range(2))
        prepared.prepare()
        for kind in KINDS:
            np.testing.assert_array_equal(getattr(prepared, kind), getattr(plain, kind), err_msg=kind)


def test_evidence_goes_when_nobody_holds_it_any_more(planted: tf.AccountIndex) -> None:
    gc.disable()  # so that a cycle would keep it: of a large index it holds hundreds of megabytes
    try:
        evidence = Evidence(planted, make_query(planted, "g03"))
        explain(evidence, np.arange(12, 20), [dict.fromkeys(FEATURES, 1.0)] * 8)
        gone = weakref.ref(evidence)
        del evidence
        assert gone() is None
    finally:
        gc.enable()
