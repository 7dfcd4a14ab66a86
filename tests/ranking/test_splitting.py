from __future__ import annotations

import numpy as np
import pytest

import tweetfocus as tf
from tweetfocus.kernels.chance import lower_null
from tweetfocus.kernels.interests import concentration
from tweetfocus.kernels.partition import halves_share
from tweetfocus.ranking.own_posts import own_posts
from tweetfocus.ranking.splitting import Split, propose_split
from tweetfocus.ranking.topics import find_topics

HERO = "@mara_lindqvist"


def _split(index: tf.AccountIndex, who: str, **options: object) -> Split:
    row = index.data.row(who)
    posts = own_posts(index, row)
    return propose_split(index, row, posts, find_topics(index, row, posts, **options))  # type: ignore[arg-type]


def test_proposed_accounts_by_hand(world_index: tf.AccountIndex) -> None:
    row = world_index.data.row(HERO)
    posts = own_posts(world_index, row)
    found = _split(world_index, HERO)
    ids = [posts.id_of(int(post)) for post in posts.embedded]
    assert sorted(one for account in found.accounts for one in account.post_ids) == sorted(ids)
    whole = concentration(posts.places)
    for account in found.accounts:
        inside = np.isin(ids, account.post_ids)
        assert account.posts == inside.sum()
        assert account.share == pytest.approx(inside.mean())
        assert account.focus == pytest.approx(concentration(posts.places[inside]))
        assert account.gain == pytest.approx(account.focus - whole)
        assert {example.post_id for example in account.examples} <= set(account.post_ids)
        assert account.bio is not None


def test_the_limit_is_what_other_accounts_fall_apart_by(world_index: tf.AccountIndex) -> None:
    row, ends = world_index.data.row(HERO), world_index.post_offsets
    writers = [other for other in range(len(world_index)) if ends[other + 1] - ends[other] >= 10 and other != row]
    chosen = [writers[at] for at in np.unique(np.linspace(0, len(writers) - 1, 200).round().astype(int))]
    halves = [halves_share(world_index.space.place(world_index.post_vectors[ends[one] : ends[one + 1]])) for one in chosen]
    centre, spread = lower_null(-np.array(halves))
    assert _split(world_index, HERO).limit == pytest.approx(min(0.45, -centre - 1.6449 * spread), abs=1e-3)


def test_the_verdict_on_one_interest_says_why(world_index: tf.AccountIndex) -> None:
    found = _split(world_index, "@ola_streams")
    assert found.accounts == ()
    assert found.refused
    assert found.shared is not None
    assert found.limit is not None
    assert found.shared > found.limit
    assert f"{100 * found.shared:.0f} % as alike" in found.verdict


def test_an_encoder_that_tells_no_topics_apart(hashed_world_index: tf.AccountIndex) -> None:
    found = _split(hashed_world_index, HERO)
    assert found.untold
    assert found.verdict.startswith("further interests cannot be told")


@pytest.mark.parametrize("many", [0, 9])
def test_too_few_posts(many: int) -> None:
    posts = [tf.Post(account_id="1", post_id=str(n), text=f"Heat pumps on feeder {n} of many") for n in range(many)]
    data = tf.Dataset.from_records([tf.Account(account_id="1")], posts=posts)
    found = _split(tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False), "1")
    assert found.verdict == f"too few posts to judge: {many} with words in them, and it takes 10"
    assert not found.refused


def test_declared_fields_with_hardly_a_post_make_no_account(world_index: tf.AccountIndex) -> None:
    found = _split(world_index, HERO, fields=["data engineering", "energy systems", "marine biology"])
    assert [account.field for account in found.accounts] == ["data engineering", "energy systems"]
    assert found.verdict.endswith("fewer than 5 posts are about marine biology")
    alone = _split(world_index, HERO, fields=["energy systems"])
    assert alone.accounts == ()
    assert alone.verdict == "nothing to split by your fields"
