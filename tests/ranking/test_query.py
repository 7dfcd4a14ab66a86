from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import tweetfocus as tf
from tweetfocus.ranking.query import make_query


@pytest.fixture(scope="module")
def index() -> tf.AccountIndex:
    bios = {"1": "heat pumps and grids", "2": "grids and storage", "3": "sour dough bread", "4": None}
    people = [tf.Account(account_id=i, username=f"User{i}", bio=bio) for i, bio in bios.items()]
    follows = [tf.Follow(source_id=source, target_id=target) for source, target in ["12", "13", "24"]]
    data = tf.Dataset.from_records(people, follows=follows)
    return tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False)


@pytest.mark.parametrize("who", ["1", "@User1", "@user1", "USER1", " @user1 "])
def test_an_account_by_any_of_its_names(index: tf.AccountIndex, who: str) -> None:
    query = make_query(index, who)
    assert query.row == 0
    assert query.walk_from.tolist() == [0]
    assert query.following.tolist() == [1, 2]
    assert query.seeds.tolist() == []
    np.testing.assert_array_equal(query.facets, index.facet_vectors(0)[0])
    assert query.shares.tolist() == [1.0]


def test_an_account_without_text_has_no_facets(index: tf.AccountIndex) -> None:
    query = make_query(index, "4")
    assert query.facets.shape == (0, 256)
    assert len(query.shares) == len(query.words) == len(query.terms) == 0


def test_declared_fields_take_the_place_of_the_own_ones(index: tf.AccountIndex) -> None:
    query = make_query(index, "1", interests=["sour dough bread", "storage", "storage"])
    assert query.row == 0
    assert query.shares.tolist() == pytest.approx([1 / 3] * 3)
    assert query.facets @ index.facet_vectors(2)[0][0] == pytest.approx([1, 0, 0], abs=0.2)
    assert query.following.tolist() == [1, 2]  # whom the person follows still counts


def test_declared_fields_are_cleaned_like_every_other_text(index: tf.AccountIndex) -> None:
    raw = make_query(index, None, interests=["<b>#HeatPumps</b> &amp; grids https://grid.example"])
    plain = make_query(index, None, interests=["Heat Pumps & grids"])
    np.testing.assert_array_equal(raw.facets, plain.facets)
    np.testing.assert_array_equal(raw.terms, plain.terms)


def test_examples_take_the_place_of_the_own_fields_and_follows(index: tf.AccountIndex) -> None:
    query = make_query(index, "4", seeds=["3", "@user2", "2"])
    assert query.row == 3
    assert query.seeds.tolist() == query.following.tolist() == query.walk_from.tolist() == [1, 2]
    np.testing.assert_array_equal(query.facets, np.concatenate([index.facet_vectors(1)[0], index.facet_vectors(2)[0]]))
    assert query.shares.tolist() == [0.5, 0.5]


def test_declared_fields_and_examples_together(index: tf.AccountIndex) -> None:
    query = make_query(index, None, interests=["storage"], seeds=["1"])
    assert len(query.facets) == 1
    assert query.seeds.tolist() == query.following.tolist() == [0]


def test_a_request_alone_follows_nobody_and_starts_nowhere(index: tf.AccountIndex) -> None:
    query = make_query(index, None, interests=["storage"])
    assert query.row is None
    assert not query.walk_from.size
    assert not query.following.size


def test_of_many_examples_the_sixteen_largest_facets_count(hashed_world_index: tf.AccountIndex) -> None:
    index = hashed_world_index
    seeds = [index.data.account_id(row) for row in range(40)]
    query = make_query(index, None, seeds=seeds)
    shares = sorted((share for row in range(40) for share in index.facet_vectors(row)[1].tolist()), reverse=True)
    assert len(query.facets) == 16
    assert query.shares.tolist() == pytest.approx([share / sum(shares[:16]) for share in shares[:16]])


@pytest.mark.parametrize("nothing", [{}, {"interests": []}, {"seeds": []}, {"interests": (), "seeds": ()}])
def test_nothing_to_go_by(index: tf.AccountIndex, nothing: dict[str, list[str]]) -> None:
    with pytest.raises(tf.InvalidRequest, match=r"nothing to go by: name an account, interests=\[...\] or seeds=\[...\]"):
        make_query(index, None, **nothing)


@pytest.mark.parametrize("option", ["interests", "seeds"])
def test_one_text_is_not_a_list(index: tf.AccountIndex, option: str) -> None:
    with pytest.raises(tf.InvalidRequest, match="lists of texts, not one text"):
        make_query(index, "1", **{option: "heat pumps"})  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "  ", "\n", "https://grid.example", "@user1", "<br>", "?!", "\u202e", 7, None])
def test_an_interest_needs_words(index: tf.AccountIndex, text: str) -> None:
    with pytest.raises(tf.InvalidRequest, match="interests must be texts with words in them, not"):
        make_query(index, None, interests=["heat pumps", text])


@pytest.mark.parametrize("text", ["R", "C++", "電力", "5G", "ذكاء اصطناعي"])
def test_short_and_foreign_interests_are_words(index: tf.AccountIndex, text: str) -> None:
    assert len(make_query(index, None, interests=[text]).facets) == 1


def test_unknown_accounts_are_named(index: tf.AccountIndex) -> None:
    with pytest.raises(tf.UnknownAccount, match="no account '@usr1' here; did you mean @user"):
        make_query(index, "@usr1")
    with pytest.raises(tf.UnknownAccount, match="'@usr3'"):
        make_query(index, "1", seeds=["2", "@usr3"])


def test_interests_need_the_encoder_of_the_index(index: tf.AccountIndex, tmp_path: object) -> None:
    replace(index, encoder_fingerprint="letters-1").save(str(tmp_path))
    with pytest.raises(tf.Mismatch, match="letters-1"):
        make_query(tf.AccountIndex.open(str(tmp_path)), None, interests=["storage"])


def test_beside_a_declared_field_only_followings_near_it_count() -> None:
    bios = {"me": "Baker", "near": "grid storage", "far": "choir singer", "other": "grid storage too"}
    follows = [tf.Follow(source_id="me", target_id=target) for target in ("near", "far")]
    data = tf.Dataset.from_records([tf.Account(account_id=i, bio=bio) for i, bio in bios.items()], follows=follows)
    index = tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False)
    query = make_query(index, "me", interests=["grid storage"])
    assert [data.account_id(row) for row in query.following.tolist()] == ["near"]
    assert query.walk_from.tolist() == query.following.tolist()
    assert make_query(index, "me", interests=["volcanoes"]).following.size == 0
    notes = tf.recommend(index, "me", interests=["volcanoes"]).notes
    assert "me follows nobody in this index who is near the declared field" in notes[0]
