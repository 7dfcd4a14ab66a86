from __future__ import annotations

import numpy as np
import pytest

import tweetfocus as tf
from tweetfocus.ranking.neighbourhood import find_neighbourhood

HERO = "@mara_lindqvist"


def test_everybody_has_a_place_or_a_reason(hashed_world_index: tf.AccountIndex) -> None:
    for points in (30, 2000):
        found = find_neighbourhood(hashed_world_index, HERO, points=points)
        assert len(found) + sum(found.left.values()) == len(hashed_world_index)
        assert len(found) == min(points, len(found))
        assert (np.diff(found.rows) > 0).all()
        assert found.places.shape == (len(found), 2)
        assert np.abs(np.concatenate([found.places, found.fields])).max() <= 1
        assert len(found.fields) == 2


def test_the_map_is_the_same_whatever_the_order_of_input(hashed_world_index: tf.AccountIndex) -> None:
    data = hashed_world_index.data
    tables = [(data.accounts, data.follows)]  # without posts, which would take their time
    tables.append(tuple(table.take(list(range(table.num_rows))[::-1]) for table in tables[0]))
    found = []
    for accounts, follows in tables:
        known = tf.Dataset.from_frames(accounts, follows=follows)
        index = tf.AccountIndex.build(known, encoder=tf.HashingEncoder(), cache=False, progress=False)
        found.append(find_neighbourhood(index, HERO, points=60))
    one, two = found
    assert one.rows.tolist() == two.rows.tolist()
    assert one.places.tobytes() == two.places.tobytes()
    assert one.names == two.names


def test_the_person_comes_first_then_whom_one_keeps_then_ties(hashed_world_index: tf.AccountIndex) -> None:
    index, row = hashed_world_index, hashed_world_index.data.row(HERO)
    far = index.data.row("@chef_ottavio")
    assert find_neighbourhood(index, HERO, points=1).rows.tolist() == [row]
    assert set(find_neighbourhood(index, HERO, points=2, keep=[far]).rows.tolist()) == {row, far}
    ties = {*index.graph.following(row).tolist(), *index.graph.followers(row).tolist()}
    found = find_neighbourhood(index, HERO, points=20).rows.tolist()
    assert set(found) - {row} <= ties


def test_who_does_not_want_to_be_found_is_not_on_the_map_unless_followed() -> None:
    people = [tf.Account(account_id="me", username="me", bio="grids and heat pumps")]
    people += [tf.Account(account_id=f"p{n}", bio=f"grid planner number {n} of heat") for n in range(6)]
    people += [
        tf.Account(account_id="hidden", bio="grids and heat pumps", discoverable=False),
        tf.Account(account_id="locked", bio="grids and heat pumps", protected=True),
        tf.Account(account_id="friend", bio="grids and heat pumps", protected=True),
        tf.Account(account_id="silent"),
    ]
    follows = [tf.Follow(source_id="me", target_id="friend"), tf.Follow(source_id="hidden", target_id="me")]
    data = tf.Dataset.from_records(people, follows=follows)
    index = tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False, progress=False)
    found = find_neighbourhood(index, "@me")
    there = {index.data.account_id(row) for row in found.rows.tolist()}
    assert there == {"me", "friend", *(f"p{n}" for n in range(6))}
    assert dict(found.left) == {"protected": 1, "opted_out": 1, "no_text": 1}
    smaller = find_neighbourhood(index, "@me", points=3)
    assert smaller.left["farther"] == 5


def test_groups_are_named_by_words_of_their_own() -> None:
    rng = np.random.default_rng(0)
    fields = {
        "law": ["contract", "clause", "court", "appeal", "tribunal", "verdict"],
        "sea": ["reef", "coral", "kelp", "tide", "plankton", "diving"],
        "rye": ["sourdough", "oven", "flour", "crust", "bakery", "yeast"],
    }
    people = [
        tf.Account(account_id=f"{field}{n:02}", bio=" ".join(rng.permutation(words)[:5]) + f" since {1990 + n}")
        for field, words in fields.items()
        for n in range(25)
    ]
    index = tf.AccountIndex.build(tf.Dataset.from_records(people), encoder=tf.HashingEncoder(), cache=False, progress=False)
    found = find_neighbourhood(index, "law00")
    assert len(found.names) >= 3
    of_row = [index.data.account_id(row)[:3] for row in found.rows.tolist()]
    for group, words in enumerate(found.names):
        members = {of_row[at] for at in np.flatnonzero(found.groups == group).tolist()}
        (field,) = members
        assert words
        assert {part for word in words for part in word.split()} <= set(fields[field])


def test_one_account_alone_and_nobody_with_words() -> None:
    for bio in ("grids", None):
        data = tf.Dataset.from_records([tf.Account(account_id="1", bio=bio)])
        index = tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False, progress=False)
        found = find_neighbourhood(index, "1")
        assert len(found) == (bio is not None)
        assert found.names == ()


def test_unknown_account(hashed_world_index: tf.AccountIndex) -> None:
    with pytest.raises(tf.UnknownAccount, match="did you mean @mara_lindqvist"):
        find_neighbourhood(hashed_world_index, "@mara_lindquist")
