"""Laws of `audit` and `audience`: what may not move a number, and in which direction it may move, with the real model."""

from __future__ import annotations

import json
from collections.abc import Iterable

import numpy as np
import pytest

import tweetfocus as tf

HERO = "@mara_lindqvist"
Truth = dict[str, dict[str, str]]


def _rows(index: tf.AccountIndex, truth: Truth, field: str) -> list[int]:
    """Those who write English: the model takes another language for another topic."""
    wanted = [i for i, record in truth.items() if record["role"] == "professional" and record["fields"] == field]
    rows = sorted(index.data.row(account_id) for account_id in wanted)
    return [row for row in rows if index.data.accounts["lang"][row].as_py() == "en"]


def _with_posts(index: tf.AccountIndex, who: str, texts: Iterable[str]) -> tf.AccountIndex:
    """The same index with more posts by one account; all texts are known to it, so nothing is encoded."""
    account_id = index.data.account_id(index.data.row(who))
    posts = [tf.Post(account_id=account_id, post_id=f"new{n}", text=text) for n, text in enumerate(texts)]
    account = index.data.account(account_id)
    return index.add(tf.Dataset.from_records([account], posts=posts), cache=False, progress=False)


def _texts(index: tf.AccountIndex, rows: Iterable[int], many: int) -> list[str]:
    found = list(dict.fromkeys(text for row in rows for text in index.post_texts(row)))
    return found[:: max(len(found) // many, 1)][:many]


@pytest.mark.parametrize(
    ("who", "field", "many"),
    [
        (HERO, "marine biology", 10),
        (HERO, "cooking", 60),
        ("@ola_streams", "nursing", 5),
        ("@copepod_nils", "employment law", 10),
        ("@urchin_dev", "energy systems", 8),
    ],
)
def test_off_topic_posts_never_raise_focus(world_index: tf.AccountIndex, truth: Truth, who: str, field: str, many: int) -> None:
    before = tf.audit(world_index, who)
    after = tf.audit(_with_posts(world_index, who, _texts(world_index, _rows(world_index, truth, field), many)), who)
    assert before.focus is not None
    assert after.focus is not None
    assert after.judged == before.judged + many
    assert after.focus <= before.focus


def test_off_topic_posts_of_all_kinds_are_found_and_named(world_index: tf.AccountIndex, truth: Truth) -> None:
    fields = ("marine biology", "cooking", "nursing", "design", "employment law")
    foreign = [text for field in fields for text in _texts(world_index, _rows(world_index, truth, field), 4)]
    index = _with_posts(world_index, HERO, foreign)
    before, after = tf.audit(world_index, HERO), tf.audit(index, HERO)
    named = {post.post_id for post in after.off_topic}
    assert len({f"new{n}" for n in range(20)} & named) >= 12
    assert len(named - {f"new{n}" for n in range(20)}) <= 12
    assert len([post for post in after.off_topic[:10] if post.post_id.startswith("new")]) >= 7  # the worst first
    topics = [post.topic for post in after.off_topic]
    assert topics == sorted(topics, key=lambda topic: topic or 0)
    assert after.on_topic is not None
    assert before.on_topic is not None
    assert after.on_topic < before.on_topic


def test_a_split_into_the_planted_two_accounts_raises_both_focuses(world_index: tf.AccountIndex) -> None:
    whole = tf.audit(world_index, HERO)
    assert len(whole.split.accounts) == 2
    assert not whole.split.advised  # one or two fields are what an account may have
    row = world_index.data.row(HERO)
    texts = dict(
        zip(_ids(world_index, row), world_index.data.posts["text"].to_pylist()[slice(*_ends(world_index, row))], strict=True)
    )
    for number, account in enumerate(whole.split.accounts):
        assert account.gain > 0.05
        alone = tf.Dataset.from_records(
            [tf.Account(account_id=f"half{number}")],
            posts=[tf.Post(account_id=f"half{number}", post_id=f"h{i}", text=texts[i]) for i in account.post_ids],
        )
        index = world_index.add(alone, cache=False, progress=False)
        found = tf.audit(index, f"half{number}")
        assert found.focus is not None
        assert whole.focus is not None
        assert found.focus > whole.focus
    assert sum(account.posts for account in whole.split.accounts) == whole.judged


def _ends(index: tf.AccountIndex, row: int) -> tuple[int, int]:
    return int(index.data.post_offsets[row]), int(index.data.post_offsets[row + 1])


def _ids(index: tf.AccountIndex, row: int) -> list[str]:
    first, last = _ends(index, row)
    return [str(one) for one in index.data.posts["post_id"].to_pylist()[first:last]]


@pytest.mark.parametrize("field", ["marine biology", "nursing", "employment law"])
def test_a_third_interest_is_advised_to_go(world_index: tf.AccountIndex, truth: Truth, field: str) -> None:
    index = _with_posts(world_index, HERO, _texts(world_index, _rows(world_index, truth, field), 20))
    found = tf.audit(index, HERO)
    assert found.split.advised
    assert len(found.split.accounts) == 3
    foreign = [{post for post in account.post_ids if post.startswith("new")} for account in found.split.accounts]
    assert max(map(len, foreign)) > 15  # most of them in one account
    assert "split" in {change.code for change in found.top_changes}


def test_one_field_is_not_split(world_index: tf.AccountIndex, truth: Truth) -> None:
    refused = 0
    for row in _rows(world_index, truth, "marine biology"):
        refused += tf.audit(world_index, world_index.data.account_id(row)).split.accounts == ()
    assert refused >= 13  # of fifteen


def test_the_order_of_the_input_changes_nothing(hashed_world_index: tf.AccountIndex) -> None:
    data = hashed_world_index.data
    rng = np.random.default_rng(0)
    shuffled = tf.Dataset.from_frames(
        data.accounts.take(rng.permutation(len(data))),
        posts=data.posts.take(rng.permutation(data.posts.num_rows)),
        follows=data.follows.take(rng.permutation(data.follows.num_rows)),
    )
    index = tf.AccountIndex.build(shuffled, encoder=tf.HashingEncoder(), cache=False, progress=False)
    for verb in (tf.audit, tf.audience):
        assert json.dumps(verb(index, HERO).to_dict()) == json.dumps(verb(hashed_world_index, HERO).to_dict())


def _followed_by(index: tf.AccountIndex, rows: Iterable[int], count: int | None = None) -> tf.AccountIndex:
    ids = [index.data.account_id(row) for row in rows]
    hero = index.data.account_id(index.data.row(HERO))
    data = index.data.merge(tf.Dataset.from_records(follows=[tf.Follow(source_id=i, target_id=hero) for i in ids]))
    if count is not None:
        column = data.accounts.column_names.index("followers_count")
        accounts = data.accounts.set_column(column, "followers_count", [[count] * len(data)])
        data = tf.Dataset.from_frames(accounts, posts=data.posts, follows=data.follows)
    return index.with_follows(data)


@pytest.mark.parametrize("famous", [None, 5_000_000])
@pytest.mark.parametrize("seed", [0, 1])
def test_random_followers_raise_neither_share_nor_influence(
    world_index: tf.AccountIndex, seed: int, famous: int | None
) -> None:
    """Whatever their follower counts: a hundred accounts drawn at random from the index."""
    before = tf.audience(world_index, HERO)
    fans = {member.account_id for member in before.followers.members}
    rest = [row for row in range(len(world_index)) if world_index.data.account_id(row) not in fans | {before.account_id}]
    drawn = np.random.default_rng(seed).choice(rest, 100, replace=False).tolist()
    after = tf.audience(_followed_by(world_index, drawn, famous), HERO)
    assert before.followers.share is not None
    assert after.followers.share is not None
    assert after.followers.share < before.followers.share
    assert after.influence.engagement == pytest.approx(before.influence.engagement, rel=0.02)
    assert after.influence.score <= before.influence.score * 1.1


def test_a_crowd_of_new_strangers_raises_nothing(world_index: tf.AccountIndex, truth: Truth) -> None:
    """Two hundred new accounts, with texts from other fields and a few follows of their own, who follow nobody of the field but me."""
    rng = np.random.default_rng(0)
    foreign = _texts(world_index, _rows(world_index, truth, "cooking") + _rows(world_index, truth, "teaching"), 200)
    targets = [world_index.data.account_id(row) for row in _rows(world_index, truth, "cooking")]
    hero = world_index.data.account_id(world_index.data.row(HERO))
    people = [tf.Account(account_id=f"new{n}", followers_count=10**n % 10**7) for n in range(200)]
    posts = [
        tf.Post(account_id=f"new{n}", post_id=f"p{n}{k}", text=foreign[(n + k) % len(foreign)])
        for n in range(200)
        for k in range(3)
    ]
    follows = [tf.Follow(source_id=f"new{n}", target_id=hero) for n in range(200)]
    follows += [
        tf.Follow(source_id=f"new{n}", target_id=t) for n in range(200) for t in rng.choice(targets, 4, replace=False).tolist()
    ]
    index = world_index.add(tf.Dataset.from_records(people, posts=posts, follows=follows), cache=False, progress=False)
    before, after = tf.audience(world_index, HERO), tf.audience(index, HERO)
    assert len(after.followers) == len(before.followers) + 200
    assert before.followers.share is not None
    assert after.followers.share is not None
    assert after.followers.share < before.followers.share
    assert sum(m.relevant for m in after.followers.members if m.account_id.startswith("new")) <= 4
    assert after.influence.engagement <= before.influence.engagement * 1.05


def test_followers_who_cannot_be_judged_are_no_share(hashed_world_index: tf.AccountIndex) -> None:
    hero = hashed_world_index.data.account_id(hashed_world_index.data.row(HERO))
    silent = tf.Dataset.from_records(follows=[tf.Follow(source_id=f"silent{n}", target_id=hero) for n in range(50)])
    before = tf.audience(hashed_world_index, HERO)
    after = tf.audience(hashed_world_index.add(silent, cache=False, progress=False), HERO)
    assert len(after.followers) == len(before.followers) + 50
    assert after.followers.judged == before.followers.judged
    assert any(note.startswith("50 followers cannot be judged") for note in after.notes)


def test_two_languages_are_said_to_be_perhaps_one_interest(world_index: tf.AccountIndex, truth: Truth) -> None:
    field = [index for index, record in truth.items() if record["role"] == "professional" and record["fields"] == "cooking"]
    rows = sorted(world_index.data.row(account_id) for account_id in field)
    posts = []
    for lang in ("en", "fr"):
        speaking = [row for row in rows if world_index.data.accounts["lang"][row].as_py() == lang]
        texts = _texts(world_index, speaking, 24)
        posts += [tf.Post(account_id="both", post_id=f"{lang}{n}", text=text, lang=lang) for n, text in enumerate(texts)]
    index = world_index.add(tf.Dataset.from_records([tf.Account(account_id="both")], posts=posts), cache=False, progress=False)
    found = tf.audit(index, "both").split
    assert len(found.accounts) == 2
    assert found.verdict.endswith("they differ in language, which a model may take for a topic")
