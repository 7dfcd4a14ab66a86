"""Pacing: how many accounts one may follow on a platform, and how many one had better, as data with source and date."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from tweetfocus.errors import InvalidRequest

__all__ = ["BLUESKY", "MASTODON", "Limits", "X", "portions", "room"]

WEEK = 7  # days


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a platform allows, and a habit well below it that nobody takes for a bot.

    Attributes:
        platform: its name.
        most_a_day: follows a day that it allows; None where it names no number.
        free: followings up to which the number of followers does not matter; None for no such limit.
        ratio: above that, followings per follower that it allows; None where it does not say how many.
        source, read_on: where that stands, and when it was read.
        a_day: the habit: follows a day.
        habit_free, habit_ratio: the habit: up to so many followings whoever follows back, above that so many per follower.

    Example:
        >>> X.most_a_day, X.free, X.a_day
        (400, 5000, 7)
    """

    platform: str
    most_a_day: int | None
    free: int | None
    ratio: float | None
    source: str
    read_on: date
    # the habits are choices, no platform's rule
    a_day: int = 7
    habit_free: int = 600
    habit_ratio: float = 1.5

    def __post_init__(self) -> None:
        counts = {"a_day": self.a_day, "habit_free": self.habit_free, "most_a_day": self.most_a_day, "free": self.free}
        for name, value in counts.items():
            least = 1 if name == "a_day" else 0
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < least):
                raise InvalidRequest(f"{name} must be a whole number from {least} on, not {value!r}")
        for name, part in (("ratio", self.ratio), ("habit_ratio", self.habit_ratio)):
            if part is not None and not (isinstance(part, (int, float)) and math.isfinite(part) and part >= 0):
                raise InvalidRequest(f"{name} must be a number from 0 on, not {part!r}")


X = Limits(
    platform="X",
    most_a_day=400,
    free=5000,
    ratio=None,
    source="https://help.x.com/en/using-x/x-follow-limit",
    read_on=date(2026, 11, 26),
)
BLUESKY = Limits(
    platform="Bluesky",
    most_a_day=11_666,  # 35,000 points a day, 3 for each record that is created
    free=None,
    ratio=None,
    source="https://docs.bsky.app/docs/advanced-guides/rate-limits",
    read_on=date(2026, 11, 26),
)
MASTODON = Limits(
    platform="Mastodon",
    most_a_day=400,
    free=7500,
    ratio=1.1,
    source="https://github.com/mastodon/mastodon, app/validators/follow_limit_validator.rb and app/lib/rate_limiter.rb; servers may differ",
    read_on=date(2026, 11, 26),
)


def room(limits: Limits, *, following: int, followers: int) -> tuple[int, str]:
    """How many more accounts may be followed before the number of followers matters, and which rule says so.

    Example:
        >>> room(MASTODON, following=590, followers=100)
        (10, 'a habit: up to 600 followings, then 1.5 for each follower')
        >>> room(X, following=4990, followers=90_000)
        (10, 'X: up to 5,000 followings, then it depends on your followers')
    """
    habit = max(limits.habit_free, math.floor(limits.habit_ratio * followers))
    rule = f"a habit: up to {limits.habit_free:,} followings, then {limits.habit_ratio:g} for each follower"
    if limits.free is not None:
        allowed = limits.free if limits.ratio is None else max(limits.free, math.floor(limits.ratio * followers))
        if allowed < habit:
            then = "it depends on your followers" if limits.ratio is None else f"{limits.ratio:g} for each follower"
            habit, rule = allowed, f"{limits.platform}: up to {limits.free:,} followings, then {then}"
    return max(habit - following, 0), rule


def portions(count: int, a_day: int) -> list[int]:
    """How many to follow in each week: as many as the days allow, the rest in the last one.

    Example:
        >>> portions(16, 1)
        [7, 7, 2]
    """
    week = WEEK * a_day
    return [min(week, count - done) for done in range(0, count, week)] if week else []
