"""Checks of options that several verbs have: honoured or refused, never ignored."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime

from tweetfocus.errors import InvalidRequest

__all__ = ["checked_as_of", "checked_days", "checked_number", "checked_today"]


def checked_number(option: str, value: object, *, least: int = 1) -> int:
    """A whole number from `least` on.

    Example:
        >>> checked_number("n", 3)
        3
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InvalidRequest(f"{option} must be a whole number from {least} on, not {value!r}")
    return value


def checked_days(option: str, value: object) -> float | None:
    """A number of days from 0 on, or None for no limit."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value < 0:
        raise InvalidRequest(f"{option} must be a number from 0 on, or None, not {value!r}")
    return min(value, 100_000)  # 270 years: further back there are no dates


def checked_as_of(value: object) -> datetime | None:
    """A point in time; UTC where it names no zone."""
    if value is None:
        return None
    if not isinstance(value, datetime):
        raise InvalidRequest(f"as_of must be a datetime, not {value!r}")
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value


def checked_today(value: object) -> date:
    """A day; today's (in UTC) where none is given."""
    if value is None:
        return datetime.now(UTC).date()
    if isinstance(value, datetime) or not isinstance(value, date):
        raise InvalidRequest(f"today must be a date, not {value!r}")
    return value
