from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tweetfocus as tf
from tweetfocus.ranking.relevance import relevance

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
TODAY = date(2026, 3, 1)
HERO = "@mara_lindqvist"
Truth = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def found(world_index: tf.AccountIndex) -> tf.FollowBacks:
    return tf.follow_back(world_index, HERO, as_of=AS_OF)


# -- the invented world, by the planted truth ------------------------------------------------------------------------------------


def test_only_relevant_followers_come_and_all_of_them(
    world_index: tf.AccountIndex, found: tf.FollowBacks, truth: Truth
) -> None:
    graph, row = world_index.graph, world_index.data.row(HERO)
    fans = {world_index.data.account_id(int(r)) for r in set(graph.followers(row)) - set(graph.following(row))}
    wanted = {account for account in fans if truth[account]["relevant"] == "1"}
    assert {follower.account_id for follower in found.followers} == wanted
    assert len(wanted) == 7


def test_every_spammer_among_the_followers_is_left_out_with_its_code(found: tf.FollowBacks, truth: Truth) -> None:
    spammers = {drop.account_id for drop in found.dropped if drop.code == tf.Left.SPAM}
    assert len(spammers) == 8
    assert {truth[account]["role"] for account in spammers} == {"link_spammer"}
    assert Counter(drop.code.value for drop in found.dropped) == {"spam": 8, "off_topic": 6, "protected": 1}


def test_the_order_is_relevance_times_courtesy(found: tf.FollowBacks) -> None:
    scores = [follower.score for follower in found.followers]
    assert scores == sorted(scores, reverse=True)  # type: ignore[type-var]
    assert all(f.score == f.relevance * f.courtesy for f in found.followers)  # type: ignore[operator]
    assert all(f.reasons for f in found.followers)


def test_followings_to_reconsider_are_those_planted(found: tf.FollowBacks, truth: Truth) -> None:
    roles = {
        item.username: (truth[item.account_id]["role"], {doubt.code.value for doubt in item.doubts})
        for item in found.reconsider
    }
    assert {role for role, _ in roles.values()} == {"self_promoter", "celebrity", "hobby", "dormant"}
    for role, codes in roles.values():
        assert {"self_promoter": "only_themselves", "dormant": "inactive"}.get(role, "off_topic") in codes
    assert sum(truth[item.account_id]["relevant"] == "1" for item in found.reconsider) == 0


# -- laws ------------------------------------------------------------------------------------------------------------------------


def _small(**counts: int) -> tf.AccountIndex:
    data = tf.demo_dataset()
    accounts = data.accounts
    if counts:
        import pyarrow as pa

        for name, value in counts.items():
            place = accounts.column_names.index(name)
            accounts = accounts.set_column(place, name, pa.array([(value * (n % 7)) for n in range(len(data))], pa.int64()))
    return tf.AccountIndex.build(replace(data, accounts=accounts), encoder=tf.HashingEncoder(64), cache=False)


def test_follower_counts_change_nothing() -> None:
    one, two = (tf.follow_back(index, HERO, as_of=AS_OF).to_dict() for index in (_small(), _small(followers_count=10**6)))
    assert one.pop("settings") != two.pop("settings")  # another index
    assert one == two


def test_the_order_of_input_changes_nothing() -> None:
    data = tf.demo_dataset()
    rows = list(range(len(data)))[::-1]
    mixed = tf.Dataset.from_frames(
        data.accounts.take(rows), posts=data.posts.take(list(range(data.posts.num_rows))[::-1]), follows=data.follows
    )
    one = tf.follow_back(tf.AccountIndex.build(data, encoder=tf.HashingEncoder(64), cache=False), HERO)
    two = tf.follow_back(tf.AccountIndex.build(mixed, encoder=tf.HashingEncoder(64), cache=False), HERO)
    assert one.to_dict() == two.to_dict()


@pytest.mark.parametrize("how", ["dismiss", "snooze"])
def test_dismissing_removes_exactly_one(world_index: tf.AccountIndex, found: tf.FollowBacks, tmp_path: Path, how: str) -> None:
    memory = tf.Memory(tmp_path / "memory.sqlite")
    gone = found.followers[2].account_id
    if how == "dismiss":
        memory.dismiss(found.settings["who"], [gone], on=TODAY)
    else:
        memory.snooze(found.settings["who"], [gone], until=date(2026, 4, 1))
    again = tf.follow_back(world_index, HERO, as_of=AS_OF, memory=memory, today=TODAY)
    assert again.to_dicts() == [item for item in found.to_dicts() if item["account_id"] != gone]
    assert {drop.account_id: drop.code.value for drop in again.dropped}[gone] == (
        "dismissed" if how == "dismiss" else "snoozed"
    )
    later = tf.follow_back(world_index, HERO, as_of=AS_OF, memory=memory, today=date(2026, 9, 1))
    assert later.to_dicts() == found.to_dicts()


# -- edges -----------------------------------------------------------------------------------------------------------------------


def _people(*accounts: tf.Account, follows: list[tuple[str, str]] = [], **fields: Any) -> tf.AccountIndex:  # noqa: B006
    pairs = [tf.Follow(source_id=source, target_id=target) for source, target in follows]
    data = tf.Dataset.from_records(accounts, follows=pairs, **fields)
    return tf.AccountIndex.build(data, encoder=tf.HashingEncoder(16), cache=False)


def test_nobody_follows() -> None:
    found = tf.follow_back(_people(tf.Account(account_id="1")), "1")
    assert (found.followers, found.reconsider, found.dropped) == ((), (), ())
    assert "nobody in this index follows this account" in found.notes


def test_where_nothing_is_known_a_follower_comes_without_score() -> None:
    people = [tf.Account(account_id=i) for i in "123"]
    found = tf.follow_back(_people(*people, follows=[("2", "1"), ("3", "1"), ("1", "3")]), "1")
    assert [(f.account_id, f.score, f.courtesy) for f in found.followers] == [("2", None, None)]
    assert found.followers[0].reasons[0] == "Nothing known of their field"
    assert any("relevance can be judged" in note for note in found.notes)


@pytest.mark.parametrize(
    ("account", "fields", "code"),
    [
        (tf.Account(account_id="2", protected=True), {}, "protected"),
        (tf.Account(account_id="2", discoverable=False), {}, "opted_out"),
        (tf.Account(account_id="2"), {"mutes": [tf.Follow(source_id="1", target_id="2")]}, "muted"),
        (tf.Account(account_id="2"), {"blocks": [tf.Follow(source_id="2", target_id="1")]}, "blocked"),
    ],
)
def test_eligibility_holds_for_followers_and_followings(account: tf.Account, fields: Any, code: str) -> None:
    for pairs in ([("2", "1")], [("1", "2")], [("2", "1"), ("1", "2")]):
        found = tf.follow_back(_people(tf.Account(account_id="1"), account, follows=pairs, **fields), "1")
        assert (found.followers, found.reconsider) == ((), ())
        assert [str(drop) for drop in found.dropped] == [f"2: {code}"]


@pytest.mark.parametrize(
    "options", [{"n": 0}, {"n_reconsider": 0}, {"inactive_days": -1}, {"reconsider_days": "x"}, {"today": "x"}]
)
def test_options_are_honoured_or_refused(hashed_world_index: tf.AccountIndex, options: dict[str, Any]) -> None:
    with pytest.raises(tf.InvalidRequest, match=next(iter(options))):
        tf.follow_back(hashed_world_index, HERO, **options)


def test_limits_are_said(world_index: tf.AccountIndex) -> None:
    few = tf.follow_back(world_index, HERO, as_of=AS_OF, n=2, n_reconsider=1)
    assert (len(few.followers), len(few.reconsider)) == (2, 1)
    assert few.notes == (
        "5 more followers to follow back; ask for more to see them",
        "5 more followings to reconsider; ask for more to see them",
    )


def test_it_can_be_printed_shown_and_turned_into_plain_values(found: tf.FollowBacks) -> None:
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["followers"] == found.to_dicts()
    assert repr(found) == "FollowBacks(7 followers to follow back, 6 followings to reconsider)"
    assert "Followings you might look at again:" in str(found)
    nasty = replace(found, notes=("<script>",))
    assert "<script>" not in nasty._repr_html_()


def test_where_hardly_anybody_passes_nobody_is_called_of_another_field() -> None:
    rng = np.random.default_rng(1)
    words = ["soup", "salt", "stove", "bread", "law", "court", "judge", "claim", "reef", "coral", "squid", "tide"]
    people = [tf.Account(account_id=f"{i:03}", bio=" ".join(rng.choice(words, 6))) for i in range(60)]
    follows = [(f"{i:03}", "me") for i in range(5)] + [("me", f"{i:03}") for i in range(5, 10)]
    index = _people(tf.Account(account_id="me", bio="grid load feeder"), *people, follows=follows)
    assert not relevance(index, "me").tells
    found = tf.follow_back(index, "me")
    assert found.reconsider == ()
    assert "off_topic" not in {drop.code.value for drop in found.dropped}
    assert [(one.score, one.relevance) for one in found.followers] == [(None, None)] * 5
    assert {one.reasons[0] for one in found.followers} == {"Whether they are of your field cannot be judged here"}
    assert any("nobody is left out or doubted as of another field" in note for note in found.notes)
