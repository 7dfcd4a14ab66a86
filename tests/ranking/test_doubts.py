from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

import tweetfocus as tf
from tweetfocus.ranking.doubts import doubts_about
from tweetfocus.ranking.relevance import Relevance

NOW = datetime(2026, 3, 1, tzinfo=UTC)
THRESHOLD = 2.0


def _doubts(
    texts: list[str], *, value: float = 5.0, days: int = 1, in_touch: bool = False, limit: float | None = 180, peer: float = 5.0
) -> Any:
    posts = [
        tf.Post(account_id="1", post_id=str(n), text=text, created_at=NOW - timedelta(days=days))
        for n, text in enumerate(texts)
    ]
    people = [tf.Account(account_id=str(n), username=f"name{n}") for n in range(2)]
    index = tf.AccountIndex.build(tf.Dataset.from_records(people, posts=posts), encoder=tf.HashingEncoder(16), cache=False)
    values = np.array([np.nan, value, peer])  # one more who passes: the index can tell the field
    shared = Relevance(0, values, values, values, THRESHOLD, 0.01, ())
    now = int(NOW.timestamp() * 1_000_000)
    return doubts_about(index, 0, 1, shared, now=now, inactive_days=limit, in_touch=in_touch)


TALK = [f"@name0 thought {n}" for n in range(8)]


def test_nothing_speaks_against_somebody_of_the_field_who_talks() -> None:
    assert _doubts(TALK) == ()


@pytest.mark.parametrize(("value", "found"), [(1.01, []), (0.99, ["off_topic"]), (np.nan, [])])
def test_another_field_is_one_clearly_below_the_threshold(value: float, found: list[str]) -> None:
    assert [doubt.code.value for doubt in _doubts(TALK, value=value)] == found


def test_who_is_in_touch_may_have_another_field() -> None:
    assert _doubts(TALK, value=-3.0, in_touch=True) == ()


def test_where_the_index_cannot_tell_the_field_nobody_is_of_another() -> None:
    assert _doubts(TALK, value=-3.0, peer=1.9) == ()
    assert len(_doubts(TALK, value=-3.0, peer=2.0)) == 1


def test_another_field_is_told_with_its_numbers() -> None:
    assert [str(doubt) for doubt in _doubts(TALK, value=-1.25)] == [
        "Of another field: relevance -1.2, where chance gives 0 and your field begins at 2.0"
    ]


@pytest.mark.parametrize(("days", "limit", "found"), [(180, 180, 0), (181, 180, 1), (181, None, 0), (181, 365, 0)])
def test_silence(days: int, limit: float | None, found: int) -> None:
    doubts = _doubts(TALK, days=days, limit=limit)
    assert len(doubts) == found
    if doubts:
        assert str(doubts[0]) == "No post for 181 days, the last on 2025-09-01"


def test_link_spam_is_shown_by_its_numbers_and_its_posts() -> None:
    (doubt,) = _doubts([f"Offer {n % 3} https://shop.example/{n % 3}" for n in range(12)])
    assert doubt.code == "link_spam"
    assert str(doubt) == "Links in 100 % of their own posts, 75 % of them repeated; 100 % address nobody"
    assert len(doubt.evidence) == 2
    assert all(quote.startswith("“Offer") for quote in doubt.evidence)


def test_who_speaks_of_themselves_only() -> None:
    (doubt,) = _doubts([f"My new article number {n} https://me.example/{n}" for n in range(12)])
    assert doubt.code == "only_themselves"
    assert str(doubt) == "100 % of their posts address nobody, 100 % of their links lead to one site"


def test_the_gravest_comes_first() -> None:
    doubts = _doubts([f"My new article number {n} https://me.example/{n}" for n in range(12)], value=0.5, days=190)
    assert [doubt.code.value for doubt in doubts] == ["only_themselves", "off_topic", "inactive"]
    severities = [doubt.severity for doubt in doubts]
    assert severities == sorted(severities, reverse=True)
    assert all(0 <= severity <= 1 for severity in severities)


def test_who_never_posted_is_not_judged() -> None:
    assert _doubts([]) == ()
