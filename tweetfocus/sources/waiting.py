"""How long to wait: between requests, after a fault, and for a rate limit. Time and chance come from outside."""

from __future__ import annotations

import random as random_module
from collections import deque
from collections.abc import Callable

from tweetfocus.errors import RateLimited
from tweetfocus.sources.source import Rate

__all__ = ["Pace", "after_fault", "for_limit"]

_FIRST, _LONGEST = 1.0, 60.0  # seconds
_UNKNOWN, _LONGEST_UNKNOWN = 60.0, 900.0  # a rate limit without a time, or with one that has passed
_POLITE = 0.9  # of what a platform allows


def after_fault(attempt: int, random: random_module.Random) -> float:
    """Seconds before try number `attempt` (from 1 on): doubling, and anything up to that, so that clients spread out.

    Example:
        >>> 0 <= after_fault(3, random_module.Random(0)) <= 4
        True
    """
    return random.uniform(0, min(_LONGEST, _FIRST * 2.0 ** (attempt - 1)))


def for_limit(limit: RateLimited, attempt: int, now: float, random: random_module.Random) -> float:
    """Seconds until a rate limit is over, and a little more; where the time is not known, a minute, then twice that, and so on.

    Example:
        >>> 100 <= for_limit(RateLimited("slow down", until=1100), 1, 1000, random_module.Random(0)) <= 105
        True
    """
    if limit.until is not None and limit.until > now:
        return limit.until - now + random.uniform(0.5, 3)
    return min(_LONGEST_UNKNOWN, _UNKNOWN * 2.0 ** (attempt - 1)) + random.uniform(0, 5)


class Pace:
    """Keeps requests below each platform's limits, with some room to spare, by when earlier ones went out."""

    def __init__(self, known: Callable[[str, float], list[float]]) -> None:
        self._known = known
        self._times: dict[str, deque[float]] = {}

    def wait(self, rate: Rate | None, now: float) -> float:
        """Seconds until the next request of this rate may go out."""
        if rate is None:
            return 0.0
        times = self._times.get(rate.bucket)
        if times is None:  # requests of an earlier run count as well
            times = self._times[rate.bucket] = deque(self._known(rate.bucket, now - rate.seconds))
        while times and times[0] <= now - rate.seconds:
            times.popleft()
        allowed = max(1, int(rate.requests * _POLITE))
        return max(0.0, times[-allowed] + rate.seconds - now) if len(times) >= allowed else 0.0

    def note(self, rate: Rate | None, now: float) -> None:
        """A request of this rate goes out now."""
        if rate is not None:
            self._times.setdefault(rate.bucket, deque()).append(now)
