from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tweetfocus.errors import InvalidRequest
from tweetfocus.ranking.pacing import BLUESKY, MASTODON, Limits, X, portions, room


@pytest.mark.parametrize(
    ("limits", "following", "followers", "free"),
    [
        (X, 0, 0, 600),  # a newcomer may follow 600 before the habit asks for followers
        (X, 600, 0, 0),
        (X, 700, 0, 0),
        (X, 700, 1000, 800),
        (X, 4990, 100_000, 10),  # the platform's own limit, whatever the habit
        (X, 5000, 100_000, 0),
        (BLUESKY, 5000, 100_000, 145_000),
        (MASTODON, 7400, 6000, 100),
        (MASTODON, 7500, 10_000, 3500),
        (MASTODON, 10, 400, 590),
    ],
)
def test_room(limits: Limits, following: int, followers: int, free: int) -> None:
    assert room(limits, following=following, followers=followers)[0] == free


def test_the_rule_that_holds_is_named() -> None:
    assert room(MASTODON, following=0, followers=90_000)[1] == "Mastodon: up to 7,500 followings, then 1.1 for each follower"


@pytest.mark.parametrize("limits", [X, BLUESKY, MASTODON])
def test_limits_say_where_they_stand_and_when_that_was_read(limits: Limits) -> None:
    assert limits.source.startswith("https://")
    assert limits.read_on <= date(2026, 12, 31)
    assert limits.most_a_day is None or limits.a_day <= limits.most_a_day / 50


@pytest.mark.parametrize(
    ("count", "a_day", "weeks"),
    [(0, 7, []), (1, 7, [1]), (49, 7, [49]), (50, 7, [49, 1]), (500, 7, [49] * 10 + [10]), (3, 0, [])],
)
def test_portions(count: int, a_day: int, weeks: list[int]) -> None:
    assert portions(count, a_day) == weeks


@pytest.mark.parametrize(
    "wrong", [{"a_day": -1}, {"a_day": 0}, {"a_day": 1.5}, {"habit_ratio": float("nan")}, {"ratio": -1}, {"free": True}]
)
def test_limits_are_numbers(wrong: dict[str, Any]) -> None:
    given = {"platform": "Y", "most_a_day": None, "free": None, "ratio": None, "source": "", "read_on": date(2026, 1, 1)}
    with pytest.raises(InvalidRequest, match="must be a"):
        Limits(**(given | wrong))
