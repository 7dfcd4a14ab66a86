from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

import tweetfocus as tf
from tweetfocus.ranking.relevance import Relevance, relevance

HERO = "@mara_lindqvist"
COLLEAGUES = ("professional", "dormant", "protected", "opted_out")

Truth = dict[str, dict[str, str]]


def _fields(index: tf.AccountIndex, truth: Truth, row: int) -> set[str]:
    return set(filter(None, truth[index.data.account_id(row)]["fields"].split(";")))


def _colleagues(index: tf.AccountIndex, truth: Truth) -> np.ndarray:
    """(n,) who works in a field of the hero."""
    mine = _fields(index, truth, index.data.row(HERO))
    role = [truth[index.data.account_id(row)]["role"] for row in range(len(index))]
    return np.array([role[row] in COLLEAGUES and bool(_fields(index, truth, row) & mine) for row in range(len(index))])


def _pretends(index: tf.AccountIndex, truth: Truth) -> np.ndarray:
    return np.array([truth[index.data.account_id(r)]["role"] in ("link_spammer", "self_promoter") for r in range(len(index))])


def test_colleagues_pass_and_others_do_not(world_index: tf.AccountIndex, truth: Truth) -> None:
    found, near = relevance(world_index, HERO), _colleagues(world_index, truth)
    others = ~near & ~_pretends(world_index, truth)
    others[found.row] = False
    assert found.passes[near].mean() > 0.9
    assert found.passes[others].mean() < 0.03
    assert found.known.sum() == len(world_index) - 1
    assert np.isnan(found.values[found.row])


def test_the_hashing_encoder_finds_most_of_them(hashed_world_index: tf.AccountIndex, truth: Truth) -> None:
    found, near = relevance(hashed_world_index, HERO), _colleagues(hashed_world_index, truth)
    assert found.passes[near].mean() > 0.75
    assert found.passes[~near & ~_pretends(hashed_world_index, truth)].mean() < 0.02


def test_a_stricter_chance_lets_fewer_pass(hashed_world_index: tf.AccountIndex) -> None:
    many, few = (relevance(hashed_world_index, HERO, chance=chance) for chance in (0.05, 0.001))
    assert (many.values == few.values)[many.known].all()
    assert few.threshold > many.threshold
    assert set(np.flatnonzero(few.passes)) < set(np.flatnonzero(many.passes))


def _followed_by(index: tf.AccountIndex, rows: Sequence[int]) -> tf.AccountIndex:
    ids = [index.data.account_id(row) for row in rows]
    hero = index.data.account_id(index.data.row(HERO))
    more = tf.Dataset.from_records(follows=[tf.Follow(source_id=i, target_id=hero) for i in ids])
    return index.with_follows(index.data.merge(more))


@pytest.mark.parametrize("many", [30, 200])
def test_strangers_who_follow_me_do_not_become_relevant(world_index: tf.AccountIndex, truth: Truth, many: int) -> None:
    before, near = relevance(world_index, HERO), _colleagues(world_index, truth)
    strangers = [row for row in range(len(world_index)) if not near[row] and row != before.row][:many]
    after = relevance(_followed_by(world_index, strangers), HERO)
    assert after.passes[strangers].sum() <= before.passes[strangers].sum()
    assert after.passes.sum() <= before.passes.sum() + 1
    assert np.corrcoef(before.values[before.known], after.values[before.known])[0, 1] > 0.99


def test_a_follow_of_mine_is_no_evidence_for_whom_it_follows(hashed_world_index: tf.AccountIndex) -> None:
    """Two accounts alike in all but that one follows the person: the graph part is the same."""
    people = [tf.Account(account_id=f"{i:03}") for i in range(60)]
    follows = [tf.Follow(source_id=f"{i:03}", target_id=f"{(i + k) % 60:03}") for i in range(60) for k in (1, 2, 3, 5, 8)]
    follows += [tf.Follow(source_id=twin, target_id=f"{k:03}") for twin in ("x1", "x2") for k in (2, 3, 5)]
    follows.append(tf.Follow(source_id="x2", target_id="001"))
    index = tf.AccountIndex.build(tf.Dataset.from_records(people, follows=follows), encoder=tf.HashingEncoder(), cache=False)
    found = relevance(index, "001")
    one, two = (found.graph[index.data.row(twin)] for twin in ("x1", "x2"))
    assert np.isfinite(one)
    assert one == pytest.approx(two, abs=1e-5)


def test_follower_counts_say_nothing(hashed_world_index: tf.AccountIndex) -> None:
    accounts = hashed_world_index.data.accounts
    column = accounts.column_names.index("followers_count")
    famous = accounts.set_column(column, "followers_count", [[10_000_000 + row for row in range(len(accounts))]])
    data = tf.Dataset.from_frames(famous, posts=hashed_world_index.data.posts, follows=hashed_world_index.data.follows)
    index = tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False, progress=False)
    np.testing.assert_array_equal(relevance(index, HERO).values, relevance(hashed_world_index, HERO).values)


def _crowd(words: Sequence[str], size: int) -> list[tf.Account]:
    rng = np.random.default_rng(0)
    return [tf.Account(account_id=f"{i:03}", bio=" ".join(rng.choice(words, 6))) for i in range(size)]


def test_without_follows_text_decides() -> None:
    people = _crowd(["soup", "salt", "stove", "bread", "law", "court", "judge", "claim", "reef", "coral", "squid", "tide"], 60)
    people += [tf.Account(account_id="me", bio="grid load feeder"), tf.Account(account_id="you", bio="feeder, grid load")]
    index = tf.AccountIndex.build(tf.Dataset.from_records(people), encoder=tf.HashingEncoder(), cache=False)
    found = relevance(index, "me")
    assert np.flatnonzero(found.passes).tolist() == [index.data.row("you")]
    assert np.isnan(found.graph).all()
    assert found.notes == (
        "relevance is judged by text alone: me follows hardly anybody in this index",
        "1 of 61 accounts pass as relevant, hardly more than chance lets pass: hardly anybody here shares the field, or everybody does",
    )


def test_in_a_handful_of_accounts_nobody_is_judged() -> None:
    index = tf.AccountIndex.build(
        tf.Dataset.from_records(_crowd(["grid", "load", "soup"], 9)), encoder=tf.HashingEncoder(), cache=False
    )
    found = relevance(index, "003")
    assert not found.known.any()
    assert not found.passes.any()
    assert found.weights.sum() == 0
    assert found.notes == (
        "nobody's relevance can be judged: too few accounts with text to compare with, "
        "and 003 follows hardly anybody in this index",
    )


def test_whoever_says_nothing_and_follows_nobody_cannot_be_judged(hashed_world_index: tf.AccountIndex) -> None:
    index = hashed_world_index.add(tf.Dataset.from_records([tf.Account(account_id="1")]), cache=False, progress=False)
    assert not relevance(index, HERO).known[index.data.row("1")]
    nobody = relevance(index, "1")
    assert not nobody.known.any()
    assert nobody.notes == (
        "nobody's relevance can be judged: 1 has no bio or posts with words in them, and 1 follows hardly anybody in this index",
    )


def test_weights_are_half_at_the_threshold() -> None:
    values = np.array([np.nan, 0.0, 1.0, 1.5, 2.0, 2.5, 3.0, 9.0])
    found = Relevance(0, values, values, values, 2.0, 0.02, ())
    assert found.weights.tolist() == [0, 0, 0, 0.25, 0.5, 0.75, 1, 1]
    assert found.passes.tolist() == [False] * 4 + [True] * 4


@pytest.mark.parametrize("chance", [0, 0.5, -1, float("nan"), True, "0.1"])
def test_an_impossible_chance_is_refused(hashed_world_index: tf.AccountIndex, chance: float) -> None:
    with pytest.raises(tf.InvalidRequest, match=r"chance must be a number between 0 and 0.5"):
        relevance(hashed_world_index, HERO, chance=chance)


@pytest.mark.parametrize(
    ("passing", "strangers", "tells"), [(0, 1.0, False), (1, 1.0, False), (2, 0.5, False), (4, 0.25, True)]
)
def test_how_many_of_those_who_pass_are_strangers(passing: int, strangers: float, tells: bool) -> None:
    values = np.array([np.nan] + [3.0] * passing + [0.0] * (100 - passing))
    found = Relevance(0, values, values, values, 2.0, 0.01, ())  # by chance one of a hundred passes
    assert (found.strangers, found.tells) == (strangers, tells)


def test_a_field_that_is_nearly_absent_is_said(world_index: tf.AccountIndex) -> None:
    chef = relevance(world_index, "@chef_ottavio")
    assert chef.tells
    assert 0.2 < chef.strangers < 0.5
    assert chef.notes[-1].endswith("hardly anybody here shares your field, and some of those who pass are strangers")
    assert relevance(world_index, HERO).notes == ()
    assert chef.notes[-1] in tf.plan(world_index, "@chef_ottavio").notes
    assert chef.notes[-1] in tf.audience(world_index, "@chef_ottavio").notes
