from __future__ import annotations

from datetime import UTC, datetime

import pytest

import tweetfocus as tf
from tweetfocus.ranking.own_posts import KINDS, OwnPosts, own_posts, quarter_of, same_link

PEOPLE = [tf.Account(account_id="1", username="ana"), tf.Account(account_id="2", username="bo")]


def _posts(*posts: tf.Post) -> OwnPosts:
    data = tf.Dataset.from_records(PEOPLE, posts=posts)
    return own_posts(tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False), data.row("@ana"))


def test_each_post_is_of_one_kind() -> None:
    posts = _posts(
        tf.Post(account_id="1", post_id="a", text="Grids again"),
        tf.Post(account_id="1", post_id="b", text="@bo which grid?"),
        tf.Post(account_id="1", post_id="c", text="RT @bo: grids", quote_of_account_id="2"),
        tf.Post(account_id="1", post_id="d", text="see this", quote_of_account_id="2"),
        tf.Post(account_id="1", post_id="e", text="and more", reply_to_account_id="1"),
        tf.Post(account_id="1", post_id="f", text="yes", reply_to_account_id="2", quote_of_account_id="2"),
    )
    assert [KINDS[kind] for kind in posts.kinds] == ["original", "reply", "repost", "quote", "original", "reply"]
    assert posts.is_kind("reply").tolist() == [False, True, False, False, False, True]


def test_links_are_read_from_what_is_listed_or_from_the_text() -> None:
    posts = _posts(
        tf.Post(account_id="1", post_id="a", text="A https://a.example/x?utm_source=t"),
        tf.Post(account_id="1", post_id="b", text="B https://t.co/1", urls=("https://A.example/x/",)),
        tf.Post(account_id="1", post_id="c", text="RT @bo: https://a.example/x"),
        tf.Post(account_id="1", post_id="d", text="no link", urls=()),
    )
    assert posts.linked.tolist() == [True, True, False, False]
    assert list(map(set, posts.pages)) == [{"https://a.example/x"}, {"https://a.example/x"}, set(), set()]
    assert posts.page_counts == {"https://a.example/x": 2}


def test_the_clock_of_the_future_is_no_date() -> None:
    posts = _posts(
        tf.Post(account_id="1", post_id="a", text="one", created_at=datetime(2024, 5, 1, tzinfo=UTC)),
        tf.Post(account_id="1", post_id="b", text="two", created_at=datetime(2200, 5, 1, tzinfo=UTC)),
        tf.Post(account_id="1", post_id="c", text="three"),
    )
    assert posts.future == 1
    assert sorted(t != OwnPosts.UNKNOWN_TIME for t in posts.times.tolist()) == [False, False, True]


def test_embedded_posts_are_found_among_all() -> None:
    posts = _posts(
        tf.Post(account_id="1", post_id="a", text="ok"),
        tf.Post(account_id="1", post_id="b", text="Grids and heat pumps"),
        tf.Post(account_id="1", post_id="c", text="Heat pumps in winter"),
    )
    assert [posts.id_of(int(at)) for at in posts.embedded] == ["b", "c"]
    assert len(posts.places) == 2


def test_a_post_as_a_value() -> None:
    posts = _posts(tf.Post(account_id="1", post_id="a", text="Grids", created_at=datetime(2024, 5, 1, tzinfo=UTC)))
    assert posts.refs([0], [0.5])[0].to_dict() == {
        "post_id": "a",
        "text": "Grids",
        "kind": "original",
        "created_at": "2024-05-01T00:00:00+00:00",
        "topic": 0.5,
    }
    assert posts.refs([0], [float("nan")])[0].topic is None
    assert posts.refs([0])[0].topic is None
    assert posts.refs([]) == ()


def test_no_posts_at_all() -> None:
    posts = _posts()
    assert len(posts) == 0
    assert posts.places.shape[0] == 0
    assert not posts.page_counts


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("HTTPS://A.Example/x/?utm_medium=m&b=2#c", "https://a.example/x?b=2"),
        ("https://a.example/X", "https://a.example/X"),
        ("https://[broken", "https://[broken"),
    ],
)
def test_same_link(url: str, same: str) -> None:
    assert same_link(url) == same


def test_quarters_begin_in_january() -> None:
    second = 1_000_000
    assert quarter_of(int(datetime(2025, 12, 31, 23, 59, tzinfo=UTC).timestamp()) * second) == "2025-Q4"
    assert quarter_of(int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) * second) == "2026-Q1"
