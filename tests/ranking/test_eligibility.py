from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import tweetfocus as tf
from tweetfocus.ranking.eligibility import Dropped, Left, dropped_by, left_out
from tweetfocus.ranking.query import make_query

NEWEST = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _days_ago(days: float) -> datetime:
    return NEWEST - timedelta(days=days)


def _pair(source: str, target: str) -> tf.Follow:
    return tf.Follow(source_id=source, target_id=target)


@pytest.fixture(scope="module")
def index() -> tf.AccountIndex:
    """One account for each code, named after it, and a few at the borders."""
    plain = ["me", "stranger", "followed", "follower", "muted", "mutes_me", "blocked", "blocks_me", "seed", "spammer", "linker"]
    people = [tf.Account(account_id=i) for i in plain]
    people += [
        tf.Account(account_id="protected", protected=True),
        tf.Account(account_id="open", protected=False, discoverable=True),
        tf.Account(account_id="opted_out", discoverable=False),
        tf.Account(account_id="new", last_post_at=NEWEST),
        tf.Account(account_id="old", last_post_at=_days_ago(60.001)),
        tf.Account(account_id="border", last_post_at=_days_ago(60)),
        tf.Account(account_id="silent", last_post_at=_days_ago(900)),
        tf.Account(account_id="posted", last_post_at=_days_ago(900)),
    ]
    posts = [tf.Post(account_id="spammer", post_id=f"s{i}", text="Buy https://shop.example/pumps") for i in range(10)]
    posts += [tf.Post(account_id="linker", post_id=f"l{i}", text=f"Story {i} https://news.example/{i}") for i in range(10)]
    posts += [tf.Post(account_id="posted", text="Good morning grid", created_at=_days_ago(3))]
    data = tf.Dataset.from_records(
        people,
        posts=posts,
        follows=[_pair("me", "followed"), _pair("follower", "me")],
        mutes=[_pair("me", "muted"), _pair("mutes_me", "me")],
        blocks=[_pair("me", "blocked"), _pair("blocks_me", "me")],
    )
    return tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False)


def _out(
    index: tf.AccountIndex,
    who: str | None = "me",
    exclude: Iterable[str] = (),
    inactive_days: int | None = 60,
    as_of: datetime | None = None,
    **asked: Any,
) -> dict[str, set[str]]:
    rows = [index.data.row(i) for i in exclude]
    masks = left_out(index, make_query(index, who, **asked), rows, inactive_days=inactive_days, as_of=as_of)
    return {code.value: {index.data.account_id(row) for row in np.flatnonzero(flags)} for code, flags in masks.items()}


def test_each_code_finds_its_account(index: tf.AccountIndex) -> None:
    assert _out(index, exclude=["stranger"]) == {
        "self": {"me"},
        "excluded": {"stranger"},
        "blocked": {"blocked", "blocks_me"},
        "muted": {"muted"},
        "already_followed": {"followed"},
        "protected": {"protected"},
        "opted_out": {"opted_out"},
        "spam": {"spammer"},
        "inactive": {"old", "silent"},
    }


def test_codes_come_in_the_order_of_precedence(index: tf.AccountIndex) -> None:
    masks = left_out(index, make_query(index, "me"), [], inactive_days=60, as_of=None)
    assert [*masks, Left.DISMISSED, Left.SNOOZED, Left.OFF_TOPIC, Left.NO_EVIDENCE, Left.UNKNOWN] == list(Left)


def test_without_an_account_only_what_concerns_everybody_counts(index: tf.AccountIndex) -> None:
    out = _out(index, who=None, interests=["heat pumps"])
    assert not out["self"] | out["blocked"] | out["muted"] | out["already_followed"] | out["excluded"]
    assert out["protected"] == {"protected"}
    assert out["spam"] == {"spammer"}


def test_examples_are_not_recommended_back(index: tf.AccountIndex) -> None:
    assert _out(index, seeds=["seed", "stranger"], exclude=["open"])["excluded"] == {"seed", "stranger", "open"}


@pytest.mark.parametrize(
    ("days", "as_of", "inactive"),
    [
        (None, None, set()),
        (0, None, {"old", "border", "silent", "posted"}),
        (2, None, {"old", "border", "silent", "posted"}),
        (3, None, {"old", "border", "silent"}),  # a post is as good as a known date, and the border is still active
        (899, None, {"silent"}),
        (900, None, set()),
        (60, NEWEST + timedelta(seconds=1), {"old", "border", "silent"}),
        (60, NEWEST + timedelta(microseconds=1), {"old", "border", "silent"}),
        (60, _days_ago(1), {"silent"}),
        (10**12, NEWEST, set()),
    ],
)
def test_inactive_counts_from_the_last_known_post(
    index: tf.AccountIndex, days: int | None, as_of: datetime | None, inactive: set[str]
) -> None:
    assert _out(index, inactive_days=days, as_of=as_of)["inactive"] == inactive


def test_where_no_dates_are_known_nobody_is_inactive() -> None:
    data = tf.Dataset.from_records([tf.Account(account_id=i) for i in "123"])
    index = tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False)
    assert _out(index, who="1", inactive_days=0, as_of=NEWEST)["inactive"] == set()


def test_a_clock_that_runs_ahead_makes_nobody_else_inactive() -> None:
    times = {"1": NEWEST, "2": _days_ago(10), "3": _days_ago(90), "4": datetime(2199, 1, 1, tzinfo=UTC)}
    data = tf.Dataset.from_records([tf.Account(account_id=i, last_post_at=when) for i, when in times.items()])
    index = tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False)
    assert _out(index, who="1", inactive_days=60, as_of=None)["inactive"] == {"3"}


def test_what_moderators_call_spam_is_spam() -> None:
    said = ["spam", "bot, scam", "bot", None, "misleading", "impersonation, unsafe-link"]
    people = {"account_id": list("123456"), "moderation": said}
    index = tf.AccountIndex.build(tf.Dataset.from_frames(pa.table(people)), encoder=tf.HashingEncoder(), cache=False)
    assert _out(index, who="3", inactive_days=None, as_of=None)["spam"] == {"1", "2", "6"}
    numbers = tf.Dataset.from_frames(
        pa.table(people | {"moderation": [1, 2, 3, 4, 5, 6]})
    )  # somebody's own column of that name
    index = tf.AccountIndex.build(numbers, encoder=tf.HashingEncoder(), cache=False)
    assert _out(index, who="3", inactive_days=None, as_of=None)["spam"] == set()


def test_the_first_mask_says_why(index: tf.AccountIndex) -> None:
    rows = [index.data.row(name) for name in ("spammer", "muted", "stranger")]
    masks = {code: np.zeros(len(index), dtype=bool) for code in (Left.MUTED, Left.SPAM, Left.INACTIVE)}
    masks[Left.SPAM][rows[0]] = masks[Left.MUTED][rows[1]] = True
    masks[Left.INACTIVE][rows] = True
    found = [(left.account_id, left.username, left.code) for left in dropped_by(masks, index, rows)]
    assert found == [("spammer", None, "spam"), ("muted", None, "muted"), ("stranger", None, "inactive")]
    assert dropped_by(masks, index, []) == []


def test_dropped_prints_on_one_line() -> None:
    assert str(Dropped("7", "ana", Left.SPAM)) == "@ana: spam"
    assert str(Dropped("7", None, Left.UNKNOWN)) == "7: unknown"
    assert str(Dropped("7", "a\u202ena\n", Left.SELF)) == "@a na: self"
