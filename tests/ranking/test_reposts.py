from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

import tweetfocus as tf
from tweetfocus.ranking.reposts import on_topic, worth_reposting

START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = int((START + timedelta(days=30)).timestamp() * 1e6)
GRID = "grid feeder voltage substation peak load"
KELP = "kelp reef tide plankton seagrass larvae"


def _post(author: int, text: str, day: float | None = 20, **fields: Any) -> tf.Post:
    at = None if day is None else START + timedelta(days=day)
    return tf.Post(account_id=str(author), text=text, created_at=at, **fields)


def _index(*posts: tf.Post) -> tf.AccountIndex:
    """Account 0 is on grids; 1 to 3 are whose posts are looked at; 4 fills the index with another field."""
    people = [tf.Account(account_id=str(n), username=f"name{n}") for n in range(5)]
    mine = [_post(0, f"{GRID} number{n} words{n}", post_id=f"m{n}") for n in range(6)]
    others = [_post(4, f"{KELP} number{n} things{n}", post_id=f"o{n}") for n in range(30)]
    data = tf.Dataset.from_records(people, posts=[*mine, *others, *posts])
    return tf.AccountIndex.build(data, encoder=tf.HashingEncoder(256), cache=False)


def _found(*posts: tf.Post, **options: Any) -> list[str]:
    index = _index(*posts)
    authors = np.array([False, True, True, True, False])
    given: dict[str, Any] = {
        "but": np.zeros(0, dtype=np.int64),
        "relevance": np.ones(5),
        "now": NOW,
        "days": 90,
        "n": 10,
        "per_person": 1,
    }
    found = worth_reposting(index, 0, authors, **(given | options))
    return [index.data.posts["text"][item.post].as_py() for item in found]


GOOD = _post(1, f"{GRID} tonight")


def test_a_post_on_topic_in_own_words_is_found() -> None:
    assert _found(GOOD) == [GOOD.text]


@pytest.mark.parametrize(
    "post",
    [
        _post(1, f"{KELP} tonight"),
        _post(4, f"{GRID} tonight"),  # not one of those who are looked at
        _post(1, f"RT @name2: {GRID} tonight"),
        _post(1, f"@name2 {GRID} tonight"),
        _post(1, f"{GRID} tonight", repost_of_account_id="2"),
        _post(1, f"{GRID} tonight", quote_of_account_id="2"),
        _post(1, f"{GRID} tonight", day=-70),
        _post(1, f"{GRID} tonight", day=None),
        _post(1, f"Top 10 {GRID} tools you must know https://x.example"),
    ],
)
def test_what_is_not_passed_on(post: tf.Post) -> None:
    assert _found(post) == []


def test_without_a_limit_old_and_undated_posts_are_passed_on() -> None:
    assert len(_found(_post(1, f"{GRID} then", day=-70), _post(2, f"{GRID} once", day=None), days=None)) == 2


def test_a_date_in_the_future_is_none() -> None:
    assert _found(_post(1, f"{GRID} tonight", day=400)) == []


@pytest.mark.parametrize(
    "repost",
    [
        f"RT @name1: {GRID} tonight",
        f"RT @name1: {GRID[:30]}…",
        f"RT @name1 {GRID.upper()} TONIGHT",
        f"RT @name1: {GRID} tonight https://t.co/1",
    ],
)
def test_what_was_passed_on_is_known_again(repost: str) -> None:
    assert _found(GOOD, _post(0, repost)) == []


def test_a_repost_marked_by_its_column_is_known_again() -> None:
    assert _found(GOOD, _post(0, GOOD.text, repost_of_account_id="1")) == []


def test_the_beginning_of_a_word_is_not_enough() -> None:
    assert _found(GOOD, _post(0, "RT @name1: grid…")) == [GOOD.text]


def test_a_repost_of_somebody_else_says_nothing() -> None:
    assert _found(GOOD, _post(0, GOOD.text, repost_of_account_id="2")) == [GOOD.text]


def test_everybodys_best_comes_first() -> None:
    posts = [_post(1, f"{GRID} first", 29), _post(1, f"{GRID} second", 28), _post(2, f"{GRID} third", 1)]
    texts = [post.text for post in posts]
    assert _found(*posts, per_person=1) == [texts[0], texts[2]]
    assert _found(*posts, per_person=2) == [texts[0], texts[2], texts[1]]
    assert _found(*posts, per_person=2, n=1) == [texts[0]]


def test_posts_that_are_not_wanted_stay_out() -> None:
    index = _index(GOOD)
    at = index.data.posts["text"].to_pylist().index(GOOD.text)
    assert _found(GOOD, but=np.array([at])) == []


def test_without_text_nothing_is_on_topic() -> None:
    data = tf.Dataset.from_records([tf.Account(account_id="0")], posts=[_post(1, GRID)])
    index = tf.AccountIndex.build(data, encoder=tf.HashingEncoder(16), cache=False)
    assert np.isnan(on_topic(index, 0)[0]).all()
