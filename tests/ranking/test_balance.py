from __future__ import annotations

import numpy as np
import pytest

import tweetfocus as tf
from tweetfocus.ranking.balance import MEASURES, Balance, find_peers, weigh_balance
from tweetfocus.ranking.own_posts import own_posts
from tweetfocus.ranking.topics import find_topics

PEOPLE = [tf.Account(account_id="1", username="ana"), tf.Account(account_id="2", username="bo")]
MIXED = [
    "Grids again, and what came of it",
    "New paper on feeders https://a.example/1",
    "The same paper on feeders https://a.example/1?utm_source=x",
    "@bo which grid?",
    "@bo see https://b.example/2",
    "RT @bo: grids https://a.example/1",
    "asked @bo about it",
    "heat pumps in winter https://t.co/1",
    "Heat pumps in autumn",
    "Cables and where they run",
]


def _balance(texts: list[str]) -> Balance:
    posts = [tf.Post(account_id="1", post_id=str(n), text=text) for n, text in enumerate(texts)]
    data = tf.Dataset.from_records(PEOPLE, posts=posts)
    index = tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False)
    row = data.row("@ana")
    own = own_posts(index, row)
    return weigh_balance(index, own, find_topics(index, row, own), np.zeros(0, dtype=np.int64))


def test_shares_by_hand() -> None:
    found = _balance(MIXED)
    shares = {measure.name: measure.share for measure in found.measures}
    assert shares == pytest.approx(
        {
            "original": 0.7,
            "reply": 0.2,
            "repost": 0.1,
            "quote": 0.0,
            "linked": 0.4,
            "conversation": 0.3,
            "broadcast": 0.3,
            "chat": 0.2,
        }
    )
    assert list(shares) == list(MEASURES)
    assert found.position == pytest.approx(0.1)
    assert found.verdict == "between chat and links"


def test_repeated_links_and_sites() -> None:
    links = _balance(MIXED).links
    assert links.posts == 4
    assert links.repeated == (("https://a.example/1", 2),)
    assert links.repeats == 1
    assert links.sites == (("a.example", 2), ("b.example", 1))  # a shortener says nothing


def test_both_ends_of_the_scale() -> None:
    chat = _balance([f"@bo thought {n}" for n in range(8)])
    assert (chat.position, chat.verdict) == (-1, "close to text messages among friends")
    engine = _balance([f"offer {n} https://a.example/{n}" for n in range(8)])
    assert (engine.position, engine.verdict) == (1, "close to a link engine")


def test_too_few_posts_are_no_number() -> None:
    found = _balance(MIXED[:4])
    assert found.position is None
    assert found.measures == ()
    assert found.verdict == "too few posts to judge"


def test_beside_the_accounts_of_the_field(hashed_world_index: tf.AccountIndex) -> None:
    index = hashed_world_index
    row = index.data.row("@mara_lindqvist")
    peers = find_peers(index, np.arange(len(index)) != row)
    assert row not in peers
    assert not (index.signals.link_spam[peers] >= 0.8).any()
    own = own_posts(index, row)
    found = weigh_balance(index, own, find_topics(index, row, own), peers)
    reply = found.of("reply")
    others = index.signals.reply_share[peers]
    assert reply.share == pytest.approx(index.signals.reply_share[row])
    assert (reply.low, reply.middle, reply.high) == pytest.approx(tuple(np.quantile(others, [0.25, 0.5, 0.75])))
    assert reply.rank == pytest.approx(np.mean(others < reply.share))
    assert found.of("repost").middle == pytest.approx(np.median(index.signals.repost_share[peers]))


def test_an_unknown_measure() -> None:
    with pytest.raises(KeyError):
        _balance(MIXED).of("likes")
